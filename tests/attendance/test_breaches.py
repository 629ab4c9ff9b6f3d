"""Breaches: recorded by a leader, explained, confirmed by a second person; seen by as few as possible."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from afterschool.school.models import Event, Message
from afterschool.support.refusal import Refused
from attendance.actions import breaches as actions
from attendance.actions.breaches import Seen
from attendance.actions.days import ensure_day
from attendance.breach_workflow import TABLE, Move, Who, asked_at_once, moves, step
from attendance.enums import BreachKind, BreachState, CallOutcome, Window
from attendance.erasure import erase
from attendance.models import AfternoonSettings, Breach, BreachFile, CallNote, ChildDay, StaffCheck
from attendance.queries.breaches import (
    breach_page,
    breaches_for,
    confirmed_breaches,
    is_unqualified,
    period,
    who_of,
)
from tests.cast import NOW, ROLES, TODAY

pytestmark = pytest.mark.django_db
PHONE, CALL, CORPORAL = BreachKind.PHONE, BreachKind.CALL, BreachKind.CORPORAL
MINUTES_AGO = NOW - timedelta(minutes=5)


def seen(cast, kind=PHONE, **values):
    return Seen(
        cast.teacher, kind, values.get("at", MINUTES_AGO), "一（1）班", values.get("evidence", "低头看手机五分钟")
    )


@pytest.fixture
def breach(afternoon):
    return actions.write_down(term=afternoon.term, seen=seen(afternoon), by=afternoon.actor("duty_leader"))


@pytest.fixture
def corporal(afternoon):
    return actions.write_down(term=afternoon.term, seen=seen(afternoon, CORPORAL), by=afternoon.actor("duty_leader"))


def told(cast):
    return {
        name
        for name in ROLES
        if Message.objects.filter(kind="breach", deliveries__recipient=getattr(cast, name).user_id).exists()
    }


def readers(cast):
    return {name for name in ROLES if breaches_for(cast.actor(name), cast.term).exists()}


def test_a_leader_records_and_the_teacher_is_asked(afternoon, breach):
    assert (breach.state, breach.session) == (BreachState.RECORDED, afternoon.session)
    assert told(afternoon) == {"teacher", "leading_group", "office"}
    assert readers(afternoon) == {"teacher", "duty_leader", "leading_group", "office"}
    assert not any("手机" in title + body for title, body in Message.objects.values_list("title", "body"))


def test_corporal_punishment_is_for_recorder_and_leading_group_alone(afternoon, corporal):
    assert told(afternoon) == {"leading_group"}
    assert readers(afternoon) == {"duty_leader", "leading_group"}
    actions.ask(breach=corporal, by=afternoon.actor("leading_group"))
    assert readers(afternoon) == {"duty_leader", "leading_group", "teacher"}
    with pytest.raises(PermissionDenied):
        actions.settle(breach=corporal, stands=True, finding="x", by=afternoon.actor("office"))


def test_the_button_pressed_twice_makes_one_record(afternoon, breach):
    again = actions.write_down(term=afternoon.term, seen=seen(afternoon), by=afternoon.actor("duty_leader"))
    assert again == breach
    other = actions.write_down(term=afternoon.term, seen=seen(afternoon), by=afternoon.actor("leading_group"))
    assert other != breach


def test_what_a_record_must_say(afternoon):
    for given, code in [
        (seen(afternoon, evidence=" "), "evidence_missing"),
        (seen(afternoon, at=NOW + timedelta(minutes=1)), "time_wrong"),
        (seen(afternoon, at=NOW - timedelta(days=200)), "time_wrong"),
        (Seen(afternoon.teacher, PHONE, MINUTES_AGO, "", "x"), "place_missing"),
        (Seen(afternoon.duty_leader, PHONE, MINUTES_AGO, "x", "x"), "own"),
    ]:
        with pytest.raises(Refused) as refused:
            actions.write_down(term=afternoon.term, seen=given, by=afternoon.actor("duty_leader"))
        assert refused.value.code == code
    for who in ("office", "grade_leader", "teacher"):
        with pytest.raises(PermissionDenied):
            actions.write_down(term=afternoon.term, seen=seen(afternoon), by=afternoon.actor(who))


def test_the_teacher_answers_once(afternoon, breach):
    me = afternoon.actor("teacher")
    actions.answer(breach=breach, text="在查班级群里的通知", by=me)
    breach.refresh_from_db()
    assert breach.answered_at == NOW
    with pytest.raises(Refused):
        actions.answer(breach=breach, text="还有", by=me)
    with pytest.raises(PermissionDenied):
        actions.answer(breach=breach, text="x", by=afternoon.actor("other_teacher"))


def test_a_second_person_confirms_and_one_is_enough(afternoon, breach):
    assert not is_unqualified(afternoon.term, afternoon.teacher, TODAY)
    for who in ("duty_leader", "teacher", "grade_leader"):
        with pytest.raises(PermissionDenied):
            actions.settle(breach=breach, stands=True, finding="属实", by=afternoon.actor(who))
    with pytest.raises(Refused):
        actions.settle(breach=breach, stands=True, finding=" ", by=afternoon.actor("office"))
    actions.settle(breach=breach, stands=True, finding="看了监控，属实", by=afternoon.actor("office"))
    assert confirmed_breaches(afternoon.term, afternoon.teacher, TODAY, TODAY) == [breach]
    assert is_unqualified(afternoon.term, afternoon.teacher, date(2027, 1, 5))  # the term, by default
    with pytest.raises(Refused):
        actions.settle(breach=breach, stands=False, finding="x", by=afternoon.actor("leading_group"))


def test_what_does_not_stand_touches_nothing(afternoon, breach):
    actions.settle(breach=breach, stands=False, finding="是在接家长电话", by=afternoon.actor("leading_group"))
    assert breach.state == BreachState.DISMISSED
    assert not is_unqualified(afternoon.term, afternoon.teacher, TODAY)


def test_the_period_is_the_months_where_the_school_sets_it(afternoon, breach):
    AfternoonSettings.objects.create(term=afternoon.term, breach_window=Window.MONTH)
    actions.settle(breach=breach, stands=True, finding="属实", by=afternoon.actor("office"))
    assert period(afternoon.term, TODAY) == (date(2026, 9, 1), date(2026, 9, 30))
    assert is_unqualified(afternoon.term, afternoon.teacher, date(2026, 9, 1))
    assert not is_unqualified(afternoon.term, afternoon.teacher, date(2026, 10, 1))


@pytest.mark.parametrize(("minutes", "beside"), [(10, True), (-10, True), (11, False)])
def test_a_call_about_a_child_noted_at_that_minute_stands_beside(afternoon, minutes, beside):
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    CallNote.objects.create(
        child_day=ChildDay.objects.first(),
        outcome=CallOutcome.REACHED,
        by=afternoon.teacher.user,
        at=MINUTES_AGO + timedelta(minutes=minutes),
    )
    leader = afternoon.actor("duty_leader")
    call = actions.write_down(term=afternoon.term, seen=seen(afternoon, CALL), by=leader)
    phone = actions.write_down(term=afternoon.term, seen=seen(afternoon), by=leader)
    assert bool(breach_page(leader, call).calls) == beside
    assert not breach_page(leader, phone).calls


def test_every_look_is_kept_and_shown_to_the_leading_group(afternoon, login, breach):
    address = reverse("attendance:breach", args=[breach.pk])
    login("office").get(address)
    page = login("leading_group").get(address).content.decode()
    assert list(Event.objects.filter(verb="breach.seen").values_list("by_id", flat=True)) == [
        afternoon.office.user_id,
        afternoon.leading_group.user_id,
    ]
    assert "谁看过" in page
    assert "谁看过" not in login("teacher").get(address).content.decode()


def test_files_stand_beside_a_record_until_it_is_decided(afternoon, login, breach, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    client = login("duty_leader")
    add = reverse("attendance:breach-file-add", args=[breach.pk])
    assert "只能传" in client.post(add, {"file": _file("a.exe", b"MZ")}).content.decode()
    client.post(add, {"file": _file("登记.pdf", b"%PDF-1.7 x")})
    row = BreachFile.objects.get()
    address = reverse("attendance:breach-file", args=[breach.pk, row.pk])
    got = login("office").get(address)
    assert (got.status_code, got["Content-Type"]) == (200, "application/pdf")
    assert b"".join(got.streaming_content).startswith(b"%PDF")
    assert login("other_teacher").get(address).status_code == 404
    Breach.objects.filter(pk=breach.pk).update(
        state="dismissed", confirmed_by=afternoon.office.user, confirmed_at=NOW, finding="x"
    )
    assert login("duty_leader").post(add, {"file": _file("b.pdf", b"%PDF-1.7 x")}).status_code == 403


def _file(name, content):
    return SimpleUploadedFile(name, content)


def test_a_leader_records_from_a_session_and_what_was_typed_is_kept(afternoon, login):
    client = login("duty_leader")
    address = reverse("attendance:breach-new")
    page = client.get(f"{address}?session={afternoon.session.pk}").content.decode()
    assert f'<option value="{afternoon.teacher.pk}" selected>' in page
    values = {"teacher": afternoon.teacher.pk, "kind": "phone", "date": TODAY.isoformat(), "time": "16:00"}
    page = client.post(address, values | {"place": "三楼", "evidence": ""}).content.decode()
    assert "三楼" in page
    client.post(address, values | {"place": "三楼", "evidence": "看手机"})
    assert Breach.objects.get().place == "三楼"


@pytest.mark.parametrize("state", BreachState)
@pytest.mark.parametrize("move", Move)
def test_every_move_of_every_state(state, move):
    found = step(state, move)
    assert (found is not None) == ((state, move) in TABLE)
    for who in Who:
        open_to = moves(state, {who}, asked=move != Move.ASK, answered=False)
        assert (move in open_to) == (found is not None and found.who == who)


def test_who_is_asked_at_once_and_what_was_answered_stands():
    assert [kind for kind in BreachKind if not asked_at_once(kind)] == [CORPORAL]
    assert moves(BreachState.RECORDED, {Who.TEACHER}, asked=False, answered=False) == []
    assert moves(BreachState.RECORDED, {Who.TEACHER}, asked=True, answered=True) == []
    assert moves(BreachState.RECORDED, {Who.SECOND}, asked=False, answered=False)[0] == Move.ASK


def test_nobody_is_second_to_the_own_record(afternoon, breach):
    Breach.objects.filter(pk=breach.pk).update(recorded_by=afternoon.leading_group.user)
    breach.refresh_from_db()
    assert who_of(afternoon.actor("leading_group"), breach) == {Who.RECORDER}
    assert who_of(afternoon.actor("office"), breach) == {Who.SECOND}


def test_when_a_terms_time_is_over_breaches_and_words_go(
    afternoon, breach, django_capture_on_commit_callbacks, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    actions.add_file(breach=breach, file=_file("登记.pdf", b"%PDF-1.7 x"), by=afternoon.actor("duty_leader"))
    StaffCheck.objects.create(
        session=afternoon.session, at=NOW, there=False, nobody=True, note="看到的", by=afternoon.duty_leader.user
    )
    with django_capture_on_commit_callbacks(execute=True):
        erase({"term": afternoon.term})
    assert not Breach.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert StaffCheck.objects.get().note == ""
