"""Moved working days wait for the office's word only while they can still be decided."""

from datetime import timedelta

from django.urls import reverse

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import SchoolDay
from scheduling.calendar import UNDECIDED
from scheduling.queries.calendar import undecided
from tests.cast import TODAY


def test_a_day_that_is_past_waits_for_nobody(cast, login):
    for days in (-1, 1):
        SchoolDay.objects.create(
            term=cast.term,
            date=TODAY + timedelta(days=days),
            kind=DayKind.OFF,
            runs_weekday=1,
            source=DaySource.CALENDAR,
            note=UNDECIDED,
        )
    (waiting,) = undecided(cast.term)
    assert waiting.date == TODAY + timedelta(days=1)
    client = login("office")
    assert "调休上班日" in client.get(reverse("home")).content.decode()
    SchoolDay.objects.filter(pk=waiting.pk).update(source=DaySource.SCHOOL)  # decided: no service that day
    assert "请确定按周几上课" not in client.get(reverse("home")).content.decode()
