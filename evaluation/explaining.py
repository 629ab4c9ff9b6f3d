"""What can happen to a count that differs, and who may do it (F3): one table for actions, buttons, docs and tests. Pure."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from evaluation.enums import ExplanationState


class Move(Enum):
    """What somebody does; the value is the word on the button."""

    EXPLAIN = "说明情况"
    ACCEPT = "说明合理"
    REFUSE = "说明不成立"


class Who(Enum):
    """A person as this one visit sees them."""

    TEACHER = "带班教师"
    JUDGE = "巡视的人、课程教学中心或领导小组"  # never the teacher of the group


@dataclass(frozen=True)
class Step:
    """Who may make a move, and the state it leads to."""

    who: Who
    to: ExplanationState


S = ExplanationState
TABLE: dict[tuple[ExplanationState, Move], Step] = {
    (S.NONE, Move.EXPLAIN): Step(Who.TEACHER, S.GIVEN),
    (S.GIVEN, Move.ACCEPT): Step(Who.JUDGE, S.ACCEPTED),
    (S.GIVEN, Move.REFUSE): Step(Who.JUDGE, S.REFUSED),
    (S.REFUSED, Move.EXPLAIN): Step(Who.TEACHER, S.GIVEN),
}


def step(state: ExplanationState, move: Move) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def moves(state: ExplanationState, who: AbstractSet[Who]) -> list[Move]:
    """Return the moves open to a person."""
    return [move for move in Move if (found := step(state, move)) and found.who in who]
