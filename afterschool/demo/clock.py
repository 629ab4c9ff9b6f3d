"""The clock of the demo school: it goes on from the newest record, and the office can move it forward, never back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind
from afterschool.school.events import record
from afterschool.school.models import Event, Message, School, SchoolDay
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.models import Handover

FARTHEST = timedelta(days=120)


def set_clock(moment: datetime) -> None:
    """Let the demo school's clock show `moment` from now on, in every process."""
    offset = moment - timezone.now()
    School.objects.filter(pk=1, demo=True).update(clock_offset_seconds=int(offset.total_seconds()))
    clock.set_offset(offset)


def resume(earliest: datetime) -> datetime:
    """Let the clock go on from the newest record, or from `earliest`. Return what it shows."""
    found = (
        Event.objects.aggregate(at=Max("at"))["at"],
        Handover.objects.aggregate(at=Max("at"))["at"],
        Message.objects.aggregate(at=Max("created_at"))["at"],
    )
    moment = max([earliest, *(at + timedelta(seconds=1) for at in found if at)])
    set_clock(moment)
    return clock.now()


def next_service_afternoon() -> datetime | None:
    """Return 15:50 of the next service day after today, if the term has one."""
    day = SchoolDay.objects.filter(kind=DayKind.SERVICE, date__gt=clock.today()).order_by("date").first()
    return clock.at(day.date, datetime.strptime("15:50", "%H:%M").time()) if day else None  # noqa: DTZ007 (a time of day)


@transaction.atomic
def move_forward(school: School, moment: datetime, *, by: Actor) -> None:
    """Move the demo school's clock to a later moment and make that day's list of children."""
    if not school.demo:
        raise Refused("no_demo", "只有示范学校能拨时钟。")
    if not by.is_office:
        raise Refused("not_allowed", "只有课程教学中心能拨示范时钟。")
    if not clock.now() < moment <= clock.now() + FARTHEST:
        raise Refused("backwards", "时钟只能往后拨，一次最多 120 天。")
    set_clock(moment)
    record("demo.clock_moved", subject=school, by=by)  # at the new time: a later start goes on from there
    if school.current_term is not None:
        ensure_day(school.current_term, clock.today(), by=by)
