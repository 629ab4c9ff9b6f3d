"""What can happen to a recorded breach, and who may do it (management rule 3): one table for actions, buttons, docs, tests.

Pure. One confirmed breach makes the period's rating 不合格, so a second person looks, and the teacher is heard.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from attendance.enums import BreachKind, BreachState


class Move(Enum):
    """What somebody does; the value is the word on the button."""

    RECORD = "记录"
    ASK = "请教师说明"
    ANSWER = "说明情况"
    CONFIRM = "确认属实"
    DISMISS = "不成立"


class Who(Enum):
    """A person as this one breach sees them."""

    RECORDER = "记录人"
    TEACHER = "本人"
    SECOND = "第二人"  # leading group, or the office but for 体罚; neither recorder nor teacher


@dataclass(frozen=True)
class Step:
    """Who may make a move, and the state it leads to."""

    who: Who
    to: BreachState


S = BreachState
TABLE: dict[tuple[BreachState | None, Move], Step] = {
    (None, Move.RECORD): Step(Who.RECORDER, S.RECORDED),
    (S.RECORDED, Move.ASK): Step(Who.SECOND, S.RECORDED),
    (S.RECORDED, Move.ANSWER): Step(Who.TEACHER, S.RECORDED),
    (S.RECORDED, Move.CONFIRM): Step(Who.SECOND, S.CONFIRMED),
    (S.RECORDED, Move.DISMISS): Step(Who.SECOND, S.DISMISSED),
}
HELD_BACK = frozenset({BreachKind.CORPORAL})  # the teacher is asked by the leading group, when it says so


def step(state: BreachState | None, move: Move) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def moves(state: BreachState, who: AbstractSet[Who], *, asked: bool, answered: bool) -> list[Move]:
    """Return the moves open to a person: who was asked is not asked again, what was answered stands."""
    done = {Move.ASK} if asked else {Move.ANSWER}
    if answered:
        done |= {Move.ANSWER, Move.ASK}
    return [move for move in Move if (found := step(state, move)) and found.who in who and move not in done]


def asked_at_once(kind: BreachKind) -> bool:
    """Tell whether the teacher is asked for an explanation with the record."""
    return kind not in HELD_BACK
