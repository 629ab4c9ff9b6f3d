"""Applying for a whole family, kept by itself, signed; asking to be late."""

import json

import pytest
from django.urls import reverse

from afterschool.school.enums import Relation
from afterschool.school.models import Delivery, Event, Guardianship
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment import actions
from enrollment.enums import ApplicationState as S
from enrollment.models import AgreementText, Application, LatePermit, LateRequest, Signature
from tests.cast import NOW, make_guardian
from tests.enrollment.helpers import FULL, hand_in, make, window_open
from tests.enrollment.test_pages import EMPTY

pytestmark = pytest.mark.django_db
STROKES = json.dumps([[[100, 100], [400, 300]], [[500, 80], [600, 320]]])


def url(name, *args):
    return reverse(f"enrollment:{name}", args=args)


@pytest.fixture
def agreement(cast):
    cast.term.agreement_version = 1
    cast.term.save()
    return AgreementText.objects.create(
        term=cast.term, version=1, title="课后服务协议", body="双方责任<b>", published_at=NOW, changed_at=NOW
    )


def filled(cast, **changes):
    """Both children of the guardian, as the page sends them."""
    first, second = cast.students[0].pk, cast.students[6].pk
    values = {
        f"c{first}-join": "on",
        f"c{first}-weekdays": ["1", "2"],
        f"c{first}-interests": ["sports"],
        f"c{second}-join": "on",
        f"c{second}-weekdays": ["5"],
        "known": [str(cast.guardian.pk)],
        "agreed": "on",
        "signed_name": "林晓岚",
        "sign_by": "drawn",
        "strokes": STROKES,
    }
    return EMPTY | values | changes


def test_two_children_are_applied_for_at_once(cast, login, agreement):
    with window_open():
        page = login("guardian").post(url("apply-all"), filled(cast), follow=True).content.decode()
    assert "王一、赵七的申请已提交" in page
    found = Application.objects.order_by("student_id")
    assert [(a.state, a.weekdays, a.interests) for a in found] == [
        ("submitted", "12", "sports"),
        ("submitted", "5", ""),
    ]
    assert [s.method for s in Signature.objects.all()] == ["drawn", "drawn"]
    assert [p.name for a in found for p in a.pickups.all()] == ["林晓岚", "林晓岚"]


def test_a_child_left_out_is_not_applied_for_and_its_slips_dont_count(cast, login):
    second = cast.students[6].pk
    body = filled(cast) | {f"c{second}-weekdays": []}
    del body[f"c{second}-join"]
    with window_open():
        login("guardian").post(url("apply-all"), body)
    assert Application.objects.get().student_id == cast.students[0].pk


def test_all_or_none_and_the_slip_names_the_child(cast, login, agreement):
    body = filled(cast) | {f"c{cast.students[6].pk}-weekdays": []}
    with window_open():
        page = login("guardian").post(url("apply-all"), body).content.decode()
    assert "有 1 处要改" in page
    assert "赵七：哪几天参加" in page
    assert f'href="#div_id_c{cast.students[6].pk}-weekdays"' in page
    assert not Application.objects.exists()
    assert "[[[100, 100]" in page.replace("&quot;", '"')  # the signature is kept


def test_an_adult_of_the_register_fetches_only_the_children_it_is_linked_to(cast, login):
    father = make_guardian(700, "林远", cast.students[0], account=False)
    Guardianship.objects.create(
        guardian=father, student=cast.students[6], relation=Relation.FATHER, banned=True, may_fetch=False
    )
    body = filled(cast, known=[str(cast.guardian.pk), str(father.pk)])
    with window_open():
        page = login("guardian").get(url("apply-all")).content.decode()
        login("guardian").post(url("apply-all"), body)
    assert "只接王一" in page
    names = {a.student_id: [p.name for p in a.pickups.all()] for a in Application.objects.all()}
    assert names == {cast.students[0].pk: ["林晓岚", "林远"], cast.students[6].pk: ["林晓岚"]}


def test_who_has_one_child_left_gets_its_own_page_and_who_has_none_the_overview(cast, login):
    make(cast, cast.students[0])
    with window_open():
        assert login("guardian").get(url("apply-all")).url == url("apply", cast.students[6].pk)
        make(cast, cast.students[6])
        assert login("guardian").get(url("apply-all")).url == url("my-applications")


def test_the_page_asks_little_and_handing_in_too(cast, login, agreement, django_assert_max_num_queries):
    client = login("guardian")
    body = EMPTY | {"weekdays": ["1"], "known": [str(cast.guardian.pk)], "agreed": "on", "signed_name": "林晓岚"}
    body |= {"sign_by": "drawn", "strokes": STROKES}
    with window_open():
        with django_assert_max_num_queries(8):
            page = client.get(url("apply", cast.students[0].pk)).content.decode()
        assert "双方责任" in page
        assert "<b>" not in page.replace("&lt;b&gt;", "")
        with django_assert_max_num_queries(21):
            assert client.post(url("apply", cast.students[0].pk), body).status_code == 302


# Kept by itself


def test_a_draft_keeps_itself_and_says_so_after_it_is_kept(cast, login):
    client, address = login("guardian"), url("apply-autosave", cast.students[0].pk)
    body = EMPTY | {"weekdays": ["2"], "signed_name": "林", "more-0-name": "林国", "more-0-phone": "139"}
    with window_open():
        assert client.post(address, body).content.decode() == "已自动保存 10:00（没写完的接送人除外）"
        assert client.post(address, EMPTY | {"weekdays": ["3"]}).content.decode() == "已自动保存 10:00"
    assert Application.objects.get().weekdays == "3"
    assert Event.objects.filter(verb="application.saved").count() == 1  # history tells of the beginning only


def test_what_is_handed_in_is_never_changed_by_itself(cast, login):
    application = hand_in(cast)
    with window_open():
        said = login("guardian").post(url("apply-autosave", cast.students[0].pk), EMPTY | {"weekdays": ["3"]})
        assert "没有自动保存" in said.content.decode()
        with pytest.raises(Refused) as refused:
            actions.keep_drafts(term=cast.term, forms=[(cast.students[0], FULL)], by=cast.actor("guardian"))
    assert refused.value.code == "wrong_state"
    application.refresh_from_db()
    assert application.weekdays == "12345"


def test_after_the_window_nothing_is_kept(cast, login):
    said = login("guardian").post(url("apply-autosave", cast.students[0].pk), EMPTY | {"weekdays": ["3"]})
    assert "没有自动保存：申请已于" in said.content.decode()
    assert not Application.objects.exists()


def test_a_wrong_value_is_not_kept_and_named(cast, login):
    with window_open():
        said = login("guardian").post(url("apply-autosave", cast.students[0].pk), EMPTY | {"weekdays": ["6"]})
    assert "#div_id_weekdays" in said.content.decode()


def test_neither_of_two_guardians_overwrites_the_other_unseen(cast, login):
    Guardianship.objects.create(guardian=cast.other_guardian, student=cast.students[0], relation=Relation.FATHER)
    hand_in(cast)
    address, client = url("apply", cast.students[0].pk), login("other_guardian")
    with window_open():
        page = client.post(address, one(cast, was="")).content.decode()
        assert "另一位家长刚才已提交" in page
        assert 'name="was" value="submitted"' in page
        assert Application.objects.get().weekdays == "12345"
        client.post(address, one(cast, was="submitted"))
    assert Application.objects.get().weekdays == "1"


def test_a_return_that_was_not_seen_is_not_answered_by_a_change(cast, login):
    hand_in(cast)
    address, client = url("apply", cast.students[0].pk), login("guardian")
    with window_open():
        Application.objects.update(state="returned", reason="请写明接送人")
        page = client.post(address, one(cast, was="submitted")).content.decode()
        assert "班主任刚才退回了这份申请" in page
        assert "请写明接送人" in page
        assert Application.objects.get().state == "returned"
        client.post(address, one(cast, was="returned", answer="已写明"))
    assert Application.objects.get().state == "submitted"


# Signing


def one(cast, **changes):
    base = {"weekdays": ["1"], "known": [str(cast.guardian.pk)], "agreed": "on", "signed_name": "林晓岚"}
    return EMPTY | base | changes


@pytest.mark.parametrize(
    ("strokes", "sentence"), [("", "请用手指签名"), ("[[[1,1]]]", "签名没有写清楚"), ("x", "签名没有写清楚")]
)
def test_a_signature_that_is_none_is_said_beside_the_sheet(cast, login, agreement, strokes, sentence):
    with window_open():
        page = login("guardian").post(url("apply", cast.students[0].pk), one(cast, sign_by="drawn", strokes=strokes))
    assert sentence in page.content.decode()
    assert 'href="#div_id_strokes"' in page.content.decode()


def test_on_paper_it_is_handed_in_and_waits_for_the_sheet(cast, login, agreement):
    with window_open():
        page = login("guardian").post(url("apply", cast.students[0].pk), one(cast, sign_by="paper"), follow=True)
    assert "待收纸质签名" in page.content.decode()
    application = Application.objects.get()
    head = login("head_teacher")
    assert "的纸质签名" in head.get(url("application", application.pk)).content.decode()
    head.post(url("application-paper-received", application.pk))
    assert Signature.objects.get().paper_received_by_id == cast.head_teacher.user_id
    assert "已收纸质签名" in login("guardian").get(url("application", application.pk)).content.decode()


def test_who_has_signed_need_not_sign_a_change_and_another_name_must(cast, login, agreement):
    client, address = login("guardian"), url("apply", cast.students[0].pk)
    with window_open():
        client.post(address, one(cast, sign_by="drawn", strokes=STROKES))
        assert "签过了" in client.get(address).content.decode()
        assert client.post(address, one(cast, sign_by="drawn", weekdays=["2"])).status_code == 302
        again = client.post(address, one(cast, sign_by="drawn", signed_name="林远")).content.decode()
    assert "请用手指签名" in again
    assert Signature.objects.count() == 1


def test_the_history_says_what_was_changed(cast, login, agreement):
    client, address = login("guardian"), url("apply", cast.students[0].pk)
    person = {"more-0-name": "林国安", "more-0-relation": "paternal_grandfather", "more-0-phone": "13900000551"}
    with window_open():
        client.post(address, one(cast, sign_by="paper"))
        client.post(address, one(cast, sign_by="paper", weekdays=["2"], needs="哮喘", interests=["arts"]) | person)
    page = client.get(url("application", Application.objects.get().pk)).content.decode()
    for words in ["参加的星期：周一 → 周二", "想参加的活动：没有选 → 艺术类实践", "改了需要老师知道的", "加了林国安"]:
        assert words in page
    assert "林国安" not in json.dumps([e.data for e in Event.objects.all()], ensure_ascii=False)


# Late


def test_a_family_asks_to_be_late_and_the_office_lets_it(cast, login):
    pk = cast.students[0].pk
    page = login("guardian").post(url("apply-late-ask", pk), {"reason": "刚转学来"}, follow=True).content.decode()
    assert "等学校答复" in page
    assert "刚转学来" in login("office").get(url("late")).content.decode()
    login("office").post(url("late-permit", pk))
    assert LateRequest.objects.get().state == "granted"
    assert LatePermit.objects.count() == 1
    assert "提交申请" in login("guardian").get(url("apply", pk)).content.decode()


def test_a_no_is_told_with_its_reason_and_one_may_ask_again(cast, login):
    request = actions.ask_late(term=cast.term, student=cast.students[0], reason="", by=cast.actor("guardian"))
    login("office").post(url("late-decline", request.pk), {"reason": "班里已满"})
    assert Delivery.objects.filter(recipient=cast.guardian.user, message__kind="application.late").exists()
    page = login("guardian").get(url("apply", cast.students[0].pk)).content.decode()
    assert "班里已满" in page
    assert "请求学校同意补交" in page


@pytest.mark.parametrize("case", ["stranger", "open", "twice", "applied", "permitted", "long"])
def test_asking_to_be_late_is_refused(cast, case):
    by, student, reason, at = cast.actor("guardian"), cast.students[0], "", NOW
    if case == "stranger":
        by = cast.actor("other_guardian")
    elif case == "open":
        at = cast.term.applications_open_at
    elif case == "twice":
        actions.ask_late(term=cast.term, student=student, reason="", by=by)
    elif case == "applied":
        make(cast, student, S.SUBMITTED)
    elif case == "permitted":
        actions.permit_late(term=cast.term, student=student, by=cast.actor("office"))
    else:
        reason = "长" * 201
    codes = {"stranger": "not_yours", "open": "window_not_over", "twice": "already_asked", "applied": "already_applied"}
    codes |= {"permitted": "already_permitted", "long": "reason_too_long"}
    with clock.frozen(at), pytest.raises(Refused) as refused:
        actions.ask_late(term=cast.term, student=student, reason=reason, by=by)
    assert refused.value.code == codes[case]


@pytest.mark.parametrize(("who", "answer", "code"), [("head_teacher", "满", "not_yours"), ("office", " ", "no_reason")])
def test_declining_is_refused(cast, who, answer, code):
    request = actions.ask_late(term=cast.term, student=cast.students[0], reason="", by=cast.actor("guardian"))
    with pytest.raises(Refused) as refused:
        actions.decline_late(request=request, answer=answer, by=cast.actor(who))
    assert refused.value.code == code


def test_one_answer_to_a_request(cast):
    request = actions.ask_late(term=cast.term, student=cast.students[0], reason="", by=cast.actor("guardian"))
    actions.decline_late(request=request, answer="满", by=cast.actor("office"))
    with pytest.raises(Refused) as refused:
        actions.decline_late(request=request, answer="满", by=cast.actor("office"))
    assert refused.value.code == "somebody_was_faster"


# The window, in words


@pytest.mark.parametrize(
    ("day", "words"),
    [(30, ["申请还没开始", "周二 9月1日 08:00", "可以先想好"]), (4, ["截止的时间是", "周四 9月3日 20:00", "还想参加"])],
)
def test_each_phase_has_its_own_page(cast, login, day, words):
    at = NOW.replace(month=8 if day == 30 else 9, day=day)
    with clock.frozen(at):
        page = login("guardian").get(url("apply", cast.students[0].pk)).content.decode()
    for word in [*words, "班主任周敏", "13800000002"]:
        assert word in page.replace("138 0000 0002", "13800000002")


def test_closed_early_by_the_office_is_said(cast, login):
    cast.term.applications_closed = True
    cast.term.save()
    with window_open():
        assert "学校已提前结束申请" in login("guardian").get(url("apply", cast.students[0].pk)).content.decode()


@pytest.mark.parametrize(("day", "words"), [(None, "批准后发消息告诉您"), ("2026-09-05", "最晚 周六 9月5日给您结果")])
def test_what_the_answer_will_be_and_when(cast, login, day, words):
    cast.term.answers_by = day
    cast.term.save()
    with window_open():
        assert words in login("guardian").get(url("apply", cast.students[0].pk)).content.decode()


def test_every_slip_is_said_at_once(cast, login, agreement):
    """A note that is too long doesn't hide that consent and signature are missing too."""
    body = filled(cast, agreed="", strokes="") | {f"c{cast.students[0].pk}-needs": "长" * 301}
    del body["agreed"]
    with window_open():
        page = login("guardian").post(url("apply-all"), body).content.decode()
    for said in ("最多写 300 个字", "请先阅读知情同意", "请用手指签名"):
        assert said in page
    assert "有 3 处要改" in page


def test_who_signed_once_is_not_asked_for_paper_when_answering(cast, login, agreement):
    child = cast.students[0]
    client, address = login("guardian"), url("apply", child.pk)
    values = EMPTY | {
        "weekdays": ["1"],
        "known": [str(cast.guardian.pk)],
        "agreed": "on",
        "signed_name": "林晓岚",
        "sign_by": "drawn",
    }
    with window_open():
        client.post(address, values | {"strokes": STROKES})
        Application.objects.update(state=S.RETURNED, reason="请写全")
        page = client.post(address, values | {"answer": "改好了", "was": "returned"}, follow=True).content.decode()
    assert Application.objects.get().state == S.SUBMITTED
    assert "王一的申请已提交" in page
    assert "请把签好名的协议交给班主任" not in page


def test_who_still_owes_the_sheet_is_asked_for_it_again(cast, login, agreement):
    child = cast.students[0]
    client, address = login("guardian"), url("apply", child.pk)
    values = EMPTY | {"known": [str(cast.guardian.pk)], "agreed": "on", "signed_name": "林晓岚", "sign_by": "paper"}
    with window_open():
        for days in (["1"], ["1", "2"]):
            page = client.post(address, values | {"weekdays": days}, follow=True).content.decode()
            assert "请把签好名的协议交给班主任" in page
