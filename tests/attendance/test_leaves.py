"""Leave: who may ask or record it, until when, who is told, and how it meets the roll."""

from datetime import date, time, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterschool.school.enums import DayKind, SessionState
from afterschool.school.models import Guardianship, Message, Placement, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.leaves import Slip
from attendance.actions.roll_calls import Wish
from attendance.actions.settings import save_afternoon
from attendance.enums import CustodyState, LeaveSource, MarkState
from attendance.models import CallNote, ChildDay, LeaveRequest, Mark
from attendance.queries.leaves import service_days
from attendance.queries.roll_calls import leaves_on
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)
PAPER, PHONE, GUARDIAN = LeaveSource.PAPER, LeaveSource.PHONE, LeaveSource.GUARDIAN


def ask(cast, *, child=0, by="guardian", first=TODAY, last=None, source=GUARDIAN, **more):
    return leaves.ask_leave(
        term=cast.term,
        student=cast.students[child],
        first_day=first,
        last_day=last or first,
        source=source,
        by=cast.actor(by),
        **more,
    )


def begin(cast, **states):
    """Begin the roll; `c0="absent"` marks the first child absent."""
    by = cast.actor("teacher")
    roll = roll_calls.begin(session=cast.session, by=by)
    wishes = [
        Wish(cast.students[int(name[1:])].pk, MarkState.NOT_CALLED, MarkState(state)) for name, state in states.items()
    ]
    roll_calls.mark(roll_call=roll, wishes=wishes, by=by)
    return roll


def told(kind):
    return {d.recipient.name for row in Message.objects.filter(kind=kind) for d in row.deliveries.all()}


def also_of_the_first_child(cast, **link):
    """The other guardian acts for the first child too."""
    values = {"relation": "father"} | link
    return Guardianship.objects.create(guardian=cast.other_guardian, student=cast.students[0], **values)


def service(cast, *days, kind=DayKind.SERVICE):
    for day in days:
        SchoolDay.objects.update_or_create(
            date=day, defaults={"term": cast.term, "kind": kind, "runs_weekday": day.isoweekday(), "source": "school"}
        )


# Who hears of it


def test_leave_of_today_is_told_to_the_head_teacher_and_the_teacher_on_duty(afternoon):
    ask(afternoon)
    assert told("leave.asked") == {afternoon.head_teacher.name, afternoon.teacher.name}


def test_leave_of_another_day_is_told_to_the_head_teacher_alone(afternoon):
    ask(afternoon, first=TOMORROW)
    assert told("leave.asked") == {afternoon.head_teacher.name}


def test_the_other_guardian_hears_of_it_but_not_one_with_a_ban(afternoon):
    link = also_of_the_first_child(afternoon)
    ask(afternoon, first=TOMORROW)
    assert afternoon.other_guardian.user.name in told("leave.asked")
    Message.objects.all().delete()
    Guardianship.objects.filter(pk=link.pk).update(banned=True, may_fetch=False)
    ask(afternoon, first=TOMORROW + timedelta(1))
    assert told("leave.asked") == {afternoon.head_teacher.name}


@pytest.mark.parametrize("name", ["head_teacher", "office", "teacher"])
def test_the_school_records_a_slip_and_the_family_knows_but_not_the_one_who_wrote_it(afternoon, name):
    leave = ask(afternoon, by=name, source=PAPER, said_by="妈妈")
    assert (leave.source, leave.said_by) == (PAPER, "妈妈")
    staff = {afternoon.head_teacher.name, afternoon.teacher.name} - {getattr(afternoon, name).name}
    assert told("leave.recorded") == staff | {afternoon.guardian.user.name}
    assert Message.objects.filter(title__startswith="学校已登记：").count() == 1


# Who may


@pytest.mark.parametrize("name", ["other_guardian", "other_head_teacher", "other_teacher", "gatekeeper", "duty_leader"])
def test_nobody_else_speaks_for_a_child(afternoon, name):
    for source in (GUARDIAN, PAPER):
        with pytest.raises(Refused, match="not_yours"):
            ask(afternoon, by=name, source=source)


@pytest.mark.parametrize(("name", "source"), [("guardian", PAPER), ("head_teacher", GUARDIAN), ("office", GUARDIAN)])
def test_nobody_says_the_word_came_another_way(afternoon, name, source):
    with pytest.raises(Refused, match="not_yours"):
        ask(afternoon, by=name, source=source)


def test_the_teacher_on_duty_records_today_alone(afternoon):
    with pytest.raises(Refused, match="today_only"):
        ask(afternoon, by="teacher", source=PAPER, last=TOMORROW)
    with pytest.raises(Refused, match="not_yours"):
        ask(afternoon, by="teacher", source=PAPER, child=8)
    leave = ask(afternoon, by="teacher", source=PAPER)
    leaves.cancel_leave(leave=leave, by=afternoon.actor("teacher"))
    week = ask(afternoon, by="head_teacher", source=PAPER, last=TOMORROW)
    with pytest.raises(Refused, match="not_yours"):
        leaves.cancel_leave(leave=week, by=afternoon.actor("teacher"))


# Which days


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (TODAY - timedelta(1), None, "past"),
        (TODAY, TODAY - timedelta(1), "order"),
        (TODAY, date(2027, 3, 1), "outside_term"),
    ],
)
def test_days_that_cannot_be_are_refused(afternoon, first, last, code):
    with pytest.raises(Refused, match=code):
        ask(afternoon, first=first, last=last)


def test_leave_is_asked_for_days_of_service_only_and_may_span_a_holiday(afternoon):
    holiday = [date(2026, 10, day) for day in range(1, 8)]
    service(afternoon, *holiday, kind=DayKind.OFF)
    service(afternoon, date(2026, 9, 30), date(2026, 10, 8))
    with pytest.raises(Refused, match="no_service"):
        ask(afternoon, first=holiday[0], last=holiday[-1])
    ask(afternoon, first=date(2026, 9, 30), last=date(2026, 10, 8))
    assert service_days(afternoon.students[0], afternoon.term, date(2026, 9, 30), date(2026, 10, 8)) == [
        date(2026, 9, 30),
        date(2026, 10, 8),
    ]


def test_a_child_is_not_asked_off_from_a_day_it_does_not_come(afternoon):
    service(afternoon, TOMORROW)
    Placement.objects.filter(student=afternoon.students[0]).update(weekdays="135")
    with pytest.raises(Refused, match="no_service"):
        ask(afternoon, first=TOMORROW)
    assert ask(afternoon, child=1, by="other_guardian", first=TOMORROW)


def test_nor_from_a_session_that_is_called_off(afternoon):
    Session.objects.filter(pk=afternoon.session.pk).update(state=SessionState.CANCELLED)
    with pytest.raises(Refused, match="no_service"):
        ask(afternoon)


def test_before_the_groups_are_formed_every_service_day_counts(afternoon):
    Placement.objects.filter(student=afternoon.students[0]).delete()
    assert service_days(afternoon.students[0], afternoon.term, TODAY, TODAY) == [TODAY]


def test_a_moved_saturday_runs_the_weekday_that_the_calendar_says(afternoon):
    saturday = date(2026, 9, 26)
    service(afternoon, saturday)
    assert service_days(afternoon.students[0], afternoon.term, saturday, saturday) == []
    SchoolDay.objects.filter(date=saturday).update(runs_weekday=2)
    assert service_days(afternoon.students[0], afternoon.term, saturday, saturday) == [saturday]


# Twice


def test_the_same_day_is_asked_for_once_and_the_second_reads_who_was_first(afternoon):
    ask(afternoon)
    also_of_the_first_child(afternoon)
    with pytest.raises(Refused, match="already_asked") as caught:
        ask(afternoon, by="other_guardian")
    assert afternoon.guardian.user.name in caught.value.sentence
    with pytest.raises(Refused, match="already_asked"):
        ask(afternoon, by="head_teacher", source=PAPER, last=TOMORROW)
    assert ask(afternoon, by="other_guardian", first=TOMORROW)


# Until when


def test_after_the_schools_time_a_guardian_reads_whom_to_call_and_the_school_still_records(afternoon):
    save_afternoon(afternoon.term, {"leave_until": time(15, 20)}, by=afternoon.actor("office"))
    with clock.frozen(NOW.replace(hour=15, minute=20)):
        leaves.cancel_leave(leave=ask(afternoon), by=afternoon.actor("guardian"))
    with pytest.raises(Refused, match="too_late_today") as caught:
        ask(afternoon)
    assert "15:20" in caught.value.sentence
    assert afternoon.head_teacher.name in caught.value.sentence
    assert afternoon.teacher.name in caught.value.sentence
    assert ask(afternoon, first=TOMORROW)
    assert ask(afternoon, by="head_teacher", source=PHONE)


def test_the_time_binds_nobody_whose_child_does_not_come_today(afternoon):
    service(afternoon, TOMORROW)
    save_afternoon(afternoon.term, {"leave_until": time(15, 20)}, by=afternoon.actor("office"))
    Placement.objects.filter(student=afternoon.students[0]).update(weekdays="2")
    assert ask(afternoon, last=TOMORROW)


# The roll


def test_a_child_already_here_is_refused_with_what_is_true(afternoon):
    begin(afternoon, c0="present")
    with pytest.raises(Refused, match="already_here") as caught:
        ask(afternoon)
    assert "16:05" in caught.value.sentence
    assert "早接" in caught.value.sentence
    assert not LeaveRequest.objects.exists()


def test_leave_for_a_child_not_called_yet_is_met_by_the_rest(afternoon):
    roll = begin(afternoon)
    ask(afternoon)
    roll_calls.rest_present(roll_call=roll, by=afternoon.actor("teacher"))
    assert Mark.objects.get(student=afternoon.students[0]).state == MarkState.LEAVE
    assert ChildDay.objects.get(student=afternoon.students[0]).state == CustodyState.AWAY


def test_a_guardians_leave_for_a_missing_child_ends_no_search_by_itself(afternoon):
    roll = begin(afternoon, c0="absent")
    ask(afternoon)
    assert ChildDay.objects.get(student=afternoon.students[0]).state == CustodyState.MISSING
    wish = Wish(afternoon.students[0].pk, MarkState.ABSENT, MarkState.LEAVE)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("teacher"))
    assert ChildDay.objects.get(student=afternoon.students[0]).state == CustodyState.AWAY


@pytest.mark.parametrize("name", ["head_teacher", "office", "teacher"])
def test_a_call_about_a_missing_child_settles_it_and_is_noted(afternoon, name):
    begin(afternoon, c0="absent")
    ask(afternoon, by=name, source=PHONE, said_by="妈妈", reason="发烧")
    assert Mark.objects.get(student=afternoon.students[0]).state == MarkState.LEAVE
    assert ChildDay.objects.get(student=afternoon.students[0]).state == CustodyState.AWAY
    assert CallNote.objects.get().text == "妈妈来电请假 发烧"


# Taken back


def test_own_leave_is_taken_back_until_the_roll_call(afternoon):
    leave = ask(afternoon)
    leaves.cancel_leave(leave=leave, by=afternoon.actor("guardian"))
    again = ask(afternoon)
    begin(afternoon)
    with pytest.raises(Refused, match="roll_call_begun") as caught:
        leaves.cancel_leave(leave=again, by=afternoon.actor("guardian"))
    assert afternoon.teacher.name in caught.value.sentence


def test_a_span_taken_back_after_the_roll_ends_today(afternoon):
    leave = ask(afternoon, last=TODAY + timedelta(days=3))
    begin(afternoon)
    leaves.cancel_leave(leave=leave, by=afternoon.actor("guardian"))
    leave.refresh_from_db()
    assert (leave.last_day, leave.cancelled_at) == (TODAY, None)


def test_a_span_taken_back_on_its_way_keeps_the_days_that_were(afternoon):
    with clock.frozen(NOW - timedelta(days=2)):
        leave = ask(afternoon, first=TODAY - timedelta(days=2), last=TOMORROW)
    leaves.cancel_leave(leave=leave, by=afternoon.actor("guardian"))
    leave.refresh_from_db()
    assert (leave.last_day, leave.cancelled_at) == (TODAY - timedelta(days=1), None)
    assert not leaves_on(TODAY, [afternoon.students[0].pk])
    assert leaves_on(TODAY - timedelta(days=1), [afternoon.students[0].pk])


def test_what_is_over_or_gone_stays(afternoon):
    leave = ask(afternoon)
    with clock.frozen(NOW + timedelta(days=1)), pytest.raises(Refused, match="over"):
        leaves.cancel_leave(leave=leave, by=afternoon.actor("guardian"))
    leaves.cancel_leave(leave=LeaveRequest.objects.get(), by=afternoon.actor("guardian"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        leaves.cancel_leave(leave=leave, by=afternoon.actor("head_teacher"))
    with pytest.raises(Refused, match="not_yours"):
        leaves.cancel_leave(leave=leave, by=afternoon.actor("other_guardian"))


# Several at once


def test_the_slips_of_a_class_are_recorded_in_one_go(afternoon):
    slips = [Slip(afternoon.students[0], "看牙", "妈妈"), Slip(afternoon.students[1])]
    common = {"term": afternoon.term, "first_day": TODAY, "last_day": TOMORROW, "source": PAPER}
    made = leaves.record_leaves(slips=slips, by=afternoon.actor("head_teacher"), **common)
    assert [(row.student, row.reason, row.said_by) for row in made] == [
        (afternoon.students[0], "看牙", "妈妈"),
        (afternoon.students[1], "", ""),
    ]


def test_one_that_is_refused_stops_all_and_is_named(afternoon):
    ask(afternoon)
    slips = [Slip(afternoon.students[1]), Slip(afternoon.students[0])]
    common = {"term": afternoon.term, "first_day": TODAY, "last_day": TODAY, "source": PAPER}
    with pytest.raises(Refused, match="already_asked") as caught:
        leaves.record_leaves(slips=slips, by=afternoon.actor("head_teacher"), **common)
    assert afternoon.students[0].name in caught.value.sentence
    assert LeaveRequest.objects.count() == 1
    with pytest.raises(Refused, match="nobody_chosen"):
        leaves.record_leaves(slips=[], by=afternoon.actor("head_teacher"), **common)


# In force

SPANS = st.tuples(st.integers(0, 5), st.integers(0, 3))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])  # each example is rolled back
@given(deeds=st.lists(st.tuples(st.integers(0, 5), st.booleans(), SPANS), max_size=8))
def test_the_leave_in_force_is_what_was_asked_and_not_taken_back(afternoon, deeds):
    """Ask and take back on growing days, and compare each day with a set kept by hand."""
    with transaction.atomic():
        cast = afternoon
        by, child = cast.actor("guardian"), cast.students[0]
        away: set[date] = set()
        for on, asks, (ahead, length) in sorted(deeds, key=lambda deed: deed[0]):
            today = TODAY + timedelta(days=on)
            with clock.frozen(NOW + timedelta(days=on)):
                first = today + timedelta(days=ahead)
                span = {first + timedelta(days=n) for n in range(length + 1)}
                if asks and not away & span:
                    ask(cast, first=first, last=max(span))
                    away |= span
                elif asks:
                    with pytest.raises(Refused, match="already_asked"):
                        ask(cast, first=first, last=max(span))
                elif row := LeaveRequest.objects.filter(cancelled_at=None, last_day__gte=today).first():
                    taken = {row.first_day + timedelta(days=n) for n in range((row.last_day - row.first_day).days + 1)}
                    leaves.cancel_leave(leave=row, by=by)
                    away -= {day for day in taken if day >= today}
        for n in range(-1, 15):
            day = TODAY + timedelta(days=n)
            assert bool(leaves_on(day, [child.pk])) == (day in away)
        transaction.set_rollback(True)
