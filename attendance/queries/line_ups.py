"""Line-ups (清点、整队): who is expected of a class, what was counted, and how that agrees with the roll."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role
from afterschool.school.models import SchoolClass, Session
from attendance.enums import HERE, CustodyState
from attendance.models import ChildDay, LeaveRequest, LineUp, Mark
from attendance.queries.custody import REGISTER
from scheduling.models import Duty

ANY_CLASS = (Role.ADMINISTRATOR, Role.DUTY_LEADER)


def may_line_up(actor: Actor, school_class_id: int, day: date) -> bool:
    """Tell whether this person counts a class: its head teacher; as last teacher anybody with a duty that day; leaders."""
    if actor.teacher is None:
        return False
    if actor.has(*ANY_CLASS) or school_class_id in actor.class_ids:
        return True
    return Duty.objects.filter(teacher=actor.teacher, active=True, session__date=day).exists()


@dataclass(frozen=True)
class ClassLine:
    """A class today: how many are expected, what was counted, and how many the roll found."""

    school_class: SchoolClass
    expected: int
    here: int
    waiting: int  # children of the class whose roll is not called yet
    line_up: LineUp | None

    @property
    def rolls_done(self) -> bool:
        return not self.waiting

    @property
    def difference(self) -> int:
        """Return how many more were counted in line than the roll found; 0 until all rolls of the class are called."""
        return self.line_up.counted - self.here if self.line_up and self.rolls_done else 0

    @property
    def tone(self) -> str:
        if self.line_up is None:
            return "wait"
        if self.difference:
            return "missing" if self.difference > 0 else "act"
        return "done" if self.rolls_done else "present"

    @property
    def word(self) -> str:
        if self.line_up is None:
            return "未清点"
        if self.difference > 0:
            return f"点名少 {self.difference} 人"
        if self.difference < 0:
            return f"点名多 {-self.difference} 人"
        return "与点名一致" if self.rolls_done else "已清点"


def _due(day: date) -> Q:
    """The children of a day who line up: not on leave, not said to be away, not found unlisted."""
    on_leave = LeaveRequest.objects.filter(first_day__lte=day, last_day__gte=day, cancelled_at=None)
    return Q(date=day, is_pass=False) & ~Q(state=CustodyState.AWAY) & ~Q(student__in=on_leave.values("student"))


def expected_children(school_class: SchoolClass, day: date) -> list[ChildDay]:
    """Return the children of a class who are expected in line, by number: one query."""
    rows = ChildDay.objects.filter(_due(day), student__school_class=school_class)
    return list(rows.select_related("student").order_by(*REGISTER))


def class_lines(school_classes: Iterable[SchoolClass], day: date) -> list[ClassLine]:
    """Return these classes with line-up and roll, those of which nobody is expected left out: three queries."""
    classes = {one.pk: one for one in school_classes}
    if not classes:
        return []
    of_class = "student__school_class"
    days = ChildDay.objects.filter(date=day, student__school_class__in=classes).order_by().values_list(of_class)
    found = {
        pk: (due, waiting)
        for pk, due, waiting in days.annotate(
            due=Count("pk", filter=_due(day)), waiting=Count("pk", filter=Q(state=CustodyState.EXPECTED))
        )
    }
    marks = Mark.objects.filter(
        roll_call__session__date=day,
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        student__school_class__in=classes,
        state__in=HERE,
    )
    here = dict(marks.order_by().values_list(of_class).annotate(n=Count("student", distinct=True)))
    line_ups = {row.school_class_id: row for row in LineUp.objects.filter(date=day, school_class__in=classes)}
    return [
        ClassLine(one, *_counts(found.get(pk, (0, 0)), here.get(pk, 0)), line_ups.get(pk))
        for pk, one in classes.items()
        if pk in line_ups or (pk in found and found[pk][0])
    ]


def _counts(of_day: tuple[int, int], here: int) -> tuple[int, int, int]:
    due, waiting = of_day
    return due, here, waiting


def lines_for(actor: Actor, day: date) -> list[ClassLine]:
    """Return the classes whose line-up this person sees: all, the own grade's, the own, those of today's groups."""
    classes = SchoolClass.objects.current().select_related("head_teacher").order_by("grade", "number")
    if not actor.has(*ANY_CLASS, Role.LEADING_GROUP):
        seen = Q(pk__in=actor.class_ids)
        if actor.grades:
            seen |= Q(grade__in=actor.grades)
        if actor.teacher is not None:
            duties = Duty.objects.filter(teacher=actor.teacher, active=True, session__date=day).values("session_id")
            children = ChildDay.objects.filter(session__in=duties).order_by()
            seen |= Q(pk__in=children.values("student__school_class"))
        classes = classes.filter(seen)
    return class_lines(classes, day)


def line_ups_of(session: Session) -> list[ClassLine]:
    """Return the classes of a session's children whose line-up was counted, for the page of its teacher."""
    children = ChildDay.objects.filter(session=session).order_by().values("student__school_class")
    counted = LineUp.objects.filter(date=session.date, school_class__in=children).values("school_class")
    return class_lines(SchoolClass.objects.filter(pk__in=counted).order_by("grade", "number"), session.date)


def differing(lines: Collection[ClassLine]) -> list[ClassLine]:
    """Return the classes where line and roll do not agree."""
    return [line for line in lines if line.difference]
