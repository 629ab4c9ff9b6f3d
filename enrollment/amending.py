"""What a family may change in an application the school has approved, from when, and who decides (plan section 5, B3).

`MOVES` and `problems` are the only places where this is decided. Pure; docs/rules/applications.md says why it is so.
"""

from collections.abc import Collection
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from enrollment.details import Details, Limits, Person
from enrollment.details import problems as problems_of_details
from enrollment.enums import AmendmentState, AmendMove
from enrollment.workflow import Who

S, M = AmendmentState, AmendMove

# Where a request stands (nothing: none is open), what is done to it: who may do it, and where it leads.
MOVES: dict[tuple[AmendmentState | None, AmendMove], tuple[frozenset[Who], AmendmentState]] = {
    (None, M.ASK): (frozenset({Who.PARENT}), S.ASKED),
    (None, M.RECORD): (
        frozenset({Who.HEAD}),
        S.ACCEPTED,
    ),  # the head teacher holds the family's paper: asked and accepted
    (S.ASKED, M.ACCEPT): (frozenset({Who.HEAD, Who.OFFICE}), S.ACCEPTED),
    (S.ASKED, M.DECLINE): (frozenset({Who.HEAD, Who.OFFICE}), S.DECLINED),
    (S.ASKED, M.WITHDRAW): (frozenset({Who.PARENT}), S.WITHDRAWN),
}


@dataclass(frozen=True)
class Arrangement:
    """What can be changed: the weekdays, who fetches, and whether the child may leave alone."""

    weekdays: str
    persons: tuple[Person, ...]
    may_go_alone: bool = False

    def same_persons(self, other: "Arrangement") -> bool:
        """Tell whether the same people fetch: neither the order nor the relation as written matters."""
        return {(p.name, p.phone) for p in self.persons} == {(p.name, p.phone) for p in other.persons}

    def same(self, other: "Arrangement") -> bool:
        """Tell whether nothing differs that anybody would act on."""
        mine, theirs = (self.weekdays, self.may_go_alone), (other.weekdays, other.may_go_alone)
        return mine == theirs and self.same_persons(other)


@dataclass(frozen=True)
class Span:
    """The days on which a change may begin, both counted; `first` is none where the term has no service day left."""

    first: date | None
    last: date


def moves(state: AmendmentState | None, who: AbstractSet[Who]) -> list[AmendMove]:
    """Return what a person may do to a request in this state, in the order of `AmendMove`."""
    return [move for move in AmendMove if (found := MOVES.get((state, move))) and found[0] & who]


def first_day(
    *,
    today: date,
    service_from: date,
    last: date,
    weekdays: str,
    service_days: Collection[date],
    not_before: date | None = None,
) -> date | None:
    """Return the earliest day a change may begin: the next service day after today; none where none is left.

    Today's list of children stands already, so today is never changed. `service_days` is the calendar; where it isn't made
    yet, the term's weekdays count. `not_before` is the beginning of a change that was accepted before and lies ahead: changes
    hold in the order in which they were asked.
    """
    from_day = max(today + timedelta(days=1), service_from, not_before or date.min)
    if service_days:
        return min((day for day in service_days if from_day <= day <= last), default=None)
    span = (from_day + timedelta(days=n) for n in range(min(7, (last - from_day).days + 1)))
    return next((day for day in span if str(day.isoweekday()) in weekdays), None)


def problems(
    wish: Arrangement, held: Arrangement, limits: Limits, starts_on: date | None, span: Span
) -> dict[str, tuple[str, str]]:
    """Return field -> (code, sentence) of what keeps this change from being asked."""
    found: dict[str, tuple[str, str]] = {}
    if span.first is None:
        found["starts_on"] = ("no_service_day", "本学期后面没有课后服务日了，不用再改。")
    elif starts_on is None:
        found["starts_on"] = ("no_day", "请选从哪天起。")
    elif starts_on < span.first:
        found["starts_on"] = ("too_soon", f"最早从{span.first.month}月{span.first.day}日起。当天有变化，请用请假。")
    elif starts_on > span.last:
        found["starts_on"] = ("too_late", f"本学期到{span.last.month}月{span.last.day}日结束，请选早一点的日期。")
    details = Details(weekdays=wish.weekdays, persons=wish.persons, may_go_alone=wish.may_go_alone)
    parts = problems_of_details(details, limits)
    found |= {field: parts[field] for field in ("weekdays", "persons", "may_go_alone") if field in parts}
    if not found and wish.same(held):
        found["weekdays"] = ("no_change", "和现在的安排一样，没有要改的。")
    return found


def takes_effect(asked: date, earliest: date | None) -> date | None:
    """Return when an accepted change begins: the day asked for, or the next service day where that has gone by."""
    return None if earliest is None else max(asked, earliest)
