"""When a session counts as held, and those nobody left a record of: listed until the office has asked."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.access import actor_for
from afterschool.school.models import Event, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls, sign_ins
from attendance.actions.days import ensure_day
from attendance.actions.flags import recount
from attendance.actions.unrecorded import say_absent, say_not_held
from attendance.enums import CustodyState, RuleKind
from attendance.models import ChildDay, Flag, StaffCheck
from attendance.queries.discipline import without_record
from attendance.queries.flags import Who, who_of
from attendance.queries.teacher_attendance import lines_of
from tests.attendance.handing import second_group
from tests.attendance.test_flags import EVENING, school, turn  # noqa: F401 (a fixture)
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
BEFORE = TODAY - timedelta(days=4)


@pytest.fixture
def silent(school):  # noqa: F811
    """The turn of last Thursday, of which there is no record at all."""
    return turn(school, BEFORE)


def held(cast, duty) -> bool:
    return lines_of(cast.term, duties=[duty.pk])[0].held


def test_without_any_record_nobody_is_absent_and_the_session_is_listed(school, silent, login):  # noqa: F811
    recount(school.term)
    assert not Flag.objects.exists()
    assert list(without_record(school.term)) == [silent.session]
    page = login("office").get(reverse("attendance:teacher-flags")).content.decode()
    assert reverse("attendance:unrecorded-settle", args=[silent.session_id]) in page
    assert "没有记录的场次" in login("office").get("/").content.decode()


def test_children_of_the_session_in_anothers_hands_show_that_it_was_held(school):  # noqa: F811
    ensure_day(school.term, TODAY, school.actor("office"))
    session, teacher = second_group(school)
    by = actor_for(teacher.user)
    roll_calls.take_in(
        roll_call=roll_calls.begin(session=session, by=by), student=school.students[0], by=by
    )  # whose own teacher never came
    with clock.frozen(EVENING):
        recount(school.term)
        assert school.session not in without_record(school.term)
    flag = Flag.objects.get()
    assert (flag.teacher, flag.rule.kind) == (school.teacher, RuleKind.ABSENT)


def test_children_who_were_only_expected_or_on_leave_show_nothing(school):  # noqa: F811
    ensure_day(school.term, TODAY, school.actor("office"))
    ChildDay.objects.filter(student=school.students[0]).update(state=CustodyState.AWAY, holder=None)
    with clock.frozen(EVENING):
        recount(school.term)
        assert list(without_record(school.term)) == [school.session]
    assert not Flag.objects.exists()


def test_an_entry_of_the_office_makes_it_held_and_takes_it_off_the_list(school, silent):  # noqa: F811
    at = clock.at(BEFORE, silent.session.starts_at)
    sign_ins.enter(duty=silent, at=at, reason="停电", by=school.actor("office"))
    assert held(school, silent)
    assert not without_record(school.term).exists()
    assert not Flag.objects.exists()


def test_the_office_was_told_that_the_teacher_never_came(school, silent, login):  # noqa: F811
    address = reverse("attendance:unrecorded-settle", args=[silent.session_id])
    client = login("office")
    client.post(address, {"what": "absent", "reason": " "})
    assert not StaffCheck.objects.exists()
    data = {"what": "absent", "held_by": school.other_teacher.pk, "reason": "隔壁班说他没来"}
    assert "缺席已记下" in client.post(address, data, follow=True).content.decode()
    flag = Flag.objects.get()
    assert (flag.teacher, flag.first_day, flag.rule.kind) == (school.teacher, BEFORE, RuleKind.ABSENT)
    assert not without_record(school.term).exists()
    assert Who.DECIDER not in who_of(school.actor("office"), flag)  # who wrote it down decides nothing
    assert "已经有记录" in client.post(address, data).content.decode()
    assert StaffCheck.objects.count() == 1


def test_a_session_that_did_not_take_place_is_cancelled_and_counts_for_nobody(school, silent, login):  # noqa: F811
    address = reverse("attendance:unrecorded-settle", args=[silent.session_id])
    page = login("office").post(address, {"what": "not_held", "reason": "全校看演出"}, follow=True).content.decode()
    assert "已取消" in page
    silent.session.refresh_from_db()
    assert (silent.session.state, silent.session.cancel_reason) == ("cancelled", "全校看演出")
    assert Event.objects.get(verb="session.not_held").subject_id == silent.session_id
    assert not without_record(school.term).exists()
    assert login("office").get(address).status_code == 404


def test_only_the_office_settles_and_never_for_itself(school, silent):  # noqa: F811
    with pytest.raises(PermissionDenied):
        say_not_held(session=silent.session, reason="没办", by=school.actor("leading_group"))
    with pytest.raises(Refused, match="reason_missing"):
        say_not_held(session=silent.session, reason=" ", by=school.actor("office"))
    with pytest.raises(Refused, match="held_by_own"):
        say_absent(session=silent.session, held_by=school.teacher, reason="说是", by=school.actor("office"))
    own = turn(school, BEFORE - timedelta(days=1), school.office)
    with pytest.raises(Refused, match="own"):
        say_absent(session=own.session, reason="没来", by=school.actor("office"))
    assert Session.objects.filter(state="cancelled").count() == 0
