"""The records of a term as the pure rules read them: turns, sign-ins, leave, stand-ins, checks (rules of attendance, section 8)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, When

from afterschool.school.enums import DayKind, SessionState
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from attendance.discipline import Check, Finding, Leave, Rule, Rules, SignIn, Substitution, findings
from attendance.discipline import Duty as Turn
from attendance.enums import CustodyState, RuleKind, SignInSource, Window
from attendance.models import AttendanceRule, ChildDay, StaffCheck
from attendance.models import SignIn as SignInRow
from scheduling.enums import DutySource, SubstitutionState, TeacherLeaveState
from scheduling.models import Duty, TeacherLeave
from scheduling.models import Substitution as SubstitutionRow
from scheduling.queries.patrol import patrols_between
from scheduling.queries.training import trainings_on

HANDED = (DutySource.STAND_IN, DutySource.SWAP)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Records:
    """What `judge` takes, of a term or of some of its teachers."""

    duties: list[Turn]
    sign_ins: list[SignIn]
    leaves: list[Leave]
    substitutions: list[Substitution]
    patrols: list[Check]
    rules: Rules

    def findings(self) -> list[Finding]:
        """Return what each turn shows."""
        return findings(self.duties, self.sign_ins, self.leaves, self.substitutions, self.patrols, rules=self.rules)


def turns(term: Term, teachers: Collection[int] | None = None) -> QuerySet[Duty]:
    """Return the turns of a term up to today that are somebody's now, cancelled sessions left out."""
    rows = Duty.objects.filter(
        active=True, session__term=term, session__date__lte=clock.today(), session__state=SessionState.PLANNED
    )
    return rows if teachers is None else rows.filter(teacher__in=teachers)


def records_of(
    term: Term, teachers: Collection[int] | None = None, *, between: tuple[date, date] | None = None
) -> Records:
    """Return the records of a term, or those that bear on these teachers' turns, or on some days: at most eleven queries."""
    first, last = between or (term.starts_on, term.ends_on)
    rows = list(
        turns(term, teachers)
        .filter(session__date__range=(first, last))
        .annotate(seen=Case(When(was_seen(OuterRef("session")), then=True), default=False))
        .select_related("session__roll_call__opened_by__teacher", "session__roll_call__ended_by__teacher", "replaces")
        .order_by("session__date", "pk")
    )
    days = sorted({row.session.date for row in rows})
    sign_ins = _sign_ins(term, rows, teachers, (first, last))
    return Records(
        duties=[_duty(row, seen=getattr(row, "seen", False)) for row in rows],
        sign_ins=sign_ins,
        leaves=[*_leaves(term, teachers), *_elsewhere(term, days, teachers)],
        substitutions=_substitutions(rows),
        patrols=_checks(term, teachers),
        rules=rules_of(term),
    )


def rules_of(term: Term) -> Rules:
    """Return the rules in use of a term, with what they are read with: two queries."""
    rows = AttendanceRule.objects.filter(term=term, active=True)
    days = SchoolDay.objects.filter(term=term, date__lte=clock.today()).exclude(kind=DayKind.OFF)
    return Rules(
        [Rule(row.pk, RuleKind(row.kind), row.count, Window(row.window)) for row in rows],
        term.starts_on,
        term.ends_on,
        clock.now(),
        grace_minutes=term.sign_in_grace_minutes,
        school_days=list(days.values_list("date", flat=True)),
    )


def _duty(row: Duty, *, seen: bool) -> Turn:
    session = row.session
    roll = getattr(session, "roll_call", None)
    ended_by = getattr(roll.ended_by, "teacher", None) if roll and roll.ended_by else None
    return Turn(
        row.pk,
        session.pk,
        row.replaces.teacher_id if row.source in HANDED and row.replaces else row.teacher_id,
        session.date,
        clock.at(session.date, session.starts_at),
        clock.at(session.date, session.ends_at),
        held=roll is not None or seen,
        ended_at=roll.ended_at if roll else None,
        ended_by=ended_by.pk if ended_by else None,
    )


def _sign_ins(
    term: Term, rows: Iterable[Duty], teachers: Collection[int] | None, between: tuple[date, date]
) -> list[SignIn]:
    kept = SignInRow.objects.filter(session__term=term, session__date__range=between)
    if teachers is not None:
        kept = kept.filter(teacher__in=teachers)
    found, by_roll = [], set()
    for row in kept:
        found.append(
            SignIn(
                row.session_id,
                row.teacher_id,
                row.at,
                row.device_at,
                sent_later=row.sent_later,
                counts=row.from_school is not False,
            )
        )
        if row.source == SignInSource.ROLL_CALL:
            by_roll.add((row.session_id, row.teacher_id))
    for duty in rows:  # who opened the roll call before the turn was theirs: unconfirmed help that was confirmed later
        roll = getattr(duty.session, "roll_call", None)
        opener = getattr(roll.opened_by, "teacher", None) if roll else None
        if roll and opener and opener.pk == duty.teacher_id and (duty.session_id, opener.pk) not in by_roll:
            found.append(SignIn(duty.session_id, opener.pk, roll.opened_at))
    return found


def _leaves(term: Term, teachers: Collection[int] | None) -> list[Leave]:
    standing = [TeacherLeaveState.ASKED, TeacherLeaveState.CONFIRMED]
    rows = TeacherLeave.objects.filter(term=term, state__in=standing)
    if teachers is not None:
        rows = rows.filter(teacher__in=teachers)
    return [
        Leave(
            row.teacher_id,
            clock.at(row.first_day, time.min),
            clock.at(row.last_day + DAY, time.min),
            confirmed=row.state == TeacherLeaveState.CONFIRMED,
            asked_on=None if row.state == TeacherLeaveState.CONFIRMED else _date(row.asked_at),
            why=row.get_kind_display(),
        )
        for row in rows
    ]


def _date(moment: datetime) -> date:
    return moment.astimezone(clock.SHANGHAI).date()


def _elsewhere(term: Term, days: list[date], teachers: Collection[int] | None) -> list[Leave]:
    """Return training and patrol as leave: who the rota has there at that time is not away without leave."""
    found = []
    for busy in trainings_on(days):
        starts = clock.at(busy.day, busy.starts_at or time.min)
        ends = clock.at(busy.day, busy.ends_at) if busy.ends_at else clock.at(busy.day + DAY, time.min)
        found.append(Leave(busy.teacher_id, starts, ends, confirmed=True, why="培训"))
    for teacher, day in patrols_between(term.pk, days):
        found.append(Leave(teacher, clock.at(day, time.min), clock.at(day + DAY, time.min), confirmed=True, why="巡视"))
    return [one for one in found if teachers is None or one.teacher in teachers]


def _substitutions(rows: Iterable[Duty]) -> list[Substitution]:
    """Return from when each turn that was handed over is its new owner's: one query where there are any."""
    handed = {row.replaces_id: row for row in rows if row.source in HANDED and row.replaces_id}
    if not handed:
        return []
    decided: dict[int, datetime] = {}
    confirmed = SubstitutionRow.objects.filter(state=SubstitutionState.CONFIRMED, decided_at__isnull=False)
    for one in confirmed.filter(Q(duty__in=handed) | Q(back__in=handed)):
        for pk in (one.duty_id, one.back_id):
            if pk is not None and one.decided_at is not None:
                decided[pk] = max(one.decided_at, decided.get(pk, one.decided_at))
    return [
        Substitution(row.pk, row.teacher_id, decided.get(pk, clock.at(row.session.date, row.session.starts_at)))
        for pk, row in handed.items()
    ]


def _checks(term: Term, teachers: Collection[int] | None) -> list[Check]:
    rows = StaffCheck.objects.filter(session__term=term)
    if teachers is not None:
        own = Duty.objects.filter(session=OuterRef("session"), active=True, teacher__in=teachers)
        rows = rows.filter(Exists(own))
    return [Check(row.session_id, row.at, row.there, row.held_by_id) for row in rows]


def was_seen(session: OuterRef) -> Q:
    """Tell that some record besides the roll call shows that a session was held.

    A leader looked in, a sign-in was entered, or a child due there or taken in there was in somebody's hands: called by
    another's roll, released at the gate, looked for.
    """
    children = ChildDay.objects.exclude(state__in=[CustodyState.EXPECTED, CustodyState.AWAY])
    return (
        Q(Exists(StaffCheck.objects.filter(session=session)))
        | Q(Exists(SignInRow.objects.filter(session=session)))
        | Q(Exists(children.filter(session=session)))
        | Q(Exists(children.filter(at_session=session)))
    )


def without_record(term: Term) -> QuerySet[Session]:
    """Return sessions that are over and that nobody has left any record of: no roll, look, sign-in or child. Newest first."""
    now = clock.now()
    over = Q(date__lt=now.date()) | Q(date=now.date(), ends_at__lte=now.time())
    begun = Q(date__gte=term.service_starts_on)
    rows = Session.objects.filter(over, begun, term=term, state=SessionState.PLANNED, roll_call__isnull=True)
    rows = rows.filter(Exists(Duty.objects.filter(session=OuterRef("pk"), active=True)))
    return rows.exclude(was_seen(OuterRef("pk"))).order_by("-date", "starts_at", "group")
