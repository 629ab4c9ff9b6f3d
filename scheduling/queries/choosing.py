"""Questions about choosing clubs that the actions and the pages share."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from scheduling.choosing import RuleValues, Window, rule_text, window
from scheduling.enums import PlaceSource, PlaceState, RoundMode, RoundState
from scheduling.models import ClubPlace, ClubRound, RoundClub

USUAL_HOURS = 24
HIDDEN = [RoundState.PLANNED, RoundState.CANCELLED]


@dataclass(frozen=True)
class ChoosingHours:
    """Settings that hold outside a round's window: hours an offer stands, hours to think over leaving."""

    offer: int
    cool: int


def rounds_of(term: Term | None) -> QuerySet[ClubRound]:
    """Return all rounds of a term, newest first: for the office."""
    return ClubRound.objects.filter(term=term).select_related("term", "checker")


def rounds_seen(term: Term | None) -> QuerySet[ClubRound]:
    """Return the rounds that families may know of."""
    return rounds_of(term).exclude(state__in=HIDDEN)


def rounds_to_check(actor: Actor) -> QuerySet[ClubRound]:
    """Return the rounds whose draw this person may repeat: the checker's own, all for the office."""
    rounds = ClubRound.objects.filter(mode=RoundMode.LOT).exclude(state__in=HIDDEN).select_related("term", "checker")
    if actor.is_office:
        return rounds
    return rounds.filter(checker=actor.teacher) if actor.teacher else rounds.none()


def window_of(found: ClubRound, now: datetime | None = None) -> Window:
    """Return where the window of a round stands now, and why."""
    until = found.displaced_until.astimezone(clock.SHANGHAI) if found.displaced_until else None
    opens, closes = (at.astimezone(clock.SHANGHAI) for at in (found.opens_at, found.closes_at))
    return window(found.state, opens, closes, now or clock.now(), displaced_until=until)


def rule_of(found: ClubRound) -> str:
    """Return the rule as published, or the default filled with the values of this round."""
    if found.rule_text:
        return found.rule_text
    return rule_text(
        RuleValues(
            mode=found.mode,
            opens_at=found.opens_at.astimezone(clock.SHANGHAI),
            closes_at=found.closes_at.astimezone(clock.SHANGHAI),
            starts_on=found.starts_on,
            clubs_per_child=found.clubs_per_child,
            most_wishes=found.most_wishes,
            offer_hours=found.offer_hours,
            cool_hours=found.cool_hours,
            checker=found.checker.name if found.checker else "",
        )
    )


def hours_of(term: Term) -> ChoosingHours:
    """Return the hours of the term's newest round that families know of."""
    last = rounds_seen(term).order_by("-opens_at", "-pk").values_list("offer_hours", "cool_hours").first()
    return ChoosingHours(*last) if last else ChoosingHours(USUAL_HOURS, USUAL_HOURS)


def most_clubs(term: Term) -> int:
    """Return how many clubs a child may have, by the term's newest round that families know of."""
    last = rounds_seen(term).order_by("-opens_at", "-pk").values_list("clubs_per_child", flat=True).first()
    return last or 1


def held_numbers(term: Term, student_ids: Collection[int]) -> dict[int, int]:
    """Return how many clubs each of these children has of its own choice: places of a school team don't count."""
    held = ClubPlace.objects.filter(club__term=term, student__in=student_ids).exclude(state=PlaceState.LEFT)
    rows = held.exclude(source=PlaceSource.RESERVED).order_by().values_list("student_id").annotate(Count("pk"))
    return dict(rows)


def displaced_ids(term: Term) -> set[int]:
    """Return the children whose club was closed and who have no other of their choice yet: they choose first."""
    lost = ClubPlace.objects.filter(club__term=term, displaced_at__isnull=False)
    found = set(lost.order_by().values_list("student_id", flat=True))
    return found - set(held_numbers(term, found))


def clubs_given_out(term: Term) -> set[int]:
    """Return the clubs whose places have begun to be given: of a confirmed draw, or of a window that has opened."""
    begun = Q(round__state=RoundState.CONFIRMED) | Q(
        round__state=RoundState.PUBLISHED, round__mode=RoundMode.FIRST, round__opens_at__lte=clock.now()
    )
    return set(RoundClub.objects.filter(begun, round__term=term).order_by().values_list("club_id", flat=True))
