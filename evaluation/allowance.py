"""What the fund pays teachers: turns times rate by kind of work (requirement G5). Pure.

Money is in whole cents, so that sums are exact. A turn has the rate of its own day; a kind without a rate is counted and
paid nothing until the school sets one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, order=True)
class Turn:
    """One turn of one person: what kind of work, on which day, for how many minutes."""

    teacher: int
    kind: str
    day: date
    minutes: int


@dataclass(frozen=True, order=True)
class Line:
    """One person's turns of one kind at one rate (cents a turn, or none set)."""

    teacher: int
    kind: str
    rate: int | None
    turns: int
    minutes: int

    @property
    def cents(self) -> int:
        return self.turns * (self.rate or 0)


Rates = Mapping[str, Sequence[tuple[date, int]]]  # by kind: from which day, cents a turn


def rate_on(rates: Rates, kind: str, day: date) -> int | None:
    """Return the rate of a kind on a day: the newest that began by then; nothing where none had."""
    begun = [(starts, cents) for starts, cents in rates.get(kind, ()) if starts <= day]
    return max(begun)[1] if begun else None


def reckon(turns: Iterable[Turn], rates: Rates) -> list[Line]:
    """Return the lines of a list, by person, kind and rate."""
    number: Counter[tuple[int, str, int | None]] = Counter()
    minutes: Counter[tuple[int, str, int | None]] = Counter()
    for turn in turns:
        key = (turn.teacher, turn.kind, rate_on(rates, turn.kind, turn.day))
        number[key] += 1
        minutes[key] += turn.minutes
    lines = [Line(*key, number[key], minutes[key]) for key in number]
    return sorted(lines, key=lambda line: (line.teacher, line.kind, -1 if line.rate is None else line.rate))


def total(lines: Iterable[Line]) -> int:
    """Return the sum in cents."""
    return sum(line.cents for line in lines)


def without_rate(lines: Iterable[Line]) -> list[str]:
    """Return the kinds of work that were done and have no rate."""
    return sorted({line.kind for line in lines if line.rate is None})


@dataclass(frozen=True)
class Change:
    """What made a person's kind of work pay otherwise than last month: by turns, and by the rate."""

    teacher: int
    kind: str
    turns: int  # more or fewer turns
    by_turns: int  # cents, at the rate of last month (this month's where there was none)
    by_rate: int  # cents, the rest

    @property
    def cents(self) -> int:
        return self.by_turns + self.by_rate


def explain(now: Iterable[Line], before: Iterable[Line]) -> list[Change]:
    """Return what changed, person by person and kind by kind; the changes add up to the difference of the sums."""
    new, old = _by_kind(now), _by_kind(before)
    found = []
    for key in sorted(new.keys() | old.keys()):
        turns, cents = new.get(key, (0, 0))
        turns_before, cents_before = old.get(key, (0, 0))
        if (turns, cents) == (turns_before, cents_before):
            continue
        more = turns - turns_before
        usual = _whole(cents_before, turns_before) or _whole(cents, turns)
        by_turns = more * usual
        found.append(Change(*key, more, by_turns, cents - cents_before - by_turns))
    return found


def _whole(cents: int, turns: int) -> int:
    return cents // turns if turns else 0


def _by_kind(lines: Iterable[Line]) -> dict[tuple[int, str], tuple[int, int]]:
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in lines:
        sums[line.teacher, line.kind][0] += line.turns
        sums[line.teacher, line.kind][1] += line.cents
    return {key: (turns, cents) for key, (turns, cents) in sums.items()}
