"""What a check gives: lines with a page where each is mended."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Session, Student, Term

SHOWN = 30  # lines of a finding on the page; the number is always whole
AHEAD = timedelta(days=14)  # what is coming is looked at so far ahead
BEHIND = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One thing that is not as it should be, and where it is mended."""

    text: str
    url: str


@dataclass(frozen=True)
class Finding:
    """One kind of disagreement: what it is, how it is mended, the lines."""

    key: str
    title: str
    repair: str
    lines: list[Line] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.lines)

    @property
    def shown(self) -> list[Line]:
        return self.lines[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, self.number - SHOWN)


Look = Callable[[Term], Iterable[Line]]


def day_word(day: date) -> str:
    """Return 9月21日."""
    return f"{day.month}月{day.day}日"


def where(session: Session) -> str:
    """Return the date and the group of a session."""
    return f"{day_word(session.date)} {session.group.name}"


def who(student: Student) -> str:
    """Return class and name of a child."""
    return f"{student.school_class or ''}{student.name}"


def group_url(group: Group) -> str:
    """Return the page of a group, or of the club that it is."""
    if group.kind == GroupKind.CLUB and hasattr(group, "club"):
        return reverse("scheduling:club", args=[group.club.pk])
    return reverse("scheduling:group", args=[group.pk])
