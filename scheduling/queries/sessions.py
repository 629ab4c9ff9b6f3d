"""Who meets when, and who answers for it: read by the roll call, the gate and the home pages."""

from datetime import date, datetime, time

from django.db.models import F, Prefetch, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.school.models import Group, SchoolDay, Session, Teacher, Term
from scheduling.hours import Hours, hours_on
from scheduling.models import Duty, Slot, Timetable


def sessions_on(day: date) -> QuerySet[Session]:
    """Return the sessions that stand on a date, with group and room, by grade and order."""
    return (
        Session.objects.filter(date=day, state=SessionState.PLANNED)
        .select_related("group", "room")
        .order_by("group__grade", "group__order", "starts_at", "pk")
    )


def sessions_of(teacher: Teacher, day: date) -> QuerySet[Session]:
    """Return the sessions of a date that this teacher answers for now (stand-ins counted, cancelled ones not)."""
    return sessions_on(day).filter(duties__teacher=teacher, duties__active=True).order_by("starts_at", "pk")


def session_for_group(group: Group, day: date) -> Session | None:
    """Return the session of a group on a date, unless there is none or it is cancelled."""
    return sessions_on(day).filter(group=group).first()


def duty_teacher(session: Session) -> Teacher | None:
    """Return who answers for this session now; none is an open turn."""
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").first()
    return duty.teacher if duty else None


def duty_teachers(sessions: list[Session]) -> dict[int, Teacher]:
    """Return who answers for each of these sessions, by the session's id, in one query."""
    duties = Duty.objects.filter(session__in=sessions, active=True).select_related("teacher")
    return {duty.session_id: duty.teacher for duty in duties}


def teaching_now(actor: Actor, now: datetime) -> Session | None:
    """Return the session this person should have open: the one that runs, else the next of the day, else the last of it."""
    if actor.teacher is None:
        return None
    sessions = list(sessions_of(actor.teacher, now.date()))
    clock = now.time()
    ahead = [session for session in sessions if clock < session.ends_at]
    return ahead[0] if ahead else (sessions[-1] if sessions else None)


def hours_of_term(term: Term) -> dict[int, list[Hours]]:
    """Return the hours of all timetables of a term by grade: two queries, whatever the number of rows."""
    slots = Prefetch("slots", Slot.objects.order_by("starts_at"))
    tables = Timetable.objects.filter(band__term=term).select_related("band").prefetch_related(slots)
    found: dict[int, list[Hours]] = {}
    for table in tables:
        rows = list(table.slots.all())
        if not rows:
            continue
        edges = tuple(sorted({edge for slot in rows for edge in (slot.starts_at, slot.ends_at)}))
        hours = Hours(table.pk, table.weekdays, table.valid_from, rows[0].starts_at, table.dismissal, edges)
        for grade in table.band.grades:
            found.setdefault(grade, []).append(hours)
    return found


def dismissal(term: Term, *, grade: int, day: date) -> time | None:
    """Return when a grade is dismissed on a date by its timetable; none on a day without service."""
    row = SchoolDay.objects.filter(term=term, date=day, kind="service").first()
    if row is None:
        return None
    hours = hours_on(hours_of_term(term).get(grade, []), weekday=row.runs_weekday, day=day)
    return hours.dismissal if hours else None


def service_groups(term: Term, day: date | None = None) -> QuerySet[Group]:
    """Return the standalone and mixed groups of a term, those that stand on `day` if one is given, by grade and order."""
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS).select_related("room")
    if day is not None:
        groups = groups.filter(starts_on__lte=day).exclude(ends_on__lt=day)
    return groups.order_by(F("grade").asc(nulls_last=True), "order", "pk")
