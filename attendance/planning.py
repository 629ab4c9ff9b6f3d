"""Week plans: when one is due, what may happen to it, and which words make a person look twice (plan, rules for teachers ③; E8).

Pure. "No group teaching in learning time" is a person's word: the portal points at words, it never decides.
"""

import re
from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from attendance.enums import PlanState

WEEK = timedelta(days=7)
SATURDAY = 6


class Move(StrEnum):
    """What can be done with a plan."""

    WRITE = "write"
    HAND_IN = "hand_in"
    TAKE_BACK = "take_back"
    SEE = "see"
    RETURN = "return"


MOVES: dict[tuple[PlanState, Move], PlanState] = {
    (PlanState.DRAFT, Move.WRITE): PlanState.DRAFT,
    (PlanState.DRAFT, Move.HAND_IN): PlanState.HANDED_IN,
    (PlanState.HANDED_IN, Move.TAKE_BACK): PlanState.DRAFT,
    (PlanState.HANDED_IN, Move.SEE): PlanState.SEEN,
    (PlanState.HANDED_IN, Move.RETURN): PlanState.RETURNED,
    (PlanState.RETURNED, Move.WRITE): PlanState.RETURNED,
    (PlanState.RETURNED, Move.HAND_IN): PlanState.HANDED_IN,
}
BY_CHECKER = frozenset({Move.SEE, Move.RETURN})  # all others are the writers'

LESSONS = re.compile(
    r"新课|新授|讲授|授课|上课|讲课|讲解课文|教学(?!答疑|楼)|补课|赶进度|集体讲|统一讲|全班讲"
    r"|第\s*[0-9０-９一二三四五六七八九十百]+\s*(?:课(?!外)|课时|单元)|课时"
)

DENIED = re.compile(r"(?:不|没有|没|禁止|无)[^，。；、！？\s]{0,3}$")  # 不讲新课 is what is asked for


def monday_of(day: date) -> date:
    """Return the Monday of a date's week."""
    return day - timedelta(days=day.weekday())


def due_date(monday: date, *, weekday: int, days: Collection[date]) -> date:
    """Return the last day on which the plan of the week of `monday` is in time; `days`: the days with service.

    `weekday` (1 to 7) is that of the week before. A working day without service gives way to the last day with service before
    it; at the weekend nobody is at school anyway, so Saturday and Sunday stay. Where the week before has no service up to
    then (holidays, the start of the term), the plan is due on the eve of the first day with service of its own week.
    """
    set_day = monday - WEEK + timedelta(days=weekday - 1)
    before = [day for day in days if monday - WEEK <= day <= set_day]
    if before:
        return set_day if weekday >= SATURDAY else max(before)
    first = min((day for day in days if monday <= day < monday + WEEK), default=monday)
    return first - timedelta(days=1)


def teaching_words(text: str) -> list[str]:
    """Return the words of a line of learning time that look like a lesson, each once, in order: a hint for a person."""
    found = (hit for hit in LESSONS.finditer(text) if not DENIED.search(text[: hit.start()]))
    return list(dict.fromkeys(hit.group().replace(" ", "") for hit in found))
