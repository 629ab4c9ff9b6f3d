"""Today's sessions as a leader walks past them: floor and room in order, who should be there, what was seen (F1)."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from afterschool.school.enums import SessionState
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from attendance.models import SignIn, StaffCheck
from scheduling.models import Duty


@dataclass(frozen=True)
class CheckLine:
    """One session of today: its teacher, whether signed in, and what leaders saw, the last first."""

    session: Session
    teacher: Teacher | None
    signed: str
    checks: list[StaffCheck]

    @property
    def last(self) -> StaffCheck | None:
        return self.checks[0] if self.checks else None

    @property
    def running(self) -> bool:
        """Tell whether it can be looked into now."""
        now = clock.now()
        return clock.at(self.session.date, self.session.starts_at) - timedelta(minutes=30) <= now

    @property
    def seen(self) -> tuple[str, str]:
        """Return tone and words of the last look; of the sign-in where nobody has looked."""
        if self.last is None:
            return ("now", f"{self.signed} 到岗") if self.signed else ("none", "还没有到岗记录")
        at = f"{self.last.at.astimezone(clock.SHANGHAI):%H:%M}"
        if self.last.there:
            return ("done", f"{at} 教师在")
        if self.last.held_by:
            return ("moved", f"{at} 由{self.last.held_by.name}看着")
        return ("act", f"{at} 没有教师")


def sessions_to_check(term: Term, day: date) -> QuerySet[Session]:
    """Return a day's standing sessions."""
    rows = Session.objects.filter(term=term, date=day, state=SessionState.PLANNED)
    return rows.select_related("group", "room", "term")


def walk_order(session: Session) -> list[tuple[int, int, str]]:
    """Return by what a walk is sorted: rooms as people count them, 一（2） before 一（10）, what has no room last."""
    if session.room is None:
        return [(2, 0, "")]
    words = re.findall(r"\d+|[一二三四五六七八九十]|[^\d一二三四五六七八九十]+", session.room.name)
    return [(0, _number(word), "") if _number(word) else (1, 0, word) for word in words]


def _number(word: str) -> int:
    return int(word) if word.isdecimal() else "一二三四五六七八九十".find(word) + 1


def check_lines(term: Term, day: date) -> list[CheckLine]:
    """Return the walk of a day: four queries."""
    sessions = sorted(sessions_to_check(term, day), key=lambda one: (walk_order(one), one.starts_at, one.pk))
    people = {
        duty.session_id: duty.teacher
        for duty in Duty.objects.filter(session__in=sessions, active=True).select_related("teacher")
    }
    signed: dict[tuple[int, int], str] = {}
    counting = SignIn.objects.filter(session__in=sessions).filter(Q(from_school=True) | Q(from_school__isnull=True))
    for row in counting.order_by("-at"):
        signed[row.session_id, row.teacher_id] = f"{row.at.astimezone(clock.SHANGHAI):%H:%M}"
    checks: dict[int, list[StaffCheck]] = defaultdict(list)
    for check in StaffCheck.objects.filter(session__in=sessions).select_related("held_by", "by"):
        checks[check.session_id].append(check)
    found = []
    for session in sessions:
        teacher = people.get(session.pk)
        came = signed.get((session.pk, teacher.pk), "") if teacher else ""
        found.append(CheckLine(session, teacher, came, checks[session.pk]))
    return found
