"""The school calendar of a term: filled from the nation's, changed by the office, whose own word wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import DayKind, DaySource, SessionState
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from afterschool.support.weekdays import NAMES
from scheduling.actions.sessions import cancel_day, placed_on, take_up_day
from scheduling.calendar import DayPlan, plan_day, plan_term
from scheduling.models import Duty
from scheduling.national import national
from scheduling.queries.calendar import days_to_change, days_to_restore

FIELDS = ["kind", "runs_weekday", "source", "note"]


@dataclass
class Effect:
    """Whom a change of the calendar reaches: sessions cancelled, children and teachers who lose a day or get one."""

    days: list[SchoolDay] = field(default_factory=list)
    cancelled: int = 0
    lost: set[int] = field(default_factory=set)
    gained: set[int] = field(default_factory=set)
    staff_lost: set[int] = field(default_factory=set)
    staff_gained: set[int] = field(default_factory=set)


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

    Families and teachers who lose the day are told, and so are those who get one. Refused with `day_is_past`,
    `day_has_begun`, `note_missing` (a cancelled day says why) or `weekday_without_service`.
    """
    need_office(by)
    note = note.strip()[:60]
    _check_moment(day.term, day.date)
    _check_words(day.term, kind, runs_weekday, note)
    effect = Effect()
    _set(day, effect, by, kind=kind, runs_weekday=runs_weekday, note=note, source=DaySource.SCHOOL)
    _tell(day.term, effect, note, by)
    return effect.cancelled


@transaction.atomic
def change_span(*, term: Term, first: date, last: date, kind: DayKind, note: str, by: Actor) -> Effect:
    """Take a span of days out of the service at once (秋假, exam days): those that have service, and no others.

    One message tells of all of it. Refused with `span_order`, `span_outside`, `day_is_past`, `day_has_begun`, `note_missing`
    or `nothing_to_change`.
    """
    need_office(by)
    note = note.strip()[:60]
    _check_span(term, first, last)
    if not note:
        raise Refused("note_missing", "请写明原因，例如：秋假、期末考试。家长会看到。")
    effect = Effect()
    for day in days_to_change(term, first, last, kind):
        _set(day, effect, by, kind=kind, runs_weekday=day.runs_weekday, note=note, source=DaySource.SCHOOL)
    return _done(term, effect, note, by)


@transaction.atomic
def restore_span(*, term: Term, first: date, last: date, by: Actor) -> Effect:
    """Take back what the school set in a span: each date is again what the nation or the weekday has it.

    Refused with `span_order`, `span_outside`, `day_is_past`, `day_has_begun` or `nothing_to_change`.
    """
    need_office(by)
    _check_span(term, first, last)
    effect = Effect()
    for day in days_to_restore(term, first, last):
        plan = plan_day(
            day.date, service_from=term.service_starts_on, service_weekdays=term.service_weekdays, nation=national
        )
        values = _values(plan)
        del values["date"]
        _set(day, effect, by, **values)
    return _done(term, effect, "恢复原来的安排", by)


def _done(term: Term, effect: Effect, note: str, by: Actor) -> Effect:
    if not effect.days:
        raise Refused("nothing_to_change", "这段日子里没有要改的服务日。")
    _tell(term, effect, note, by)
    return effect


def _set(day: SchoolDay, effect: Effect, by: Actor, **values: object) -> None:
    """Write one date, let its sessions follow, and add whom it reaches to the effect."""
    term, old_kind, old_weekday = day.term, day.kind, day.runs_weekday
    seen = SchoolDay.objects.filter(pk=day.pk, kind=old_kind, runs_weekday=old_weekday)
    if seen.update(**values) != 1:
        raise somebody_was_faster()
    for name, value in values.items():
        setattr(day, name, value)
    record(
        "day.changed",
        subject=day,
        by=by,
        term_id=term.pk,
        data={"date": day.date.isoformat(), "old": old_kind, "new": str(day.kind), "weekday": day.runs_weekday},
        note=day.note,
    )
    children, staff = _due(day.date, old_weekday)
    if day.kind == DayKind.SERVICE:
        if Session.objects.filter(term=term).exists():
            take_up_day(term, day.date)
    else:
        groups, _ = cancel_day(term, day.date, day.note or day.get_kind_display())
        effect.cancelled += len(groups)
    children_now, staff_now = _due(day.date, day.runs_weekday)
    effect.days.append(day)
    effect.lost |= children - children_now
    effect.gained |= children_now - children
    effect.staff_lost |= staff - staff_now
    effect.staff_gained |= staff_now - staff


def _due(day: date, weekday: int) -> tuple[set[int], set[int]]:
    """Return the children due on a date, and the accounts of the teachers who answer for its sessions."""
    sessions = Session.objects.filter(date=day, state=SessionState.PLANNED)
    groups = list(sessions.values_list("group_id", flat=True))
    duties = Duty.objects.filter(session__in=sessions, active=True, teacher__user__isnull=False)
    accounts = {pk for pk in duties.values_list("teacher__user_id", flat=True) if pk is not None}
    return set(placed_on(groups, weekday=weekday, day=day)), accounts


def _tell(term: Term, effect: Effect, note: str, by: Actor) -> None:
    """Tell those who lose a day, and those who get one: one message a person for each of the two.

    Families read what it means for their child, staff what it means for their duty; who is both reads as a family.
    """
    span, first, single = _words(effect.days), effect.days[0], len(effect.days) == 1
    families, gainers = _accounts(effect.lost), _accounts(effect.gained)
    lost = families | effect.staff_lost
    reason, when = f"原因：{note}。" if note else "", "当天" if single else "这几天"
    home = "不上学。" if first.kind == DayKind.OFF else "请按正常放学时间接孩子。"
    weekday = NAMES[str(first.runs_weekday)]
    moved = single and first.runs_weekday != first.date.isoweekday()
    as_usual = f"这天按{weekday}的安排，{weekday}参加的孩子照常参加。" if moved else "照原来的安排进行。"
    off, on = f"{span}课后服务停办", f"{span}有课后服务"
    losing = [(families, f"{reason}{when}{home}"), (effect.staff_lost - families, f"{reason}{when}没有值班。")]
    gaining = [
        (gainers - lost, f"{as_usual}孩子不来，请在网站上请假。"),
        (effect.staff_gained - gainers - lost, f"{as_usual}您的班次请看值班表。"),
    ]
    notes = [Note(sorted(who), "day.cancelled", off, term_id=term.pk, body=body) for who, body in losing]
    notes += [Note(sorted(who), "day.added", on, term_id=term.pk, body=body) for who, body in gaining]
    tell_many(notes, by=by)


def _words(days: Sequence[SchoolDay]) -> str:
    first, last = days[0].date, days[-1].date
    if first == last:
        return f"{first.month}月{first.day}日"
    return f"{first.month}月{first.day}日至{last.month}月{last.day}日"


def _accounts(students: Iterable[int]) -> set[int]:
    return {account for accounts in guardians_of_each(students).values() for account in accounts}


def _check_span(term: Term, first: date, last: date) -> None:
    if last < first:
        raise Refused("span_order", "结束不能早于开始。")
    if not term.starts_on <= first <= last <= term.ends_on:
        raise Refused("span_outside", "这段日子不在学期之内。")
    _check_moment(term, first)


def _check_moment(term: Term, day: date) -> None:
    now = clock.now()
    if day < now.date():
        raise Refused("day_is_past", "已过去的日子不能改。")
    begun = Session.objects.filter(term=term, date=now.date(), starts_at__lte=now.time())
    if day == now.date() and begun.exists():
        raise Refused("day_has_begun", "今天的服务已经开始，不能再改。孩子要提前离校，请在放学页逐个交接。")


def _check_words(term: Term, kind: DayKind, runs_weekday: int, note: str) -> None:
    if kind == DayKind.CANCELLED and not note:
        raise Refused("note_missing", "停办要写明原因，家长会看到。")
    if kind == DayKind.SERVICE and str(runs_weekday) not in term.service_weekdays:
        raise Refused("weekday_without_service", "这个星期几本学期不安排服务，请选别的。")
