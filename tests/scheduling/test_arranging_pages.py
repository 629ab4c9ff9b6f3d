from datetime import date

import pytest
from django.urls import reverse

from afterschool.school.models import Paper, SchoolDay, Session, Teacher
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import make_sessions
from scheduling.enums import RotaState
from scheduling.models import Rota, RotaTurn, Slot, Timetable
from scheduling.rota_documents import rota_pdf, rota_xlsx, timetable_pdf
from tests.cast import ROLES
from tests.scheduling.arranged import BEFORE, arrange

pytestmark = pytest.mark.django_db
READ_BY_STAFF = ["scheduling:rota", "scheduling:rota-print"]
OFFICE_ONLY = ["scheduling:calendar", "scheduling:rota-draft"]


@pytest.fixture
def ready(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        office = cast.actor("office")
        make_sessions(term=cast.term, by=office)
        accept_rota(rota=propose_rota(term=cast.term, by=office), by=office)
    return cast


@pytest.mark.parametrize("who", ROLES)
def test_each_page_opens_to_those_it_is_for_and_to_nobody_else(ready, login, who):
    propose_rota(term=ready.term, by=ready.actor("office"))
    client = login(who)
    parent, office = "guardian" in who, who == "office"
    assert client.get(reverse("scheduling:timetables")).status_code == 200
    for name in READ_BY_STAFF:
        assert client.get(reverse(name)).status_code == (403 if parent else 200), name
    table, day = Timetable.objects.first(), SchoolDay.objects.last()
    turn = RotaTurn.objects.filter(rota__state=RotaState.DRAFT).first()
    pages = [
        *[reverse(name) for name in OFFICE_ONLY],
        reverse("scheduling:timetable-edit", args=[table.pk]),
        reverse("scheduling:timetable-new", args=[table.band_id]),
        reverse("scheduling:calendar-day", args=[day.pk]),
        reverse("scheduling:rota-turn", args=[turn.pk]),
    ]
    for page in pages:
        assert client.get(page).status_code == (200 if office else 403), page
    for verb in ("calendar-fill", "calendar-sessions", "rota-propose"):
        assert client.post(reverse(f"scheduling:{verb}")).status_code == (302 if office else 403)
        assert client.get(reverse(f"scheduling:{verb}")).status_code == (405 if office else 403)


def test_a_parent_sees_the_timetable_of_the_own_child_first(ready, login):
    html = login("guardian").get(reverse("scheduling:timetables")).content.decode()
    assert html.index("您的孩子") < html.index("三至六年级")
    assert "学习时光（作业辅导、教学答疑……）" in html


def test_the_rota_page_costs_the_same_for_one_group_and_for_three(ready, login, django_assert_max_num_queries):
    client = login("teacher")
    with django_assert_max_num_queries(15):
        html = client.get(reverse("scheduling:rota")).content.decode()
    assert "我的班次" in html


def test_the_office_proposes_looks_changes_and_publishes(ready, login, django_capture_on_commit_callbacks):
    client = login("office")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("scheduling:rota-propose")).url == reverse("scheduling:rota-draft")
    draft = Rota.objects.get(state=RotaState.DRAFT)
    turn = RotaTurn.objects.filter(rota=draft, group=ready.groups[2], weekday=3).first()
    client.post(reverse("scheduling:rota-turn", args=[turn.pk]), {"teacher": "", "reason": ""})
    assert "暂缺" in client.get(reverse("scheduling:rota-draft"), {"grade": 2}).content.decode()
    client.post(reverse("scheduling:rota-accept", args=[draft.pk]))
    assert Rota.objects.get(state=RotaState.ACCEPTED) == draft
    assert client.post(reverse("scheduling:rota-accept", args=[draft.pk])).status_code == 302
    open_day = Session.objects.get(group=ready.groups[2], date=date(2026, 9, 23))
    assert not open_day.duties.filter(active=True).exists()


def test_a_timetable_typed_wrong_is_kept_and_says_so(ready, login):
    client = login("office")
    table = Timetable.objects.get(band__first_grade=1)
    address = reverse("scheduling:timetable-edit", args=[table.pk])
    values = {
        "weekdays": ["1", "2"],
        "valid_from": "",
        "dismissal": "15:00",
        "slots": "1",
        "slot-0-parts": "1",
        "slot-0-starts_at": "15:15",
        "slot-0-ends_at": "16:00",
        "slot-0-part-0-kind": "study",
        "slot-0-part-0-text": "自习",
    }
    answer = client.post(address, values)
    assert "放学不能早于最后一个时段结束" in answer.content.decode()
    assert "自习" in answer.content.decode()
    assert client.post(address, values | {"dismissal": "16:00"}).status_code == 302
    assert Slot.objects.filter(timetable=table).count() == 1


def test_the_day_page_cancels_a_day_with_its_reason(ready, login):
    day = SchoolDay.objects.get(date=date(2026, 9, 28))
    address = reverse("scheduling:calendar-day", args=[day.pk])
    client = login("office")
    assert "停办要写明原因" in client.post(address, {"kind": "cancelled", "runs_weekday": 1}).content.decode()
    assert client.post(address, {"kind": "cancelled", "runs_weekday": 1, "note": "台风"}).status_code == 302
    assert set(Session.objects.filter(date=day.date).values_list("state", flat=True)) == {"cancelled"}


def test_the_papers_are_asked_for_and_made(ready, login):
    client = login("teacher")
    for name in ("rota-paper", "rota-excel", "timetable-paper"):
        assert client.post(reverse(f"scheduling:{name}"), {"week": "2026-09-21"}).status_code == 302
    assert set(Paper.objects.values_list("kind", flat=True)) == {"rota", "rota-xlsx", "timetable"}
    actor = ready.actor("teacher")
    params = {"term": ready.term.pk, "week": "2026-09-21"}
    assert rota_xlsx(params, actor, lambda percent: None)[:2] == b"PK"
    assert rota_pdf(params, actor, lambda percent: None)[:4] == b"%PDF"
    assert timetable_pdf(params, actor, lambda percent: None)[:4] == b"%PDF"


def test_the_draft_says_what_is_open_with_what_would_help_and_what_is_not_proven(ready, login):
    Teacher.objects.filter(grade=1).update(days_off="3")
    draft = propose_rota(term=ready.term, by=ready.actor("office"))
    client = login("office")
    html = client.get(reverse("scheduling:rota-draft")).content.decode()
    names = set(Teacher.objects.filter(grade=1, roles__role="teacher").values_list("name", flat=True))
    assert "没有教师：一年级这一天可排 0 人" in html
    assert any(f"若{name}周三可以值班" in html for name in names)
    assert "已证明最优" in html
    proof = next(row for row in draft.findings if row["code"] == "proof")
    proof["proven"] = False
    proof["parts"][0]["stages"][5]["bound"] -= 1
    draft.save()
    assert "教师与服务班的搭配现为" in client.get(reverse("scheduling:rota-draft")).content.decode()
