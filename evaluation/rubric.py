"""Points of a rubric and of a sheet scored by it (plan section 8; rules 9).

Plain values in, plain values out. A person scores: nothing here fills in a point that nobody gave, and what is missing
stays missing until it is given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from math import gcd

FULL = 100


@dataclass(frozen=True)
class Item:
    """One line of a rubric: a key, and the most points it can bring."""

    key: int
    points: int


@dataclass(frozen=True)
class Fault:
    """Why a rubric or a sheet is not accepted: a code, and the items it is about."""

    code: str
    keys: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tally:
    """A sheet added up: points so far, the most that could be, and the items nobody has scored yet."""

    total: int
    most: int
    missing: tuple[int, ...]

    @property
    def complete(self) -> bool:
        return not self.missing


def faults_of_rubric(items: Sequence[Item]) -> list[Fault]:
    """Return what keeps these lines from being a rubric; an empty list is a good one. The points must add up to 100.

    Codes: `no_items`, `item_twice`, `item_without_points`, `not_100`.
    """
    if not items:
        return [Fault("no_items")]
    keys = [item.key for item in items]
    twice = tuple(sorted({key for key in keys if keys.count(key) > 1}))
    empty = tuple(item.key for item in items if item.points < 1)
    found = [Fault("item_twice", twice)] if twice else []
    if empty:
        found.append(Fault("item_without_points", empty))
    if sum(item.points for item in items) != FULL:
        found.append(Fault("not_100"))
    return found


def faults_of_sheet(items: Sequence[Item], given: Mapping[int, int]) -> list[Fault]:
    """Return what is wrong with the points given: `unknown_item`, `below_zero`, `over_limit`. Missing ones are no fault."""
    limits = {item.key: item.points for item in items}
    unknown = tuple(key for key in given if key not in limits)
    below = tuple(key for key, points in given.items() if points < 0)
    over = tuple(key for key, points in given.items() if key in limits and points > limits[key])
    named = [("unknown_item", unknown), ("below_zero", below), ("over_limit", over)]
    return [Fault(code, keys) for code, keys in named if keys]


def tally(items: Sequence[Item], given: Mapping[int, int]) -> Tally:
    """Add up the points given, and name the items still without any, in the order of the rubric."""
    return Tally(
        total=sum(given[item.key] for item in items if item.key in given),
        most=sum(item.points for item in items),
        missing=tuple(item.key for item in items if item.key not in given),
    )


@dataclass(frozen=True)
class Band:
    """A grade: from so many points on, or for so large a share of those scored."""

    name: str
    from_points: int | None = None
    share: int | None = None


def faults_of_bands(bands: Sequence[Band]) -> list[Fault]:
    """Return what keeps these grades from being a scale; none at all are fine: a school may do without.

    Codes: `band_without_name`, `band_twice`, `band_without_way`, `bands_mixed` (points and shares), `bands_order` (each
    must begin below the one before), `bands_open` (the last must begin at 0, so that everybody has one).
    """
    found = []
    names = [band.name for band in bands]
    if not all(names):
        found.append(Fault("band_without_name"))
    if len(set(names)) < len(names):
        found.append(Fault("band_twice"))
    points = [band.from_points for band in bands if band.from_points is not None]
    shares = [band.share for band in bands if band.share is not None]
    if any((band.from_points is None) == (band.share is None) or band.share == 0 for band in bands):
        found.append(Fault("band_without_way"))
    if points and shares:
        found.append(Fault("bands_mixed"))
    if points != sorted(set(points), reverse=True):
        found.append(Fault("bands_order"))
    if points and points[-1] != 0:
        found.append(Fault("bands_open"))
    return found


def band_of(bands: Sequence[Band], points: Decimal) -> Band | None:
    """Return the grade that so many points bring; none where grades go by shares (`by_shares`)."""
    return next((band for band in bands if band.from_points is not None and points >= band.from_points), None)


def below(bands: Sequence[Band], band: Band) -> Band:
    """Return the next lower grade, or the lowest itself."""
    place = list(bands).index(band)
    return bands[min(place + 1, len(bands) - 1)]


def places(bands: Sequence[Band], people: int) -> dict[str, int]:
    """Return how many of so many people each share allows, rounded down; what is left over goes to the largest remainders."""
    shares = {band.name: band.share for band in bands if band.share}
    whole = sum(shares.values())
    if not whole:
        return {}
    given = {name: people * share // whole for name, share in shares.items()}
    rest = sorted(shares, key=lambda name: -(people * shares[name] % whole))
    for name in rest[: people - sum(given.values())]:
        given[name] += 1
    return given


@dataclass(frozen=True)
class Placed:
    """The grade that shares bring a person. `tied`: so many have the same points and overrun its places; 0 where they fit."""

    band: Band
    tied: int = 0


def by_shares(bands: Sequence[Band], points: Mapping[int, Decimal]) -> dict[int, Placed]:
    """Return the grade of each person where grades go by shares; empty where they go by points.

    Whoever has as many points as another has the same grade: those whom an edge would part stand above it together, and
    take places from the grade below. Only people count who are above: 1, 2, 2, 4.
    """
    room = places(bands, len(points))
    found: dict[int, Placed] = {}
    for value in sorted(set(points.values()), reverse=True) if room else ():
        equals = [key for key, own in points.items() if own == value]
        band, edge = _standing(bands, room, len(found))
        tied = len(equals) if len(found) + len(equals) > edge else 0
        found |= {key: Placed(band, tied) for key in equals}
    return found


def _standing(bands: Sequence[Band], room: Mapping[str, int], above: int) -> tuple[Band, int]:
    """Return the grade of the person with so many above, and where its places end, counted from the top."""
    edge = 0
    for band in bands:
        edge += room.get(band.name, 0)
        if edge > above:
            return band, edge
    raise ValueError("nobody is left to be placed")


def too_few(bands: Sequence[Band], people: int) -> bool:
    """Tell whether so few people can't be shared out as the shares say: 4:4:2 takes five."""
    shares = [band.share for band in bands if band.share]
    return bool(shares) and 0 < people < sum(shares) // gcd(*shares)


def points_of_term(
    visits: Sequence[Decimal], months: Sequence[Decimal], term: Decimal | None
) -> tuple[Decimal | None, str]:
    """Return a term's points and what they come from: the term's own sheet, else the mean of the months, else of the visits.

    Rounded to two places, half up. The second value is `term`, `months`, `visits`, or empty where there is no sheet.
    """
    if term is not None:
        return term, "term"
    for name, sheets in (("months", months), ("visits", visits)):
        if sheets:
            mean = sum(sheets, Decimal(0)) / len(sheets)
            return mean.quantize(Decimal("0.01"), ROUND_HALF_UP), name
    return None, ""
