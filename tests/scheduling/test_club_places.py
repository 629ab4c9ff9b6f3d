"""Places in clubs: taken, refused with the reason, given back; what becomes of them when the service of a child changes."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Count

from afterschool.school.actions.people import mark_left
from afterschool.school.actions.placements import give_up_places, renew_weekdays
from afterschool.school.enums import PlacementKind
from afterschool.school.models import Event, Message, Placement
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from enrollment.models import Application
from scheduling.actions.club_follow import finish_leaving, reseat
from scheduling.actions.club_places import Wish, free_place, take_place, take_places
from scheduling.actions.timetables import Part, Row, put_timetable
from scheduling.defaults import OLD, install_timetables
from scheduling.enums import ClubState, PlaceSource, PlaceState, SlotKind
from scheduling.models import Club, ClubPlace, ClubShare, Sitting
from tests.cast import TODAY, Cast
from tests.scheduling.applied import approve
from tests.scheduling.clubs import make_club

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def ready(cast: Cast) -> Cast:
    """Timetables stand, and all children come from Monday to Friday."""
    install_timetables(cast.term, by=cast.actor("office"))
    approve(cast, *cast.students, weekdays="12345")
    return cast


def take(cast, club, number=0, **changes):
    values = {"source": PlaceSource.OFFICE, "starts_on": TOMORROW, "by": cast.actor("office")} | changes
    return take_place(club=club, student=cast.students[number], **values)


def refused(cast, club, number=0):
    with pytest.raises(Refused) as caught:
        take(cast, club, number)
    assert caught.value.sentence.endswith("。")
    return caught.value.code


def counters_agree():
    """Assert that every counter is what the places say."""
    taking = ClubPlace.objects.exclude(state=PlaceState.LEFT)
    clubs = dict(taking.order_by().values_list("club").annotate(n=Count("pk")))
    assert {club.pk: club.taken for club in Club.objects.all()} == {
        club.pk: clubs.get(club.pk, 0) for club in Club.objects.all()
    }
    for share in ClubShare.objects.all():
        name = "grade_share" if share.grade else "class_share"
        assert share.taken == taking.filter(**{name: share}).count()
    seated = set(Sitting.objects.values_list("place", flat=True))
    assert seated == set(taking.values_list("pk", flat=True))


def test_a_place_is_counted_seated_and_placed(ready):
    club = make_club(ready, classes={ready.classes[0]: 3}, grades={1: 5})
    place = take(ready, club, note="自荐")
    club.refresh_from_db()
    assert (club.taken, [share.taken for share in club.shares.all()]) == (1, [1, 1])
    assert place.placement.kind == PlacementKind.CLUB
    assert (place.placement.group_id, place.placement.weekdays, place.placement.starts_on) == (
        club.group_id,
        "2",
        TOMORROW,
    )
    assert set(place.sittings.values_list("weekday", "period")) == {(2, 3)}  # 16:10 to 17:10
    assert Event.objects.filter(verb="club.place_taken", student_id=place.student_id).count() == 1
    counters_agree()


def test_why_a_place_is_refused(ready):
    club = make_club(ready, largest=2, grades={1: 1})
    assert refused(ready, club, 12) == "not_admitted"
    take(ready, club)
    assert refused(ready, club) == "already_in"
    assert refused(ready, club, 1) == "grade_full"
    assert refused(ready, make_club(ready, "合唱"), 0) == "busy_then"
    take(ready, make_club(ready, "篮球", weekdays="4"), 0)
    assert refused(ready, make_club(ready, "书法", state=ClubState.PROPOSED), 1) == "club_not_open"
    Application.objects.filter(student=ready.students[2]).update(weekdays="135")
    assert refused(ready, make_club(ready, "国画"), 2) == "weekday_not_attended"
    Application.objects.filter(student=ready.students[3]).delete()
    assert refused(ready, make_club(ready, "陶艺"), 3) == "not_in_service"
    counters_agree()


def test_size_of_the_club_and_of_a_class_hold(ready):
    small = make_club(ready, largest=1)
    take(ready, small)
    assert refused(ready, small, 1) == "club_full"
    by_class = make_club(ready, "足球", weekdays="3", grades={1: None}, classes={ready.classes[0]: 1})
    take(ready, by_class, 0)
    assert refused(ready, by_class, 1) == "class_full"
    take(ready, by_class, 6)
    only_class = make_club(ready, "班级阅读", weekdays="5", classes={ready.classes[1]: None})
    assert refused(ready, only_class, 0) == "not_admitted"
    take(ready, only_class, 7)
    counters_agree()


def test_the_database_has_the_last_word(ready):
    club = make_club(ready, largest=1)
    take(ready, club)
    with pytest.raises(IntegrityError), transaction.atomic():
        Club.objects.filter(pk=club.pk).update(taken=2)
    place = ClubPlace.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sitting.objects.create(place=place, term=ready.term, student=place.student, weekday=2, period=3)


def test_a_place_given_up_is_free_at_once_and_can_be_taken_again(ready):
    club = make_club(ready, largest=1, grades={1: 1})
    place = take(ready, club)
    free_place(place=place, ends_on=TODAY, by=ready.actor("office"))
    assert not Placement.objects.filter(group=club.group).exists()  # it never was in force
    counters_agree()
    with pytest.raises(Refused) as caught:
        free_place(place=place, ends_on=TODAY, by=ready.actor("office"))
    assert caught.value.code == "somebody_was_faster"
    take(ready, club, 1)
    counters_agree()


def test_who_leaves_and_comes_back_the_same_day_has_one_placement(ready):
    club = make_club(ready)
    place = take(ready, club, starts_on=TODAY)
    free_place(place=place, ends_on=TODAY, by=ready.actor("office"))
    assert Placement.objects.get(group=club.group).ends_on == TODAY
    again = take(ready, club, starts_on=TODAY)
    assert Placement.objects.get(group=club.group).ends_on is None
    assert again.placement.club_place == again
    counters_agree()


def test_many_places_are_given_in_the_order_asked_with_the_same_number_of_queries(ready, django_assert_max_num_queries):
    clubs = [make_club(ready, largest=2), make_club(ready, "合唱"), make_club(ready, "篮球", weekdays="4")]
    wishes = [Wish(student.pk, clubs[0].pk) for student in ready.students[:3]]
    wishes += [Wish(ready.students[0].pk, clubs[1].pk), Wish(ready.students[0].pk, clubs[2].pk)]
    with django_assert_max_num_queries(32):
        taken = take_places(
            term=ready.term, wishes=wishes, source=PlaceSource.DRAW, starts_on=TOMORROW, by=ready.actor("office")
        )
    assert [(place.student_id, place.club_id) for place in taken.places] == [
        (ready.students[0].pk, clubs[0].pk),
        (ready.students[1].pk, clubs[0].pk),
        (ready.students[0].pk, clubs[2].pk),
    ]
    assert [refusal.code for _, refusal in taken.refused] == ["club_full", "busy_then"]
    counters_agree()


def test_a_withdrawn_child_leaves_its_clubs(ready):
    club = make_club(ready, classes={ready.classes[0]: 3}, grades={1: 5})
    take(ready, club, starts_on=TODAY)
    take(ready, club, 1, starts_on=TODAY)
    give_up_places(term=ready.term, student=ready.students[0], by=ready.actor("guardian"))
    left = ClubPlace.objects.get(student=ready.students[0])
    assert (left.state, left.placement.ends_on) == (PlaceState.LEFT, TODAY)
    counters_agree()


def test_a_child_that_leaves_the_school_frees_what_it_was_counted_in(ready):
    club = make_club(ready, classes={ready.classes[0]: 3, ready.classes[1]: 3}, grades={1: 5})
    place = take(ready, club, starts_on=TODAY)
    student = ready.students[0]
    student.school_class, student.number = ready.classes[1], 33
    student.save()
    mark_left(student=student, by=ready.actor("office"))
    place.refresh_from_db()
    assert place.state == PlaceState.LEFT
    assert {share.taken for share in ClubShare.objects.all()} == {0}
    counters_agree()


def test_new_weekdays_end_what_does_not_fit_and_the_family_is_told(ready):
    club, other = make_club(ready), make_club(ready, "篮球", weekdays="4")
    take(ready, club, starts_on=TODAY)
    take(ready, other, starts_on=TODAY)
    renew_weekdays([], term=ready.term, starts=TOMORROW, weekdays={ready.students[0].pk: "134"})
    assert ClubPlace.objects.get(club=club).state == PlaceState.LEFT
    assert ClubPlace.objects.get(club=other).state == PlaceState.HELD
    assert [m.title for m in Message.objects.filter(kind="club.place_ended")] == ["孩子从9月22日起不在社团“围棋”"]
    counters_agree()


def test_new_weekdays_from_a_later_day_keep_the_place_until_then(ready):
    club = make_club(ready, largest=1)
    take(ready, club, starts_on=TODAY)
    later = date(2026, 10, 12)
    renew_weekdays([], term=ready.term, starts=later, weekdays={ready.students[0].pk: "134"})
    place = ClubPlace.objects.get()
    assert (place.state, place.placement.ends_on) == (PlaceState.LEAVING, later - timedelta(days=1))
    assert refused(ready, club, 1) == "club_full"
    assert finish_leaving() == 0
    with clock.frozen(datetime(2026, 10, 12, 0, 1, tzinfo=SHANGHAI)):
        assert finish_leaving() == 1
    place.refresh_from_db()
    assert (place.state, place.leaves_at) == (PlaceState.LEFT, None)
    assert place.placement.ends_on == later - timedelta(days=1)
    counters_agree()


def test_sittings_follow_the_timetable_and_a_clash_is_named(ready):
    office = ready.actor("office")
    young = ready.term.bands.get(first_grade=1)
    club = make_club(ready, grades={1: None})
    other = make_club(ready, "舞蹈", grades={1: None}, kind=SlotKind.CLASS_CLUB)
    table = young.timetables.get()
    apart = (*table_rows(SlotKind.SCHOOL_CLUB, 16, 17), *table_rows(SlotKind.CLASS_CLUB, 17, 18))
    put_timetable(
        band=young,
        weekdays="12345",
        valid_from=None,
        dismissal=apart[-1].ends_at,
        rows=apart,
        by=office,
        timetable=table,
    )
    take(ready, club)
    take(ready, other)
    before = set(Sitting.objects.values_list("place__club__name", "period"))
    reseat(ready.term)
    assert set(Sitting.objects.values_list("place__club__name", "period")) == before
    with pytest.raises(Refused) as caught:
        put_timetable(
            band=young,
            weekdays="12345",
            valid_from=None,
            dismissal=OLD[-1].ends_at,
            rows=[
                Row(
                    OLD[1].starts_at,
                    OLD[1].ends_at,
                    (Part(SlotKind.SCHOOL_CLUB, "甲"), Part(SlotKind.CLASS_CLUB, "乙")),
                )
            ],
            by=office,
            timetable=table,
        )
    assert caught.value.code == "clubs_clash"


def table_rows(kind, first, last):
    return (Row(time(first), time(last), (Part(kind, "社团"),)),)
