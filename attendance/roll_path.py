"""What a mark means for the chain of custody: along which allowed moves a child goes to where the mark says (rules of custody).

Pure. A mark is never a state of its own beside the chain: whoever mends a mark walks the child back over allowed moves.
"""

from attendance.enums import HERE, CustodyState, MarkState

GONE = frozenset({CustodyState.FETCHED, CustodyState.ALONE, CustodyState.LATE})


class NoWay(Exception):
    """The child is where no mark can call it from: fetched, gone alone, or in late care."""


def target(state: MarkState, *, club: bool) -> CustodyState:
    """Return where a mark puts a child."""
    if state in HERE:
        return CustodyState.CLUB if club else CustodyState.GROUP
    return CustodyState.AWAY if state == MarkState.LEAVE else CustodyState.MISSING


def path(
    now: CustodyState,
    old: MarkState,
    new: MarkState,
    *,
    club: bool = False,
    undo_to: CustodyState | None = None,
) -> list[CustodyState]:
    """Return the states a child passes when its mark goes from `old` to `new`; raise NoWay from an end it has left by.

    Present and late are the same place. A child on leave goes back to `undo_to`, where the person who said so took it
    from; where another person said so, a child that turns up is a pass. A present child who is said to be away is first
    missing, since a guardian's word alone makes a child leave the chain.
    """
    if old in HERE and new in HERE:
        return []
    goal = target(new, club=club)
    if now == goal:
        return []
    if now in GONE:
        raise NoWay
    if now == CustodyState.AWAY:
        if undo_to is None or goal == undo_to:
            return [goal]
        return [undo_to, *path(undo_to, MarkState.NOT_CALLED, new, club=club)]
    if now == CustodyState.EXPECTED and goal == CustodyState.CLUB:
        return [CustodyState.GROUP, goal]
    if goal == CustodyState.AWAY and now not in (CustodyState.EXPECTED, CustodyState.MISSING):
        return [CustodyState.MISSING, goal]
    return [goal]
