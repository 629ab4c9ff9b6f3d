"""A week of a group with its timetable, two teachers, and a week before: for tests of plans and notes."""

from datetime import date, timedelta
from typing import Any

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.models import SchoolDay, Session
from attendance.actions.plans import Change, Written, hand_in, write_plan
from attendance.models import PlanLine, WeekPlan
from attendance.planning import WEEK
from attendance.queries.plan_page import plan_page
from scheduling.defaults import install_timetables
from scheduling.models import Duty
from tests.cast import TODAY, Cast, place_group

MONDAY = TODAY  # a Monday
NEXT = TODAY + WEEK
LAST = TODAY - WEEK


def week_of(cast: Cast, monday: date) -> list[Session]:
    """Let the group meet on the five days of a week: `teacher` on Monday to Wednesday, `other_teacher` then."""
    found = []
    for number in range(5):
        day = monday + timedelta(days=number)
        SchoolDay.objects.get_or_create(
            date=day,
            defaults={
                "term": cast.term,
                "kind": DayKind.SERVICE,
                "runs_weekday": day.isoweekday(),
                "source": DaySource.CALENDAR,
            },
        )
        session, made = Session.objects.get_or_create(
            term=cast.term,
            group=cast.group,
            date=day,
            starts_at=cast.session.starts_at,
            defaults={"ends_at": cast.session.ends_at, "room": cast.session.room},
        )
        if made:
            Duty.objects.create(session=session, teacher=cast.teacher if number < 3 else cast.other_teacher)
        found.append(session)
    return found


def with_weeks(cast: Cast) -> Cast:
    """The cast with a group, its timetable, and three weeks of sessions: the last, this and the next."""
    place_group(cast)
    install_timetables(cast.term, by=cast.actor("office"))
    for monday in (LAST, MONDAY, NEXT):
        week_of(cast, monday)
    return cast


def write(cast: Cast, monday: date = MONDAY, who: str = "teacher", text: str = "做作业", **more: Any) -> WeekPlan:
    """Write the same words in every empty line of a week."""
    page = plan_page(cast.actor(who), cast.group, monday)
    lines = {
        (line.date, line.position): Change(line.was, line.content or text) for day in page.days for line in day.lines
    }
    return write_plan(group=cast.group, monday=monday, written=Written(lines, **more), by=cast.actor(who)).plan


def handed_in(cast: Cast, monday: date = MONDAY, who: str = "teacher", text: str = "做作业") -> WeekPlan:
    """Write a plan and hand it in."""
    return hand_in(plan=write(cast, monday, who, text), by=cast.actor(who))


def words(plan: WeekPlan) -> list[str]:
    """Return the words of a plan in order."""
    return list(PlanLine.objects.filter(plan=plan).order_by("date", "position").values_list("content", flat=True))
