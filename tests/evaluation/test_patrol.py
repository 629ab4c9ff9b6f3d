"""A round of patrol: visits with looks at the teacher, corrections, differences explained, tasks, what a replay does."""

import random
from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from afterschool.school.models import Event, Message, Room, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls
from attendance.actions.days import ensure_day
from attendance.devices import Device
from attendance.enums import LeaveSource, SignInSource
from attendance.models import ChildDay, LeaveRequest, SignIn, StaffCheck
from evaluation.actions import explanations, follow_ups
from evaluation.actions import patrol as actions
from evaluation.actions.patrol import Found
from evaluation.enums import Doing, ExplanationState, Order
from evaluation.explaining import TABLE, Move, Who, moves, step
from evaluation.facts import patrol_done
from evaluation.floors import floor_of
from evaluation.models import FollowUp, PatrolRound, PatrolVisit
from evaluation.queries import patrol as queries
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
ALL_HERE = Found(counted=6, there=True, doing=Doing.HOMEWORK, order=Order.GOOD)


@pytest.fixture
def school(afternoon):
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


@pytest.fixture
def walk(school):
    return actions.start(term=school.term, by=school.actor("duty_leader"))


def go(cast, walk, found=ALL_HERE, who="duty_leader", **more):
    return actions.visit(walk=walk, session=cast.session, found=found, by=cast.actor(who), **more)


def test_a_visit_is_a_look_at_the_teacher_too(school, walk):
    row = go(school, walk)
    look = StaffCheck.objects.get()
    assert row.check_made == look
    assert (look.there, look.teacher) == (True, school.teacher)
    assert SignIn.objects.get().source == SignInSource.CHECK
    assert (row.expected, row.counted, row.differs) == (6, 6, False)
    assert not Message.objects.filter(kind="patrol.differs").exists()


def test_a_second_start_is_the_same_round(school, walk):
    assert actions.start(term=school.term, by=school.actor("duty_leader")) == walk
    assert PatrolRound.objects.count() == 1


def test_a_grade_leader_walks_the_grade_without_a_turn(school):
    walk = actions.start(term=school.term, by=school.actor("grade_leader"))
    assert not queries.has_turn(school.actor("grade_leader"), school.term, TODAY)
    assert go(school, walk, who="grade_leader").counted == 6
    school.group.grade = 2
    school.group.save()
    assert list(queries.walk_of(school.actor("grade_leader"), school.term, TODAY)) == []


@pytest.mark.parametrize("who", ["teacher", "head_teacher", "gatekeeper", "service_centre"])
def test_others_do_not_patrol(school, who):
    with pytest.raises(PermissionDenied):
        actions.start(term=school.term, by=school.actor(who))


def test_nobody_writes_into_another_round(school, walk):
    with pytest.raises(PermissionDenied):
        go(school, walk, who="leading_group")


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Found(counted=301, there=True), "count_wrong"),
        (Found(counted=-1, there=True), "count_wrong"),
    ],
)
def test_what_can_not_be_counted(school, walk, found, code):
    with pytest.raises(Refused, match=code):
        go(school, walk, found)
    assert not StaffCheck.objects.exists()


def test_not_before_the_session_nor_after_the_round_nor_the_own_turn(school, walk):
    with clock.frozen(NOW - timedelta(hours=3)), pytest.raises(Refused, match="not_now"):
        go(school, walk)
    school.session.duties.update(teacher=school.duty_leader)
    with pytest.raises(Refused, match="own"):
        go(school, walk)
    school.session.duties.update(teacher=school.teacher)
    actions.end(walk=walk, by=school.actor("duty_leader"))
    with clock.frozen(NOW + timedelta(minutes=5)):
        with pytest.raises(Refused, match="ended"):
            go(school, walk)
        before = Device("phone", NOW - timedelta(seconds=5))
        assert go(school, walk, device=before).at == before.at, "made before the end, sent after it"


def test_the_expected_number_heeds_the_roll_leave_and_who_left(school, walk):
    pk = school.session.pk
    LeaveRequest.objects.create(
        term=school.term, student=school.students[0], first_day=TODAY, last_day=TODAY,
        source=LeaveSource.GUARDIAN, asked_by=school.guardian.user, asked_at=NOW,
    )  # fmt: skip
    assert queries.expected_in(school.term, TODAY, [pk])[pk].number == 5, "not called yet, one on leave"
    roll = roll_calls.begin(session=school.session, by=school.actor("teacher"))
    roll_calls.rest_present(roll_call=roll, by=school.actor("teacher"))
    assert queries.expected_in(school.term, TODAY, [pk])[pk].number == 5
    ChildDay.objects.filter(student=school.students[1]).update(state="fetched", holder=None, at_session=None)
    ChildDay.objects.filter(student=school.students[2]).update(state="missing")
    assert queries.expected_in(school.term, TODAY, [pk])[pk].number == 3


def test_a_number_kept_by_a_page_counts_and_can_not_be_made_up(school):
    said = queries.expected_in(school.term, TODAY, [school.session.pk])[school.session.pk]
    assert queries.read_token(said.token, school.session.pk) == said
    assert queries.read_token(said.token, school.session.pk + 1) is None
    assert queries.read_token(said.token.replace(".6.", ".5."), school.session.pk) is None
    assert queries.read_token("", school.session.pk) is None
    with clock.frozen(NOW + timedelta(days=1)):
        assert queries.read_token(said.token, school.session.pk) is None


@pytest.mark.parametrize("seed", range(5))
def test_replays_in_any_order_change_nothing(school, walk, seed):
    dice = random.Random(seed)
    other = Found(counted=5, there=True)
    sent = [("a", ALL_HERE)] * dice.randint(1, 3)
    first = go(school, walk, number="a")
    state = PatrolVisit.objects.values().get(), StaffCheck.objects.values().get(), Event.objects.count()
    for number, found in dice.sample(sent, len(sent)):
        assert go(school, walk, found, number=number) == first
    for number in ["b", ""]:
        with pytest.raises(Refused, match="seen"):
            go(school, walk, other, number=number)
    assert state == (PatrolVisit.objects.values().get(), StaffCheck.objects.values().get(), Event.objects.count())


def test_a_correction_keeps_what_was_written_first_and_takes_the_sign_in_back(school, walk):
    row = go(school, walk)
    actions.correct(row=row, found=Found(counted=5, there=False, note="走廊里"), by=school.actor("duty_leader"))
    row.refresh_from_db()
    look = StaffCheck.objects.get()
    assert (row.counted, look.there, look.nobody) == (5, False, True)
    assert not SignIn.objects.exists()
    assert Event.objects.get(verb="patrol.corrected").data["counted"] == 6
    assert Event.objects.get(verb="session.check_mended").data["was_there"] is True
    assert Message.objects.get(kind="patrol.differs").deliveries.get().recipient == school.teacher.user


def test_only_the_own_visit_the_same_day_and_not_once_it_was_answered(school, walk):
    row = go(school, walk, Found(counted=5, there=True))
    with pytest.raises(PermissionDenied):
        actions.correct(row=row, found=ALL_HERE, by=school.actor("leading_group"))
    explanations.explain(row=row, text="1 人在医务室", by=school.actor("teacher"))
    with pytest.raises(Refused, match="explained"):
        actions.correct(row=row, found=ALL_HERE, by=school.actor("duty_leader"))
    with clock.frozen(NOW + timedelta(days=1)), pytest.raises(Refused, match="too_late"):
        actions.correct(row=row, found=Found(counted=5, there=True), by=school.actor("duty_leader"))


def test_a_difference_is_kept_told_explained_and_judged(school, walk):
    row = go(school, walk, Found(counted=5, there=True))
    assert list(queries.unexplained(queries.visits_for(school.actor("office"), school.term))) == [row]
    with pytest.raises(Refused, match="words_missing"):
        explanations.explain(row=row, text=" ", by=school.actor("teacher"))
    with pytest.raises(PermissionDenied):
        explanations.explain(row=row, text="不是我", by=school.actor("other_teacher"))
    explanations.explain(row=row, text="1 人在医务室", by=school.actor("teacher"))
    explanations.judge(row=row, accepted=False, by=school.actor("office"))
    assert list(queries.unexplained(queries.visits_for(school.actor("office"), school.term))) == [row]
    explanations.explain(row=row, text="1 人在医务室，校医有记录", by=school.actor("teacher"))
    assert row.judged_by is None
    explanations.judge(row=row, accepted=True, by=school.actor("duty_leader"))
    assert list(queries.unexplained(queries.visits_for(school.actor("office"), school.term))) == []
    with pytest.raises(Refused, match="faster"):
        explanations.judge(row=row, accepted=False, by=school.actor("office"))


def test_numbers_that_agree_need_no_word(school, walk):
    row = go(school, walk)
    assert explanations.open_moves(school.actor("teacher"), row) == []
    with pytest.raises(Refused, match="faster"):
        explanations.explain(row=row, text="都在", by=school.actor("teacher"))


@given(st.lists(st.sampled_from(list(Move))))
def test_the_table_never_accepts_what_nobody_explained(acts):
    state, explained = ExplanationState.NONE, False
    for act in acts:
        found = step(state, act)
        if found is None:
            continue
        explained |= act == Move.EXPLAIN
        state = found.to
        assert explained
        assert state != ExplanationState.NONE
    assert moves(state, frozenset()) == []


def test_no_state_lets_both_sides_move(school):
    for state in ExplanationState:
        assert {len(moves(state, {who})) > 0 for who in Who} != {True}
        assert step(ExplanationState.ACCEPTED, Move.EXPLAIN) is None
    assert {found.who for (_, move), found in TABLE.items() if move == Move.EXPLAIN} == {Who.TEACHER}


def test_what_needs_doing_has_a_person_and_an_end(school, walk):
    row, by = go(school, walk), school.actor("duty_leader")
    asked = {"term": school.term, "owner": school.service_centre, "visit": row, "by": by}
    for values, code in [
        ({"text": " ", "due_on": TODAY}, "words_missing"),
        ({"text": "换灯", "due_on": TODAY - timedelta(days=1)}, "past"),
        ({"text": "换灯", "due_on": school.term.ends_on + timedelta(days=1)}, "outside_term"),
    ]:
        with pytest.raises(Refused, match=code):
            follow_ups.ask(**asked, **values)
    task = follow_ups.ask(**asked, text="换灯", due_on=TODAY)
    assert Message.objects.get(kind="patrol.follow_up").deliveries.get().recipient == school.service_centre.user
    assert list(queries.visits_for(school.actor("service_centre"), school.term)) == [row], "what one is asked about"
    assert list(queries.overdue(FollowUp.objects.all(), TODAY)) == []
    assert list(queries.overdue(FollowUp.objects.all(), TODAY + timedelta(days=1))) == [task]
    with pytest.raises(PermissionDenied):
        follow_ups.finish(row=task, answer="换了", by=by)
    with pytest.raises(Refused, match="answer_missing"):
        follow_ups.finish(row=task, answer="", by=school.actor("service_centre"))
    follow_ups.finish(row=task, answer="换了", by=school.actor("service_centre"))
    with pytest.raises(Refused, match="faster"):
        follow_ups.finish(row=task, answer="换了", by=school.actor("service_centre"))


def test_no_photo_but_a_picture(school, walk):
    row = go(school, walk)
    with pytest.raises(Refused, match="file_kind"):
        actions.add_photo(row=row, file=SimpleUploadedFile("a.pdf", b"%PDF-1.7"), by=school.actor("duty_leader"))
    with pytest.raises(PermissionDenied):
        actions.add_photo(row=row, file=SimpleUploadedFile("a.pdf", b"x"), by=school.actor("office"))


def test_a_round_ends_once_goes_on_and_ticks_the_task(school, walk):
    class Item:
        due_on = TODAY
        teacher_id = school.duty_leader.pk

    by = school.actor("duty_leader")
    assert patrol_done(school.term, Item()) is None
    actions.end(walk=walk, note="都好", by=by)
    assert patrol_done(school.term, Item()) == NOW
    with pytest.raises(Refused, match="faster"):
        actions.end(walk=walk, by=by)
    actions.resume(walk=walk, by=by)
    assert patrol_done(school.term, Item()) is None
    with pytest.raises(Refused, match="faster"):
        actions.resume(walk=walk, by=by)
    with clock.frozen(NOW + timedelta(days=1)), pytest.raises(Refused, match="too_late"):
        actions.resume(walk=walk, by=by)


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("301", 3),
        ("教学楼A-302室", 3),
        ("1205", 12),
        ("二楼音乐室", 2),
        ("一（12）班教室", 0),
        ("操场", 0),
        ("12345", 0),
    ],
)
def test_a_floor_is_read_from_the_name_where_it_stands(name, floor):
    assert floor_of(name) == floor


def test_the_walk_goes_floor_by_floor_as_the_workbook_says(school):
    actor = school.actor("duty_leader")
    [line] = queries.lines_of(actor, school.term, TODAY, None)
    other = Session.objects.get(pk=school.session.pk)
    other.pk, other._state.adding, other.starts_at = None, True, time(14, 0)
    other.room = Room.objects.create(name="301 书法", floor=1)
    other.save()
    Room.objects.filter(pk=line.session.room_id).update(floor=2)
    found = queries.floors_of(queries.lines_of(actor, school.term, TODAY, None))
    assert [(floor.name, len(floor.lines)) for floor in found] == [("1 楼", 1), ("2 楼", 1)]


def test_a_teacher_sees_visits_to_own_turns_alone(school, walk):
    row = go(school, walk)
    assert list(queries.of_teacher(school.actor("teacher"), school.term)) == [row]
    assert list(queries.visits_for(school.actor("other_teacher"), school.term)) == []
