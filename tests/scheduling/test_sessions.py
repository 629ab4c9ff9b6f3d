from datetime import date, time

import pytest

from afterschool.school.enums import DayKind, Resource, SessionState
from afterschool.school.models import Delivery, Group, Occupancy, Placement, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.calendar import change_day
from scheduling.actions.rota import accept_rota, change_turn, propose_rota
from scheduling.actions.sessions import Made, make_sessions
from scheduling.actions.timetables import Part, Row, put_timetable
from scheduling.enums import DutySource, RotaState, SlotKind
from scheduling.models import Duty, Period, Rota, RotaTurn, Timetable
from scheduling.queries.rota import week_of
from scheduling.queries.rota_choices import choices_for
from tests.scheduling.arranged import BEFORE, arrange

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 9, 28)


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


@pytest.fixture
def published(arranged):
    office = arranged.actor("office")
    with clock.frozen(BEFORE):
        arranged.rota = propose_rota(term=arranged.term, by=office)
        accept_rota(rota=arranged.rota, by=office)
        arranged.rota.refresh_from_db()
    return arranged


def test_each_group_meets_on_each_day_of_service_at_its_own_hours(arranged):
    days = SchoolDay.objects.filter(kind=DayKind.SERVICE).count()
    assert Session.objects.count() == 3 * days
    hours = set(Session.objects.values_list("starts_at", "ends_at"))
    assert hours == {(time(15, 15), time(17, 30))}
    assert not Session.objects.filter(date=date(2026, 9, 25)).exists()


def test_a_second_run_changes_nothing(arranged):
    with clock.frozen(BEFORE):
        assert make_sessions(term=arranged.term, by=arranged.actor("office")) == Made()


def test_periods_cut_the_day_at_every_boundary_and_each_is_taken_once(arranged):
    edges = [time(15, 15), time(15, 55), time(16, 10), time(17, 10), time(17, 30), time(17, 55)]
    assert list(Period.objects.values_list("starts_at", flat=True)) == edges[:-1]
    one = Session.objects.first()
    assert one.occupancies.filter(kind=Resource.ROOM).count() == 4


def test_two_groups_in_one_room_are_refused_by_name(arranged):
    Group.objects.filter(pk=arranged.groups[1].pk).update(room=arranged.groups[0].room)
    with pytest.raises(Refused) as refused:
        make_sessions(term=arranged.term, by=arranged.actor("office"))
    assert refused.value.code == "taken_twice"


def test_a_group_without_children_on_a_weekday_does_not_meet_then(cast):
    with clock.frozen(BEFORE):
        groups = arrange(cast)
        Placement.objects.filter(group=groups[0]).update(weekdays="135")
        make_sessions(term=cast.term, by=cast.actor("office"))
    assert {s.date.isoweekday() for s in Session.objects.filter(group=groups[0])} == {1, 3, 5}


def test_a_cancelled_day_cancels_its_sessions_and_tells_parents_and_teachers(published):
    office = published.actor("office")
    day = SchoolDay.objects.get(date=MONDAY)
    assert change_day(day=day, kind=DayKind.CANCELLED, runs_weekday=1, note="台风", by=office) == 3
    sessions = Session.objects.filter(date=MONDAY)
    assert set(sessions.values_list("state", "cancel_reason")) == {(SessionState.CANCELLED, "台风")}
    assert not Occupancy.objects.filter(date=MONDAY).exists()
    told = set(Delivery.objects.filter(message__kind="day.cancelled").values_list("recipient__name", flat=True))
    assert {"林晓岚", "何文"} <= told
    assert len(told) == 2 + 3
    day.refresh_from_db()
    change_day(day=day, kind=DayKind.SERVICE, runs_weekday=1, note="", by=office)
    assert set(sessions.values_list("state", flat=True)) == {SessionState.PLANNED}
    assert Occupancy.objects.filter(date=MONDAY, kind=Resource.TEACHER).count() == 12


def test_a_moved_working_day_runs_the_weekday_that_the_office_says(published):
    saturday = SchoolDay.objects.get(date=date(2026, 10, 10))
    change_day(day=saturday, kind=DayKind.SERVICE, runs_weekday=4, note="", by=published.actor("office"))
    for session in Session.objects.filter(date=saturday.date):
        turn = RotaTurn.objects.get(rota=published.rota, group=session.group, weekday=4)
        assert session.duties.get(active=True).teacher == turn.teacher


def test_a_new_dismissal_moves_the_sessions_to_come_and_no_others(published):
    table = Timetable.objects.get(band__first_grade=1)
    rows = [Row(time(15, 15), time(17, 0), (Part(SlotKind.STUDY, "学习时光"),))]
    put_timetable(
        band=table.band,
        weekdays="12345",
        valid_from=None,
        dismissal=time(17, 0),
        rows=rows,
        by=published.actor("office"),
        timetable=table,
    )
    assert set(Session.objects.filter(date__gt=date(2026, 9, 21)).values_list("ends_at", flat=True)) == {time(17, 0)}
    assert set(Session.objects.filter(date__lte=date(2026, 9, 21)).values_list("ends_at", flat=True)) == {time(17, 30)}
    assert Occupancy.objects.filter(date=MONDAY, kind=Resource.TEACHER).exists()


def test_the_published_rota_gives_every_session_its_teacher(published):
    assert Rota.objects.get(state=RotaState.ACCEPTED) == published.rota
    assert Duty.objects.count() == Session.objects.count()
    assert not RotaTurn.objects.filter(rota=published.rota, teacher=None).exists()


def test_a_changed_turn_moves_future_duties_and_keeps_the_former_on_record(published):
    turn = RotaTurn.objects.filter(rota=published.rota, group=published.groups[2], weekday=1).first()
    choice = next(c for c in choices_for(turn) if c.fits and c.teacher != turn.teacher)
    old = turn.teacher
    change_turn(turn=turn, teacher=choice.teacher, by=published.actor("office"))
    mondays = Duty.objects.filter(session__group=turn.group, session__date=MONDAY)
    assert [(d.teacher, d.active) for d in mondays] == [(old, False), (choice.teacher, True)]
    assert Duty.objects.get(session__group=turn.group, session__date=date(2026, 9, 14), active=True).teacher == old


def test_another_grade_needs_a_reason_and_nobody_stands_in_two_places(published):
    office = published.actor("office")
    turn = RotaTurn.objects.filter(rota=published.rota, group=published.groups[0], weekday=1).first()
    other = RotaTurn.objects.filter(rota=published.rota, group=published.groups[1], weekday=1).first()
    with pytest.raises(Refused) as refused:
        change_turn(turn=turn, teacher=other.teacher, by=office)
    assert refused.value.code == "teacher_busy"
    stranger = next(c.teacher for c in choices_for(turn) if c.by_reason)
    with pytest.raises(Refused) as refused:
        change_turn(turn=turn, teacher=stranger, by=office)
    assert refused.value.code == "reason_missing"
    change_turn(turn=turn, teacher=stranger, reason="本年级外出培训", by=office)
    duty = Duty.objects.get(session__group=turn.group, session__date=MONDAY, active=True)
    assert (duty.teacher, duty.source) == (stranger, DutySource.HAND)


def test_the_week_shows_who_has_which_group_and_marks_the_own_turns(published, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        week = week_of(published.term, published.rota, MONDAY, actor=published.actor("teacher"))
        cells = [cell for grade in week.grades for line in grade.lines for cell in line.cells]
    assert [grade.grade for grade in week.grades] == [1, 2]
    assert len(cells) == 15
    assert week.columns[3].note.startswith("国庆")
    own = [cell for cell in cells if cell.mine]
    assert all(cell.teacher == published.teacher for cell in own)


def test_no_groups_no_rota(cast):
    with pytest.raises(Refused) as refused:
        propose_rota(term=cast.term, by=cast.actor("office"))
    assert refused.value.code == "no_groups"
