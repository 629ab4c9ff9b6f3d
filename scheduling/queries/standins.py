"""Leave, stand-ins and swaps as each person sees them: what waits for whom, what was decided."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState
from afterschool.school.models import Session, StaffRole, Teacher, Term
from afterschool.support import clock
from scheduling.access import duty_scope, leads, leave_scope, substitution_scope, who_of_substitution
from scheduling.enums import SubstitutionState, TeacherLeaveState
from scheduling.models import Duty, Substitution, TeacherLeave
from scheduling.substituting import Move, moves

RELATED = (
    "teacher__user",
    "asked_by",
    "leave",
    "duty__teacher__user",
    "duty__session__group",
    "duty__session__room",
    "duty__session__term",
    "back__teacher__user",
    "back__session__group",
    "back__session__room",
    "back__session__term",
)
AHEAD = timedelta(days=28)
OPEN = (SubstitutionState.ASKED, SubstitutionState.ACCEPTED)


def leader_accounts(grades: Iterable[int | None]) -> set[int]:
    """Return the accounts of who leads these grades; of the office for what belongs to no grade, or has no leader."""
    wanted = set(grades)
    rows = StaffRole.objects.filter(role=Role.GRADE_LEADER, grade__in=[g for g in wanted if g is not None])
    found = dict(rows.filter(teacher__active=True, teacher__user__isnull=False).values_list("teacher__user", "grade"))
    if wanted - set(found.values()):
        office = StaffRole.objects.filter(role=Role.ADMINISTRATOR, teacher__active=True, teacher__user__isnull=False)
        return set(found) | set(office.values_list("teacher__user", flat=True))
    return set(found)


def span_words(leave: TeacherLeave) -> str:
    """Return "9月22日" or "9月22日至24日"."""
    first, last = leave.first_day, leave.last_day
    start = f"{first.month}月{first.day}日"
    if first == last:
        return start
    return f"{start}至{last.day}日" if first.month == last.month else f"{start}至{last.month}月{last.day}日"


def leaves_of(actor: Actor, term: Term) -> QuerySet[TeacherLeave]:
    """Return the leaves that exist for this person."""
    rows = TeacherLeave.objects.filter(leave_scope(actor), term=term)
    return rows.select_related("teacher__user", "term", "asked_by", "decided_by")


def substitutions_of(actor: Actor, term: Term) -> QuerySet[Substitution]:
    """Return the stand-ins and swaps that exist for this person, with all that is shown of them."""
    rows = Substitution.objects.filter(substitution_scope(actor), term=term).distinct()
    return rows.select_related(*RELATED, "decided_by").order_by("duty__session__date", "duty__session__starts_at", "pk")


def duties_of(actor: Actor, term: Term) -> QuerySet[Duty]:
    """Return the active duties to come for which this person may ask somebody."""
    rows = Duty.objects.filter(
        duty_scope(actor), session__term=term, session__state=SessionState.PLANNED, session__date__gte=clock.today()
    )
    return rows.filter(active=True).select_related("teacher__user", "session__group", "session__room", "session__term")


@dataclass(frozen=True)
class Request:
    """One stand-in or swap with the moves open to the person who looks."""

    one: Substitution
    moves: list[Move]

    @property
    def can(self) -> dict[str, bool]:
        """Return the open moves by name, for templates."""
        return {move.name.lower(): True for move in self.moves}


def requests(actor: Actor, rows: Iterable[Substitution]) -> list[Request]:
    """Return these requests with what this person can do now."""
    now = clock.now()
    return [
        Request(one, moves(SubstitutionState(one.state), who_of_substitution(actor, one), one.times, now))
        for one in rows
    ]


def asked_of(actor: Actor, term: Term) -> list[Request]:
    """Return the requests that wait for this person's answer: one query."""
    if actor.teacher is None:
        return []
    rows = Substitution.objects.filter(
        term=term, teacher=actor.teacher, state=SubstitutionState.ASKED, duty__session__date__gte=clock.today()
    )
    rows = rows.select_related(*RELATED).order_by("duty__session__date", "duty__session__starts_at", "pk")
    return [found for found in requests(actor, rows) if Move.ACCEPT in found.moves]


def mine_ahead(actor: Actor, term: Term) -> list[Duty]:
    """Return this person's duties of the next four weeks."""
    if actor.teacher is None:
        return []
    rows = Duty.objects.filter(
        teacher=actor.teacher,
        active=True,
        session__term=term,
        session__state=SessionState.PLANNED,
        session__date__range=(clock.today(), clock.today() + AHEAD),
    )
    return list(rows.select_related("session__group", "session__room").order_by("session__date", "session__starts_at"))


def my_changes(actor: Actor, term: Term) -> list[Request]:
    """Return this person's requests to come, on either side, those waiting for the own answer apart."""
    if actor.teacher is None:
        return []
    me = actor.teacher
    rows = substitutions_of(actor, term).filter(Q(duty__teacher=me) | Q(teacher=me))
    rows = rows.filter(Q(duty__session__date__gte=clock.today()) | Q(back__session__date__gte=clock.today()))
    return requests(actor, rows.exclude(teacher=me, state=SubstitutionState.ASKED))


def leaves_to_decide(actor: Actor, term: Term) -> list[TeacherLeave]:
    """Return the leaves that wait for this person, the first day first: one query."""
    rows = leaves_of(actor, term).filter(state=TeacherLeaveState.ASKED)
    own = actor.teacher.pk if actor.teacher and not actor.is_office else None
    return [leave for leave in rows.order_by("first_day", "pk") if leave.teacher_id != own]


def led(actor: Actor, term: Term, *states: SubstitutionState) -> list[Request]:
    """Return the requests to come of the grades this person leads, in these states: one query."""
    rows = substitutions_of(actor, term).filter(state__in=states, duty__session__date__gte=clock.today())
    if not actor.is_office:
        rows = rows.filter(duty__session__group__grade__in=actor.grades)
    return requests(actor, rows)


def to_confirm(actor: Actor, term: Term) -> list[Request]:
    """Return what the other has accepted and this person can confirm: one query."""
    return [found for found in led(actor, term, SubstitutionState.ACCEPTED) if Move.CONFIRM in found.moves]


@dataclass(frozen=True)
class Gap:
    """A session that nobody will hold: no teacher at all, or one on leave without a stand-in."""

    session: Session
    teacher: Teacher | None
    duty_id: int | None


def gaps(actor: Actor, term: Term) -> list[Gap]:
    """Return the sessions of today and the next day of service that nobody will hold: one query.

    Those of the own grades; of the whole school for the office.
    """
    today = clock.today()
    following = Session.objects.filter(term=term, date__gt=today, state=SessionState.PLANNED).order_by("date")
    away = TeacherLeave.objects.filter(
        teacher=OuterRef("teacher"),
        state=TeacherLeaveState.CONFIRMED,
        first_day__lte=OuterRef("session__date"),
        last_day__gte=OuterRef("session__date"),
    )
    held = Duty.objects.filter(session=OuterRef("pk"), active=True)
    sessions = Session.objects.filter(
        Q(date=today) | Q(date=following.values("date")[:1]), term=term, state=SessionState.PLANNED
    ).filter(~Exists(held) | Exists(held.filter(Exists(away))))
    if not actor.is_office:
        sessions = sessions.filter(group__grade__in=actor.grades)
    found = held.values("pk")[:1], held.values("teacher__name")[:1]
    rows = sessions.select_related("group", "room").annotate(duty_id=found[0], duty_teacher=found[1])
    now = clock.now()
    return [
        Gap(s, s.duty_teacher, s.duty_id)
        for s in rows.order_by("date", "starts_at", "group__grade", "group__order")
        if clock.at(s.date, s.ends_at) > now
    ]


@dataclass(frozen=True)
class LeaveDuty:
    """One duty within a leave: who takes it now, and what was asked."""

    duty: Duty
    asked: list[Substitution]

    @property
    def settled(self) -> Substitution | None:
        """Return the confirmed change, if there is one."""
        return next((one for one in self.asked if one.state == SubstitutionState.CONFIRMED), None)


def duties_in(leave: TeacherLeave) -> list[LeaveDuty]:
    """Return the duties within a leave, those given away too: two queries."""
    either = Q(duty=OuterRef("pk")) | Q(back=OuterRef("pk"))
    given = Substitution.objects.filter(either, state=SubstitutionState.CONFIRMED)
    rows = Duty.objects.filter(
        Q(active=True) | Exists(given),
        teacher=leave.teacher,
        session__state=SessionState.PLANNED,
        session__date__range=(leave.first_day, leave.last_day),
    )
    duties = list(
        rows.select_related("teacher", "session__group", "session__room", "session__term").order_by(
            "session__date", "session__starts_at"
        )
    )
    asked: dict[int, list[Substitution]] = {}
    concerned = Substitution.objects.filter(Q(duty__in=duties) | Q(back__in=duties))
    for one in concerned.select_related("teacher", "duty__teacher").order_by("pk"):
        for pk in (one.duty_id, one.back_id):
            asked.setdefault(pk or 0, []).append(one)
    return [LeaveDuty(duty, asked.get(duty.pk, [])) for duty in duties]


def leaves_around(actor: Actor, term: Term, since: date) -> list[TeacherLeave]:
    """Return this person's own leaves that end on `since` or later, the newest first."""
    if actor.teacher is None:
        return []
    rows = TeacherLeave.objects.filter(term=term, teacher=actor.teacher, last_day__gte=since)
    return list(rows.select_related("teacher").order_by("-first_day", "-pk"))


def teachers_for_leave(actor: Actor) -> QuerySet[Teacher]:
    """Return for whom this person may write a leave: the own grades' teachers, or all for the office."""
    staff = Teacher.objects.filter(active=True)
    if not actor.is_office:
        staff = staff.filter(Q(grade__in=actor.grades) | Q(pk=actor.teacher.pk if actor.teacher else 0))
    return staff.order_by("grade", "staff_number")


def may_lead(actor: Actor, session: Session) -> bool:
    """Tell whether this person leads the session's grade, or is the office."""
    return actor.is_office or leads(actor, [session.group.grade])
