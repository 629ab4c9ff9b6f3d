"""A new school year: every class moves up a grade, the last grade leaves. The autumn's roster corrects what has changed since."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Max, Q

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.events import event, record, record_many
from afterschool.school.importing.forms import current_school_year
from afterschool.school.importing.register import newest_year
from afterschool.school.importing.writing import close_memberships, open_memberships, write_leavers
from afterschool.school.models import GradeBand, School, SchoolClass, Slip, Student, Teacher, Term
from afterschool.school.naming import class_name
from afterschool.support import clock
from afterschool.support.refusal import Refused

ENROLLED = Q(students__state=StudentState.ENROLLED)


@dataclass(frozen=True)
class Rise:
    """One class: how many children it has, and what it becomes; None: they leave the school."""

    school_class: SchoolClass
    children: int
    becomes: str | None


@dataclass(frozen=True)
class Year:
    """What moving up would do: from which school year, which grade leaves, class by class."""

    year: int
    last_grade: int
    rises: list[Rise]
    hindered: str

    @property
    def moving(self) -> int:
        """How many children move up."""
        return sum(rise.children for rise in self.rises if rise.becomes)

    @property
    def leaving(self) -> int:
        """How many leave."""
        return sum(rise.children for rise in self.rises if not rise.becomes)


def year_ahead() -> Year | None:
    """Return what moving up would do now, None while there is no class: five queries.

    The school's last grade leaves: the highest of its classes, or of the grade bands of its term where these go further.
    """
    year = newest_year()
    if year is None:
        return None
    classes = list(
        SchoolClass.objects.filter(school_year=year)
        .select_related("head_teacher")
        .annotate(children=Count("students", filter=ENROLLED))
    )
    last = max(_last_grade(), *(one.grade for one in classes))
    rises = [
        Rise(one, one.children, class_name(one.grade + 1, one.number) if one.grade < last else None) for one in classes
    ]
    return Year(year, last, rises, _why_not_now(year))


def _last_grade() -> int:
    """Return up to which grade the school goes, as the bands of its term say: a young school has no class there yet."""
    of_school = School.objects.filter(pk=1).values("current_term")
    return GradeBand.objects.filter(term__in=of_school).aggregate(last=Max("last_grade"))["last"] or 0


def _why_not_now(year: int) -> str:
    if current_school_year() <= year:
        return f"{year} 学年还没有过完，{year + 1}年7月1日起才能升班。"
    term = Term.objects.filter(pk__in=School.objects.filter(pk=1).values("current_term")).first()
    today = clock.today()
    if term is not None and term.school_year <= year and term.starts_on <= today <= term.ends_on:
        return f"{term.name}还没有结束，结束以后才能升班。"
    return ""


@transaction.atomic
def move_up(*, seen: int, heads: Mapping[int, int | None], by: Actor) -> Year:
    """Move every class of the school year `seen` up into the next one, the last grade off the roll. Return what was done.

    `heads`: for a class that moves, who is its head teacher then, where another than now. Memberships end and begin, so that
    history stays readable. Refused: `no_classes`, `moved_already` (a newer year stands), `too_early` (the year or its term
    still runs), `no_teacher`. All or nothing.
    """
    if not by.is_office:
        raise PermissionDenied
    School.objects.select_for_update().get(pk=1)
    ahead = year_ahead()
    if ahead is None:
        raise Refused("no_classes", "名册里还没有班级。")
    if ahead.year != seen:
        raise Refused("moved_already", f"{ahead.year} 学年的班级已经有了，不用再升。")
    if ahead.hindered:
        raise Refused("too_early", ahead.hindered)
    active = set(Teacher.objects.filter(active=True).values_list("pk", flat=True))
    if not {pk for pk in heads.values() if pk is not None} <= active:
        raise Refused("no_teacher", "选的班主任已经不在校。")
    made = _classes(ahead, heads, active)
    moved = _children(made)
    leavers = list(
        Student.objects.filter(
            state=StudentState.ENROLLED, school_class__school_year=seen, school_class__grade=ahead.last_grade
        ).values_list("pk", flat=True)
    )
    write_leavers(leavers, by)
    Slip.objects.filter(student__in=leavers, claimed_at=None, revoked_at=None).update(revoked_at=clock.now())
    record_many(
        event("student.changed", subject=one, student_id=one.pk, by=by, data={"class": one.school_class_id})
        for one in moved
    )
    data = {"year": seen + 1, "moved": len(moved), "left": len(leavers)}
    record("year.moved_up", subject=School.objects.get(pk=1), by=by, data=data)
    return ahead


def _classes(ahead: Year, heads: Mapping[int, int | None], active: set[int]) -> dict[int, SchoolClass]:
    """Make next year's classes: the same room, the same head teacher who is still here, unless chosen otherwise."""
    old = [rise.school_class for rise in ahead.rises if rise.becomes]
    new = SchoolClass.objects.bulk_create(
        SchoolClass(
            school_year=ahead.year + 1,
            grade=one.grade + 1,
            number=one.number,
            room_id=one.room_id,
            head_teacher_id=heads.get(one.pk, one.head_teacher_id if one.head_teacher_id in active else None),
        )
        for one in old
    )
    return {before.pk: after for before, after in zip(old, new, strict=True)}


def _children(made: Mapping[int, SchoolClass]) -> list[Student]:
    """Move the children of these classes, by number as they were."""
    students = list(Student.objects.filter(school_class__in=made, state=StudentState.ENROLLED))
    for one in students:
        one.school_class = made[one.school_class_id or 0]
    Student.objects.bulk_update(students, ["school_class"], batch_size=500)
    close_memberships([one.pk for one in students])
    open_memberships(students)
    return students
