"""Each thing the check looks at: it speaks when it should, and is silent when it shouldn't."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from scheduling.checking import AREAS, Band, Club, Dates, Day, Line, Place, Plan, Post, Table, check

TERM = Dates(
    id=1,
    starts_on=date(2026, 9, 1),
    ends_on=date(2026, 11, 30),
    service_from=date(2026, 9, 7),
    opens=date(2026, 9, 1),
    closes=date(2026, 9, 3),
    weekdays="12345",
)
BAND = Band(1, "一、二年级", (1, 2), time(15, 30), time(17, 30))
LINES = (
    Line(time(15, 30), time(16, 10), frozenset({"study"})),
    Line(time(16, 10), time(17, 30), frozenset({"school_club", "class_club"})),
)
TABLE = Table(11, 1, "12345", None, time(17, 30), LINES)


def calendar(weekdays: str = "12345") -> list[Day]:
    days = [date(2026, 9, 7) + timedelta(days=n) for n in range(60)]
    return [Day(d, str(d.isoweekday()) in weekdays, d.isoweekday()) for d in days]


PLAN = Plan(
    dates=TERM,
    today=date(2026, 9, 5),
    grades=frozenset({1, 2}),
    bands=[BAND],
    tables=[TABLE],
    days=calendar(),
    clubs=[Club(5, "合唱", "school_club", (1, 2), "24")],
    posts=[Post(n, "校级领导", filled=True) for n in range(1, 6)],
    places=[Place(7, "一（1）班服务班", roomed=True)],
)


def codes(plan: Plan) -> set[str]:
    return {finding.code for finding in check(plan)}


def table(pk: int, weekdays: str, valid_from: date | None = None, **changes: object) -> Table:
    return replace(TABLE, id=pk, weekdays=weekdays, valid_from=valid_from, **changes)


OCTOBER = date(2026, 10, 1)
SPOILT = {
    "service_outside_term": {"dates": replace(TERM, starts_on=date(2026, 9, 8))},
    "service_before_window": {"dates": replace(TERM, opens=date(2026, 9, 8), closes=date(2026, 9, 9))},
    "service_in_window": {"dates": replace(TERM, closes=date(2026, 9, 7))},
    "count_in_window": {"dates": replace(TERM, counted_on=date(2026, 9, 1))},
    "first_day_weekday": {"dates": replace(TERM, weekdays="2345")},
    "sizes": {"dates": replace(TERM, smallest=46)},
    "grade_without_band": {"grades": frozenset({1, 2, 3})},
    "grade_in_two_bands": {"bands": [BAND, replace(BAND, id=2, grades=(2, 3))]},
    "band_without_table": {"tables": []},
    "hours_from": {"bands": [replace(BAND, served_from=time(15, 15))]},
    "hours_until": {"bands": [replace(BAND, served_until=time(17, 25))]},
    "slot_gap": {"tables": [replace(TABLE, lines=(replace(LINES[0], ends_at=time(16)), LINES[1]))]},
    "dismissal_gap": {"tables": [replace(TABLE, dismissal=time(17, 40))]},
    "weekday_without_table": {"tables": [table(11, "1234")]},
    "tables_clash": {"tables": [table(11, "123"), table(12, "345")]},
    "table_never_runs": {"tables": [TABLE, table(12, "12345", date(2027, 3, 1))]},
    "weekday_not_served": {"tables": [table(11, "123456")]},
    "calendar_empty": {"days": []},
    "no_first_day": {"days": calendar()[1:]},
    "day_undecided": {"days": [*calendar(), Day(date(2026, 11, 15), False, 7, waiting=True)]},
    "days_provisional": {"days": [*calendar(), Day(date(2026, 11, 16), True, 1, known=False)]},
    "calendar_stale": {"days": calendar("123456")},
    "calendar_without_weekday": {"days": calendar("1234")},
    "days_outside": {"days": [*calendar(), Day(date(2026, 12, 1), True, 2)]},
    "club_without_slot": {"clubs": [Club(5, "合唱", "school_club", (1,), "24", nth=2)]},
    "post_open": {"posts": [replace(p, filled=p.weekday < 5) for p in PLAN.posts]},
    "no_posts": {"posts": []},
    "group_without_room": {"places": [Place(7, "一（1）班服务班", roomed=False)]},
}


def test_settings_that_agree_are_left_in_peace():
    assert check(PLAN) == []


@pytest.mark.parametrize("code", SPOILT)
def test_what_disagrees_is_named(code):
    found = [f for f in check(replace(PLAN, **SPOILT[code])) if f.code == code]
    assert found
    assert all(f.area in AREAS and f.sentence.endswith("。") and ":" in f.page for f in found)


def test_fridays_own_hours_are_no_clash_until_a_newer_season_swallows_them():
    friday = table(12, "5", dismissal=time(17, 30))
    assert "tables_clash" not in codes(replace(PLAN, tables=[TABLE, friday]))
    swallowed = [TABLE, friday, table(13, "12345", OCTOBER)]
    sentences = [f.sentence for f in check(replace(PLAN, tables=swallowed)) if f.code == "tables_clash"]
    assert sentences == ["一、二年级：10月1日起周五有两份课表，用的是“周一至周五，10月1日起”，“周五”不再起作用。"]


def test_a_season_that_begins_with_no_timetable_before_it_is_a_gap():
    late = [table(11, "12345", OCTOBER)]
    sentence = next(f.sentence for f in check(replace(PLAN, tables=late)) if f.code == "weekday_without_table")
    assert "9月7日至9月30日，周一至周五" in sentence
    assert "weekday_without_table" not in codes(replace(PLAN, tables=late, today=OCTOBER))


def test_a_weekday_whose_post_nobody_planned_is_open_too():
    four = [p for p in PLAN.posts if p.weekday < 5]
    assert [f.sentence for f in check(replace(PLAN, posts=four))] == ["周五的值班岗位还没有人。"]


def test_what_is_past_is_not_asked_for_again():
    waiting = [*calendar(), Day(date(2026, 11, 15), False, 7, waiting=True)]
    assert "day_undecided" not in codes(replace(PLAN, days=waiting, today=date(2026, 11, 16)))
