from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import SchoolDay
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.calendar import change_day, fill_calendar
from scheduling.calendar import UNDECIDED, Kind, National, plan_day, plan_term
from scheduling.national import national
from tests.scheduling.arranged import BEFORE


def plan(day, nation):
    return plan_day(day, service_from=date(2026, 9, 7), service_weekdays="1234", nation=nation)


def test_a_year_that_nobody_knows_goes_by_weekday_and_says_so():
    monday = plan(date(2027, 1, 4), lambda day: None)
    assert (monday.kind, monday.known) == (Kind.SERVICE, False)
    assert plan(date(2027, 1, 9), lambda day: None).kind == Kind.OFF


def test_a_moved_working_day_waits_for_the_office():
    moved = plan(date(2026, 9, 20), lambda day: National(works=True, holiday="国庆节"))
    assert (moved.kind, moved.note) == (Kind.OFF, UNDECIDED)


def test_a_weekday_without_service_is_off():
    assert plan(date(2026, 9, 18), lambda day: National(works=True)).kind == Kind.OFF


def test_the_plan_names_every_date_once_and_nothing_before_the_first_day_of_service():
    days = plan_term(
        first=date(2026, 9, 1),
        last=date(2027, 1, 22),
        service_from=date(2026, 9, 7),
        service_weekdays="12345",
        nation=national,
    )
    assert len(days) == len({d.date for d in days}) == 144
    assert min(d.date for d in days if d.kind == Kind.SERVICE) == date(2026, 9, 7)
    off = {d.date: d.note for d in days if d.kind == Kind.OFF}
    assert off[date(2026, 9, 25)] == "中秋"
    assert off[date(2026, 10, 1)].startswith("国庆")
    assert off[date(2026, 9, 20)] == off[date(2026, 10, 10)] == UNDECIDED
    assert not any(d.known for d in days if d.date.year == 2027)


@pytest.mark.django_db
def test_the_schools_own_word_survives_a_refill(cast):
    office = cast.actor("office")
    with clock.frozen(BEFORE):
        assert fill_calendar(term=cast.term, by=office) == 144
        sunday = SchoolDay.objects.get(date=date(2026, 9, 20))
        change_day(day=sunday, kind=DayKind.SERVICE, runs_weekday=5, note="", by=office)
        assert fill_calendar(term=cast.term, by=office) == 0
    sunday.refresh_from_db()
    assert (sunday.kind, sunday.runs_weekday, sunday.source) == (DayKind.SERVICE, 5, DaySource.SCHOOL)


@pytest.mark.django_db
def test_what_is_past_is_left_alone_and_a_cancelled_day_says_why(cast):
    office = cast.actor("office")
    fill_calendar(term=cast.term, by=office)

    def refusal(day, **changes):
        values = {"kind": DayKind.CANCELLED, "runs_weekday": 1, "note": ""} | changes
        row = SchoolDay.objects.get(date=day)
        with pytest.raises(Refused) as refused:
            change_day(day=row, by=office, **values)
        return refused.value.code

    assert refusal(date(2026, 9, 18), note="台风") == "day_is_past"
    assert refusal(date(2026, 9, 22)) == "note_missing"
    assert refusal(date(2026, 9, 26), kind=DayKind.SERVICE, runs_weekday=6) == "weekday_without_service"


@pytest.mark.django_db
def test_nobody_but_the_office_fills_or_changes(cast):
    for name in ("teacher", "guardian", "duty_leader"):
        with pytest.raises(PermissionDenied):
            fill_calendar(term=cast.term, by=cast.actor(name))
