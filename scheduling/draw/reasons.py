"""What each child got and why not what it had higher, in numbers that are true whatever the stages traded off.

A higher wish that admits the child is lost only because some limit had not enough places left (else moving there would be
better); that limit is named, the narrowest first, with how many asked under it: always more than it has places.
"""

from collections import Counter
from collections.abc import Sequence

from scheduling.draw.problem import Problem, Unit
from scheduling.draw.values import Child, Club, ClubOutcome, DrawInput, Outcome, Reason, Why

Key = tuple[Why, int, int]


def explain(
    given: DrawInput, problem: Problem, chosen: Sequence[int | None]
) -> tuple[tuple[Outcome, ...], tuple[ClubOutcome, ...]]:
    """Return outcomes by ticket and clubs by id."""
    clubs = {club.id: club for club in given.clubs}
    tally = _Tally(clubs, problem, chosen)
    outcomes = []
    for turn, (unit, option) in enumerate(zip(problem.units, chosen, strict=True), 1):
        got = None if option is None else unit.clubs[option]
        for child in unit.children:
            reasons = tuple(tally.why_not(unit, child, club) for club in _higher(unit, child, got))
            wish = None if got is None else child.wishes.index(got) + 1
            outcomes.append(Outcome(child.ticket, child.id, turn, got, wish, reasons))
    rows = (
        ClubOutcome(
            club.id,
            club.places,
            tally.used[Why.CLUB_FULL, club.id, 0],
            tally.asked[Why.CLUB_FULL, club.id, 0],
            tally.first[Why.CLUB_FULL, club.id, 0],
            club.smallest,
        )
        for _, club in sorted(clubs.items())
    )
    return tuple(sorted(outcomes, key=lambda outcome: outcome.ticket)), tuple(rows)


def _higher(unit: Unit, child: Child, got: int | None) -> list[int]:
    """Return the child's wishes that were not met before the one that was: by the unit's list where the club is on it."""
    if got is None:
        return list(child.wishes)
    better = unit.clubs[: unit.clubs.index(got)]
    ahead = child.wishes[: child.wishes.index(got)]
    return [club for club in child.wishes if club in better or (club in ahead and club not in unit.clubs)]


class _Tally:
    """Who asked, who put it first, who was placed: for each club, each grade in it, each class in it."""

    def __init__(self, clubs: dict[int, Club], problem: Problem, chosen: Sequence[int | None]) -> None:
        self.clubs = clubs
        self.asked: Counter[Key] = Counter()
        self.first: Counter[Key] = Counter()
        self.used: Counter[Key] = Counter()
        for unit, option in zip(problem.units, chosen, strict=True):
            for child in unit.children:
                for k, club in enumerate(unit.clubs):
                    keys = _keys(child, club)
                    self.asked.update(keys)
                    self.first.update(keys if k == 0 else ())
                    self.used.update(keys if k == option else ())

    def why_not(self, unit: Unit, child: Child, club: int) -> Reason:
        wish = child.wishes.index(club) + 1
        if not self.clubs[club].admits(child.grade):
            return Reason(wish, club, Why.NOT_ADMITTED)
        if club not in unit.clubs:
            return Reason(wish, club, Why.NOT_COMMON)
        needs = Counter(key for one in unit.children for key in _keys(one, club))
        for key in (*_keys(child, club), *sorted(needs)):
            places = self._places(key)
            if places is not None and (left := places - self.used[key]) < needs[key]:
                why = key[0] if left == 0 else Why.TOO_FEW
                return Reason(wish, club, why, places, self.asked[key], self.first[key], left, needs[key])
        return Reason(wish, club, Why.UNPROVEN)

    def _places(self, key: Key) -> int | None:
        why, number, part = key
        club = self.clubs[number]
        if why == Why.CLASS_FULL:
            return club.class_places(part)
        return club.per_grade.get(part) if why == Why.GRADE_FULL else club.places


def _keys(child: Child, club: int) -> tuple[Key, ...]:
    return (Why.CLASS_FULL, club, child.class_id), (Why.GRADE_FULL, club, child.grade), (Why.CLUB_FULL, club, 0)
