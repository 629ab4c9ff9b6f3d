"""Dated duties made from the weekly rota. A change ends one row and begins another, so that both stay on record."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from afterschool.school.enums import GroupKind, Resource, SessionState
from afterschool.school.models import SchoolDay, Session, Term
from afterschool.support import clock
from scheduling.actions.occupancy import occupy, release
from scheduling.enums import ClubState, DutySource
from scheduling.models import Club, Duty, Rota, RotaTurn
from scheduling.queries.rota_given import in_force, published_rotas

BATCH = 1000
OF_THE_ROTA = (DutySource.ROTA, DutySource.HAND)


@dataclass(frozen=True)
class Named:
    """Who is to have a session, and why; nobody is an open turn."""

    teacher_id: int | None
    source: DutySource = DutySource.ROTA
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """What says who has which session: the published rotas, the turns of each, the clubs' own teachers, the calendar."""

    rotas: list[Rota]
    turns: dict[tuple[int, int, int], RotaTurn]
    leads: dict[int, int]
    weekdays: dict[date, int]

    def turn_of(self, session: Session) -> RotaTurn | None:
        """Return the turn of the rota that holds on the session's date."""
        rota = in_force(self.rotas, session.date)
        weekday = self.weekdays.get(session.date, session.date.isoweekday())
        return self.turns.get((rota.pk, session.group_id, weekday)) if rota else None


def fill_duties(term: Term, first: date, *, groups: Collection[int] | None = None) -> int:
    """Give the standing sessions from `first` on to whom the rota of their date names; return how many duties were written.

    A club without a turn on it goes to its own teacher where nothing else keeps them. Confirmed stand-ins and swaps stay;
    so does what has begun. A turn that has no person, or one whom a confirmed change has elsewhere at that time, leaves the
    session open. Floaters have no session. `groups`: of these groups alone.
    """
    now = clock.now()
    plan = _plan(term, first)
    if not plan.turns and not plan.leads:
        return 0
    standing = Session.objects.filter(term=term, date__gte=max(first, now.date()), state=SessionState.PLANNED)
    if groups is not None:
        leads = [plan.leads[pk] for pk in groups if pk in plan.leads]
        others = Duty.objects.filter(teacher__in=leads, active=True).values("session")
        standing = standing.filter(Q(group__in=groups) | Q(pk__in=others))
    sessions = [s for s in standing.select_related("group") if s.date > now.date() or now.time() < s.starts_at]
    active = {
        d.session_id: d
        for d in Duty.objects.filter(
            session__term=term, session__date__gte=first, session__state=SessionState.PLANNED, active=True
        ).select_related("session")
    }
    wanted = _wanted(sessions, active, plan)
    asked = [s for s in sessions if groups is None or s.group_id in groups]
    ended, begun = _changes(asked, active, wanted)
    _write(term, sessions, ended, begun)
    return len(begun)


def _plan(term: Term, first: date) -> Plan:
    published = published_rotas(term)
    begun = in_force(published, first)
    rotas = [rota for rota in published if rota.starts_on > first or rota == begun]
    rows = RotaTurn.objects.filter(rota__in=rotas, group__isnull=False)
    days = SchoolDay.objects.filter(term=term, date__gte=first).values_list("date", "runs_weekday")
    clubs = Club.objects.filter(term=term, state=ClubState.APPROVED, group__isnull=False, teacher__active=True)
    leads = clubs.values_list("group_id", "teacher_id")
    return Plan(
        rotas,
        {(row.rota_id, row.group_id or 0, row.weekday): row for row in rows},
        {group_id: teacher_id for group_id, teacher_id in leads if group_id is not None},
        dict(days),
    )


def _wanted(sessions: Sequence[Session], active: dict[int, Duty], plan: Plan) -> dict[int, Named]:
    """Name who is to have each session; a club's own teacher last, since a turn of the rota comes before."""
    named: dict[int, Named] = {}
    busy: dict[tuple[date, int], list[Session]] = defaultdict(list)
    waiting = []
    for duty in active.values():
        if duty.source not in OF_THE_ROTA:
            busy[duty.session.date, duty.teacher_id].append(duty.session)
    for session in sessions:
        turn, held = plan.turn_of(session), active.get(session.pk)
        if held is not None and held.source not in OF_THE_ROTA:
            continue
        if turn is not None:
            source = DutySource.HAND if turn.by_hand or turn.reason else DutySource.ROTA
            if turn.teacher_id is not None and not _taken(busy[session.date, turn.teacher_id], session):
                named[session.pk] = Named(turn.teacher_id, source, turn.reason)
                busy[session.date, turn.teacher_id].append(session)
        elif session.group.kind == GroupKind.CLUB and session.group_id in plan.leads:
            waiting.append(session)
    for session in waiting:
        teacher_id = plan.leads[session.group_id]
        others = busy[session.date, teacher_id]
        if not _taken(others, session):
            named[session.pk] = Named(teacher_id)
            others.append(session)
    return named


def _taken(others: Sequence[Session], session: Session) -> bool:
    return any(o.starts_at < session.ends_at and session.starts_at < o.ends_at for o in others)


def _changes(
    sessions: Sequence[Session], active: dict[int, Duty], named: dict[int, Named]
) -> tuple[list[Duty], list[Duty]]:
    ended, begun = [], []
    for session in sessions:
        wanted, old = named.get(session.pk, Named(None)), active.get(session.pk)
        if old is not None and (old.source not in OF_THE_ROTA or old.teacher_id == wanted.teacher_id):
            continue
        if old is not None:
            ended.append(old)
        if wanted.teacher_id is not None:
            begun.append(
                Duty(
                    session_id=session.pk,
                    teacher_id=wanted.teacher_id,
                    source=wanted.source,
                    replaces=old,
                    reason=wanted.reason,
                )
            )
    return ended, begun


def _write(term: Term, sessions: Sequence[Session], ended: list[Duty], begun: list[Duty]) -> None:
    Duty.objects.filter(pk__in=[d.pk for d in ended]).update(active=False)
    release([d.session_id for d in ended], Resource.TEACHER)
    Duty.objects.bulk_create(begun, batch_size=BATCH)
    taken = {d.session_id: d.teacher_id for d in begun}
    occupy(term, [s for s in sessions if s.pk in taken], teachers=taken)
