"""What can become of a club, and who may do it: the one table, read by actions, buttons and tests (D4). Pure."""

from dataclasses import dataclass
from enum import StrEnum

from scheduling.enums import ClubState as S


class Who(StrEnum):
    """What a person is to a club."""

    PROPOSER = "proposer"
    TEACHER = "teacher"
    OFFICE = "office"


class Move(StrEnum):
    """What can be done with a club."""

    EDIT = "edit"
    APPROVE = "approve"
    RETURN = "return"
    DECLINE = "decline"
    CLOSE = "close"
    RESERVE = "reserve"


@dataclass(frozen=True)
class Step:
    """Who may, and which state it leads to."""

    who: frozenset[Who]
    to: S


OWN = frozenset({Who.PROPOSER, Who.TEACHER, Who.OFFICE})
OFFICE = frozenset({Who.OFFICE})
MOVES: dict[tuple[S, Move], Step] = {
    (S.PROPOSED, Move.EDIT): Step(OWN, S.PROPOSED),
    (S.RETURNED, Move.EDIT): Step(OWN, S.PROPOSED),  # what was returned goes back to the office with the answer
    (S.APPROVED, Move.EDIT): Step(OFFICE, S.APPROVED),
    (S.PROPOSED, Move.APPROVE): Step(OFFICE, S.APPROVED),
    (S.PROPOSED, Move.RETURN): Step(OFFICE, S.RETURNED),
    (S.PROPOSED, Move.DECLINE): Step(OFFICE, S.DECLINED),
    (S.RETURNED, Move.DECLINE): Step(OFFICE, S.DECLINED),
    (S.APPROVED, Move.CLOSE): Step(OFFICE, S.CLOSED),
    (S.APPROVED, Move.RESERVE): Step(frozenset({Who.TEACHER, Who.OFFICE}), S.APPROVED),
}


def step(state: S, move: Move) -> Step | None:
    """Return what a move makes of a club in this state; none where it can't be done."""
    return MOVES.get((state, move))


def moves(state: S, who: frozenset[Who]) -> frozenset[Move]:
    """Return what this person may do with a club in this state: the buttons of its page."""
    return frozenset(move for (at, move), found in MOVES.items() if at == state and who & found.who)
