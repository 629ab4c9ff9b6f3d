"""First come, first served; waiting lists, offers, swaps, leaving; clubs that stay too small."""

from datetime import timedelta

import pytest

from afterschool.management.commands.tick import tick
from afterschool.school.models import Message, Placement
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import choosing, swapping, too_small, waiting
from scheduling.actions.club_follow import leave_clubs
from scheduling.actions.club_places import take_place
from scheduling.enums import ClubState, PlaceSource, PlaceState, RoundMode, SwapState, WaitState
from scheduling.models import Club, ClubPlace, ClubSwap, ClubWait
from scheduling.queries.choosing import displaced_ids
from tests.cast import NOW, Cast
from tests.scheduling.clubs import make_club
from tests.scheduling.rounds import AFTER, DURING, STARTS, confirmed, let_in, published
from tests.scheduling.test_choosing import refused, wish

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def school(cast: Cast) -> Cast:
    let_in(cast)
    return cast


def taken(club: Club) -> int:
    return Club.objects.get(pk=club.pk).taken


def give(cast, club, *students, source=PlaceSource.FIRST):
    """Give places straight away."""
    office = cast.actor("office")
    with clock.frozen(DURING):
        return [
            take_place(club=Club.objects.get(pk=club.pk), student=s, source=source, starts_on=STARTS, by=office)
            for s in students
        ]


def first_round(cast, *clubs, **changes):
    return published(cast, *clubs, mode=RoundMode.FIRST, **changes)


def choose(cast, found, club, student, who="office", at=DURING, **kwargs):
    with clock.frozen(at):
        return choosing.choose_now(found=found, club=club, student=student, by=cast.actor(who), **kwargs)


def join(cast, club, student, who="office", **kwargs):
    return waiting.join_line(club=Club.objects.get(pk=club.pk), student=student, by=cast.actor(who), **kwargs)


def test_a_tap_takes_a_place_and_a_second_tap_the_same(school):
    chess = make_club(school, largest=1)
    found = first_round(school, chess)
    place = choose(school, found, chess, school.students[0], "guardian")
    assert choose(school, found, chess, school.students[0], "guardian").pk == place.pk
    assert (taken(chess), ClubPlace.objects.count()) == (1, 1)
    refused("club_full", choose, school, found, chess, school.students[1])
    refused("not_yours", choose, school, found, chess, school.students[1], "guardian")
    refused("window_before", choose, school, found, chess, school.students[1], at=DURING - DAY)
    refused("window_after", choose, school, found, chess, school.students[1], at=AFTER)


def test_one_club_a_child_unless_exchanged_in_the_same_moment(school):
    chess, choir = make_club(school, "围棋"), make_club(school, "合唱", weekdays="4")
    found = first_round(school, chess, choir)
    child = school.students[0]
    place = choose(school, found, chess, child)
    refused("enough_clubs", choose, school, found, choir, child)
    choose(school, found, choir, child, instead_of=place)
    assert (taken(chess), taken(choir)) == (0, 1)
    assert ClubPlace.objects.exclude(state=PlaceState.LEFT).get().club == choir


def test_who_leaves_may_come_back_until_the_hour_then_the_next_is_offered_the_place(school):
    chess = make_club(school, largest=1)
    first_round(school, chess, cool_hours=24, offer_hours=12)
    child, other = school.students[0], school.students[1]
    (place,) = give(school, chess, child)
    wait = join(school, chess, other, "other_guardian")
    choosing.leave_club(place=place, by=school.actor("guardian"))
    assert taken(chess) == 1
    choosing.take_back(place=place, by=school.actor("guardian"))
    assert place.state == PlaceState.HELD
    choosing.leave_club(place=place, by=school.actor("guardian"))
    with clock.frozen(NOW + timedelta(hours=23)):
        choosing.leaving_and_lines(term=school.term)
        assert ClubWait.objects.get().state == WaitState.WAITING
    with clock.frozen(NOW + timedelta(hours=25)):
        refused("too_late", choosing.take_back, place=place, by=school.actor("guardian"))
        choosing.leaving_and_lines(term=school.term)
        wait.refresh_from_db()
        assert wait.state == WaitState.OFFERED
        assert wait.offer_until == NOW + timedelta(hours=37)
        assert taken(chess) == 1, "kept for who was offered it"
        waiting.take_offer(wait=wait, by=school.actor("other_guardian"))
    assert ClubPlace.objects.get(student=other).source == PlaceSource.WAITING
    assert taken(chess) == 1
    assert Message.objects.filter(kind="choosing.offer", student=other).count() == 1


def test_an_offer_lapses_and_goes_to_the_next_in_line(school):
    chess = make_club(school, largest=1)
    first_round(school, chess, offer_hours=2)
    (place,) = give(school, chess, school.students[2])
    first, second = join(school, chess, school.students[0]), join(school, chess, school.students[1])
    from scheduling.actions.club_places import free_place

    free_place(place=place, ends_on=clock.today(), by=school.actor("office"))
    choosing.leaving_and_lines(term=school.term)
    with clock.frozen(NOW + timedelta(hours=3)):
        first.refresh_from_db()
        refused("offer_over", waiting.take_offer, wait=first, by=school.actor("guardian"))
        assert waiting.lapse_offers(term=school.term) == 1
        first.refresh_from_db()
        second.refresh_from_db()
        assert (first.state, second.state) == (WaitState.LAPSED, WaitState.OFFERED)
        assert taken(chess) == 1
        waiting.leave_line(wait=second, by=school.actor("other_guardian"))
    assert taken(chess) == 0


def test_who_waits_with_another_club_gives_it_up_on_taking_the_offer(school):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱")
    first_round(school, chess, choir)
    (held,) = give(school, chess, school.students[2])
    (mine,) = give(school, choir, school.students[0])
    refused("busy_then", join, school, chess, school.students[0])
    wait = join(school, chess, school.students[0], "guardian", instead_of=mine)
    assert join(school, chess, school.students[0], "guardian", instead_of=mine).pk == wait.pk
    refused("has_room", join, school, choir, school.students[1])
    from scheduling.actions.club_places import free_place

    free_place(place=held, ends_on=clock.today(), by=school.actor("office"))
    choosing.leaving_and_lines(term=school.term)
    wait.refresh_from_db()
    waiting.take_offer(wait=wait, by=school.actor("guardian"))
    assert (taken(chess), taken(choir)) == (1, 0)


def test_brothers_and_sisters_who_wait_together_are_offered_places_together(school):
    chess = make_club(school, largest=2)
    first_round(school, chess)
    held = give(school, chess, school.students[2], school.students[3])
    one = join(school, chess, school.students[0], "guardian", together=True)
    two = join(school, chess, school.students[6], "guardian", together=True)
    third = join(school, chess, school.students[1])
    from scheduling.actions.club_places import free_places

    free_places(places=held[:1], ends_on=clock.today(), by=school.actor("office"))
    choosing.leaving_and_lines(term=school.term)
    third.refresh_from_db()
    assert third.state == WaitState.OFFERED, "one place is not enough for two, and goes to who fits"
    waiting.leave_line(wait=third, by=school.actor("office"))
    free_places(places=held[1:], ends_on=clock.today(), by=school.actor("office"))
    choosing.leaving_and_lines(term=school.term)
    one.refresh_from_db()
    two.refresh_from_db()
    assert {one.state, two.state} == {WaitState.OFFERED}
    assert len(waiting.take_offer(wait=one, by=school.actor("guardian"))) == 2
    assert taken(chess) == 2


def test_a_child_that_leaves_the_service_waits_for_no_swap_any_more(school):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱", largest=1)
    (mine,) = give(school, chess, school.students[0])
    swap = swapping.want_swap(place=mine, to_club=choir, by=school.actor("guardian"))
    leave_clubs(school.term, [school.students[0].pk], clock.today() + timedelta(days=1), school.actor("office"))
    swap.refresh_from_db()
    assert swap.state == SwapState.CANCELLED


def test_two_families_who_want_each_others_club_exchange_at_once(school):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱", largest=1)
    (mine,), (theirs,) = give(school, chess, school.students[0]), give(school, choir, school.students[1])
    first = swapping.want_swap(place=mine, to_club=choir, by=school.actor("guardian"))
    assert first.state == SwapState.OPEN
    second = swapping.want_swap(place=theirs, to_club=chess, by=school.actor("other_guardian"))
    assert second.state == SwapState.DONE
    now = dict(ClubPlace.objects.exclude(state=PlaceState.LEFT).values_list("student", "club"))
    assert now == {school.students[0].pk: choir.pk, school.students[1].pk: chess.pk}
    assert (taken(chess), taken(choir)) == (1, 1)
    told = Message.objects.filter(kind="choosing.swapped")
    assert {m.student_id for m in told} == {school.students[0].pk, school.students[1].pk}
    for message in told:
        other = school.students[1] if message.student_id == school.students[0].pk else school.students[0]
        assert other.name not in message.title + message.body
    assert Placement.objects.filter(ends_on__isnull=True, kind="club").count() == 2


def test_reserved_places_are_the_schools(school):
    chess, choir = make_club(school, "校足球队", largest=1), make_club(school, "合唱", largest=1)
    (place,) = give(school, chess, school.students[0], source=PlaceSource.RESERVED)
    give(school, choir, school.students[1])
    first_round(school, chess, choir)
    guardian = school.actor("guardian")
    refused("reserved", choosing.leave_club, place=place, by=guardian)
    refused("reserved", swapping.want_swap, place=place, to_club=choir, by=guardian)
    refused("reserved", join, school, choir, school.students[0], instead_of=place)


def test_a_club_too_small_is_closed_and_its_children_choose_first(school):
    chess, choir = make_club(school, "围棋", smallest=5), make_club(school, "合唱", weekdays="4")
    found = published(school, chess, choir)
    wish(school, found, school.students[0], chess)
    wish(school, found, school.students[1], choir)
    confirmed(school, found)
    offer = found.offers.get(club=chess)
    refused("no_reason", too_small.close_small, offer=offer, reason="", by=school.actor("office"))
    assert too_small.close_small(offer=offer, reason="只有1人报名。", by=school.actor("office")) == 1
    assert Club.objects.get(pk=chess.pk).state == ClubState.CLOSED
    assert displaced_ids(school.term) == {school.students[0].pk}
    told = Message.objects.get(kind="choosing.closed")
    assert told.body == "只有1人报名。您可以在下一轮先选别的社团，开始时会通知您。"
    later = {"opens_at": NOW - DAY, "closes_at": NOW + DAY, "starts_on": clock.today() + 2 * DAY}
    second = first_round(school, choir, name="第二轮", displaced_until=NOW + timedelta(hours=1), **later)
    refused("displaced_first", choose, school, second, choir, school.students[2], at=NOW)
    choose(school, second, choir, school.students[0], "guardian", at=NOW)
    assert displaced_ids(school.term) == set()


def test_a_club_too_small_is_merged_and_who_does_not_want_to_chooses_first(school):
    chess, go = make_club(school, "围棋", smallest=5), make_club(school, "象棋", largest=2)
    found = published(school, chess, go)
    for student in school.students[:2]:
        wish(school, found, student, chess)
    confirmed(school, found)
    offer = found.offers.get(club=chess)
    give(school, go, school.students[5])
    refused("no_room", too_small.merge_club, offer=offer, into=Club.objects.get(pk=go.pk), by=school.actor("office"))
    Club.objects.filter(pk=go.pk).update(largest=3)
    assert too_small.merge_club(offer=offer, into=Club.objects.get(pk=go.pk), by=school.actor("office")) == 2
    assert displaced_ids(school.term) == set()
    place = ClubPlace.objects.get(student=school.students[0], club=go)
    too_small.leave_merged(place=place, by=school.actor("guardian"))
    assert displaced_ids(school.term) == {school.students[0].pk}
    assert taken(go) == 2
    swap = ClubSwap.objects.count()
    assert swap == 0


def test_the_office_gives_a_place_back_while_there_is_room(school):
    chess = make_club(school, largest=1)
    (place,) = give(school, chess, school.students[0])
    from scheduling.actions.club_places import free_place

    free_place(place=place, ends_on=clock.today(), by=school.actor("office"))
    back = choosing.restore_place(place=place, by=school.actor("office"))
    assert (back.student, back.source, taken(chess)) == (school.students[0], PlaceSource.OFFICE, 1)
    with pytest.raises(Refused):
        choosing.restore_place(place=back, by=school.actor("office"))


def test_time_alone_frees_offers_and_lets_lapse(school):
    chess = make_club(school, largest=1)
    first_round(school, chess, offer_hours=2, cool_hours=1)
    (place,) = give(school, chess, school.students[2])
    wait = join(school, chess, school.students[0])
    choosing.leave_club(place=place, by=school.actor("office"))
    with clock.frozen(NOW + timedelta(hours=2)):
        tick()
        wait.refresh_from_db()
        assert wait.state == WaitState.OFFERED
    with clock.frozen(NOW + timedelta(hours=4, minutes=1)):
        tick()
        wait.refresh_from_db()
        assert (wait.state, taken(chess)) == (WaitState.LAPSED, 0)
