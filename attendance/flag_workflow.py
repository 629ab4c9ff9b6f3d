"""What can happen to a flag, and who may do it: one table, read by actions, buttons, docs and tests.

Pure. Nothing takes effect by itself: the portal raises, closes and asks for a second look; people decide.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from attendance.enums import FlagState


class Stage(Enum):
    """Where a flag stands: its state, and how far an appeal is."""

    OPEN = "待处理"
    DECIDED = "已处理"
    APPEALED = "已申诉，待复议"
    FINAL = "复议已决定"
    REVIEW = "记录有变，请复核"
    CLOSED = "已不成立"
    DROPPED = "决定已撤销"


class Move(Enum):
    """What somebody does; the value is the word on the button."""

    LAPSE = "不再成立"
    RAISE_AGAIN = "又成立"
    CHANGE = "记录有变"
    ANSWER = "说明情况"
    DECIDE = "作出决定"
    APPEAL = "申诉"
    DECIDE_APPEAL = "复议"
    KEEP = "维持决定"
    DROP = "撤销决定"


class Who(Enum):
    """A person as this one flag sees them."""

    PORTAL = "系统"
    TEACHER = "本人"
    DECIDER = "课程教学中心"  # neither the teacher nor who made a record behind the flag
    OTHER = "另一人"  # office or leading group; nor who decided first


@dataclass(frozen=True)
class Step:
    """Who may make a move, and the state it leads to."""

    who: Who
    to: FlagState


S = FlagState
TABLE: dict[tuple[Stage, Move], Step] = {
    (Stage.OPEN, Move.LAPSE): Step(Who.PORTAL, S.CLOSED),
    (Stage.OPEN, Move.ANSWER): Step(Who.TEACHER, S.OPEN),
    (Stage.OPEN, Move.DECIDE): Step(Who.DECIDER, S.DECIDED),
    (Stage.CLOSED, Move.RAISE_AGAIN): Step(Who.PORTAL, S.OPEN),
    (Stage.DECIDED, Move.APPEAL): Step(Who.TEACHER, S.DECIDED),
    (Stage.APPEALED, Move.DECIDE_APPEAL): Step(Who.OTHER, S.DECIDED),
    (Stage.REVIEW, Move.KEEP): Step(Who.DECIDER, S.DECIDED),
    (Stage.REVIEW, Move.DROP): Step(Who.DECIDER, S.CLOSED),
    # Whatever was decided is never undone by a record: a person looks again.
    (Stage.DECIDED, Move.CHANGE): Step(Who.PORTAL, S.REVIEW),
    (Stage.APPEALED, Move.CHANGE): Step(Who.PORTAL, S.REVIEW),
    (Stage.FINAL, Move.CHANGE): Step(Who.PORTAL, S.REVIEW),
    (Stage.DROPPED, Move.CHANGE): Step(Who.PORTAL, S.REVIEW),
}


def stage(state: FlagState, *, decided: bool = False, appealed: bool = False, settled: bool = False) -> Stage:
    """Return where a flag stands: its state, whether there is a decision, an appeal, and another's decision on that."""
    if state == FlagState.CLOSED and decided:
        return Stage.DROPPED
    if state == FlagState.DECIDED:
        return Stage.FINAL if settled else Stage.APPEALED if appealed else Stage.DECIDED
    return Stage[state.name]


def step(now: Stage, move: Move) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist here."""
    return TABLE.get((now, move))


def moves(now: Stage, who: AbstractSet[Who]) -> list[Move]:
    """Return the moves open to a person, in the order of `Move`: what the page shows as buttons."""
    return [move for move in Move if (found := step(now, move)) and found.who in who]
