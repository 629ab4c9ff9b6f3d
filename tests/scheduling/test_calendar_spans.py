"""Changing the calendar: a moved Saturday, a span of days at once, and back again."""

from datetime import date, datetime

import pytest
from django.urls import reverse

from afterschool.school.enums import DayKind, DaySource, SessionState
from afterschool.school.models import Delivery, Placement, SchoolDay, Session
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from scheduling.actions.calendar import change_day, change_span, fill_calendar, restore_span
from scheduling.actions.club_places import take_place
from scheduling.actions.sessions import make_sessions
from scheduling.enums import PlaceSource
from scheduling.models import Duty
from scheduling.queries.calendar import months_of
from tests.scheduling.applied import approve
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club, make_room

pytestmark = pytest.mark.django_db
SATURDAY = date(2026, 10, 10)
FIRST, LAST = date(2026, 11, 5), date(2026, 11, 10)


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        Placement.objects.filter(student=cast.students[1]).update(weekdays="12")
        cast.club = make_club(cast, "合唱", room=make_room("音乐教室"), weekdays="4")
        make_sessions(term=cast.term, by=cast.actor("office"))
        take_place(
            club=cast.club,
            student=cast.students[0],
            source=PlaceSource.OFFICE,
            starts_on=date(2026, 9, 7),
            by=cast.actor("office"),
        )
    return cast


def told(kind: str) -> dict[str, str]:
    rows = Delivery.objects.filter(message__kind=kind, recipient__isnull=False)
    return dict(rows.values_list("recipient__name", "message__title"))


def read(kind: str, name: str) -> str:
    return Delivery.objects.get(message__kind=kind, recipient__name=name).message.body


def test_families_read_of_their_child_and_teachers_of_their_duty(arranged):
    office, teacher = arranged.actor("office"), arranged.club.teacher.name
    day = SchoolDay.objects.get(date=date(2026, 10, 8))
    change_day(day=day, kind=DayKind.CANCELLED, runs_weekday=4, note="台风", by=office)
    assert read("day.cancelled", "林晓岚") == "原因：台风。当天请按正常放学时间接孩子。"
    assert read("day.cancelled", teacher) == "原因：台风。当天没有值班。"
    change_day(day=day, kind=DayKind.SERVICE, runs_weekday=4, note="", by=office)
    assert read("day.added", "林晓岚").endswith("孩子不来，请在网站上请假。")
    assert read("day.added", teacher) == "照原来的安排进行。您的班次请看值班表。"


def test_a_holiday_asks_nobody_to_fetch_a_child(arranged):
    change_span(term=arranged.term, first=FIRST, last=LAST, kind=DayKind.OFF, note="秋假", by=arranged.actor("office"))
    assert read("day.cancelled", "林晓岚") == "原因：秋假。这几天不上学。"


def test_on_a_moved_saturday_the_children_of_that_weekday_come_and_the_clubs_too(arranged):
    day = SchoolDay.objects.get(date=SATURDAY)
    change_day(day=day, kind=DayKind.SERVICE, runs_weekday=4, note="", by=arranged.actor("office"))
    met = Session.objects.filter(date=SATURDAY, state=SessionState.PLANNED)
    assert met.count() == 4
    club = met.get(group=arranged.club.group)
    thursday = Session.objects.get(group=arranged.club.group, date=date(2026, 10, 8))
    assert (club.starts_at, club.room_id) == (thursday.starts_at, thursday.room_id)
    assert Duty.objects.get(session=club, active=True).teacher == arranged.club.teacher
    added = told("day.added")
    assert added["林晓岚"] == "10月10日有课后服务"
    assert "何文" not in added  # her child comes on Mondays and Tuesdays
    assert arranged.club.teacher.name in added


def test_a_day_that_runs_another_weekday_tells_who_loses_it_and_who_gets_it(arranged):
    office = arranged.actor("office")
    day = SchoolDay.objects.get(date=SATURDAY)
    change_day(day=day, kind=DayKind.SERVICE, runs_weekday=4, note="", by=office)
    change_day(day=day, kind=DayKind.SERVICE, runs_weekday=2, note="", by=office)
    assert Session.objects.get(group=arranged.club.group, date=SATURDAY).state == SessionState.CANCELLED
    assert "何文" in told("day.added")
    assert "林晓岚" not in told("day.cancelled")


def test_a_span_goes_at_once_with_one_message_and_comes_back(arranged):
    office = arranged.actor("office")
    before = list(SchoolDay.objects.filter(date__range=(FIRST, LAST)).values("date", "kind", "source", "note"))
    effect = change_span(term=arranged.term, first=FIRST, last=LAST, kind=DayKind.OFF, note="秋假", by=office)
    assert [day.date.day for day in effect.days] == [5, 6, 9, 10]
    assert effect.cancelled == 4 * 3 + 1
    days = SchoolDay.objects.filter(date__range=(FIRST, LAST), source=DaySource.SCHOOL)
    assert set(days.values_list("kind", "note")) == {(DayKind.OFF, "秋假")}
    assert told("day.cancelled")["林晓岚"] == "11月5日至11月10日课后服务停办"
    assert Delivery.objects.filter(message__kind="day.cancelled", recipient__name="林晓岚").count() == 1
    fill_calendar(term=arranged.term, by=office)
    assert days.count() == 4

    back = restore_span(term=arranged.term, first=FIRST, last=LAST, by=office)
    assert len(back.days) == 4
    assert list(SchoolDay.objects.filter(date__range=(FIRST, LAST)).values("date", "kind", "source", "note")) == before
    assert not Session.objects.filter(date__range=(FIRST, LAST), state=SessionState.CANCELLED).exists()
    assert told("day.added")["林晓岚"] == "11月5日至11月10日有课后服务"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("span_order", {"last": date(2026, 11, 4)}),
        ("span_outside", {"last": date(2027, 3, 1)}),
        ("day_is_past", {"first": date(2026, 9, 18)}),
        ("day_has_begun", {"first": date(2026, 9, 21)}),
        ("note_missing", {"note": " "}),
        ("nothing_to_change", {"first": date(2026, 11, 7), "last": date(2026, 11, 8)}),
    ],
)
def test_a_span_that_cannot_be_is_refused_whole(arranged, code, changes):
    values = {"term": arranged.term, "first": FIRST, "last": LAST, "kind": DayKind.CANCELLED, "note": "考试"} | changes
    with pytest.raises(Refused) as refused:
        change_span(by=arranged.actor("office"), **values)
    assert refused.value.code == code
    assert not SchoolDay.objects.filter(source=DaySource.SCHOOL).exists()


def test_nothing_to_restore_is_said(arranged):
    with pytest.raises(Refused) as refused:
        restore_span(term=arranged.term, first=FIRST, last=LAST, by=arranged.actor("office"))
    assert refused.value.code == "nothing_to_change"


def test_the_office_looks_at_a_span_before_it_is_done(arranged, login):
    client = login("office")
    address = reverse("scheduling:calendar-span")
    values = {"what": "cancelled", "first": "2026-11-05", "last": "2026-11-10", "note": "期末考试"}
    html = client.get(address, values).content.decode()
    assert "会改 4 天" in html
    assert "告诉家长和教师" in html
    assert not SchoolDay.objects.filter(source=DaySource.SCHOOL).exists()
    assert "请写明原因" in client.get(address, values | {"note": ""}).content.decode()
    assert "结束不能早于开始" in client.get(address, values | {"last": "2026-11-01"}).content.decode()
    unchosen = client.get(address, {"first": "2026-11-05", "last": "2026-11-10", "note": "期末考试"}).content.decode()
    assert "请选一项" in unchosen
    assert "2026-11-05" in unchosen
    kept = client.post(address, values | {"first": "2026-09-01"}).content.decode()
    assert "已过去的日子不能改" in kept
    assert "期末考试" in kept
    assert client.post(address, values).url.endswith("?month=2026-11")
    assert SchoolDay.objects.filter(kind=DayKind.CANCELLED, note="期末考试").count() == 4
    assert "恢复这 4 天" in client.get(address, values | {"what": "restore"}).content.decode()


def test_the_months_sheet_marks_what_is_out_of_the_common(arranged, login):
    change_day(
        day=SchoolDay.objects.get(date=SATURDAY),
        kind=DayKind.SERVICE,
        runs_weekday=4,
        note="",
        by=arranged.actor("office"),
    )
    october = next(m for m in months_of(arranged.term) if m.first.month == 10)
    words = {cell.day.date.day: cell.word for cell in october.cells}
    assert (words[1], words[8], words[10], words[11]) == ("放假", "服务", "按周四", "")
    assert len(october.weeks) == 5
    assert all(len(week) == 7 for week in october.weeks)
    assert october.weeks[0][3].day.date == date(2026, 10, 1)
    html = login("office").get(reverse("scheduling:calendar"), {"month": "2026-10"}).content.decode()
    assert "周六 10月10日，按周四" in html
    january = next(m for m in months_of(arranged.term) if m.first.month == 1)
    assert {cell.word for cell in january.cells if cell.day.kind == DayKind.SERVICE} == {"暂定"}


@pytest.mark.parametrize("changed", [0, 3])
def test_the_calendar_asks_the_same_whatever_was_changed(arranged, login, django_assert_num_queries, changed):
    if changed:
        with clock.frozen(datetime(2026, 9, 20, 9, 0, tzinfo=SHANGHAI)):
            change_span(
                term=arranged.term,
                first=FIRST,
                last=LAST,
                kind=DayKind.OFF,
                note="秋假",
                by=arranged.actor("office"),
            )
    client = login("office")
    with django_assert_num_queries(18):
        client.get(reverse("scheduling:calendar"))
