"""The school calendar of a term: filled from the nation's, changed by the office, whose own word wins."""

from datetime import date, datetime, time

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, DaySource
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Guardianship, SchoolDay, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.access import need_office
from scheduling.actions.sessions import cancel_day, placed_on, take_up_day
from scheduling.calendar import DayPlan, plan_term
from scheduling.national import national

FIELDS = ["kind", "runs_weekday", "source", "note"]


@transaction.atomic
def fill_calendar(*, term: Term, by: Actor) -> int:
    """Write every date of the term as the nation or the weekday has it (D8); return how many dates were made or changed.

    What the school set itself survives, and so does what is past. Refused with `days_of_other_term` where terms overlap.
    """
    need_office(by)
    if SchoolDay.objects.filter(date__range=(term.starts_on, term.ends_on)).exclude(term=term).exists():
        raise Refused("days_of_other_term", "这段日期里有些日子已属于另一个学期，请先改学期的起止日期。")
    plans = plan_term(
        first=term.starts_on,
        last=term.ends_on,
        service_from=term.service_starts_on,
        service_weekdays=term.service_weekdays,
        nation=national,
    )
    standing = {day.date: day for day in SchoolDay.objects.filter(term=term)}
    new = [SchoolDay(term=term, **_values(plan)) for plan in plans if plan.date not in standing]
    changed = [day for plan in plans if (day := standing.get(plan.date)) and _rewrite(day, plan)]
    SchoolDay.objects.bulk_create(new)
    SchoolDay.objects.bulk_update(changed, FIELDS)
    outside = [d.pk for d in standing.values() if not term.starts_on <= d.date <= term.ends_on]
    SchoolDay.objects.filter(pk__in=outside).exclude(source=DaySource.SCHOOL).delete()
    record("calendar.filled", subject=term, by=by, term_id=term.pk, data={"new": len(new), "changed": len(changed)})
    return len(new) + len(changed)


def _values(plan: DayPlan) -> dict[str, object]:
    return {
        "date": plan.date,
        "kind": DayKind(plan.kind.value),
        "runs_weekday": plan.runs_weekday,
        "source": DaySource.CALENDAR if plan.known else DaySource.PROVISIONAL,
        "note": plan.note,
    }


def _rewrite(day: SchoolDay, plan: DayPlan) -> bool:
    if day.source == DaySource.SCHOOL or day.date < clock.today():
        return False
    values = _values(plan)
    if all(getattr(day, name) == values[name] for name in FIELDS):
        return False
    for name in FIELDS:
        setattr(day, name, values[name])
    return True


@transaction.atomic
def change_day(*, day: SchoolDay, kind: DayKind, runs_weekday: int, note: str, by: Actor) -> int:
    """Set a date by the school's own word, and let its sessions follow; return how many sessions were cancelled.

    A cancelled or free day cancels its sessions and tells guardians and teachers; a service day makes them. Refused with
    `day_is_past`, `day_has_begun`, `note_missing` (a cancelled day says why) or `weekday_without_service`.
    """
    need_office(by)
    term, note = day.term, note.strip()[:60]
    _check_change(term, day.date, kind, runs_weekday, note)
    seen = SchoolDay.objects.filter(pk=day.pk, kind=day.kind, runs_weekday=day.runs_weekday)
    if not seen.update(kind=kind, runs_weekday=runs_weekday, note=note, source=DaySource.SCHOOL):
        raise Refused("somebody_was_faster", "刚才已有人改过这一天，请看最新的状态。")
    record(
        "day.changed",
        subject=day,
        by=by,
        term_id=term.pk,
        data={"date": day.date.isoformat(), "old": day.kind, "new": str(kind), "weekday": runs_weekday},
        note=note,
    )
    old_weekday = day.runs_weekday
    day.kind, day.runs_weekday, day.note, day.source = kind, runs_weekday, note, DaySource.SCHOOL
    if kind == DayKind.SERVICE:
        if Session.objects.filter(term=term).exists():
            take_up_day(term, day.date)
        return 0
    return _call_off(term, day, old_weekday, by)


def _call_off(term: Term, day: SchoolDay, weekday: int, by: Actor) -> int:
    groups, teachers = cancel_day(term, day.date, day.note or day.get_kind_display())
    if groups:
        children = placed_on(groups, weekday=weekday, day=day.date)
        guardians = Guardianship.objects.filter(student__in=children, acts=True, guardian__user__isnull=False)
        accounts = {pk for pk in guardians.values_list("guardian__user_id", flat=True) if pk is not None}
        title = f"{day.date.month}月{day.date.day}日课后服务停办"
        body = f"原因：{day.note}。当天请按正常放学时间接孩子。" if day.note else "当天请按正常放学时间接孩子。"
        tell(accounts | teachers, kind="day.cancelled", title=title, body=body, term=term, by=by)
    return len(groups)


def _check_change(term: Term, day: date, kind: DayKind, runs_weekday: int, note: str) -> None:
    now = clock.now()
    if day < now.date():
        raise Refused("day_is_past", "已过去的日子不能改。")
    if day == now.date() and _begun(term, now):
        raise Refused("day_has_begun", "今天的服务已经开始，不能再改。孩子要提前离校，请在放学页逐个交接。")
    if kind == DayKind.CANCELLED and not note:
        raise Refused("note_missing", "停办要写明原因，家长会看到。")
    if kind == DayKind.SERVICE and str(runs_weekday) not in term.service_weekdays:
        raise Refused("weekday_without_service", "这个星期几本学期不安排服务，请选别的。")


def _begun(term: Term, now: datetime) -> bool:
    moment: time = now.time()
    return Session.objects.filter(term=term, date=now.date(), starts_at__lte=moment).exists()
