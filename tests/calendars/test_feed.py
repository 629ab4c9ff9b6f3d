"""The feed: what a phone gets, how long its key opens, and what never leaves the school."""

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from icalendar import Calendar

from afterschool.calendars.feed import feed_bytes
from afterschool.school.enums import DayKind
from afterschool.school.models import Event, Guardianship, SchoolDay, Session
from afterschool.support import clock, ics
from afterschool.support.clock import SHANGHAI
from attendance.enums import LeaveSource
from attendance.models import LeaveRequest
from scheduling.actions.calendar import change_day
from scheduling.actions.feeds import make_feed, stop_feed
from scheduling.feeds import feed_of, token_of
from scheduling.models import CalendarFeed

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 9, 24)


def address(feed: CalendarFeed) -> str:
    return reverse("calendars:feed", args=[token_of(feed)])


def book(client, feed: CalendarFeed) -> Calendar:
    answer = client.get(address(feed))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(answer.content)


def on(calendar: Calendar, day: date) -> list:
    return [e for e in calendar.walk("VEVENT") if str(e.decoded("dtstart"))[:10] == day.isoformat()]


def test_a_phone_reads_the_familys_days_without_login_and_without_a_name(running, client):
    feed = make_feed(by=running.actor("guardian"))
    calendar = book(client, feed)
    events = on(calendar, THURSDAY)
    assert sorted(str(e["summary"]) for e in events) == ["社团（孩子1）", "课后服务（孩子1）", "课后服务（孩子2）"]
    text = client.get(address(feed)).content.decode()
    for word in ("王一", "赵七", "林晓岚", "班服务班", "一（1）", "合唱", "教室", "陈立言"):
        assert word not in text
    assert "X-WR-CALNAME:青禾路小学课后服务" in text


def test_times_are_those_of_shanghai_and_the_zone_comes_with_them(running, client):
    calendar = book(client, make_feed(by=running.actor("other_guardian")))
    (event,) = on(calendar, THURSDAY)
    assert event["dtstart"].params["TZID"] == "Asia/Shanghai"
    starts, ends = event.decoded("dtstart"), event.decoded("dtend")
    assert starts.utcoffset() == timedelta(hours=8)
    assert (starts, ends) == (
        datetime(2026, 9, 24, 15, 15, tzinfo=SHANGHAI),
        datetime(2026, 9, 24, 17, 30, tzinfo=SHANGHAI),
    )
    assert [str(zone["tzid"]) for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert str(event["summary"]) == "课后服务"


def test_what_does_not_take_place_is_cancelled_under_the_same_uid(running, client):
    feed = make_feed(by=running.actor("other_guardian"))
    (before,) = on(book(client, feed), THURSDAY)
    change_day(
        day=SchoolDay.objects.get(date=THURSDAY),
        kind=DayKind.CANCELLED,
        runs_weekday=4,
        note="台风",
        by=running.actor("office"),
    )
    (after,) = on(book(client, feed), THURSDAY)
    assert (str(before["status"]), str(after["status"])) == ("CONFIRMED", "CANCELLED")
    assert str(after["summary"]) == "课后服务（取消）"
    assert before["uid"] == after["uid"]
    LeaveRequest.objects.create(
        term=running.term,
        student=running.students[1],
        first_day=date(2026, 9, 28),
        last_day=date(2026, 9, 28),
        reason="发烧",
        source=LeaveSource.GUARDIAN,
        asked_by=running.other_guardian.user,
        asked_at=clock.now(),
    )
    (away,) = on(book(client, feed), date(2026, 9, 28))
    assert str(away["status"]) == "CANCELLED"
    assert "发烧" not in client.get(address(feed)).content.decode()


def test_uids_are_unique_and_say_nothing(running, client):
    calendar = book(client, make_feed(by=running.actor("guardian")))
    uids = [str(e["uid"]) for e in calendar.walk("VEVENT")]
    assert len(uids) == len(set(uids)) > 100
    assert all(len(uid) == 32 + len("@afterschool") for uid in uids)


def test_a_teachers_feed_names_groups_and_rooms_and_no_child(running, client):
    calendar = book(client, make_feed(by=running.actor("teacher")))
    event = calendar.walk("VEVENT")[0]
    assert str(event["summary"]).startswith("值班：")
    assert str(event["location"]).endswith("教室")


def test_the_same_content_is_not_sent_twice(running, client):
    feed = make_feed(by=running.actor("guardian"))
    first = client.get(address(feed))
    again = client.get(address(feed), headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    Session.objects.filter(date=THURSDAY).update(ends_at=time(17))
    changed = client.get(address(feed), headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert changed["Cache-Control"] == "private, no-cache"


def test_a_new_address_ends_the_old_and_switching_off_ends_all(running, client, login):
    old = make_feed(by=running.actor("guardian"))
    dead = address(old)
    signed_in = login("guardian")
    signed_in.post(reverse("calendars:feed-make"))
    feed = CalendarFeed.objects.get()
    assert client.get(dead).status_code == 404
    assert client.get(address(feed)).status_code == 200
    assert address(feed) in signed_in.get(reverse("calendars:mine")).content.decode()
    signed_in.post(reverse("calendars:feed-stop"))
    assert client.get(address(feed)).status_code == 404
    assert stop_feed(by=running.actor("guardian")) is False
    new = make_feed(by=running.actor("guardian"))
    assert new.version == 3
    assert client.get(dead).status_code == client.get(address(feed)).status_code == 404
    assert client.get(address(new)).status_code == 200
    assert list(Event.objects.filter(verb__startswith="feed").order_by("pk").values_list("verb", flat=True)) == [
        "feed.made", "feed.made", "feed.stopped", "feed.made",
    ]  # fmt: skip


def test_a_closed_account_and_a_forged_key_open_nothing(running, client):
    feed = make_feed(by=running.actor("guardian"))
    good = token_of(feed)
    for key in ("x", good[:-1], f"{good}x", good.replace(good[0], "A", 1)):
        assert client.get(reverse("calendars:feed", args=[key])).status_code == 404
    running.guardian.user.is_active = False
    running.guardian.user.save()
    assert feed_of(good) is None
    assert client.get(address(feed)).status_code == 404


def test_a_guardian_who_acts_no_more_gets_an_empty_calendar(running, client):
    feed = make_feed(by=running.actor("other_guardian"))
    Guardianship.objects.filter(guardian=running.other_guardian).update(acts=False)
    assert list(book(client, feed).walk("VEVENT")) == []


def test_a_teacher_who_left_the_staff_gets_an_empty_calendar(running, client):
    feed = make_feed(by=running.actor("teacher"))
    running.teacher.active = False
    running.teacher.save()
    assert list(book(client, feed).walk("VEVENT")) == []


@pytest.mark.parametrize("children", [1, 2])
def test_the_feed_asks_the_same_for_any_number_of_children(running, client, django_assert_num_queries, children):
    if children == 1:
        Guardianship.objects.filter(guardian=running.guardian, student=running.students[6]).delete()
    feed = make_feed(by=running.actor("guardian"))
    with django_assert_num_queries(9):
        client.get(address(feed))


def test_without_a_term_the_calendar_is_empty_and_whole(running):
    feed = make_feed(by=running.actor("guardian"))
    assert list(Calendar.from_ical(feed_bytes(feed, running.school, None)).walk("VEVENT")) == []


def test_long_lines_are_folded_and_come_back_whole():
    title = "值班：" + "很长的服务班名称，带逗号；分号\\和换行\n第二行" * 6
    made = ics.calendar(
        "青禾路小学", [ics.Event("a@b", THURSDAY, title, time(16), time(17), place="综合楼")], made_at=clock.now()
    )
    assert max(len(line) for line in made.split(b"\r\n")) <= 75
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert str(event["summary"]) == title
    assert made == ics.calendar(
        "青禾路小学", [ics.Event("a@b", THURSDAY, title, time(16), time(17), place="综合楼")], made_at=clock.now()
    )


def test_what_has_no_hours_takes_the_whole_day():
    made = ics.calendar("x", [ics.Event("a@b", THURSDAY, "巡视")], made_at=clock.now())
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (THURSDAY, date(2026, 9, 25))
    assert b"VTIMEZONE" not in made
