"""A term under way: first grouping accepted before service began, calendar and sessions made; then children join and leave."""

from datetime import date, datetime

from afterschool.school.models import Group, Placement, Student
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions.calendar import fill_calendar
from scheduling.actions.grouping import accept_grouping, propose_groups
from scheduling.actions.sessions import make_sessions
from scheduling.defaults import install_timetables
from tests.cast import Cast
from tests.scheduling.applied import approve

SUNDAY = datetime(2026, 9, 6, 10, 0, tzinfo=SHANGHAI)  # before service begins on Monday 7 September
TOMORROW = date(2026, 9, 22)
FRIDAY = date(2026, 9, 25)


def begin_term(cast: Cast) -> dict[str, Group]:
    """Class 1-1 whole (its own group), two of class 1-2 (a mixed group), one of class 2-1 (another)."""
    office = cast.actor("office")
    install_timetables(cast.term, by=office)
    fill_calendar(term=cast.term, by=office)
    with clock.frozen(SUNDAY):
        approve(cast, *cast.students[:8], cast.students[12], weekdays="12345")
        accept_grouping(grouping=propose_groups(term=cast.term, by=office), by=office)
        make_sessions(term=cast.term, by=office)
    return {group.name: group for group in Group.objects.all()}


def withdraw(*students: Student) -> None:
    """Let these children no longer take part."""
    Application.objects.filter(student__in=students).update(state=ApplicationState.WITHDRAWN)


def group_of(student: Student, day: date) -> str:
    """Return the name of the group in which a child has its place on a day, or nothing."""
    begun = Placement.objects.filter(student=student, starts_on__lte=day)
    places = [place for place in begun if not place.ends_on or place.ends_on >= day]
    return places[0].group.name if places else ""
