"""The gate's finer points: whom the day names, who is banned and why, who was refused, a line let go, who sees it at once."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.school.actions import people
from afterschool.school.models import Event, EventNote, Guardianship, Message, Session
from afterschool.support import clock
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.release import refuse_at_gate
from attendance.actions.roll_calls import Wish, begin, close, mark
from attendance.enums import ChangeKind, CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, DayFetcher, Handover, PickupChange
from enrollment.models import Application
from tests.attendance.handing import child, club_today, second_group
from tests.cast import NOW, TODAY, Cast, make_guardian

pytestmark = pytest.mark.django_db
S = CustodyState
AFTER = NOW.replace(hour=17, minute=33)


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    for number, student in enumerate(afternoon.students[2:6], 50):
        make_guardian(number, f"家长{number}", student, account=False)
    move_many([MoveRequest(child(afternoon, n), S.GROUP) for n in range(6)], by=afternoon.actor("teacher"))
    return afternoon


def url(name: str, *args) -> str:
    return reverse(f"attendance:{name}", args=args)


def aunt(cast: Cast, number: int, name: str = "周小敏") -> DayFetcher:
    return DayFetcher.objects.create(
        term=cast.term, student=cast.students[number], first_day=TODAY, last_day=TODAY, name=name, relation="姑姑",
        phone="13700003308", source=LeaveSource.GUARDIAN, asked_by=cast.guardian.user,
        asked_at=NOW.replace(hour=7, minute=40),
    )  # fmt: skip


def banned_uncle(cast: Cast, number: int) -> Guardianship:
    uncle = make_guardian(80, "陈建", cast.students[number], account=False)
    Guardianship.objects.filter(guardian=uncle).update(may_fetch=False, acts=False, banned=True, ban_note="法院判决")
    return Guardianship.objects.get(guardian=uncle)


# named for the day


def test_who_was_named_for_the_day_stands_first_and_takes_the_child_in_one_tap(day, login):
    fetcher, client, row = aunt(day, 0), login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        page = client.get(url("gate-child", row.pk)).content.decode()
        assert "今天由 姑姑 周小敏 接（家长 07:40 说）" in page
        assert page.index("交给周小敏（姑姑）") < page.index("交给林晓岚（妈妈）")
        client.post(url("gate-release", row.pk), {"by": f"d{fetcher.pk}", "links": row.links})
    assert Handover.objects.get(to_state=S.FETCHED).released_to_other == fetcher
    assert Message.objects.get(kind="custody.left").title == "王一 17:33 由周小敏（姑姑）接走"


def test_the_aunt_takes_a_brother_too_if_she_was_named_for_him(day, login):
    Guardianship.objects.create(guardian=day.guardian, student=day.students[1])
    first, other, client, row = aunt(day, 0), aunt(day, 1), login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        data = {"by": f"d{first.pk}", "links": row.links, "also": f"{child(day, 1).pk}:{child(day, 1).links}"}
        client.post(url("gate-release", row.pk), data)
    taken = Handover.objects.filter(to_state=S.FETCHED).values_list("released_to_other", flat=True)
    assert set(taken) == {first.pk, other.pk}


def test_the_aunt_takes_no_brother_for_whom_nobody_named_her(day, login):
    Guardianship.objects.create(guardian=day.guardian, student=day.students[1])
    first, client, row = aunt(day, 0), login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        data = {"by": f"d{first.pk}", "links": row.links, "also": f"{child(day, 1).pk}:{child(day, 1).links}"}
        client.post(url("gate-release", row.pk), data)
    assert not Handover.objects.filter(to_state=S.FETCHED).exists()


# banned


def test_a_ban_is_seen_by_all_and_its_reason_by_those_who_decide(day, login):
    banned_uncle(day, 0)
    for name, reads in [("gatekeeper", False), ("teacher", False), ("head_teacher", True), ("duty_leader", True)]:
        page = login(name).get(url("gate-child", child(day, 0).pk)).content.decode()
        assert "陈建" in page
        assert "不可接走" in page
        assert ("法院判决" in page) is reads
    page = login("teacher").get(url("gate")).content.decode()
    assert "不可接走" in page
    assert "法院判决" not in page


def test_somebody_named_for_the_day_who_is_banned_is_not_offered(day, login):
    banned_uncle(day, 0)
    fetcher = aunt(day, 0, name="陈 建")
    client, row = login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        assert f'value="d{fetcher.pk}"' not in client.get(url("gate-child", row.pk)).content.decode()
        client.post(url("gate-release", row.pk), {"by": f"d{fetcher.pk}", "links": row.links})
    assert child(day, 0).state == S.GROUP


# refused


def test_who_was_refused_is_kept_shown_and_told(day, login):
    client, row = login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        client.post(url("gate-refuse", row.pk), {"who_came": "自称舅舅，陈建，红外套"})
        assert "17:33 有人来过，没有放行" in login("teacher").get(url("gate-child", row.pk)).content.decode()
    kept = Event.objects.get(verb="gate.refused")
    assert (kept.student_id, kept.subject_id) == (day.students[0].pk, row.pk)
    assert EventNote.objects.get(event=kept).text == "自称舅舅，陈建，红外套"
    told = Message.objects.filter(kind="custody.refused")
    assert {one.body for one in told} == {"来的人：自称舅舅，陈建，红外套。门口没有放行，孩子还在学校。"}
    recipients = {one for message in told for one in message.deliveries.values_list("recipient_id", flat=True)}
    assert recipients == {day.guardian.user_id, day.head_teacher.user_id, day.duty_leader.user_id}
    assert child(day, 0).state == S.GROUP


def test_a_refusal_needs_words_and_a_child_who_is_here(day):
    from afterschool.support.refusal import Refused

    with pytest.raises(Refused) as refused:
        refuse_at_gate(child(day, 0), who_came=" ", by=day.actor("gatekeeper"))
    assert refused.value.code == "nobody_named"
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
        with pytest.raises(Refused) as refused:
            refuse_at_gate(child(day, 0), who_came="舅舅", by=day.actor("gatekeeper"))
    assert refused.value.code == "not_here"


def test_a_decision_says_to_the_family_who_came_and_who_agreed(day, login):
    row = child(day, 0)
    data = {"links": row.links, "who_came": "邻居张姨", "guardian": day.guardian.pk, "call": "同意"}
    with clock.frozen(AFTER):
        login("gatekeeper").post(url("gate-decide", row.pk), data | {"decided_by": day.head_teacher.pk})
    assert Message.objects.get(kind="custody.left").body == "来接的人：邻居张姨。周敏同意放行。"


# who may tap


def test_only_who_answers_or_the_gatekeeper_is_offered_the_release(day, login):
    with clock.frozen(AFTER):
        for name, may in [("gatekeeper", True), ("teacher", True), ("duty_leader", False), ("head_teacher", False)]:
            page = login(name).get(url("gate-child", child(day, 0).pk)).content.decode()
            assert ("data-release" in page) is may, name


def test_alone_by_the_standing_word_and_by_the_teacher_who_answers(day, login):
    Application.objects.create(
        term=day.term, student=day.students[0], state="school_approved", weekdays="12345", may_go_alone=True,
        submitted_at=NOW, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    with clock.frozen(AFTER):
        assert (
            "自行离校（家长已同意）"
            not in login("gatekeeper").get(url("gate-child", child(day, 0).pk)).content.decode()
        )
        row, client = child(day, 0), login("teacher")
        assert f'id="b{row.pk}-alone"' in client.get(url("gate")).content.decode()
        client.post(url("gate-class-release"), {"child": f"{row.pk}:{row.links}", f"by-{row.pk}": "alone"})
    assert child(day, 0).state == S.ALONE


def test_both_acting_guardians_read_who_fetched_the_child(day):
    father = make_guardian(81, "王立", day.students[0])
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=father)], by=day.actor("teacher"))
    told = Message.objects.get(kind="custody.left")
    assert set(told.deliveries.values_list("recipient_id", flat=True)) == {day.guardian.user_id, father.user_id}


# a line


def test_who_was_let_go_meanwhile_is_named_and_the_others_go(day, login):
    rows = [child(day, n) for n in (0, 1)]
    data = {
        "child": [f"{row.pk}:{row.links}" for row in rows],
        f"by-{rows[0].pk}": day.guardian.pk,
        f"by-{rows[1].pk}": day.other_guardian.pk,
    }
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
        page = login("teacher").post(url("gate-class-release"), data, follow=True).content.decode()
    assert "1 人已放行" in page
    assert "刚才已有人处理过：王一（已接走 17:33）" in page
    assert Handover.objects.filter(to_state=S.FETCHED).count() == 2


def test_nobody_tapped_releases_nobody(day, login):
    row = child(day, 0)
    with clock.frozen(AFTER):
        page = (
            login("teacher")
            .post(url("gate-class-release"), {"child": f"{row.pk}:{row.links}"}, follow=True)
            .content.decode()
        )
    assert "请先点来接的人" in page
    assert child(day, 0).state == S.GROUP


def test_a_class_at_the_gate_is_a_line_and_comes_back_to_itself(day, login):
    client, row = login("gatekeeper"), child(day, 0)
    here = url("gate") + "?q=1-1"
    with clock.frozen(AFTER):
        assert f'name="by-{row.pk}"' in client.get(here).content.decode()
        data = {"child": f"{row.pk}:{row.links}", f"by-{row.pk}": day.guardian.pk, "next": here}
        assert client.post(url("gate-class-release"), data)["Location"] == here
        assert client.post(url("gate-class-release"), {"next": "https://evil.example/"})["Location"] == url("gate")
    assert child(day, 0).state == S.FETCHED


@pytest.mark.parametrize("children", [1, 3])
def test_a_class_at_the_gate_takes_eight_queries(day, login, django_assert_num_queries, children):
    with clock.frozen(AFTER):
        gone = [child(day, n) for n in range(children, 6)]
        adults = [row.student.links.first().guardian for row in gone]
        move_many(
            [MoveRequest(row, S.FETCHED, released_to=who) for row, who in zip(gone, adults, strict=True)],
            by=day.actor("teacher"),
        )
        client = login("gatekeeper")
        client.get(url("gate"), {"q": "1-1"})
        with django_assert_num_queries(8):
            page = client.get(url("gate"), {"q": "1-1"}).content.decode()
    assert page.count("<fieldset>") == children


def test_a_single_hit_opens_the_child(day, login):
    answer = login("gatekeeper").get(url("gate"), {"q": "王一"})
    assert answer["Location"] == url("gate-child", child(day, 0).pk)


def test_the_teacher_sees_at_once_whom_the_gate_let_go(day, login):
    client = login("teacher")
    first = client.get(url("gate"), HTTP_HX_REQUEST="true")
    assert "<html" not in first.content.decode()
    again = client.get(url("gate"), HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 304
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
        page = client.get(url("gate"), HTTP_HX_REQUEST="true", HTTP_IF_NONE_MATCH=first["ETag"]).content.decode()
    assert "王一，交给林晓岚（赵师傅放行）" in page
    assert "更正" not in page


def test_before_dismissal_the_line_offers_only_those_whose_family_asked(day, login):
    PickupChange.objects.create(
        term=day.term, student=day.students[0], date=TODAY, kind=ChangeKind.EARLY, time=time(16, 0),
        source=LeaveSource.GUARDIAN, asked_by=day.guardian.user, asked_at=NOW,
    )  # fmt: skip
    page = login("teacher").get(url("gate")).content.decode()
    assert f'name="by-{child(day, 0).pk}"' in page
    assert f'name="by-{child(day, 1).pk}"' not in page
    assert "17:30 放学后" in page


def test_a_clubs_teacher_ends_it_when_its_children_are_back_in_their_groups(day, login):
    club = club_today(day, day.students[0])
    roll_call = begin(session=club, by=day.actor("other_teacher"))
    wish = Wish(day.students[0].pk, MarkState.NOT_CALLED, MarkState.PRESENT)
    mark(roll_call=roll_call, wishes=[wish], by=day.actor("other_teacher"))
    client = login("other_teacher")
    close(roll_call=roll_call, by=day.actor("other_teacher"))
    assert url("session-end", club.pk) not in client.get(url("gate")).content.decode()
    move_many([MoveRequest(child(day, 0), S.GROUP)], by=day.actor("teacher"))
    assert url("session-end", club.pk) in client.get(url("gate")).content.decode()
    client.post(url("session-end", club.pk))
    assert "这一场已结束" in client.get(url("gate")).content.decode()


# a ban takes earlier words with it


def ban(cast: Cast, number: int) -> None:
    link = Guardianship.objects.get(guardian=cast.guardian, student=cast.students[number])
    people.ban(link=link, note="法院判决", by=cast.actor("office"))


def test_whom_a_banned_guardian_had_named_may_not_fetch(day, login):
    fetcher, client, row = aunt(day, 0), login("gatekeeper"), child(day, 0)
    ban(day, 0)
    with clock.frozen(AFTER):
        assert "周小敏" not in client.get(url("gate-child", row.pk)).content.decode()
        client.post(url("gate-release", row.pk), {"by": f"d{fetcher.pk}", "links": row.links})
    assert child(day, 0).state == S.GROUP


def test_the_word_of_a_banned_guardian_lets_nobody_go_early_or_alone(day, login):
    PickupChange.objects.create(
        term=day.term, student=day.students[0], date=TODAY, kind=ChangeKind.EARLY, time=time(16, 0), alone=True,
        source=LeaveSource.GUARDIAN, asked_by=day.guardian.user, asked_at=NOW,
    )  # fmt: skip
    client, row = login("teacher"), child(day, 0)
    assert "早接 16:00" in client.get(url("gate-child", row.pk)).content.decode()
    ban(day, 0)
    assert "早接" not in client.get(url("gate-child", row.pk)).content.decode().replace("家长没有说早接", "")
    client.post(url("gate-release", row.pk), {"by": "alone", "links": row.links})
    assert child(day, 0).state == S.GROUP


@pytest.mark.parametrize("who_came", ["陈建", "舅舅 陈 建", "舅舅，139 0000 0080", "139-0000-0080"])
def test_a_decision_never_meets_a_banned_person_however_the_name_is_spaced(day, login, who_came):
    banned_uncle(day, 0)
    data = {"who_came": who_came, "guardian": day.guardian.pk, "call": "妈妈说可以", "decided_by": day.head_teacher.pk}
    with clock.frozen(AFTER):
        page = login("gatekeeper").post(url("gate-decide", child(day, 0).pk), data).content.decode()
    assert "陈建已登记为不可接走" in page
    assert child(day, 0).state == S.GROUP


# brothers and sisters whose hours differ


def test_a_sister_who_is_not_dismissed_yet_cannot_be_ticked(day, login):
    Guardianship.objects.create(guardian=day.guardian, student=day.students[1])
    session, _ = second_group(day)  # until 17:30, as the first; a later band ends later
    Session.objects.filter(pk=session.pk).update(ends_at=time(17, 55))
    ChildDay.objects.filter(student=day.students[1]).update(session=session, at_session=session)
    client, row = login("gatekeeper"), child(day, 0)
    with clock.frozen(AFTER):
        page = client.get(url("gate-child", row.pk)).content.decode()
        assert "17:55 放学，现在不能一起接" in page
        assert f'value="{child(day, 1).pk}:{child(day, 1).links}" disabled' in page
    with clock.frozen(AFTER.replace(minute=56)):
        page = client.get(url("gate-child", row.pk)).content.decode()
        assert "现在不能一起接" not in page
        data = {"by": day.guardian.pk, "links": row.links, "also": f"{child(day, 1).pk}:{child(day, 1).links}"}
        client.post(url("gate-release", row.pk), data)
    assert [child(day, n).state for n in (0, 1)] == [S.FETCHED, S.FETCHED]


def test_the_gatekeeper_reads_who_lets_a_child_go_alone(day, login):
    Application.objects.create(
        term=day.term, student=day.students[0], state="school_approved", weekdays="12345", may_go_alone=True,
        submitted_at=NOW, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    with clock.frozen(AFTER):
        page = login("gatekeeper").get(url("gate-child", child(day, 0).pk)).content.decode()
        assert "家长同意自行离校：由陈立言放行。" in page
        assert 'value="alone"' not in page
        assert 'value="alone"' in login("teacher").get(url("gate-child", child(day, 0).pk)).content.decode()


# what was tapped stays


def test_a_call_for_one_child_keeps_the_taps_for_the_others(day, login):
    client, rows = login("teacher"), [child(day, n) for n in range(3)]
    with clock.frozen(AFTER.replace(minute=45)):
        data = {
            "next": url("gate"), "answer": f"{day.other_guardian.pk}:no", "child": [f"{r.pk}:{r.links}" for r in rows],
            f"by-{rows[0].pk}": day.guardian.pk, f"by-{rows[1].pk}": "",
        }  # fmt: skip
        answer = client.post(url("gate-call", rows[1].pk), data, follow=True)
        page = answer.content.decode()
        assert f'id="b{rows[0].pk}-{day.guardian.pk}" value="{day.guardian.pk}" checked' in page
        assert page.count(" checked>") == 1
        again = data | {"next": answer.redirect_chain[0][0], f"by-{rows[0].pk}": ""}
        page = client.post(url("gate-call", rows[1].pk), again, follow=True).content.decode()
    assert " checked>" not in page  # what was untapped since does not come back


def test_a_refused_line_keeps_the_taps(day, login):
    rows = [child(day, n) for n in range(2)]
    data = {"child": [f"{row.pk}:{row.links}" for row in rows]} | {f"by-{row.pk}": day.guardian.pk for row in rows}
    with clock.frozen(AFTER):
        page = login("teacher").post(url("gate-class-release"), data, follow=True).content.decode()
    assert "来的人不在名单上" in page
    assert f'id="b{rows[0].pk}-{day.guardian.pk}" value="{day.guardian.pk}" checked' in page
    assert child(day, 0).state == S.GROUP
