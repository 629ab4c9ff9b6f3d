"""What a draw brought, as it is kept: plain lists and numbers by ticket, and back. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from scheduling.draw import Outcome, Reason, Result, Why

SEVERAL = 2  # who ranked as many clubs and got none was unlucky


def kept(results: Sequence[Result]) -> dict[str, Any]:
    """Return the results of all draws of a round as JSON."""
    return {
        "draws": [
            {
                "outcomes": [_outcome_row(one) for one in result.outcomes],
                "clubs": [[c.club, c.places, c.placed, c.asked, c.first, c.smallest] for c in result.clubs],
                "stages": [[s.stage.value, s.choice, s.reached, s.bound] for s in result.stages],
                "proven": result.proven,
            }
            for result in results
        ]
    }


def _outcome_row(one: Outcome) -> list[Any]:
    reasons = [[*asdict(reason).values()] for reason in one.reasons]
    return [one.ticket, one.turn, one.club, one.wish, reasons]


def outcome_of(row: Sequence[Any]) -> Outcome:
    """Return one outcome as it was before it was kept."""
    ticket, turn, club, wish, reasons = row
    found = tuple(Reason(number, pk, Why(why), *numbers) for number, pk, why, *numbers in reasons)
    return Outcome(ticket, 0, turn, club, wish, found)


def by_ticket(result: Mapping[str, Any]) -> dict[str, list[int]]:
    """Return what is published: the clubs of each ticket, those of the first draw first."""
    found: dict[str, list[int]] = {}
    for draw in result["draws"]:
        for ticket, _, club, *_ in draw["outcomes"]:
            found.setdefault(ticket, [])
            if club is not None:
                found[ticket].append(club)
    return found


def outcomes_by_ticket(result: Mapping[str, Any]) -> dict[str, list[list[Any]]]:
    """Return each ticket's own rows, one for each draw in which it took part."""
    found: dict[str, list[list[Any]]] = {}
    for number, draw in enumerate(result["draws"], 1):
        for row in draw["outcomes"]:
            if number == 1 or row[2] is not None or row[4]:
                found.setdefault(row[0], []).append(row)
    return found


@dataclass(frozen=True)
class ClubFigures:
    """A club after the draw: places before it, placed, who asked for it and as first choice."""

    club: int
    places: int
    placed: int
    asked: int
    first: int
    smallest: int

    @property
    def missing(self) -> int:
        """Return how many are missing to the smallest size (counted with who was in it before)."""
        return max(0, self.smallest - self.placed)


@dataclass(frozen=True)
class Looked:
    """What the office looks at before it confirms: of the first draw, but for `clubs`, which are counted over all."""

    children: int
    placed: int
    choices: tuple[int, ...]
    mean_rank: float
    unlucky: tuple[str, ...]
    clubs: tuple[ClubFigures, ...]
    proven: bool
    second: int

    @property
    def unplaced(self) -> int:
        return self.children - self.placed


def look(result: Mapping[str, Any], wishes: Mapping[str, int]) -> Looked:
    """Count a kept result. `wishes`: how many each ticket named."""
    rows = result["draws"][0]["outcomes"]
    ranks = [row[3] for row in rows if row[3] is not None]
    most = max(ranks, default=0)
    unlucky = tuple(row[0] for row in rows if row[2] is None and wishes.get(row[0], 0) >= SEVERAL)
    return Looked(
        children=len(rows),
        placed=len(ranks),
        choices=tuple(ranks.count(number) for number in range(1, most + 1)),
        mean_rank=sum(ranks) / len(ranks) if ranks else 0.0,
        unlucky=unlucky,
        clubs=_clubs(result),
        proven=all(draw["proven"] for draw in result["draws"]),
        second=sum(row[2] is not None for draw in result["draws"][1:] for row in draw["outcomes"]),
    )


def _clubs(result: Mapping[str, Any]) -> tuple[ClubFigures, ...]:
    found = {row[0]: ClubFigures(*row) for row in result["draws"][0]["clubs"]}
    for draw in result["draws"][1:]:
        for pk, _, placed, *_ in draw["clubs"]:
            one = found[pk]
            found[pk] = ClubFigures(pk, one.places, one.placed + placed, one.asked, one.first, one.smallest)
    return tuple(found.values())
