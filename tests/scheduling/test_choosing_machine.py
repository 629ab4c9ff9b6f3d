"""Random days of choosing, leaving, waiting, offers, lapses and swaps: the counters stay right, nobody is in two places."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import choosing, swapping, waiting
from scheduling.enums import PlaceState, RoundMode, WaitState
from scheduling.models import Club, ClubPlace, ClubShare, ClubWait, Sitting
from tests.cast import NOW, Cast
from tests.scheduling.clubs import make_club
from tests.scheduling.rounds import let_in, published

pytestmark = pytest.mark.django_db
OPEN = {
    "opens_at": NOW - timedelta(days=1),
    "closes_at": NOW + timedelta(days=30),
    "starts_on": NOW.date() + timedelta(days=1),
}
DEEDS = ["choose", "change", "leave", "back", "wait", "wait_instead", "quit", "accept", "swap", "hours"]
STEP = st.tuples(st.sampled_from(DEEDS), st.integers(0, 4), st.integers(0, 2))


class Play:
    """A school with three small clubs, two at one time, and five children."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.by, self.now = cast, cast.actor("office"), NOW
        self.clubs = [
            make_club(cast, "围棋", largest=1),
            make_club(cast, "合唱", largest=2, grades={1: 1, 2: None}),
            make_club(cast, "陶艺", largest=1, weekdays="4"),
        ]
        self.children = [*cast.students[:4], cast.students[12]]
        self.round = published(cast, *self.clubs, mode=RoundMode.FIRST, offer_hours=5, cool_hours=7, **OPEN)

    def do(self, deed: str, child: int, club: int) -> None:
        student, target = self.children[child], Club.objects.get(pk=self.clubs[club].pk)
        held = ClubPlace.objects.filter(student=student).exclude(state=PlaceState.LEFT).select_related("club").first()
        waits = ClubWait.objects.filter(student=student, club=target).select_related("club__term", "instead_of__club")
        wait = waits.order_by("-pk").first()
        if deed in {"choose", "change"}:
            instead = held if deed == "change" else None
            choosing.choose_now(found=self.round, club=target, student=student, by=self.by, instead_of=instead)
        elif deed == "leave" and held:
            choosing.leave_club(place=held, by=self.by)
        elif deed == "back" and held:
            choosing.take_back(place=held, by=self.by)
        elif deed in {"wait", "wait_instead"}:
            instead = held if deed == "wait_instead" else None
            waiting.join_line(club=target, student=student, by=self.by, instead_of=instead)
        elif deed == "quit" and wait:
            waiting.leave_line(wait=wait, by=self.by)
        elif deed == "accept" and wait:
            waiting.take_offer(wait=wait, by=self.by)
        elif deed == "swap" and held:
            swapping.want_swap(place=held, to_club=target, by=self.by)
        elif deed == "hours":
            self.now += timedelta(hours=2 + child)
            with clock.frozen(self.now):
                choosing.leaving_and_lines(term=self.cast.term)
                waiting.lapse_offers(term=self.cast.term)

    def check(self) -> None:
        held = ClubPlace.objects.exclude(state=PlaceState.LEFT)
        offered = ClubWait.objects.filter(state=WaitState.OFFERED)
        for club in Club.objects.filter(pk__in=[club.pk for club in self.clubs]):
            assert club.taken == held.filter(club=club).count() + offered.filter(club=club).count() <= club.largest
            assert Sitting.objects.filter(place__in=held.filter(club=club)).exists() == held.filter(club=club).exists()
        for share in ClubShare.objects.all():
            counted = held.filter(grade_share=share).count() + offered.filter(grade_share=share).count()
            assert share.taken == counted
        several = Counter(held.values_list("student", flat=True))
        assert max(several.values(), default=0) <= 1, "one club a child"
        assert not Sitting.objects.filter(place__state=PlaceState.LEFT).exists()
        assert not held.filter(placement__ends_on__isnull=False).exists()
        standing = ClubWait.objects.filter(state__in=[WaitState.WAITING, WaitState.OFFERED])
        assert max(Counter(standing.values_list("student", "club")).values(), default=0) <= 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=25))
def test_whatever_families_do_the_counters_are_right(cast_factory, steps):
    with cast_factory() as cast:
        play = Play(cast)
        for step in steps:
            with suppress(Refused), clock.frozen(play.now):
                play.do(*step)
            play.check()


@pytest.fixture
def cast_factory(cast: Cast):
    """Return a context that undoes what was played in it."""
    from contextlib import contextmanager

    from django.db import transaction

    let_in(cast)

    @contextmanager
    def playing():
        with transaction.atomic():
            yield cast
            transaction.set_rollback(True)

    return playing
