"""Sessions of clubs: in the slot of their kind, on their weekdays, with room and teacher; one more beside the group's."""

from datetime import date, time, timedelta

import pytest

from afterschool.school.enums import DayKind, Resource, SessionState
from afterschool.school.models import Occupancy, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.club_places import take_place
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import Made, make_sessions
from scheduling.club_hours import SEASON, Afternoon, Line, Seasons, Wanted, keys_of, seasons_of, span_on, troubles
from scheduling.enums import DutySource, PlaceSource, SlotKind
from scheduling.hours import Stretch
from scheduling.models import Duty, RotaTurn
from scheduling.queries.sessions import teaching_now
from tests.cast import TODAY, Cast
from tests.scheduling.applied import approve
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club, make_room

TUESDAY = date(2026, 9, 22)


@pytest.fixture
def arranged(cast: Cast) -> Cast:
    with clock.frozen(BEFORE):
        arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


def take(cast, club, number=0, starts_on=TODAY + timedelta(days=1)):
    return take_place(
        club=club,
        student=cast.students[number],
        source=PlaceSource.OFFICE,
        starts_on=starts_on,
        by=cast.actor("office"),
    )


def test_the_first_child_brings_the_sessions_with_room_and_teacher(arranged):
    room = make_room("音乐教室")
    club = make_club(arranged, "合唱", room=room, weekdays="24")
    take(arranged, club)
    sessions = Session.objects.filter(group=club.group).order_by("date")
    assert sessions.first().date == TUESDAY
    assert {s.date.isoweekday() for s in sessions} <= {2, 4}
    assert {(s.starts_at, s.ends_at, s.room_id) for s in sessions} == {(time(16, 10), time(17, 10), room.pk)}
    taken = Occupancy.objects.filter(session=sessions.first()).values_list("kind", "resource_id", "period")
    assert set(taken) == {
        (Resource.ROOM, room.pk, 3),
        (Resource.GROUP, club.group_id, 3),
        (Resource.TEACHER, club.teacher_id, 3),
    }
    duties = Duty.objects.filter(session__in=sessions)
    assert {(d.teacher_id, d.source) for d in duties} == {(club.teacher_id, DutySource.ROTA)}
    take(arranged, club, 1)
    assert sessions.count() == Session.objects.filter(group=club.group).count()
    assert make_sessions(term=arranged.term, by=arranged.actor("office")) == Made()


def test_make_sessions_makes_those_of_clubs_too_and_no_club_without_a_child(cast):
    with clock.frozen(BEFORE):
        arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        club = make_club(cast)
        make_club(cast, "空社团", weekdays="3")
        take(cast, club, starts_on=BEFORE.date())
        assert not Session.objects.exists()
        make_sessions(term=cast.term, by=cast.actor("office"))
        tuesdays = SchoolDay.objects.filter(kind=DayKind.SERVICE, runs_weekday=2)
        met = Session.objects.filter(group=club.group).values_list("date", flat=True)
        assert set(met) == set(tuesdays.values_list("date", flat=True))
        assert Session.objects.exclude(group=club.group).filter(group__kind="club").count() == 0


def test_the_accepted_rota_names_the_club_teacher_of_a_weekday(arranged):
    office = arranged.actor("office")
    with clock.frozen(BEFORE):
        rota = propose_rota(term=arranged.term, by=office)
        accept_rota(rota=rota, by=office)
    club = make_club(arranged, weekdays="2", teacher=arranged.office)
    RotaTurn.objects.create(rota=rota, kind="club", group=club.group, weekday=2, teacher=arranged.duty_leader)
    take(arranged, club)
    assert {d.teacher for d in Duty.objects.filter(session__group=club.group)} == {arranged.duty_leader}


def test_nobody_is_in_two_places_on_one_date(arranged):
    room = make_room("音乐教室")
    take(arranged, make_club(arranged, "合唱", room=room))
    with pytest.raises(Refused) as caught:
        take(arranged, make_club(arranged, "舞蹈", room=room, teacher=arranged.office), 1)
    assert caught.value.code == "taken_twice"
    assert "音乐教室" in caught.value.sentence


def test_the_teacher_of_a_club_has_it_open_in_its_hour(arranged):
    club = make_club(arranged, weekdays="1", teacher=arranged.office)
    take(arranged, club, starts_on=TODAY)
    now = teaching_now(arranged.actor("office"), clock.now())
    assert (now.group_id, now.date, now.state) == (club.group_id, TODAY, SessionState.PLANNED)


# The rule of hours


def school(*lines: tuple[int, int, SlotKind], valid_from=None, pk=1):
    return Afternoon(pk, "12345", valid_from, tuple(Line(time(a), time(b), frozenset({kind})) for a, b, kind in lines))


def given(tables, first=date(2026, 9, 1), last=date(2027, 1, 22)):
    stretches = tuple(Stretch(n, time(14 + n), time(15 + n)) for n in range(1, 6))
    return Seasons(tables, seasons_of(tables, first, last), stretches)


CLUB, STUDY = SlotKind.SCHOOL_CLUB, SlotKind.STUDY


def test_a_club_meets_in_the_nth_slot_of_its_kind():
    tables = {1: [school((15, 16, CLUB), (16, 17, STUDY), (17, 18, CLUB))]}
    second = Wanted(frozenset({1}), CLUB, 2, "24")
    assert span_on(given(tables), second, weekday=2, day=date(2026, 9, 1)) == (time(17), time(18))
    assert keys_of(given(tables), second) == {(2, 3), (4, 3)}
    (monday,) = troubles(given(tables), Wanted(frozenset({1}), CLUB, 3, "1"))
    assert monday.missing == (1,)


def test_grades_with_other_hours_cannot_be_in_one_club():
    tables = {1: [school((15, 16, CLUB))], 3: [school((16, 17, CLUB), pk=2)]}
    (found,) = troubles(given(tables), Wanted(frozenset({1, 3}), CLUB, 1, "2"))
    assert found.spans == ((1, (time(15), time(16))), (3, (time(16), time(17))))


def test_two_clubs_that_never_meet_at_once_share_no_key_though_the_seasons_move_their_hours():
    summer = school((15, 16, CLUB), (16, 17, SlotKind.CLASS_CLUB))
    winter = school((16, 17, CLUB), (17, 18, SlotKind.CLASS_CLUB), valid_from=date(2026, 11, 1), pk=2)
    seasons = given({1: [summer, winter]})
    one = keys_of(seasons, Wanted(frozenset({1}), CLUB, 1, "2"))
    other = keys_of(seasons, Wanted(frozenset({1}), SlotKind.CLASS_CLUB, 1, "2"))
    assert one == {(2, 1), (2, SEASON + 2)}
    assert other == {(2, 2), (2, SEASON + 3)}
