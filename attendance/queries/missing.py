"""Children who are missing: since when, who was told, whom to call, and the words for the class's chat."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import OuterRef, Prefetch, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.models import SchoolClass, Term
from afterschool.support import clock
from attendance import access
from attendance.enums import CustodyState, SearchKind
from attendance.models import ChildDay, Handover, SearchStep
from attendance.queries.custody import REGISTER, children, with_people


def _lost(rows: "QuerySet[ChildDay]") -> "QuerySet[ChildDay]":
    """Add the link with which the present search began: who takes a search over begins no new one."""
    began = Handover.objects.filter(child_day=OuterRef("pk"), to_state=CustodyState.MISSING).exclude(
        from_state=CustodyState.MISSING
    )
    first = began.order_by("-number")
    return rows.annotate(lost_link=Subquery(first.values("number")[:1]), lost_at=Subquery(first.values("at")[:1]))


def lost(term: Term) -> "QuerySet[ChildDay]":
    """Return the children of a term who are missing now, on whatever day, with when each search began: one query."""
    rows = ChildDay.objects.filter(term=term, state=CustodyState.MISSING, date__lte=clock.today())
    return _lost(rows).select_related("student__school_class", "holder", "term").order_by("pk")


def lost_link(child_day: ChildDay) -> tuple[int, datetime]:
    """Return number and time of the link with which a missing child's search began."""
    found = _lost(ChildDay.objects.filter(pk=child_day.pk)).get()
    return found.lost_link, found.lost_at  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Lost:
    """One missing child, for those who look for it."""

    child: ChildDay
    phones: bool  # the reader is in charge of the child: guardians' phones are shown
    may_tell: bool

    @property
    def since(self) -> datetime:
        return self.child.lost_at  # type: ignore[attr-defined]

    @property
    def steps(self) -> list[SearchStep]:
        """Return who was told in this search."""
        link = self.child.lost_link  # type: ignore[attr-defined]
        return [step for step in self.child.search_steps.all() if step.link == link]

    @property
    def guardians_told(self) -> bool:
        return any(step.kind == SearchKind.GUARDIANS for step in self.steps)

    @property
    def minutes(self) -> int:
        return max(0, int((clock.now() - self.since).total_seconds() // 60))


@dataclass
class ClassMissing:
    """The missing children of one home class, with the words for its chat."""

    school_class: SchoolClass | None
    rows: list[Lost] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return a text for the class's chat: names and the time, whom to tell; no phones, no reasons, nothing else."""
        first = min(row.since for row in self.rows).astimezone(clock.SHANGHAI)
        names = "、".join(row.child.student.name for row in self.rows)
        head = self.school_class.head_teacher if self.school_class else None
        whom = f"班主任{head.name}老师" if head else "学校"
        return f"【课后服务】{self.school_class or ''}{names}，{first:%H:%M} 点名时未到班。知道孩子去向的，请马上联系{whom}。"


def missing(actor: Actor, day: date) -> list[ClassMissing]:
    """Return the missing children of a day this person may see, by home class, with phones, calls and steps."""
    steps = Prefetch("search_steps", SearchStep.objects.select_related("by").order_by("at"))
    rows = _lost(with_people(children(actor, day).filter(state=CustodyState.MISSING))).order_by(*REGISTER)
    charged = set(rows.filter(access.in_charge(actor)).order_by().values_list("pk", flat=True))
    found: dict[int | None, ClassMissing] = {}
    for child in rows.prefetch_related(steps):
        of_class = found.setdefault(child.student.school_class_id, ClassMissing(child.student.school_class))
        of_class.rows.append(Lost(child, child.pk in charged, child.pk in charged))
    return list(found.values())


def steps_of(child: ChildDay) -> list[SearchStep]:
    """Return who was told of a missing child, of all its searches of the day: one query."""
    return list(child.search_steps.select_related("by").order_by("at"))


def people_told(steps: Iterable[SearchStep]) -> str:
    """Return who was told and when, in words: 已告知家长 16:01，再次提醒值班行政 16:08."""
    return "，".join(f"{SearchKind(step.kind).label} {step.at.astimezone(clock.SHANGHAI):%H:%M}" for step in steps)
