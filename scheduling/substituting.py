"""What can happen to a stand-in or a swap, and who may do it (D6): one table, read by actions, buttons, docs and tests.

Pure. From confirmation on the duty is the other teacher's (rules of attendance, 8).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from scheduling.enums import SubstitutionState

S = SubstitutionState


class Move(Enum):
    """What somebody does; the value is the word on the button."""

    ASK = "发出请求"
    PLACE = "直接安排"  # asked and accepted by word of mouth
    ACCEPT = "可以"
    DECLINE = "不能"
    CONFIRM = "确认"
    REFUSE = "不同意"
    CANCEL = "撤回"


class Who(Enum):
    """A person as this one request sees them."""

    OWNER = "原值班教师"
    OTHER = "被请的教师"
    LEADER = "年级组长"  # of the group's grade; of both groups' for a swap
    OFFICE = "课程教学中心"


@dataclass(frozen=True)
class Step:
    """Who may make a move, and where it leads."""

    who: frozenset[Who]
    to: SubstitutionState


def _step(to: SubstitutionState, *who: Who) -> Step:
    return Step(frozenset(who), to)


DECIDERS = (Who.LEADER, Who.OFFICE)
M = Move
TABLE: dict[tuple[SubstitutionState | None, Move], Step] = {
    (None, M.ASK): _step(S.ASKED, Who.OWNER, *DECIDERS),
    (None, M.PLACE): _step(S.CONFIRMED, *DECIDERS),
    # Asked: the other answers; whoever leads may also put in what was said by word of mouth.
    (S.ASKED, M.ACCEPT): _step(S.ACCEPTED, Who.OTHER),
    (S.ASKED, M.DECLINE): _step(S.DECLINED, Who.OTHER),
    (S.ASKED, M.PLACE): _step(S.CONFIRMED, *DECIDERS),
    (S.ASKED, M.CANCEL): _step(S.CANCELLED, Who.OWNER, *DECIDERS),
    # Accepted: the duty is still its owner's until somebody who leads confirms.
    (S.ACCEPTED, M.CONFIRM): _step(S.CONFIRMED, *DECIDERS),
    (S.ACCEPTED, M.REFUSE): _step(S.REFUSED, *DECIDERS),
    (S.ACCEPTED, M.DECLINE): _step(S.DECLINED, Who.OTHER),
    (S.ACCEPTED, M.CANCEL): _step(S.CANCELLED, Who.OWNER, *DECIDERS),
    # Confirmed: taken back before it happened, the duty returns.
    (S.CONFIRMED, M.CANCEL): _step(S.CANCELLED, *DECIDERS),
}
NEEDS_REASON = frozenset({(None, M.PLACE), (S.ASKED, M.PLACE), (S.ACCEPTED, M.REFUSE), (S.CONFIRMED, M.CANCEL)})
GIVES = frozenset({M.ASK, M.ACCEPT, M.CONFIRM, M.PLACE})  # lead towards another teacher: too late after the end


@dataclass(frozen=True)
class Times:
    """When the duties of a request begin and end: a swap has two, the earlier begins it and ends its time."""

    starts: datetime
    ends: datetime
    swap: bool = False

    @property
    def last_chance(self) -> datetime:
        """Return until when the duty can still go to another: a stand-in may come in the middle, a swap may not."""
        return self.starts if self.swap else self.ends


def step(state: SubstitutionState | None, move: Move) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def in_time(state: SubstitutionState | None, move: Move, times: Times, now: datetime) -> bool:
    """Tell whether it is not too late: nothing is given after its time, nothing confirmed is taken back once begun."""
    if move in GIVES:
        return now < times.last_chance
    return state != S.CONFIRMED or now < times.starts


def moves(state: SubstitutionState | None, who: AbstractSet[Who], times: Times, now: datetime) -> list[Move]:
    """Return the moves open to a person now, in the order of `Move`: what the page shows as buttons."""
    return [
        move for move in Move if (found := step(state, move)) and found.who & who and in_time(state, move, times, now)
    ]


def needs_reason(state: SubstitutionState | None, move: Move) -> bool:
    """Tell whether this move asks for a reason that is kept."""
    return (state, move) in NEEDS_REASON
