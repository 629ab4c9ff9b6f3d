"""Every row as it lies in the tables, and plain counting over it: no joins, no sums and no conditions of the database.

Reports are held against this. Nothing here calls a query of a report; only what a table is stands here twice.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from afterschool.school.models import (
    ClassMembership,
    Group,
    Placement,
    SchoolClass,
    SchoolDay,
    Session,
    StaffRole,
    Student,
    Teacher,
    Term,
)
from afterschool.support.clock import SHANGHAI
from attendance.models import ChildDay, Handover, Mark, PickupChange, RollCall
from enrollment.models import Charge
from scheduling.models import Duty, PatrolChange, PatrolTurn, VolunteerTurn

SERVICE = {"standalone", "mixed"}
NAMES = ("present", "late", "leave", "absent")


class Rows:
    """All rows of the tables that reports count."""

    def __init__(self) -> None:
        self.groups = {row.pk: row for row in Group.objects.all()}
        self.classes = {row.pk: row for row in SchoolClass.objects.all()}
        self.students = {row.pk: row for row in Student.objects.all()}
        self.teachers = {row.pk: row for row in Teacher.objects.all()}
        self.sessions = {row.pk: row for row in Session.objects.all()}
        self.rolls = {row.session_id: row for row in RollCall.objects.all()}
        self.places = list(Placement.objects.all())
        self.duties = list(Duty.objects.order_by("pk"))
        self.child_days = {row.pk: row for row in ChildDay.objects.all()}
        self.links = list(Handover.objects.order_by("child_day", "number"))
        self.undone = {row.undoes_id for row in self.links if row.undoes_id}
        self.asked = list(PickupChange.objects.all())
        self.charges = list(Charge.objects.all())
        self.marks: dict[int, list[Mark]] = defaultdict(list)
        session_of = {roll.pk: pk for pk, roll in self.rolls.items()}
        for mark in Mark.objects.all():
            self.marks[session_of[mark.roll_call_id]].append(mark)
        self.memberships: dict[int, list[ClassMembership]] = defaultdict(list)
        for row in ClassMembership.objects.all():
            self.memberships[row.student_id].append(row)

    # What a row is

    def closed(self, session: Session) -> bool:
        roll = self.rolls.get(session.pk)
        return roll is not None and roll.closed_at is not None

    def planned(self, term: Term, first: date, last: date, *, service: bool = False) -> Iterator[Session]:
        """Yield the sessions of some days that were not cancelled."""
        for session in self.sessions.values():
            if session.term_id != term.pk or session.state != "planned" or not first <= session.date <= last:
                continue
            if not service or self.groups[session.group_id].kind in SERVICE:
                yield session

    def held(self, term: Term, first: date, last: date, *, service: bool = False) -> list[Session]:
        """Return the sessions whose roll call was closed."""
        return [one for one in self.planned(term, first, last, service=service) if self.closed(one)]

    def on_duty(self, session: Session) -> Duty | None:
        """Return who had a session at last."""
        if not hasattr(self, "_on_duty"):
            self._on_duty = {duty.session_id: duty for duty in self.duties if duty.active}
        return self._on_duty.get(session.pk)

    def class_on(self, student: int, day: date) -> int | None:
        """Return the class a child was in on a day; that of today where nothing is on record."""
        for row in self.memberships[student]:
            if row.starts_on <= day <= (row.ends_on or day):
                return row.school_class_id
        return self.students[student].school_class_id

    def stood(self, term: Term, first: date, last: date) -> Iterator[tuple[Handover, ChildDay]]:
        """Yield the links of some days that were not undone, nor undid another, each with its child's day."""
        for link in self.links:
            day = self.child_days[link.child_day_id]
            if (
                day.term_id == term.pk
                and first <= day.date <= last
                and not link.undoes_id
                and link.pk not in self.undone
            ):
                yield link, day


def minutes(session: Session) -> int:
    """Return how long a session is."""
    starts, ends = session.starts_at, session.ends_at
    return ends.hour * 60 + ends.minute - starts.hour * 60 - starts.minute


def on(moment: datetime) -> date:
    """Return the school's date of a moment."""
    return moment.astimezone(SHANGHAI).date()


def holds(starts: date, ends: date | None, day: date) -> bool:
    """Tell whether a span without an end, perhaps, has a day in it."""
    return starts <= day and (ends is None or day <= ends)


# The month


class MonthCount:
    """A month counted row by row."""

    def __init__(self, rows: Rows, term: Term, first: date, last: date, today: date) -> None:
        self.grades: Counter[tuple[int, str]] = Counter()
        self.classes: Counter[tuple[str, str]] = Counter()
        self.groups: Counter[tuple[str, str]] = Counter()
        self.days: Counter[tuple[date, str]] = Counter()
        self.turns: Counter[str] = Counter()
        self.stood_in: Counter[str] = Counter()
        self.turn_days: dict[str, set[date]] = defaultdict(set)
        self.happened: Counter[tuple[int, str]] = Counter()
        sessions = list(rows.planned(term, first, last, service=True))
        self.held = sum(rows.closed(one) for one in sessions)
        self.still_open = sum(not rows.closed(one) and one.date <= today for one in sessions)
        for session in sessions:
            if rows.closed(session):
                self._session(rows, session)
        self._chains(rows, term, first, last)

    def _session(self, rows: Rows, session: Session) -> None:
        for mark in rows.marks[session.pk]:
            own = rows.class_on(mark.student_id, session.date)
            if own is None:
                continue
            self.grades[rows.classes[own].grade, mark.state] += 1
            self.classes[str(rows.classes[own]), mark.state] += 1
            self.groups[rows.groups[session.group_id].name, mark.state] += 1
            self.days[session.date, mark.state] += 1
        duty = rows.on_duty(session)
        if duty is not None:
            who = rows.teachers[duty.teacher_id].staff_number
            self.turns[who] += 1
            self.stood_in[who] += duty.source in ("stand_in", "swap")
            self.turn_days[who].add(session.date)

    def _chains(self, rows: Rows, term: Term, first: date, last: date) -> None:
        for link, day in rows.stood(term, first, last):
            name = {"missing": "missing", "late": "late_care", "fetched": "fetched", "alone": "alone"}.get(
                link.to_state
            )
            own = rows.class_on(day.student_id, day.date)
            if name and own is not None and link.from_state != link.to_state:
                self.happened[rows.classes[own].grade, name] += 1
        for row in rows.asked:
            own = rows.class_on(row.student_id, row.date)
            if row.kind == "late" and not row.cancelled_at and first <= row.date <= last and own is not None:
                self.happened[rows.classes[own].grade, "late_asked"] += 1


# The half month


def half_month(rows: Rows, term: Term, first: date, last: date) -> tuple[date | None, dict[int, Counter[str]]]:
    """Count the half-monthly figures by grade (0: none), and the day as of which children count."""
    upto = rows.held(term, date.min, last)
    as_of = max((one.date for one in upto), default=None)
    day = as_of or first
    found: dict[int, Counter[str]] = defaultdict(Counter)
    grade_of = _roll_on(rows, day)
    for student, grade in grade_of.items():
        weekdays: set[str] = set()
        for place in rows.places:
            if place.student_id == student and place.kind == "service" and holds(place.starts_on, place.ends_on, day):
                weekdays |= set(place.weekdays)
        found[grade]["roll"] += 1
        found[grade]["part"] += bool(weekdays)
        found[grade]["every_day"] += set(term.service_weekdays) <= weekdays
    within = rows.held(term, first, last)
    _teachers(rows, within, found)
    met: dict[int, set[date]] = defaultdict(set)
    for session in within:
        if rows.groups[session.group_id].kind in SERVICE:
            grade = rows.groups[session.group_id].grade or 0
            met[grade].add(session.date)
            found[grade]["sessions"] += 1
            found[grade]["minutes"] += minutes(session)
            found[grade]["expected"] += len(rows.marks[session.pk])
            found[grade]["here"] += sum(mark.state in ("present", "late") for mark in rows.marks[session.pk])
    for grade, days in met.items():
        found[grade]["days"] = len(days)
    for student, cents in _billed(rows, term, first, last).items():
        found[grade_of.get(student, 0)]["fee"] += cents
    return as_of, found


def _roll_on(rows: Rows, day: date) -> dict[int, int]:
    """Return the grade of each child that was on a class roll on a day."""
    found = {}
    for student in rows.students.values():
        own = [row for row in rows.memberships[student.pk] if holds(row.starts_on, row.ends_on, day)]
        if own:
            found[student.pk] = rows.classes[own[0].school_class_id].grade
        elif not rows.memberships[student.pk] and student.state == "enrolled" and student.school_class_id:
            found[student.pk] = rows.classes[student.school_class_id].grade
    return found


def _teachers(rows: Rows, within: Iterable[Session], found: dict[int, Counter[str]]) -> None:
    for teacher in rows.teachers.values():
        found[teacher.grade or 0]["staff"] += teacher.active
    seen = set()
    for session in within:
        duty = rows.on_duty(session)
        if duty and rows.teachers[duty.teacher_id].active:
            seen.add(duty.teacher_id)
        came = VolunteerTurn.objects.filter(session=session, came=True).count()
        found[rows.groups[session.group_id].grade or 0]["outside"] += came
    for pk in seen:
        found[rows.teachers[pk].grade or 0]["teachers"] += 1


def _billed(rows: Rows, term: Term, first: date, last: date) -> Counter[int]:
    """Add up what was billed in some days: of each statement the newest amount by the last day, less that by the eve."""
    found: Counter[int] = Counter()
    periods = {(row.student_id, row.starts_on, row.ends_on) for row in rows.charges if row.term_id == term.pk}
    for student, starts, ends in periods:
        versions = sorted(
            (row.version, on(row.issued_at), int(row.amount * 100))
            for row in rows.charges
            if (row.student_id, row.starts_on, row.ends_on) == (student, starts, ends)
        )
        by_the_eve = [cents for _, day, cents in versions if day < first]
        by_the_end = [cents for _, day, cents in versions if day <= last]
        found[student] += (by_the_end or [0])[-1] - (by_the_eve or [0])[-1]
    return found


# Turns


def work(rows: Rows, term: Term, first: date, last: date) -> dict[tuple[int, str, date], list[int]]:
    """Return the minutes of every turn done in some days, by person, kind of work and day."""
    found: dict[tuple[int, str, date], list[int]] = defaultdict(list)
    held = rows.held(term, first, last)
    for session in held:
        duty = rows.on_duty(session)
        if duty is not None:
            club = "club" if rows.groups[session.group_id].kind == "club" else "group"
            kind = "stand_in" if duty.source == "stand_in" else club
            found[duty.teacher_id, kind, session.date].append(minutes(session))
    _patrolled(term, held, found)
    _cared_late(rows, term, first, last, found)
    _at_the_gate(rows, term, first, last, found)
    return found


def _patrolled(term: Term, held: list[Session], found: dict[tuple[int, str, date], list[int]]) -> None:
    served = {row.date: row.runs_weekday for row in SchoolDay.objects.all() if row.kind == "service"}
    changes = {(row.turn_id, row.date): row.teacher_id for row in PatrolChange.objects.all()}
    for day in {session.date for session in held}:
        begins = min(one.starts_at for one in held if one.date == day)
        ends = max(one.ends_at for one in held if one.date == day)
        for turn in PatrolTurn.objects.all():
            who = turn.teacher_id
            if (turn.pk, day) in changes and changes[turn.pk, day] is not None:
                who = changes[turn.pk, day]
            elif (turn.pk, day) in changes:
                who = None
            if turn.term_id == term.pk and turn.weekday == served.get(day) and who is not None:
                length = ends.hour * 60 + ends.minute - begins.hour * 60 - begins.minute
                found[who, "duty_leader", day].append(length)


def _cared_late(rows: Rows, term: Term, first: date, last: date, found: dict[tuple[int, str, date], list[int]]) -> None:
    taken, left = defaultdict(list), defaultdict(list)
    for link, day in rows.stood(term, first, last):
        if link.to_state == "late" and link.to_holder_id:
            taken[link.to_holder_id, day.date].append(link.at)
        if link.from_state == "late" and link.from_holder_id:
            left[link.from_holder_id, day.date].append(link.at)
    for (who, day), times in taken.items():
        until = max(left.get((who, day), times))
        found[who, "late_care", day].append(max(1, int((until - min(times)).total_seconds() // 60)))


def _at_the_gate(
    rows: Rows, term: Term, first: date, last: date, found: dict[tuple[int, str, date], list[int]]
) -> None:
    keepers = {row.teacher_id for row in StaffRole.objects.all() if row.role == "gatekeeper"}
    accounts = {rows.teachers[pk].user_id: pk for pk in keepers if rows.teachers[pk].user_id}
    let_out = defaultdict(list)
    for link, day in rows.stood(term, first, last):
        if link.by_id in accounts and link.to_state in ("fetched", "alone"):
            let_out[accounts[link.by_id], day.date].append(link.at)
    for (who, day), times in let_out.items():
        found[who, "gate", day].append(max(1, int((max(times) - min(times)).total_seconds() // 60)))
