"""The pages: who may open them, what they show, how many questions they ask of the database."""

import pytest
from django.urls import reverse

from afterschool.school.models import Event
from enrollment import actions
from enrollment.defaults import install_care_categories
from enrollment.enums import ApplicationState as S
from enrollment.models import Application, CareCategory, CareRecord, LatePermit, Needs
from tests.cast import ROLES
from tests.enrollment.helpers import hand_in, make, window_open

pytestmark = pytest.mark.django_db
EMPTY = {
    "more-TOTAL_FORMS": "3",
    "more-INITIAL_FORMS": "0",
    "more-MIN_NUM_FORMS": "0",
    "more-MAX_NUM_FORMS": "3",
}


def filled(cast, **changes):
    link = cast.students[0].links.get()
    values = {
        "weekdays": ["1", "2", "3"],
        "known": [str(link.guardian_id)],
        "agreed": "on",
        "signed_name": "林晓岚",
        "needs": "花生过敏",
    }
    return EMPTY | values | changes


def url(name, *args):
    return reverse(f"enrollment:{name}", args=args)


REVIEWERS = {"head_teacher", "other_head_teacher", "office"}


@pytest.mark.parametrize("who", ROLES)
def test_each_page_opens_to_its_own_people_and_to_nobody_else(cast, login, who):
    application = make(cast, cast.students[0])
    client = login(who)
    own, foreign = cast.classes[0].pk, cast.students[0].pk
    parent = {"guardian": 200, "other_guardian": 404}.get(who, 403)
    assert client.get(url("apply", foreign)).status_code == parent
    assert client.get(url("my-applications")).status_code == (200 if "guardian" in who else 403)
    reviewer = {"head_teacher": 200, "office": 200, "other_head_teacher": 404}.get(who, 403)
    assert client.get(url("class-review-of", own)).status_code == reviewer
    assert client.get(url("class-care", foreign)).status_code == reviewer
    page = client.get(url("application", application.pk)).status_code
    assert page == (parent if "guardian" in who else reviewer)
    assert client.get(url("figures")).status_code == (200 if who in REVIEWERS else 403)
    office = 200 if who == "office" else 403
    for name, args in [
        ("figures-grade", [1]),
        ("figures-grade-list", [1]),
        ("figures-grade-approve", [1]),
        ("figures-class-approve", [own]),
        ("late", []),
        ("care-categories", []),
    ]:
        assert client.get(url(name, *args)).status_code == office, name


@pytest.mark.parametrize("who", [role for role in ROLES if role not in {"head_teacher", "office"}])
def test_verbs_change_nothing_for_strangers(cast, login, who):
    application = make(cast, cast.students[0])
    client = login(who)
    for name in ["approve", "return", "decline", "review-again", "withdraw"]:
        answer = client.post(url(f"application-{name}", application.pk), {"reason": "x"})
        assert answer.status_code in {403, 404}, name
    client.post(url("class-approve", cast.classes[0].pk), {"application": [application.pk]})
    client.post(url("late-permit", cast.students[0].pk))
    client.post(url("window-close"))
    cast.term.refresh_from_db()
    assert Application.objects.get().state == S.SUBMITTED
    assert not LatePermit.objects.exists()
    assert not cast.term.applications_closed


def test_a_parent_applies_on_the_phone(cast, login):
    client = login("guardian")
    with window_open():
        page = client.get(url("apply", cast.students[0].pk))
        assert "17:30" in page.content.decode()
        more = {"more-0-name": "林国安", "more-0-relation": "paternal_grandfather", "more-0-phone": "139 0000 0551"}
        answer = client.post(url("apply", cast.students[0].pk), filled(cast, **more), follow=True)
    assert "待班级审核" in answer.content.decode()
    application = Application.objects.get()
    assert application.weekdays == "123"
    assert [(p.name, p.phone) for p in application.pickups.all()] == [
        ("林晓岚", "13900000001"),
        ("林国安", "13900000551"),
    ]
    assert application.needs.text == "花生过敏"


def test_each_slip_stands_beside_its_field_and_what_was_typed_is_kept(cast, login):
    wrong = filled(cast, weekdays=[], agreed="")
    wrong |= {"more-0-name": "林国安", "more-0-phone": "139 0000 551"}
    del wrong["agreed"]
    with window_open():
        page = login("guardian").post(url("apply", cast.students[0].pk), wrong).content.decode()
    assert "有 4 处要改" in page
    for sentence in [
        "请至少选一天。",
        "手机号要 11 位数字，现在是 10 位。",
        "请选接送人和孩子的关系。",
        "请先阅读知情同意",
    ]:
        assert sentence in page
    assert "花生过敏" in page
    assert "139 0000 551" in page
    assert not Application.objects.exists()


def test_a_draft_is_kept_with_what_is_there(cast, login):
    with window_open():
        client = login("guardian")
        client.post(url("apply", cast.students[0].pk), EMPTY | {"draft": "1", "weekdays": ["2"], "signed_name": "林"})
        assert Application.objects.get().state == S.DRAFT
        page = client.get(url("apply", cast.students[0].pk)).content.decode()
        assert 'value="2" id="id_weekdays_1" checked' in page
    assert (
        "草稿"
        not in login("head_teacher").get(url("class-review-of", cast.classes[0].pk) + "?show=all").content.decode()
    )


def test_before_and_after_the_window_the_page_says_when_and_who(cast, login):
    page = login("guardian").get(url("apply", cast.students[0].pk)).content.decode()
    assert "9月3日 20:00" in page
    assert "联系班主任" in page


def test_saying_no_and_taking_it_back(cast, login):
    client, pk = login("guardian"), cast.students[0].pk
    with window_open():
        assert "不参加" in client.post(url("apply-withdraw", pk), follow=True).content.decode()
        assert client.post(url("apply-reopen", pk)).url == url("apply", pk)


def test_a_head_teacher_lands_on_the_own_class_and_the_office_chooses(cast, login):
    head = login("head_teacher")
    own, named = (head.get(page) for page in (url("class-review"), url("class-review-of", cast.classes[0].pk)))
    assert own.context["school_class"] == named.context["school_class"] == cast.classes[0]
    assert url("class-review-of", cast.classes[0].pk) in own.content.decode()
    assert "一（2）班" in login("office").get(url("class-review")).content.decode()


def test_the_class_is_passed_but_for_the_exceptions(cast, login):
    first, second = make(cast, cast.students[0]), make(cast, cast.students[1])
    client, pk = login("head_teacher"), cast.classes[0].pk
    opened = client.get(url("class-review-of", pk) + f"?return={second.pk}").content.decode()
    assert "退回给家长" in opened
    client.post(url("application-return", second.pk), {"reason": "电话少一位", "from": "class"})
    client.post(url("class-approve", pk), {"application": [first.pk]})
    assert list(Application.objects.order_by("pk").values_list("state", flat=True)) == ["class_approved", "returned"]
    page = client.get(url("class-review-of", pk) + "?show=all").content.decode()
    assert "未申请" in page


def test_needs_and_categories_stand_on_no_list(cast, login):
    install_care_categories()
    application = make(cast, cast.students[0])
    Needs.objects.create(application=application, text="花生过敏")
    CareRecord.objects.create(
        term=cast.term,
        student=cast.students[0],
        category=CareCategory.objects.first(),
        recorded_at=application.created_at,
    )
    client = login("head_teacher")
    page = client.get(url("class-review-of", cast.classes[0].pk)).content.decode()
    assert "优先" in page
    assert "花生" not in page
    assert "特殊儿童" not in page
    assert "花生过敏" in client.get(url("application", application.pk)).content.decode()
    assert Event.objects.filter(verb="application.looked").count() == 1
    assert "checked" in client.get(url("class-care", cast.students[0].pk)).content.decode()
    assert Event.objects.filter(verb="care.looked").count() == 1
    client.post(url("class-care", cast.students[0].pk), {"categories": []})
    assert not CareRecord.objects.exists()
    assert "特殊儿童" not in client.get(url("figures")).content.decode()
    assert "特殊儿童" in login("office").get(url("figures")).content.decode()


def test_paper_is_recorded_by_the_head_teacher(cast, login):
    client, student = login("head_teacher"), cast.students[2]
    paper = EMPTY | {"weekdays": ["1"], "agreed": "on", "signed_name": "家长"}
    paper |= {"more-0-name": "某奶奶", "more-0-relation": "paternal_grandmother", "more-0-phone": "13900000777"}
    with window_open():
        assert "家长已在纸质申请上签名" in client.get(url("class-paper", student.pk)).content.decode()
        client.post(url("class-paper", student.pk), paper)
        assert client.get(url("class-paper", cast.students[6].pk)).status_code == 404
    assert Application.objects.get().source == "paper"
    assert client.get(url("class-paper", cast.students[3].pk)).status_code == 302  # the window is over


def test_the_office_approves_the_number_it_was_asked_about(cast, login):
    for student in cast.students[:3]:
        make(cast, student, "class_approved")
    client = login("office")
    assert "批准 3 人" in client.get(url("figures-grade-approve", 1)).content.decode()
    client.post(url("figures-grade-approve", 1), {"expected": "2"})
    assert not Application.objects.filter(state=S.SCHOOL_APPROVED).exists()
    client.post(url("figures-class-approve", cast.classes[0].pk), {"expected": "3"})
    assert Application.objects.filter(state=S.SCHOOL_APPROVED).count() == 3
    assert client.get(url("figures-grade-list", 1)).content[:2] == b"PK"
    assert client.get(url("figures-grade", 9)).status_code == 404


def test_the_office_opens_again_closes_and_lets_in_late(cast, login):
    client = login("office")
    assert "王一" in client.get(url("late") + "?q=wy").content.decode()
    client.post(url("late-permit", cast.students[0].pk))
    assert LatePermit.objects.count() == 1
    assert "请选新的截止时间" in client.post(url("window-reopen"), {}).content.decode()
    client.post(url("window-reopen"), {"until": "2026-09-25T18:00"})
    cast.term.refresh_from_db()
    assert cast.term.applications_close_at.isoformat() == "2026-09-25T10:00:00+00:00"
    client.post(url("window-close"))
    cast.term.refresh_from_db()
    assert cast.term.applications_closed


def test_the_history_is_told_in_sentences(cast, login):
    application = hand_in(cast)
    actions.return_one(application=application, reason="电话少一位", by=cast.actor("head_teacher"))
    page = login("guardian").get(url("application", application.pk)).content.decode()
    assert "林晓岚提交了申请" in page
    assert "周敏退回补正" in page


@pytest.mark.parametrize("rows", [1, 3, 6])
def test_pages_ask_a_constant_number_of_questions(cast, login, rows, django_assert_max_num_queries):
    for student in cast.students[:rows]:
        application = make(cast, student)
        application.pickups.create(name="某某", relation="other", phone="13500000000")
        Needs.objects.create(application=application, text="x")
    client = login("head_teacher")
    with django_assert_max_num_queries(11):
        client.get(url("class-review-of", cast.classes[0].pk) + "?show=all")
    client = login("office")
    with django_assert_max_num_queries(14):
        client.get(url("figures"))
    client = login("guardian")
    with django_assert_max_num_queries(8):
        client.get(url("my-applications"))
    with window_open(), django_assert_max_num_queries(8):
        assert client.get(url("apply", cast.students[0].pk)).status_code == 200


def test_a_school_without_a_term_says_so(cast, login):
    cast.school.current_term = None
    cast.school.save()
    assert "现在没有学期" in login("guardian").get(url("my-applications")).content.decode()
