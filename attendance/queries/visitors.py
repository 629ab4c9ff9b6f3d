"""The gate's register of outside persons: who is inside now, in which hours nobody is let in, who came before (E7)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState
from afterschool.school.models import Guardianship, SchoolClass, Session, StaffRole, Teacher, Term
from afterschool.support import clock
from attendance.models import Visitor
from attendance.queries.settings import afternoon
from attendance.visiting import Hours, closed_hours

DEPARTMENTS = ["课程教学中心", "服务保障中心", "学生发展中心", "校长室", "财务室", "医务室", "食堂"]
PURPOSES = ["家长面谈", "送东西", "维修", "送货", "参观", "办手续"]
DECIDERS = (Role.DUTY_LEADER, Role.LEADING_GROUP, Role.ADMINISTRATOR, Role.SERVICE_CENTRE)
LEFT_SHOWN = 3
OFFERED = 6


def inside_now(term: Term) -> QuerySet[Visitor]:
    """Return who from outside came in today and hasn't left, longest inside first, with the teacher each visits.

    An exit forgotten on an earlier day doesn't count: see `desk`.
    """
    rows = Visitor.objects.filter(term=term, date=clock.today(), out_at__isnull=True)
    return rows.select_related("visits").order_by("in_at", "pk")


def persons_inside(term: Term) -> int:
    """Return how many persons are inside, groups counted by their number: one query."""
    return int(inside_now(term).aggregate(n=Sum("persons"))["n"] or 0)


@dataclass(frozen=True)
class Inside:
    """One visit that goes on, and for how long: minutes."""

    visitor: Visitor
    minutes: int

    @property
    def how_long(self) -> str:
        """1小时5分钟, as the list says it."""
        hours, minutes = divmod(self.minutes, 60)
        return f"{hours} 小时 {minutes} 分钟" if hours else f"{minutes} 分钟"


@dataclass(frozen=True)
class Desk:
    """What the gate sees: who is inside, who has just left, and whose exit was forgotten on an earlier day."""

    inside: list[Inside]
    left: list[Visitor]
    forgotten: list[Visitor]
    came: int

    @property
    def persons(self) -> int:
        return sum(one.visitor.persons for one in self.inside)


def desk(term: Term) -> Desk:
    """Return the gate's page: one query."""
    today, now = clock.today(), clock.now()
    rows = Visitor.objects.filter(term=term).filter(Q(date=today) | Q(out_at__isnull=True, forgotten_at__isnull=True))
    rows = rows.select_related("visits")
    todays: list[Visitor] = []
    forgotten: list[Visitor] = []
    for row in rows.order_by("in_at", "pk"):
        (todays if row.date == today else forgotten).append(row)
    left = sorted((row for row in todays if row.out_at), key=lambda row: (row.out_at, row.pk), reverse=True)
    inside = [Inside(row, int((now - row.in_at).total_seconds() // 60)) for row in todays if not row.out_at]
    return Desk(inside, left[:LEFT_SHOWN], forgotten, sum(row.persons for row in todays))


@dataclass(frozen=True)
class LetIn:
    """Whether people are let in now, and when not today."""

    now: Hours | None
    hours: list[Hours]


def dismissals(term: Term, day: date) -> list[datetime]:
    """Return when groups are dismissed on a date, each time once: one query. Clubs end within the afternoon."""
    sessions = Session.objects.filter(
        term=term, date=day, state=SessionState.PLANNED, group__kind__in=SERVICE_GROUPS
    ).order_by()
    return [clock.at(day, ends) for ends in sorted(set(sessions.values_list("ends_at", flat=True).distinct()))]


def let_in(term: Term) -> LetIn:
    """Return whether people are let in now by the term's settings: two queries."""
    set_by = afternoon(term)
    ends = dismissals(term, clock.today())
    hours = closed_hours(ends, set_by.visitors_closed_before, set_by.visitors_closed_after)
    now = clock.now()
    return LetIn(next((one for one in hours if one.since <= now < one.until), None), hours)


def known(last_digits: str) -> list[Visitor]:
    """Return who came before with a phone that ends so (four digits), each person once, the last visit first."""
    if not re.fullmatch(r"\d{4}", last_digits):
        return []
    rows = Visitor.objects.filter(phone__endswith=last_digits, forgotten_at__isnull=True).select_related("visits")
    found: dict[tuple[str, str], Visitor] = {}
    for row in rows.order_by("-in_at", "-pk")[:50]:
        found.setdefault((row.name, row.phone), row)
    return list(found.values())[:OFFERED]


def staff_named(words: str) -> list[Teacher]:
    """Return who of the staff in service is meant: the exact name before pinyin, initials and parts of a name."""
    words = words.strip()
    low = words.lower().replace(" ", "")
    if not low:
        return []
    staff = Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")
    if same := list(staff.filter(name=words)):
        return same
    spelled = Q(pinyin__startswith=low) | Q(pinyin__contains=f" {low}")
    short = Q(initials__startswith=low) | Q(initials__contains=f" {low}")
    return list(staff.filter(Q(name__contains=words) | spelled | short)[:12])


def staff_to_visit() -> QuerySet[Teacher, str]:
    """Return the names of the staff, each once, to be offered while somebody types."""
    return Teacher.objects.filter(active=True).order_by("pinyin", "name").values_list("name", flat=True).distinct()


def deciders() -> QuerySet[Teacher]:
    """Return who can decide that somebody is let in all the same: leaders, office, service centre; then head teachers."""
    leads = Exists(StaffRole.objects.filter(teacher=OuterRef("pk"), role__in=DECIDERS))
    heads = Exists(SchoolClass.objects.current().filter(head_teacher=OuterRef("pk")))
    staff = Teacher.objects.filter(active=True).annotate(leads=leads, heads=heads)
    return staff.filter(Q(leads=True) | Q(heads=True)).order_by("-leads", "pinyin", "staff_number")


def bans_on(name: str, phone: str) -> list[Guardianship]:
    """Return the notes of the register that this person, by phone or by name, may not fetch a child."""
    by_name = Q(guardian__name=name) if name else Q(pk__in=[])
    by_phone = Q(guardian__phone=phone) if phone else Q(pk__in=[])
    return list(Guardianship.objects.filter(by_name | by_phone, banned=True).select_related("student"))


def visits_between(term: Term, first: date, last: date) -> list[Visitor]:
    """Return the register of these dates, in the order in which people came: one query."""
    rows = Visitor.objects.filter(term=term, date__gte=first, date__lte=last)
    return list(rows.select_related("visits", "in_by", "out_by", "decided_by").order_by("in_at", "pk"))


@dataclass(frozen=True)
class Figures:
    """A register in numbers."""

    visits: int
    persons: int
    decided: int
    open: int


def figures_of(rows: Iterable[Visitor]) -> Figures:
    """Count a register: these numbers outlive the names."""
    rows = list(rows)
    return Figures(
        len(rows),
        sum(row.persons for row in rows),
        sum(row.decided_by_id is not None for row in rows),
        sum(row.out_at is None for row in rows),
    )
