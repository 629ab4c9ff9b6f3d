"""Until when a guardian may ask in the portal on the day itself, and whom to call after that."""

from dataclasses import dataclass
from datetime import datetime, time

from afterschool.school.models import Session, Student, Term
from afterschool.school.templatetags.school import phone as spaced
from afterschool.support import clock
from attendance.queries.settings import afternoon
from scheduling.models import Duty


@dataclass(frozen=True)
class Contact:
    """Somebody in charge of a child today, with the number to call."""

    word: str
    name: str
    phone: str

    def __str__(self) -> str:
        return f"{self.word}{self.name} {spaced(self.phone)}".rstrip()


@dataclass(frozen=True)
class Cutoff:
    """The rule of the day: until when, and what is said about it."""

    until: time | None
    passed: bool
    what: str
    open_end: str  # until when where the school set no time

    @property
    def sentence(self) -> str:
        if self.until is None:
            return f"今天{self.open_end}以前，都可以在这里{self.what}。"
        if self.passed:
            return f"今天 {self.until:%H:%M} 已过，今天要{self.what}请打电话；明天起的照常填。"
        return f"今天 {self.until:%H:%M} 以前可以在这里{self.what}，之后请打电话。"


def cutoff_of_leave(term: Term, now: datetime) -> Cutoff:
    """Return the rule for leave of today."""
    return _cutoff(afternoon(term).leave_until, now, "请假", "点到孩子")


def cutoff_of_change(term: Term, now: datetime) -> Cutoff:
    """Return the rule for today's early or late pick-up, or another person who fetches."""
    return _cutoff(afternoon(term).change_until, now, "改接送", "孩子离校")


def _cutoff(until: time | None, now: datetime, what: str, open_end: str) -> Cutoff:
    local = now.astimezone(clock.SHANGHAI).time()
    return Cutoff(until, until is not None and local > until, what, open_end)


def contacts(student: Student, session: Session | None) -> list[Contact]:
    """Return who is in charge of the child today: the head teacher, and the teacher on duty at its session."""
    found = []
    head = student.school_class.head_teacher if student.school_class else None
    if head is not None:
        found.append(Contact("班主任", head.name, head.phone))
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").first() if session else None
    if duty is not None and duty.teacher_id != (head.pk if head else None):
        found.append(Contact("今天带班", duty.teacher.name, duty.teacher.phone))
    return found
