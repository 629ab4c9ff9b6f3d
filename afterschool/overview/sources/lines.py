"""Words and addresses that several lists share."""

from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.school.models import Student
from afterschool.support import clock
from afterschool.support.weekdays import NAMES
from attendance.models import ChildDay


def name_of(student: Student) -> str:
    """Return class and name, so that namesakes are told apart."""
    return f"{student.school_class or '已离校'} {student.name}"


def day_word(day: date) -> str:
    """Return 9月21日 周一."""
    return f"{day.month}月{day.day}日 {NAMES[str(day.isoweekday())]}"


def span_word(first: date, last: date) -> str:
    """Return a day, or from when to when."""
    return day_word(first) if first == last else f"{day_word(first)}—{day_word(last)}"


def moment_word(moment: datetime) -> str:
    """Return 9月21日 周一 16:05."""
    local = moment.astimezone(clock.SHANGHAI)
    return f"{day_word(local.date())} {local:%H:%M}"


def child_url(ask: Ask, student: Student, child_day: int | None) -> str:
    """Return the page of a child's day, for whom it is open; nothing where the day isn't on record."""
    one = student.school_class
    if child_day is None or not ask.may_see(one.grade if one else None, student.school_class_id):
        return ""
    return reverse("attendance:child", args=[child_day])


def day_of(day: str, student: str = "student") -> Subquery:
    """Ask for the child's day on the date of the row."""
    days = ChildDay.objects.filter(student=OuterRef(student), date=OuterRef(day))
    return Subquery(days.values("pk")[:1])


def by_class(student: str = "student") -> tuple[str, ...]:
    """Return the order of the register."""
    return (f"{student}__school_class__grade", f"{student}__school_class__number", f"{student}__number", "pk")
