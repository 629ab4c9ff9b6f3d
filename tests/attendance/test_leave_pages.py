"""Pages of leave and pick-up: a family's own child, a head teacher's class, today's group, everybody for the office."""

from datetime import time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.models import Guardian, Guardianship, Placement
from attendance.actions.settings import save_afternoon
from attendance.enums import LeaveSource
from attendance.models import DayFetcher, LeaveRequest, PickupChange
from tests.cast import NOW, ROLES, TODAY

pytestmark = pytest.mark.django_db
MAY = {"guardian", "head_teacher", "teacher", "office"}
OUTSIDE = {"other_guardian", "other_head_teacher", "other_teacher"}
RECORDERS = {"head_teacher", "other_head_teacher", "teacher", "other_teacher", "office"}
AUNT = {"who": "other", "name": "周小慧", "relation": "姑姑", "phone": "13912340001"}


def typed(**values):
    return {"when": TODAY.isoformat()} | values


def page_for(cast, view, child=0):
    return reverse(f"attendance:{view}", args=[cast.students[child].pk])


def text(response):
    return response.content.decode()


# Who sees what


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("view", ["leave-new", "pickup-change-new"])
def test_a_childs_pages_answer_by_scope(afternoon, login, name, view):
    status = login(name).get(page_for(afternoon, view)).status_code
    assert status == (200 if name in MAY else 404 if name in OUTSIDE else 403)


@pytest.mark.parametrize("name", ROLES)
@pytest.mark.parametrize("view", ["leave-list", "leave-slips"])
def test_lists_are_for_those_who_record(afternoon, login, name, view):
    assert login(name).get(reverse(f"attendance:{view}")).status_code == (200 if name in RECORDERS else 403)


def test_the_teacher_of_today_sees_what_holds_today_and_no_more(afternoon, login):
    client = login("guardian")
    tomorrow = (TODAY + timedelta(days=1)).isoformat()
    client.post(page_for(afternoon, "leave-new"), typed(reason="今天看牙"))
    client.post(page_for(afternoon, "leave-new"), typed(when="span", first_day=tomorrow, reason="明天出门"))
    seen = text(login("teacher").get(reverse("attendance:leave-list")))
    assert "今天看牙" in seen
    assert "明天出门" not in seen
    assert "今天看牙" not in text(login("other_teacher").get(reverse("attendance:leave-list")))
    assert "明天出门" in text(login("head_teacher").get(reverse("attendance:leave-list")))


def test_another_familys_words_cannot_be_taken_back(afternoon, login):
    client = login("guardian")
    client.post(page_for(afternoon, "pickup-change-new"), typed(kind="early", time="16:30", **AUNT))
    client.post(page_for(afternoon, "leave-new", 0), typed(when="span", first_day=(TODAY + timedelta(1)).isoformat()))
    rows = {"leave": LeaveRequest, "pickup-change": PickupChange, "fetcher": DayFetcher}
    for name in ("other_guardian", "other_head_teacher"):
        for word, model in rows.items():
            address = reverse(f"attendance:{word}-cancel", args=[model.objects.get().pk])
            assert login(name).post(address).status_code == 404


# A family


@pytest.mark.parametrize("number", ["139 1234 0001", "+86 139-1234-0001", "１３９１２３４０００１"])
def test_a_number_is_taken_as_people_paste_it(afternoon, login, number):
    values = typed(kind="same", **AUNT | {"phone": number})
    assert login("guardian").post(page_for(afternoon, "pickup-change-new"), values).status_code == 302
    assert DayFetcher.objects.get().phone == AUNT["phone"]


def test_a_parent_asks_on_the_phone_and_takes_it_back(afternoon, login):
    client = login("guardian")
    address = page_for(afternoon, "leave-new")
    shown = text(client.get(address))
    assert "17:30 放学" in shown
    assert "今天点到孩子以前，都可以在这里请假。" in shown
    page = text(client.post(address, typed(why="去看医生", reason="看牙"), follow=True))
    assert "去看医生，看牙" in page
    assert "今天：<strong>请假</strong>" in page
    leave = LeaveRequest.objects.get()
    assert "照常" in text(client.post(reverse("attendance:leave-cancel", args=[leave.pk]), follow=True))
    leave.refresh_from_db()
    assert leave.cancelled_by == afternoon.guardian.user


def test_a_span_has_its_own_days(afternoon, login):
    last = TODAY + timedelta(days=3)
    values = typed(when="span", first_day=TODAY.isoformat(), last_day=last.isoformat())
    login("guardian").post(page_for(afternoon, "leave-new"), values)
    leave = LeaveRequest.objects.get()
    assert (leave.first_day, leave.last_day) == (TODAY, last)


def test_early_pickup_by_an_aunt_is_one_form_and_reads_in_one_line(afternoon, login):
    client = login("guardian")
    page = text(
        client.post(page_for(afternoon, "pickup-change-new"), typed(kind="early", time="16:30", **AUNT), follow=True)
    )
    assert "今天：<strong>早接 16:30，由姑姑周小慧接</strong>" in page
    assert PickupChange.objects.get().time == time(16, 30)
    fetcher = DayFetcher.objects.get()
    page = text(client.post(reverse("attendance:fetcher-cancel", args=[fetcher.pk]), follow=True))
    assert "今天：<strong>早接 16:30</strong>" in page
    client.post(reverse("attendance:pickup-change-cancel", args=[PickupChange.objects.get().pk]))
    assert not PickupChange.objects.filter(cancelled_at=None).exists()


def test_another_person_may_fetch_for_several_days_at_the_usual_time(afternoon, login):
    last = TODAY + timedelta(days=2)
    values = typed(kind="same", when="span", first_day=TODAY.isoformat(), last_day=last.isoformat(), **AUNT)
    page = text(login("guardian").post(page_for(afternoon, "pickup-change-new"), values, follow=True))
    assert "由姑姑周小慧接" in page
    assert DayFetcher.objects.get().last_day == last
    assert not PickupChange.objects.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "early", "time": "18:00", "who": "listed"}, "早接要早于放学"),
        ({"kind": "early", "who": "listed"}, "请写几点来接。"),
        ({"kind": "early", "time": "四点", "who": "listed"}, "时间请写成 16:30 这样。"),
        ({"who": "listed"}, "请选早接、晚接，或换人接。"),
        ({"kind": "early", "time": "16:30"}, "请选谁来接。"),
        ({"kind": "same", "who": "listed"}, "时间和接的人都没有变"),
        ({"kind": "same", **AUNT, "name": ""}, "请写来接的人的姓名。"),
        ({"kind": "same", **AUNT, "relation": ""}, "请写和孩子的关系"),
        ({"kind": "same", **AUNT, "phone": ""}, "请写手机号"),
        ({"kind": "same", **AUNT, "phone": "123"}, "手机号"),
        ({"kind": "same", "when": "span", **AUNT}, "请选一个日期。"),
        (
            {"kind": "early", "time": "16:30", "who": "listed", "when": "span", "first_day": "2026-09-22",
             "last_day": "2026-09-23"},
            "早接、晚接一次说一天",
        ),
    ],
)  # fmt: skip
def test_a_slip_keeps_what_was_typed_and_says_why(afternoon, login, values, sentence):
    page = text(
        login("guardian").post(page_for(afternoon, "pickup-change-new"), typed(note="先说一声", **values) | values)
    )
    assert sentence in page
    assert "先说一声" in page
    assert not PickupChange.objects.exists()
    assert not DayFetcher.objects.exists()


def test_a_banned_person_is_refused_without_the_reason(afternoon, login):
    father = Guardian.objects.create(name=AUNT["name"], phone="")
    Guardianship.objects.create(
        guardian=father, student=afternoon.students[0], acts=False, may_fetch=False, banned=True, ban_note="法院判决"
    )
    page = text(login("guardian").post(page_for(afternoon, "pickup-change-new"), typed(kind="same", **AUNT)))
    assert "周小慧不能登记为来接的人" in page
    assert "法院" not in page


def test_going_home_alone_is_offered_from_the_grade_on(afternoon, login):
    client, address = login("guardian"), page_for(afternoon, "pickup-change-new")
    assert "自己离校" not in text(client.get(address))
    afternoon.term.alone_from_grade = 1
    afternoon.term.save()
    assert "自己离校" in text(client.get(address))
    client.post(address, typed(kind="early", time="16:30", who="alone"))
    assert PickupChange.objects.get().alone


def test_after_the_schools_time_the_page_says_whom_to_call(afternoon, login):
    save_afternoon(afternoon.term, {"leave_until": time(15, 20)}, by=afternoon.actor("office"))
    client, address = login("guardian"), page_for(afternoon, "leave-new")
    page = text(client.get(address))
    assert "今天 15:20 已过" in page
    assert f"tel:{afternoon.teacher.phone}" in page
    assert f"tel:{afternoon.head_teacher.phone}" in page
    assert f'value="{TODAY.isoformat()}"' not in page
    page = text(client.post(address, typed(when="span", first_day=TODAY.isoformat(), reason="发烧")))
    assert "打电话：班主任" in page
    assert "发烧" in page
    assert not LeaveRequest.objects.exists()


def test_phones_are_shown_to_parents_only_when_they_have_to_call(afternoon, login):
    assert afternoon.teacher.phone not in text(login("guardian").get(page_for(afternoon, "leave-new")))


def test_a_parents_overview_has_the_own_children_alone(afternoon, login):
    page = text(login("guardian").get(reverse("attendance:leave-mine")))
    assert afternoon.students[0].name in page
    assert afternoon.students[6].name in page
    assert afternoon.students[1].name not in page
    assert "平时妈妈来接" in page


# The school


def test_a_head_teacher_records_a_slip_and_sees_it_in_the_list(afternoon, login):
    client = login("head_teacher")
    values = typed(source="paper", said_by="奶奶", reason="发烧")
    page = text(client.post(page_for(afternoon, "leave-new", 2), values, follow=True))
    assert "纸质假条，奶奶说的" in page
    assert LeaveRequest.objects.get().source == LeaveSource.PAPER


def test_the_slips_of_a_class_go_in_at_once(afternoon, login):
    first, second = afternoon.students[:2]
    values = {"first_day": TODAY.isoformat(), "source": "phone", "child": [first.pk, second.pk]}
    values |= {f"reason-{first.pk}": "发烧", f"said-{second.pk}": "爸爸"}
    page = text(login("teacher").post(reverse("attendance:leave-slips"), values, follow=True))
    assert "已登记 2 个孩子请假" in page
    assert set(LeaveRequest.objects.values_list("student_id", "reason", "said_by")) == {
        (first.pk, "发烧", ""),
        (second.pk, "", "爸爸"),
    }


def test_a_slip_that_is_refused_keeps_the_others_typed(afternoon, login):
    first, second = afternoon.students[:2]
    client = login("head_teacher")
    client.post(page_for(afternoon, "leave-new"), typed(source="paper"))
    values = {"first_day": TODAY.isoformat(), "source": "paper", "child": [first.pk, second.pk]}
    page = text(client.post(reverse("attendance:leave-slips"), values | {f"reason-{second.pk}": "看牙"}))
    assert f"{first.name}今天已请假" in page
    assert "看牙" in page
    assert LeaveRequest.objects.count() == 1
    page = text(client.post(reverse("attendance:leave-slips"), {"first_day": "", "child": [second.pk]}))
    assert "请选一个日期。" in page
    assert "请选纸质假条或电话。" in page


def test_a_child_outside_ones_scope_is_not_on_the_slips(afternoon, login):
    values = {"first_day": TODAY.isoformat(), "source": "paper", "child": [afternoon.students[0].pk]}
    page = text(login("other_head_teacher").post(reverse("attendance:leave-slips"), values))
    assert "请先勾选孩子。" in page
    assert not LeaveRequest.objects.exists()


@pytest.mark.parametrize(("words", "found"), [("王一", 1), ("1-1", 6), ("一1", 6), ("9-9", 0)])
def test_the_office_finds_children_by_name_and_by_class(afternoon, login, words, found):
    rows = login("office").get(reverse("attendance:leave-slips"), {"q": words}).context["rows"]
    assert len(rows) == found


def test_without_a_term_nobody_asks_for_anything(cast, login):
    cast.school.current_term = None
    cast.school.save()
    for name, view in (("guardian", "leave-mine"), ("head_teacher", "leave-slips")):
        assert "还没有学期" in text(login(name).get(reverse(f"attendance:{view}")))


# How many questions


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_however_many(afternoon, login, number, django_assert_num_queries):
    everything(afternoon, number)
    client = login("head_teacher")
    client.get(reverse("attendance:leave-list"))
    with django_assert_num_queries(8):
        assert len(client.get(reverse("attendance:leave-list")).context["children"]) == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_overview_asks_the_same_however_many(afternoon, login, number, django_assert_num_queries):
    for child in afternoon.students[2 : 1 + number]:
        Guardianship.objects.create(guardian=afternoon.guardian, student=child)
    everything(afternoon, number)
    client = login("guardian")
    client.get(reverse("attendance:leave-mine"))
    with django_assert_num_queries(10):
        assert len(client.get(reverse("attendance:leave-mine")).context["cards"]) == 1 + number


@pytest.mark.parametrize("number", [1, 3])
def test_the_slips_ask_the_same_however_many(afternoon, login, number, django_assert_num_queries):
    Placement.objects.exclude(student__in=afternoon.students[:number]).delete()
    client = login("teacher")
    client.get(reverse("attendance:leave-slips"))
    with django_assert_num_queries(5):
        assert len(client.get(reverse("attendance:leave-slips")).context["rows"]) == number


def everything(cast, number):
    """Leave, an early pick-up and an aunt for each of so many children."""
    asked = {"term": cast.term, "source": LeaveSource.GUARDIAN, "asked_by": cast.guardian.user, "asked_at": NOW}
    span = {"first_day": TODAY, "last_day": TODAY}
    for child in cast.students[:number]:
        LeaveRequest.objects.create(student=child, **span, **asked)
        PickupChange.objects.create(student=child, date=TODAY, kind="early", time=time(16, 30), **asked)
        DayFetcher.objects.create(student=child, name="周小慧", relation="姑姑", **span, **asked)
