"""Safety of places: when a room is due to be checked, and what can happen to a defect (plan section 9 (4); E10).

`TABLE` is the only place that says who may do what to a defect: actions, buttons, docs and tests all read it. Pure.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from attendance.enums import DefectMove, DefectState

S, M = DefectState, DefectMove
SOON = 3  # days before it is due that a check is shown as due


class Who(Enum):
    """A person as this one defect sees them."""

    OWNER = "负责人"  # who is to repair it
    KEEPER = "服务保障中心、课程教学中心"  # may write down what somebody from outside repaired
    ARRANGER = "安排的人"  # office, service centre, leader of the day
    CHECKER = "检查的人"  # whoever may check rooms


@dataclass(frozen=True)
class Step:
    """Who may make a move, where it leads, and whether whoever repaired it is kept out."""

    who: frozenset[Who]
    to: DefectState
    by_another: bool = False


TABLE: dict[tuple[DefectState, DefectMove], Step] = {
    (S.OPEN, M.ARRANGE): Step(frozenset({Who.ARRANGER}), S.OPEN),
    (S.OPEN, M.REPAIR): Step(frozenset({Who.OWNER, Who.KEEPER}), S.REPAIRED),
    # Looked at by somebody else than who repaired it.
    (S.REPAIRED, M.PASS): Step(frozenset({Who.CHECKER}), S.CLOSED, by_another=True),
    (S.REPAIRED, M.FAIL): Step(frozenset({Who.CHECKER}), S.OPEN, by_another=True),
    # Closed stands; what breaks again is a new defect.
}


def step(state: DefectState, move: DefectMove) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def moves(state: DefectState, who: AbstractSet[Who], *, repairer: bool) -> list[DefectMove]:
    """Return the moves open to a person, in the order of `DefectMove`; `repairer`: this person repaired it."""
    return [
        move
        for move in DefectMove
        if (found := step(state, move)) and found.who & who and not (found.by_another and repairer)
    ]


class Due(Enum):
    """How a room stands with a check."""

    NEVER = "never"
    OVERDUE = "overdue"
    SOON = "soon"
    FINE = "fine"


def next_on(last: date | None, every_days: int) -> date | None:
    """Return the last date by which a room is to be checked again; none where it never was."""
    return last + timedelta(days=every_days) if last else None


def due(last: date | None, every_days: int, today: date) -> Due:
    """Return how a check stands today: never done, overdue from the day after its date, due within three days, or fine."""
    until = next_on(last, every_days)
    if until is None:
        return Due.NEVER
    if today > until:
        return Due.OVERDUE
    return Due.SOON if today >= until - timedelta(days=SOON) else Due.FINE
