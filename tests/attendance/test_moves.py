"""Moving children through the action: who may, what is written, and what a replay or a race finds."""

from datetime import time, timedelta

import pytest

from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import close_day, ensure_day
from attendance.enums import CallOutcome, ChangeKind, CustodyState, LeaveSource
from attendance.models import CallNote, ChildDay, ClosedDay, Handover, LateCarePlace, LeaveRequest, PickupChange
from enrollment.models import Application
from tests.attendance.handing import called, child
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
S = CustodyState


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    return afternoon


def go(cast: Cast, name: str, number: int, to: str, **what):
    return move_many([MoveRequest(child(cast, number), to, **what)], by=cast.actor(name))[0]


def test_the_day_begins_with_one_link_each_and_the_head_teacher_answers(day: Cast) -> None:
    ensure_day(day.term, TODAY, day.actor("office"))
    rows = ChildDay.objects.all()
    assert [(row.state, row.holder_id, row.links) for row in rows] == [(S.EXPECTED, day.head_teacher.pk, 1)] * 6
    assert Handover.objects.count() == 6


def test_a_day_off_has_no_children(afternoon: Cast) -> None:
    ensure_day(afternoon.term, TODAY + timedelta(days=1), afternoon.actor("office"))
    assert not ChildDay.objects.exists()


def test_the_teacher_receives_the_class_in_few_queries(day: Cast, django_assert_max_num_queries) -> None:
    rows = list(ChildDay.objects.select_related("term", "session"))
    by = day.actor("teacher")
    with django_assert_max_num_queries(16):
        links = move_many([MoveRequest(row, S.GROUP) for row in rows], by=by)
    assert {link.number for link in links} == {2}
    assert set(ChildDay.objects.values_list("state", "holder_id", "links")) == {(S.GROUP, day.teacher.pk, 2)}


@pytest.mark.parametrize("name", ["other_teacher", "head_teacher", "gatekeeper", "service_centre", "leading_group"])
def test_nobody_else_receives_the_child(day: Cast, name: str) -> None:
    with pytest.raises(Refused) as refused:
        go(day, name, 0, S.GROUP)
    assert refused.value.code == "not_yours"


def test_one_wrong_move_leaves_all_as_they_were(day: Cast) -> None:
    with pytest.raises(Refused):
        move_many([MoveRequest(child(day, 0), S.GROUP), MoveRequest(child(day, 1), S.ALONE)], by=day.actor("teacher"))
    assert child(day, 0).state == S.EXPECTED


def test_a_replay_is_refused_with_what_is_true_now(day: Cast) -> None:
    seen = child(day, 0)
    move_many([MoveRequest(child(day, 0), S.GROUP)], by=day.actor("teacher"))
    with pytest.raises(Refused) as refused:
        move_many([MoveRequest(seen, S.GROUP)], by=day.actor("teacher"))
    assert refused.value.code == "somebody_was_faster"
    assert "在班" in refused.value.sentence
    assert child(day, 0).links == 2


def test_two_gatekeepers_release_a_child_once(day: Cast) -> None:
    called(day, 0)
    with clock.frozen(NOW.replace(hour=17, minute=31)):
        first, second = child(day, 0), child(day, 0)
        by = day.actor("gatekeeper")
        move_many([MoveRequest(first, S.FETCHED, released_to=day.guardian)], by=by)
        with pytest.raises(Refused) as refused:
            move_many([MoveRequest(second, S.FETCHED, released_to=day.guardian)], by=by)
    assert refused.value.code == "somebody_was_faster"
    assert Handover.objects.filter(to_state=S.FETCHED).count() == 1
    assert Message.objects.filter(kind="custody.left").count() == 1


def test_leave_on_record_lets_the_teacher_write_away(day: Cast) -> None:
    with pytest.raises(Refused) as refused:
        go(day, "teacher", 0, S.AWAY)
    assert refused.value.code == "no_word"
    LeaveRequest.objects.create(
        term=day.term,
        student=day.students[0],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.PAPER,
        asked_by=day.office.user,
        asked_at=NOW,
    )
    assert go(day, "teacher", 0, S.AWAY).to_holder_id is None


def test_a_missing_child_is_told_of_and_comes_off_by_a_guardians_word_only(day: Cast) -> None:
    go(day, "teacher", 0, S.MISSING)
    assert child(day, 0).holder_id == day.teacher.pk
    told = Message.objects.get(kind="custody.missing")
    assert set(told.deliveries.values_list("recipient_id", flat=True)) == {
        day.head_teacher.user_id,
        day.duty_leader.user_id,
    }
    with pytest.raises(Refused) as refused:
        go(day, "teacher", 0, S.AWAY, note="妈妈说的")
    assert refused.value.code == "not_yours"
    with pytest.raises(Refused) as refused:
        go(day, "head_teacher", 0, S.AWAY, note="没来")
    assert refused.value.code == "no_guardian_word"
    CallNote.objects.create(
        child_day=child(day, 0),
        guardian=day.guardian,
        outcome=CallOutcome.REACHED,
        by=day.head_teacher.user,
        at=NOW,
    )
    go(day, "head_teacher", 0, S.AWAY)
    assert child(day, 0).state == S.AWAY


def test_the_duty_leader_takes_the_search_over(day: Cast) -> None:
    go(day, "teacher", 0, S.MISSING)
    go(day, "duty_leader", 0, S.MISSING)
    assert child(day, 0).holder_id == day.duty_leader.pk


def test_before_dismissal_a_child_is_fetched_only_when_asked_for(day: Cast) -> None:
    called(day, 0)
    with pytest.raises(Refused) as refused:
        go(day, "teacher", 0, S.FETCHED, released_to=day.guardian)
    assert refused.value.code == "before_dismissal"
    PickupChange.objects.create(
        term=day.term,
        student=day.students[0],
        date=TODAY,
        kind=ChangeKind.EARLY,
        time=time(16, 0),
        source=LeaveSource.GUARDIAN,
        asked_by=day.guardian.user,
        asked_at=NOW,
    )
    assert go(day, "teacher", 0, S.FETCHED, released_to=day.guardian).released_to == day.guardian


def test_a_stranger_needs_a_named_decision_and_a_call_and_a_banned_one_never_gets_the_child(day: Cast) -> None:
    called(day, 0)
    with clock.frozen(NOW.replace(hour=17, minute=31)):
        for what, code in [
            ({"released_to": day.other_guardian}, "not_on_the_list"),
            ({}, "nobody_named"),
            ({"note": "邻居", "reason": "decision", "decided_by": day.other_head_teacher}, "not_on_the_list"),
            ({"note": "邻居", "reason": "decision", "decided_by": day.head_teacher}, "no_call"),
        ]:
            with pytest.raises(Refused) as refused:
                go(day, "gatekeeper", 0, S.FETCHED, **what)
            assert refused.value.code == code
        CallNote.objects.create(
            child_day=child(day, 0),
            outcome=CallOutcome.REACHED,
            text="妈妈同意",
            by=day.gatekeeper.user,
            at=clock.now(),
        )
        Guardianship.objects.create(guardian=day.other_guardian, student=day.students[0], may_fetch=False, banned=True)
        with pytest.raises(Refused) as refused:
            go(
                day,
                "gatekeeper",
                0,
                S.FETCHED,
                released_to=day.other_guardian,
                note="他",
                reason="decision",
                decided_by=day.head_teacher,
            )
        assert refused.value.code == "banned"
        link = go(day, "gatekeeper", 0, S.FETCHED, note="邻居", reason="decision", decided_by=day.head_teacher)
    assert link.note.text == "邻居"


def test_alone_needs_a_guardians_word_and_the_dismissal(day: Cast) -> None:
    called(day, 0)
    late = NOW.replace(hour=17, minute=31)
    with clock.frozen(late), pytest.raises(Refused) as refused:
        go(day, "teacher", 0, S.ALONE)
    assert refused.value.code == "no_word_for_alone"
    Application.objects.create(
        term=day.term,
        student=day.students[0],
        state="school_approved",
        weekdays="12345",
        may_go_alone=True,
        submitted_at=NOW,
        created_at=NOW,
        changed_at=NOW,
    )
    with pytest.raises(Refused) as refused:
        go(day, "teacher", 0, S.ALONE)
    assert refused.value.code == "before_dismissal"
    with clock.frozen(late):
        go(day, "teacher", 0, S.ALONE)
    assert child(day, 0).state == S.ALONE


def test_late_care_waits_for_the_grace_and_for_somebody_reached(day: Cast) -> None:
    LateCarePlace.objects.create(term=day.term, name="休息室", role=Role.SERVICE_CENTRE, order=1)
    called(day, 0)
    with clock.frozen(NOW.replace(hour=17, minute=35)), pytest.raises(Refused) as refused:
        go(day, "service_centre", 0, S.LATE, place="休息室")
    assert refused.value.code == "too_early_for_late_care"
    with clock.frozen(NOW.replace(hour=17, minute=45)):
        with pytest.raises(Refused) as refused:
            go(day, "service_centre", 0, S.LATE, place="休息室")
        assert refused.value.code == "nobody_reached"
        CallNote.objects.create(
            child_day=child(day, 0),
            guardian=day.guardian,
            outcome=CallOutcome.REACHED,
            by=day.teacher.user,
            at=clock.now(),
        )
        go(day, "service_centre", 0, S.LATE, place="休息室")
        assert child(day, 0).holder_id == day.service_centre.pk
        go(day, "service_centre", 0, S.FETCHED, released_to=day.guardian)


def test_only_the_duty_leader_orders_late_care_when_nobody_is_reached(day: Cast) -> None:
    LateCarePlace.objects.create(term=day.term, name="休息室", role=Role.SERVICE_CENTRE, order=1)
    called(day, 0)
    with clock.frozen(NOW.replace(hour=17, minute=45)):
        go(day, "duty_leader", 0, S.LATE, place="休息室", holder=day.service_centre)
    assert child(day, 0).holder_id == day.service_centre.pk


def test_a_release_is_corrected_by_a_new_link_and_the_old_one_stays(day: Cast) -> None:
    called(day, 0)
    with clock.frozen(NOW.replace(hour=17, minute=31)):
        wrong = go(day, "gatekeeper", 0, S.FETCHED, released_to=day.guardian)
        for name, what, code in [
            ("teacher", {"reason": "correction"}, "not_yours"),
            ("gatekeeper", {}, "no_reason"),
        ]:
            with pytest.raises(Refused) as refused:
                go(day, name, 0, S.GROUP, **what)
            assert refused.value.code == code
        with pytest.raises(Refused) as refused:
            go(day, "gatekeeper", 0, S.CLUB, reason="correction")
        assert refused.value.code == "not_the_state_before"
        undone = go(day, "gatekeeper", 0, S.GROUP, reason="correction")
    row = child(day, 0)
    assert (undone.undoes, row.state, row.holder_id, row.at_session) == (wrong, S.GROUP, day.teacher.pk, day.session)
    assert [link.number for link in row.handovers.all()] == [1, 2, 3, 4]
    with clock.frozen(NOW.replace(hour=17, minute=31)):
        go(day, "gatekeeper", 0, S.FETCHED, released_to=day.guardian)
    with clock.frozen(NOW + timedelta(days=1)):
        with pytest.raises(Refused) as refused:
            go(day, "gatekeeper", 0, S.GROUP, reason="correction")
        assert refused.value.code == "too_late_to_undo"
        go(day, "office", 0, S.GROUP, reason="correction")


def test_a_day_closes_when_all_are_at_an_end_and_a_correction_opens_it_again(day: Cast) -> None:
    called(day, 0)
    with pytest.raises(Refused) as refused:
        close_day(day.term, TODAY, by=day.actor("duty_leader"))
    assert refused.value.code == "children_open"
    assert "王一" in refused.value.sentence
    move_many([MoveRequest(child(day, n), S.AWAY, note="妈妈来电") for n in range(1, 6)], by=day.actor("office"))
    with clock.frozen(NOW.replace(hour=17, minute=31)):
        go(day, "teacher", 0, S.FETCHED, released_to=day.guardian)
        with pytest.raises(Refused) as refused:
            close_day(day.term, TODAY, by=day.actor("office"))
        assert refused.value.code == "not_yours"
        close_day(day.term, TODAY, by=day.actor("duty_leader"))
        go(day, "teacher", 0, S.GROUP, reason="correction")
    assert not ClosedDay.objects.exists()
