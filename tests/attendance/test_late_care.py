"""Late care through the pages: a call in one tap, a list accepted in one act, places by the hour, who is often late."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import Role
from afterschool.school.models import Message, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.late_care import receive
from attendance.enums import CallAbout, CallOutcome, ChangeKind, CustodyState, LeaveSource
from attendance.models import AfternoonSettings, CallNote, ChildDay, Handover, LateCarePlace, PickupChange, RollCall
from tests.cast import NOW, TODAY, Cast, make_guardian

pytestmark = pytest.mark.django_db
S = CustodyState


def at(hour: int, minute: int):
    return clock.frozen(NOW.replace(hour=hour, minute=minute))


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    for number, student in enumerate(afternoon.students[2:6], 50):
        make_guardian(number, f"家长{number}", student, account=False)
    for order, (name, role, opens, closes) in enumerate(
        [
            ("休息室", Role.SERVICE_CENTRE, time(17, 30), time(18, 0)),
            ("门卫室", Role.GATEKEEPER, time(18, 0), None),
        ],
        1,
    ):
        LateCarePlace.objects.create(
            term=afternoon.term, name=name, role=role, order=order, opens_at=opens, closes_at=closes
        )
    move_many([MoveRequest(child(afternoon, n), S.GROUP) for n in range(3)], by=afternoon.actor("teacher"))
    return afternoon


def child(cast: Cast, number: int) -> ChildDay:
    rows = ChildDay.objects.select_related("term", "session", "student__school_class__head_teacher")
    return rows.get(student=cast.students[number], date=TODAY)


def place(name: str) -> LateCarePlace:
    return LateCarePlace.objects.get(name=name)


def url(name: str, *args) -> str:
    return reverse(f"attendance:{name}", args=args)


def tap(client, cast: Cast, number: int, code: str):
    guardian = cast.students[number].links.first().guardian
    return client.post(url("gate-call", child(cast, number).pk), {"answer": f"{guardian.pk}:{code}"}, follow=True)


def tick(cast: Cast, *numbers: int) -> list[str]:
    return [f"{row.pk}:{row.links}" for row in (child(cast, n) for n in numbers)]


def test_a_call_is_noted_in_one_tap_and_the_list_accepted_in_one_act(day, login):
    with at(17, 45):
        client = login("teacher")
        page = client.get(url("gate")).content.decode()
        assert "没人来？打电话" in page
        assert "tel:13900000001" in page
        tap(client, day, 0, "10")
        page = tap(client, day, 1, "60").content.decode()
        assert page.count("等延时托管来接收") == 2
        call = CallNote.objects.get(child_day=child(day, 0))
        assert (call.outcome, call.text, call.about) == (CallOutcome.REACHED, "10 分钟内到", CallAbout.LATE_PICKUP)
        keeper = login("service_centre")
        page = keeper.get(url("late-care")).content.decode()
        assert "等接收 2 人" in page
        assert "还没联系上 1 人" in page
        data = {"child": tick(day, 0, 1), "place": place("休息室").pk}
        assert "王一、李二，已到休息室" in keeper.post(url("late-care-accept"), data, follow=True).content.decode()
        page = login("teacher").get(url("gate")).content.decode()
    assert [child(day, n).holder for n in (0, 1, 2)] == [day.service_centre, day.service_centre, day.teacher]
    assert "已由延时托管接收 2 人" in page
    told = Message.objects.get(kind="custody.late_care", student_id=day.students[0].pk)
    assert told.title == "王一 17:45 起在休息室等候"
    assert "柳主任" in told.body
    assert told.deliveries.get().recipient == day.guardian.user


def reached(cast: Cast, *numbers: int) -> None:
    for number in numbers:
        note_call(child(cast, number), outcome="reached", text="在路上", by=cast.actor("teacher"))


def test_the_whole_list_is_received_in_one_act_but_for_who_did_not_come(day, login):
    with at(17, 45):
        reached(day, 0, 1, 2)
        keeper = login("service_centre")
        page = keeper.get(url("late-care"), {"whole": "1"}).content.decode()
        assert "没勾的都到了，接收到休息室" in page
        assert (page.count("没到</label>"), page.count("到了</label>")) == (3, 0)
        data = {"whole": "1", "listed": tick(day, 0, 1, 2), "child": tick(day, 1), "place": place("休息室").pk}
        page = keeper.post(url("late-care-accept"), data, follow=True).content.decode()
    assert "王一、张三，已到休息室" in page
    assert [child(day, n).state for n in (0, 1, 2)] == [S.LATE, S.GROUP, S.LATE]


def test_who_was_fetched_meanwhile_is_named_and_the_others_are_received(day, login):
    with at(17, 45):
        reached(day, 0, 1)
        listed = tick(day, 0, 1)
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
        data = {"whole": "1", "listed": listed, "place": place("休息室").pk}
        page = login("service_centre").post(url("late-care-accept"), data, follow=True).content.decode()
    assert "刚才已有人处理过：王一（已接走 17:45）" in page
    assert "李二，已到休息室" in page
    assert [child(day, n).state for n in (0, 1)] == [S.FETCHED, S.LATE]


@pytest.mark.parametrize(("words", "found"), [("wy", "王一"), ("李二", "李二"), ("1-1", "王一"), ("2-1", "")])
def test_a_child_is_found_by_initials_name_or_class(day, login, words, found):
    with at(17, 45):
        page = login("service_centre").get(url("late-care"), {"q": words}).content.decode()
    assert found in page
    assert ("还没联系上 0 人" in page) == (not found)
    assert "一（1）班　" in page or not found


def test_a_long_list_is_shown_by_class_each_one_tap_away(day, login, monkeypatch):
    monkeypatch.setattr("attendance.queries.late_care.LIST_UP_TO", 2)
    with at(17, 45):
        note_call(child(day, 0), guardian=day.guardian, outcome="not_reached", by=day.actor("teacher"))
        client = login("duty_leader")
        page = client.get(url("late-care")).content.decode()
        assert "?q=%E4%B8%80%EF%BC%881%EF%BC%89%E7%8F%AD" in page
        assert ("王一" in page, "李二" in page) == (True, False)  # who was called in vain stands there for the leader
        page = client.get(url("late-care"), {"q": "一（1）班"}).content.decode()
    assert "李二" in page


def test_a_tap_that_says_nothing_notes_nothing(day, login):
    with at(17, 45):
        page = login("teacher").post(url("gate-call", child(day, 0).pk), {"answer": ""}, follow=True)
        assert "请点打给了谁" in page.content.decode()
        stranger = {"answer": f"{day.other_guardian.pk}:10"}
        assert login("teacher").post(url("gate-call", child(day, 0).pk), stranger).status_code == 404
    assert not CallNote.objects.exists()


def test_a_session_ends_once_the_rest_is_in_late_care(day, login):
    user = day.teacher.user
    RollCall.objects.create(session=day.session, opened_by=user, opened_at=NOW, closed_by=user, closed_at=NOW)
    ChildDay.objects.filter(state=S.EXPECTED).update(state=S.AWAY, holder=None)
    client = login("teacher")
    with at(17, 45):
        page = client.post(url("session-end", day.session.pk), follow=True).content.decode()
        assert "王一、李二、张三" in page
        for number in range(3):
            tap(client, day, number, "30")
        receive([child(day, n) for n in range(3)], place=place("休息室"), by=day.actor("service_centre"))
        assert "您这里没有孩子了" in client.get(url("gate")).content.decode()
        client.post(url("session-end", day.session.pk))
    assert RollCall.objects.get().ended_by == user


def test_a_call_of_the_afternoon_reaches_nobody_for_late_care(day):
    note_call(child(day, 0), guardian=day.guardian, outcome="reached", text="发烧", by=day.actor("teacher"))
    with at(17, 45):
        with pytest.raises(Refused) as refused:
            receive([child(day, 0)], place=place("休息室"), by=day.actor("service_centre"))
        assert refused.value.code == "nobody_reached"
        note_call(child(day, 0), guardian=day.guardian, outcome="not_reached", by=day.actor("teacher"))
        assert Message.objects.filter(kind="custody.nobody_reached").count() == 1


def test_a_late_pick_up_asked_for_counts_as_reached_and_is_shown(day, login):
    PickupChange.objects.create(
        term=day.term, student=day.students[0], date=TODAY, kind=ChangeKind.LATE, time=time(18, 0),
        source=LeaveSource.GUARDIAN, asked_by=day.guardian.user, asked_at=NOW,
    )  # fmt: skip
    with at(17, 45):
        assert "家长说了晚接 18:00" in login("service_centre").get(url("late-care")).content.decode()
        receive([child(day, 0)], place=place("休息室"), by=day.actor("service_centre"))
    assert child(day, 0).state == S.LATE


@pytest.mark.parametrize(
    ("who", "where", "moment", "code"),
    [
        ("service_centre", "门卫室", (17, 45), "place_closed"),
        ("service_centre", "休息室", (18, 0), "place_closed"),
        ("service_centre", "门卫室", (18, 0), "not_yours"),
        ("teacher", "休息室", (17, 45), "not_yours"),
    ],
)
def test_a_place_takes_children_in_its_hours_and_by_its_keeper(day, who, where, moment, code):
    with at(*moment):
        note_call(child(day, 0), guardian=day.guardian, outcome="reached", by=day.actor("teacher"))
        with pytest.raises(Refused) as refused:
            receive([child(day, 0)], place=place(where), by=day.actor(who))
    assert refused.value.code == code
    assert child(day, 0).state == S.GROUP


def test_nobody_ticked_and_nobody_twice(day):
    by = day.actor("service_centre")
    with at(17, 45):
        with pytest.raises(Refused) as refused:
            receive([], place=place("休息室"), by=by)
        assert refused.value.code == "nobody"
        note_call(child(day, 0), guardian=day.guardian, outcome="reached", by=day.actor("teacher"))
        receive([child(day, 0)], place=place("休息室"), by=by)
        with pytest.raises(Refused) as refused:
            receive([child(day, 0)], place=place("休息室"), by=by)
    assert refused.value.code == "already_there"


def test_the_late_father_at_twenty_to_seven(day, login):
    """The whole case, each step by the person concerned and through the pages."""
    row = child(day, 0)
    with at(17, 42):
        tap(login("teacher"), day, 0, "no")
        told = Message.objects.get(kind="custody.nobody_reached")
        recipients = set(told.deliveries.values_list("recipient_id", flat=True))
        assert recipients == {day.head_teacher.user_id, day.duty_leader.user_id}
        keeper = login("service_centre")
        page = keeper.get(url("late-care")).content.decode()
        assert "打了 1 次，没联系上" in page
        keeper.post(url("late-care-accept"), {"child": tick(day, 0), "place": place("休息室").pk})
    assert child(day, 0).holder == day.teacher  # nobody was reached: the child stays with the teacher
    with at(17, 50):
        leader = login("duty_leader")
        assert "王一的家长没联系上，孩子在陈立言身边" in leader.get("/").content.decode()
        assert "没联系上，由我决定转过去" in leader.get(url("late-care")).content.decode()
        order = {"links": child(day, 0).links, "place": f"{place('休息室').pk}:{day.service_centre.pk}"}
        leader.post(url("late-care-receive", row.pk), order)
    assert (child(day, 0).state, child(day, 0).holder, child(day, 0).place) == (S.LATE, day.service_centre, "休息室")
    with at(18, 5):
        assert "王一还在已关的休息室" in login("duty_leader").get("/").content.decode()
        assert "1 个孩子在已关的地点" in login("duty_leader").get(url("late-care")).content.decode()
        gate = login("gatekeeper")
        assert "地点已关" in gate.get(url("late-care")).content.decode()
        gate.post(url("late-care-receive", row.pk), {"links": child(day, 0).links, "place": place("门卫室").pk})
        assert (child(day, 0).holder, child(day, 0).place) == (day.gatekeeper, "门卫室")
        assert "地点已关" not in gate.get(url("late-care")).content.decode()
    father = make_guardian(90, "王立", day.students[0])
    with at(18, 40):
        gate = login("gatekeeper")
        assert "交给王立" in gate.get(url("gate-child", row.pk)).content.decode()
        gate.post(url("gate-release", row.pk), {"by": father.pk, "links": child(day, 0).links})
    left = Message.objects.get(kind="custody.left")
    assert (left.title, left.body) == ("王一 18:40 由王立接走", "从门卫室离开。")
    assert set(left.deliveries.values_list("recipient_id", flat=True)) == {day.guardian.user_id, father.user_id}
    with at(18, 45):
        page = login("office").get(url("late-care")).content.decode()
    assert "18:40　王一，王立" in page
    assert "放学后 70 分钟，赵师傅放行" in page


def test_from_late_care_a_child_goes_alone_only_by_a_word_of_this_hour(day, login):
    gate, row = login("service_centre"), child(day, 0)
    with at(17, 45):
        note_call(row, guardian=day.guardian, outcome="reached", text="马上到", by=day.actor("teacher"))
        receive([child(day, 0)], place=place("休息室"), by=day.actor("service_centre"))
    with at(18, 50):
        data = {"by": "alone", "links": child(day, 0).links, "word": "妈妈说可以自己走回家"}
        assert "家长刚刚说的话" in gate.post(url("gate-release", row.pk), data, follow=True).content.decode()
        note_call(child(day, 0), guardian=day.guardian, outcome="reached", by=day.actor("service_centre"))
        gate.post(url("gate-release", row.pk), data | {"word": ""})
        assert child(day, 0).state == S.LATE
        gate.post(url("gate-release", row.pk), data)
    assert child(day, 0).state == S.ALONE
    assert Handover.objects.get(to_state=S.ALONE).note.text == "妈妈说可以自己走回家"


@pytest.mark.parametrize("children", [1, 3])
def test_the_page_takes_the_same_queries_for_one_and_for_three(day, login, django_assert_num_queries, children):
    with at(17, 45):
        for number in range(children):
            note_call(child(day, number), outcome="reached", text="在路上", by=day.actor("teacher"))
        ChildDay.objects.filter(student__in=day.students[children:3]).update(state=S.AWAY, holder=None)
        client = login("service_centre")
        client.get(url("late-care"))
        with django_assert_num_queries(8):
            page = client.get(url("late-care")).content.decode()
    assert f"等接收 {children} 人" in page


# often


def late_day(cast: Cast, number: int, ago: int, minutes: int, *, asked: bool = False, said: str = "") -> ChildDay:
    date = TODAY - timedelta(days=ago)
    student, group = cast.students[number], cast.group
    SchoolDay.objects.get_or_create(
        date=date, defaults={"term": cast.term, "kind": "service", "runs_weekday": 1, "source": "calendar"}
    )
    session, _ = Session.objects.get_or_create(
        term=cast.term, group=group, date=date, defaults={"starts_at": time(15, 30), "ends_at": time(17, 30)}
    )
    since = clock.at(date, time(17, 30)) + timedelta(minutes=minutes)
    row = ChildDay.objects.create(
        term=cast.term, student=student, date=date, session=session, state=S.FETCHED, since=since
    )
    if asked:
        PickupChange.objects.create(
            term=cast.term, student=student, date=date, kind=ChangeKind.LATE, time=time(18, 0),
            source=LeaveSource.PHONE, asked_by=cast.office.user, asked_at=since,
        )  # fmt: skip
    if said:
        CallNote.objects.create(
            child_day=row, guardian=cast.guardian, outcome="reached", text=said, by=cast.teacher.user, at=since
        )
    return row


def test_the_office_sees_who_is_often_late_in_class_order_and_what_was_said(afternoon, login):
    cast = afternoon
    for ago in (1, 2, 3, 4):
        late_day(cast, 1, ago, 25)
    for ago in (1, 2, 3):
        late_day(cast, 0, ago, 40, said="加班" if ago == 2 else "")
        late_day(cast, 2, ago, 40, asked=ago == 1)
        late_day(cast, 3, ago, 9)
    page = login("office").get(url("late-care-often")).content.decode()
    assert "王一" in page
    assert page.index("王一") < page.index("李二")
    assert "张三" not in page  # one of the three was asked for
    assert "刘四" not in page  # within the grace
    assert "放学后 40 分钟" in page
    assert "加班" in page
    assert "谈一谈" in page


def test_a_head_teacher_sees_the_own_class_only_and_parents_nothing(afternoon, login):
    for ago in (1, 2, 3):
        late_day(afternoon, 0, ago, 40)
    assert "王一" in login("head_teacher").get(url("late-care-often")).content.decode()
    assert "王一" not in login("other_head_teacher").get(url("late-care-often")).content.decode()
    for name in ("guardian", "teacher", "gatekeeper", "duty_leader"):
        assert login(name).get(url("late-care-often")).status_code == 403


def test_how_often_and_how_long_back_are_settings(afternoon, login):
    for ago in (1, 2, 3):
        late_day(afternoon, 0, ago, 40)
    rules = AfternoonSettings.objects.create(term=afternoon.term, late_pickup_count=4)
    client = login("office")
    assert "王一" not in client.get(url("late-care-often")).content.decode()
    AfternoonSettings.objects.filter(pk=rules.pk).update(late_pickup_count=2, late_pickup_days=3)
    assert "王一" in client.get(url("late-care-often")).content.decode()
    AfternoonSettings.objects.filter(pk=rules.pk).update(late_pickup_count=3)
    assert "王一" not in client.get(url("late-care-often")).content.decode()


@pytest.mark.parametrize("children", [1, 3])
def test_the_list_takes_the_same_queries_for_one_and_for_three(afternoon, login, django_assert_num_queries, children):
    for number in range(children):
        for ago in (1, 2, 3):
            late_day(afternoon, number, ago, 40, said="堵车")
    client = login("office")
    client.get(url("late-care-often"))
    with django_assert_num_queries(8):
        page = client.get(url("late-care-often")).content.decode()
    assert page.count("堵车") == 3 * children


def test_a_corrected_slip_opens_the_child_again_and_tells_the_family(day, login):
    row = child(day, 0)
    client = login("gatekeeper")
    with at(17, 40):
        client.post(url("gate-release", row.pk), {"by": day.guardian.pk, "links": row.links})
        client.post(url("gate-correct", row.pk), {"note": " "})
        assert child(day, 0).state == S.FETCHED, "a correction says why"
        client.post(url("gate-correct", row.pk), {"note": "认错人了"})
        assert child(day, 0).state == S.GROUP
        assert "刚放行" not in client.get(url("gate")).content.decode()
    assert Message.objects.get(kind="custody.corrected").title == "更正：王一还在学校"
    assert Handover.objects.filter(child_day=row, to_state=S.FETCHED).count() == 1
