"""The timetables' page and its editor, as the office and a family use them."""

import re
from datetime import date, datetime, time
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from afterschool.school.access import SYSTEM
from afterschool.school.enums import DayKind
from afterschool.school.models import SchoolDay
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions.calendar import fill_calendar
from scheduling.actions.timetables import Part, Row, put_timetable
from scheduling.defaults import install_timetables
from scheduling.enums import SlotKind
from scheduling.models import SlotPart, Timetable
from scheduling.queries.timetables import tables_of_term
from scheduling.rota_documents import timetable_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(cast):
    install_timetables(cast.term, by=cast.actor("office"))
    fill_calendar(term=cast.term, by=cast.actor("office"))
    cast.band = cast.term.bands.get(first_grade=1)
    cast.table = Timetable.objects.get(band=cast.band)
    return cast


def form(**changes: object) -> dict[str, object]:
    return {
        "weekdays": ["5"],
        "valid_from": "",
        "dismissal": "16:45",
        "slots": "2",
        "slot-0-starts_at": "15:15",
        "slot-0-ends_at": "16:00",
        "slot-0-parts": "2",
        "slot-0-part-0-kind": "study",
        "slot-0-part-0-text": "学习时光",
        "slot-0-part-0-place": "本班教室",
        "slot-0-part-1-kind": "leisure",
        "slot-0-part-1-text": "休闲时光",
        "slot-1-starts_at": "16:00",
        "slot-1-ends_at": "16:45",
        "slot-1-parts": "1",
        "slot-1-part-0-kind": "school_club",
        "slot-1-part-0-text": "校级社团",
        "slot-1-part-0-place": "综合学科教室",
    } | changes


def friday(cast) -> Timetable:
    rows = [Row(time(15, 15), time(16, 45), [Part(SlotKind.STUDY, "学习时光", "本班教室")])]
    return put_timetable(
        band=cast.band, weekdays="5", valid_from=None, dismissal=time(16, 45), rows=rows, by=cast.actor("office")
    )


def test_a_second_timetable_is_written_for_friday_with_parts_in_turn_and_side_by_side(ready, login):
    client = login("office")
    address = reverse("scheduling:timetable-new", args=[ready.band.pk])
    values = form(**{"slot-0-part-1-side_by_side": "on"})
    assert client.post(address, values).url == reverse("scheduling:timetables")
    table = Timetable.objects.get(band=ready.band, weekdays="5")
    parts = SlotPart.objects.filter(slot__timetable=table).order_by("slot__number", "position")
    assert list(parts.values_list("text", "side_by_side")) == [
        ("学习时光", False),
        ("休闲时光", True),
        ("校级社团", False),
    ]
    html = client.get(reverse("scheduling:timetables")).content.decode()
    assert "哪天用哪份" in html
    assert "服务到 17:30，课表 16:45 放学" in html


@pytest.mark.parametrize(
    ("change", "slots", "parts"),
    [("slot", 3, 2), ("part-0", 2, 3), ("drop-0", 1, 1), ("drop-0-1", 2, 1), ("drop-9", 2, 2)],
)
def test_rows_come_and_go_without_javascript_and_what_was_typed_stays(ready, login, change, slots, parts):
    client = login("office")
    address = reverse("scheduling:timetable-edit", args=[ready.table.pk])
    answer = client.post(address, form(change=change, dismissal="五点"))
    editor = answer.context["editor"]
    assert (len(editor.lines), len(editor.lines[0].parts)) == (slots, parts)
    assert 'value="五点"' in answer.content.decode()
    assert "校级社团" in answer.content.decode()
    assert not editor.errors
    assert Timetable.objects.get(pk=ready.table.pk).weekdays == "12345"


def test_all_times_move_together(ready, login):
    client = login("office")
    address = reverse("scheduling:timetable-new", args=[ready.band.pk])
    page = client.post(address, form(change="shift", minutes="-45")).content.decode()
    assert all(f'value="{moment}"' in page for moment in ("14:30", "15:15", "16:00"))
    untouched = client.post(address, form(change="shift", minutes="很多")).content.decode()
    assert 'value="16:45"' in untouched


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weekdays": []}, "请选适用的星期"),
        ({"weekdays": list("12345")}, "这个年级段在同样的日子已有一份课表"),
        ({"dismissal": "16:00"}, "放学不能早于最后一个时段结束（16:45）"),
        ({"dismissal": ""}, "请填写放学"),
        ({"slot-1-starts_at": "15:50"}, "与第 1 时段重叠（15:15—16:00）"),
        ({"slot-1-ends_at": "15:00"}, "结束要晚于开始"),
        ({"slot-0-starts_at": "下午"}, "请写成时间，例如 16:05"),
        ({"slot-1-part-0-text": "", "slot-1-part-0-place": ""}, "请写内容"),
        ({"slots": "0"}, "请填写开始"),
    ],
)
def test_a_slip_stands_beside_its_field_and_nothing_is_lost(ready, login, changes, words):
    client = login("office")
    answer = client.post(reverse("scheduling:timetable-new", args=[ready.band.pk]), form(**changes))
    html = answer.content.decode()
    assert words in html
    assert 'aria-invalid="true"' in html or "field bad" in html
    assert Timetable.objects.filter(band=ready.band).count() == 1
    if "slots" not in changes:
        assert "休闲时光" in html


def test_blank_rows_are_not_saved(ready, login):
    client = login("office")
    blank = {"slots": "3", "slot-2-parts": "1", "slot-2-part-0-kind": "study", "slot-0-parts": "3"}
    assert client.post(reverse("scheduling:timetable-new", args=[ready.band.pk]), form(**blank)).status_code == 302
    assert Timetable.objects.get(weekdays="5").slots.count() == 2


def test_another_timetable_starts_as_a_copy_of_any(ready, login):
    client = login("office")
    old = Timetable.objects.get(band__first_grade=3)
    address = reverse("scheduling:timetable-new", args=[ready.band.pk])
    copied = client.get(address, {"from": old.pk}).content.decode()
    assert "校级社团活动时光" in copied
    assert not re.search(r'name="weekdays"[^>]*checked', copied)
    assert "绘本阅读" in client.get(address).content.decode()
    assert client.get(address, {"from": 99999}).status_code == 404


def test_the_world_reads_the_timetables_and_a_family_finds_today(ready, client, login):
    friday(ready)
    html = client.get(reverse("scheduling:timetables")).content.decode()
    assert html.count("今天用这份") == 2
    assert "学习时光（作业辅导、教学答疑……）" in html
    assert "修改" not in html
    own = login("guardian").get(reverse("scheduling:timetables")).content.decode()
    assert own.index("您的孩子") < own.index("今天用这份") < own.index("三至六年级")
    assert "slot-now" in own


def test_a_moved_saturday_runs_the_weekday_it_makes_up_for(ready, client):
    table = friday(ready)
    saturday = date(2026, 10, 10)
    SchoolDay.objects.filter(date=saturday).update(kind=DayKind.SERVICE, runs_weekday=5, note="")
    with clock.frozen(datetime(2026, 10, 10, 15, 20, tzinfo=SHANGHAI)):
        html = client.get(reverse("scheduling:timetables")).content.decode()
        band = next(row for row in tables_of_term(ready.term, SYSTEM) if row.band == ready.band)
    assert "今天按周五的时间表" in html
    assert band.today == table


def test_a_day_without_service_says_so(ready, client):
    with clock.frozen(datetime(2026, 10, 1, 16, 0, tzinfo=SHANGHAI)):
        html = client.get(reverse("scheduling:timetables")).content.decode()
    assert "今天没有课后服务" in html
    assert "国庆" in html
    assert "今天用这份" not in html


def test_a_season_that_is_over_is_put_away(ready, client, login):
    winter = put_timetable(
        band=ready.band,
        weekdays="12345",
        valid_from=date(2026, 10, 1),
        dismissal=time(17),
        rows=[Row(time(15, 15), time(17), [Part(SlotKind.STUDY, "冬季学习")])],
        by=ready.actor("office"),
    )
    with clock.frozen(datetime(2026, 11, 2, 16, 0, tzinfo=SHANGHAI)):
        band = next(row for row in tables_of_term(ready.term, SYSTEM) if row.band == ready.band)
        assert band.shown == [winter]
        assert "已经过去" in login("office").get(reverse("scheduling:timetables")).content.decode()


@pytest.mark.parametrize("more", [0, 2])
def test_the_page_asks_the_same_for_one_timetable_and_for_three(ready, client, django_assert_num_queries, more):
    for weekdays in ("5", "4")[:more]:
        rows = [Row(time(15, 15), time(16), [Part(SlotKind.STUDY, "学习")])]
        put_timetable(
            band=ready.band, weekdays=weekdays, valid_from=None, dismissal=time(16), rows=rows, by=ready.actor("office")
        )
    with django_assert_num_queries(7):
        client.get(reverse("scheduling:timetables"))


def test_the_wall_has_a_page_for_each_band_or_one_band_alone(ready, login):
    friday(ready)

    def pages(**params: int) -> list[str]:
        made = timetable_pdf({"term": ready.term.pk, **params}, ready.actor("teacher"), lambda percent: None)
        return [page.extract_text() for page in PdfReader(BytesIO(made)).pages]

    both = pages()
    assert len(both) == 2
    assert "一、二年级" in both[0]
    assert "16:45" in both[0]
    assert [("三至六年级" in page) for page in pages(band=ready.term.bands.get(first_grade=3).pk)] == [True]
    client = login("teacher")
    assert client.post(reverse("scheduling:timetable-paper"), {"band": ready.band.pk}).status_code == 302
    assert client.post(reverse("scheduling:timetable-paper"), {"band": "x"}).status_code == 404
