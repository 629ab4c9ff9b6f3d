"""The draw of a round: once, or once for each club a child may have. Pure, so that anybody can repeat it from the full file.

A round with one club a child is one draw, and its full file is that of `scheduling.draw`. A round with more draws again over
what is left: the file then holds the first draw, how many times it is drawn, and which clubs cross in time.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from scheduling.draw import Child, DrawInput, InvalidInput, Result, draw, from_full, full, left_over

RULE = "draws-1"
Heard = Callable[[int], None]


@dataclass(frozen=True)
class RoundInput:
    """All of a round's draw. `crossing`: pairs of clubs that one child can't have both (lower id first). `most`: how many
    clubs a ticket may still get, where that is fewer than `times`: the child has one already.
    """

    first: DrawInput
    times: int = 1
    crossing: frozenset[tuple[int, int]] = frozenset()
    most: Mapping[str, int] = field(default_factory=dict)


def full_file(given: RoundInput) -> str:
    """Return the full file of a round as canonical JSON."""
    if given.times == 1:
        return full(given.first)
    return json.dumps(
        {
            "rule": RULE,
            "times": given.times,
            "crossing": sorted(list(pair) for pair in given.crossing),
            "most": dict(given.most),
            "first": json.loads(full(given.first)),
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def read_file(text: str) -> RoundInput:
    """Read a full file of either kind again. Refuses with `not_a_draw`."""
    try:
        data = json.loads(text)
        if data["rule"] != RULE:
            return RoundInput(from_full(text))
        crossing = frozenset((int(low), int(high)) for low, high in data["crossing"])
        most = {str(ticket): int(number) for ticket, number in data["most"].items()}
        return RoundInput(from_full(json.dumps(data["first"])), int(data["times"]), crossing, most)
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise InvalidInput("not_a_draw", "这不是一份抽签的完整数据。") from wrong


def fingerprint_of(text: str) -> str:
    """Return the SHA-256 of a full file in hex, as `sha256sum` gives it."""
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(seed: str, turn: int) -> str:
    """Return the seed of the draw number `turn` (from 1): the first is the seed itself, so that luck is thrown anew."""
    return seed if turn == 1 else f"{seed}{turn:02d}"


def draw_all(given: RoundInput, seed: str, drawn: Heard = lambda _: None) -> list[Result]:
    """Draw as many times as the round says: nobody has a second club before everybody had a first.

    `drawn` hears how many draws are done.
    """
    results: list[Result] = []
    got: dict[str, set[int]] = defaultdict(set)
    now = given.first
    for turn in range(1, given.times + 1):
        results.append(draw(now, seed_of(seed, turn)))
        drawn(turn)
        for ticket, club in results[-1].by_ticket().items():
            if club is not None:
                got[ticket].add(club)
        if turn < given.times:
            rest = left_over(now, results[-1])
            now = replace(rest, children=tuple(_still(given, child, got[child.ticket]) for child in rest.children))
    return results


def _still(given: RoundInput, child: Child, got: set[int]) -> Child:
    """Return a child with the wishes that are still possible beside the clubs it has got."""
    if len(got) >= given.most.get(child.ticket, given.times):
        return replace(child, wishes=())
    crossed = {other for pair in given.crossing if got & set(pair) for other in pair}
    return replace(child, wishes=tuple(wish for wish in child.wishes if wish not in crossed))
