"""What can happen to a round of choosing clubs, and who may do it. `TABLE` is the only place where this is decided."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from scheduling.choosing.window import Phase
from scheduling.enums import RoundMode, RoundMove, RoundState

S, M = RoundState, RoundMove


class Who(Enum):
    """A person as a round sees them."""

    FAMILY = "家长"  # acts for the child
    HEAD = "班主任"  # of the child's class: writes for a family that hands in paper
    OFFICE = "课程教学中心"
    CHECKER = "复核人"  # named for the round
    WORKER = "系统"  # the draw in the background


@dataclass(frozen=True)
class Step:
    """Who may make a move and where it leads; in which modes, and in which phases of the window (none named: all)."""

    who: frozenset[Who]
    to: RoundState
    modes: frozenset[RoundMode] = frozenset(RoundMode)
    phases: frozenset[Phase] = frozenset(Phase)


def _step(
    who: Who | set[Who], to: RoundState, *, mode: RoundMode | None = None, phases: set[Phase] | None = None
) -> Step:
    return Step(
        frozenset({who} if isinstance(who, Who) else who),
        to,
        frozenset({mode} if mode else RoundMode),
        frozenset(phases or Phase),
    )


OPEN = {Phase.OPEN, Phase.FIRST}
LOT, FIRST = RoundMode.LOT, RoundMode.FIRST

TABLE: dict[tuple[RoundState, RoundMove], Step] = {
    (S.PLANNED, M.EDIT): _step(Who.OFFICE, S.PLANNED),
    (S.PLANNED, M.PUBLISH): _step(Who.OFFICE, S.PUBLISHED),
    (S.PLANNED, M.CANCEL): _step(Who.OFFICE, S.CANCELLED),
    # Published: the rule and the clubs stand; only the end of the window may still be put off.
    (S.PUBLISHED, M.EXTEND): _step(Who.OFFICE, S.PUBLISHED),
    (S.PUBLISHED, M.CHOOSE): _step({Who.FAMILY, Who.HEAD}, S.PUBLISHED, phases=OPEN),
    (S.PUBLISHED, M.CANCEL): _step(Who.OFFICE, S.CANCELLED, mode=LOT),
    (S.PUBLISHED, M.SEAL): _step(Who.OFFICE, S.SEALED, mode=LOT, phases={Phase.AFTER}),
    (S.PUBLISHED, M.END): _step(Who.OFFICE, S.CONFIRMED, mode=FIRST, phases={Phase.AFTER}),
    # Sealed: the fingerprint is out, so a seed may be made. A draw that broke off begins again with the same seed.
    (S.SEALED, M.DRAW): _step(Who.OFFICE, S.DRAWING, mode=LOT),
    (S.SEALED, M.CANCEL): _step(Who.OFFICE, S.CANCELLED, mode=LOT),
    (S.DRAWING, M.FINISH): _step(Who.WORKER, S.DRAWN, mode=LOT),
    (S.DRAWING, M.FAIL): _step(Who.WORKER, S.SEALED, mode=LOT),
    # Drawn: looked at, repeated by the checker, then confirmed once and for all; or set aside, for a reason that stays on record.
    (S.DRAWN, M.CHECK): _step({Who.CHECKER, Who.OFFICE}, S.DRAWN, mode=LOT),
    (S.DRAWN, M.AGAIN): _step(Who.OFFICE, S.SEALED, mode=LOT),
    (S.DRAWN, M.CONFIRM): _step(Who.OFFICE, S.CONFIRMED, mode=LOT),
    (S.CONFIRMED, M.CHECK): _step({Who.CHECKER, Who.OFFICE}, S.CONFIRMED, mode=LOT),
}
NEEDS_REASON = frozenset({M.AGAIN, M.CANCEL})


def step(state: str, move: RoundMove) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((RoundState(state), move))


def moves(state: str, who: AbstractSet[Who], *, mode: str, phase: Phase) -> list[RoundMove]:
    """Return the moves open to a person now, in the order of `RoundMove`: what a page shows as buttons."""
    return [
        move
        for move in RoundMove
        if (found := step(state, move)) and found.who & who and mode in found.modes and phase in found.phases
    ]
