"""Parents who volunteer: who offers, who may stand beside whom, who helps today (D9). Nothing here names a child."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role, SessionState, StudentState
from afterschool.school.models import Guardian, Guardianship, SchoolClass, Session, Term
from afterschool.support import clock
from scheduling.enums import VolunteerState
from scheduling.models import Duty, RotaSettings, Volunteer, VolunteerTurn
from scheduling.queries.training import trained_volunteers
from scheduling.volunteering import Helper, Hindrance, Place, Who, check_turn

LIVE = (VolunteerState.PROPOSED, VolunteerState.APPROVED)
MOST = 2


def most_beside(term: Term) -> int:
    """Return how many volunteers a session takes at most: the term's setting."""
    found = RotaSettings.objects.filter(term=term).values_list("volunteers_beside", flat=True).first()
    return MOST if found is None else found


def roles_to(actor: Actor, volunteer: Volunteer) -> frozenset[Who]:
    """Return what this person is to a volunteer, as the table of moves sees it."""
    found = set()
    if actor.is_office:
        found.add(Who.OFFICE)
    if actor.guardian is not None and volunteer.guardian_id == actor.guardian.pk:
        found.add(Who.PARENT)
    return frozenset(found)


def guardians_to_propose(actor: Actor, school_class: SchoolClass) -> QuerySet[Guardian]:
    """Return the guardians of a class who could be proposed: those who act for a child of it, none twice."""
    classes = SchoolClass.objects.current()
    if not actor.is_office:
        classes = classes.filter(pk__in=actor.class_ids)
    links = Guardianship.objects.filter(
        acts=True,
        student__school_class=school_class,
        student__school_class__in=classes,
        student__state=StudentState.ENROLLED,
    )
    return Guardian.objects.filter(pk__in=links.values("guardian")).order_by("name", "pk")


def proposable_classes(actor: Actor) -> list[SchoolClass]:
    """Return the classes whose parents this person may propose: the office all, a head teacher the own ones."""
    classes = SchoolClass.objects.current().order_by("grade", "number")
    return list(classes if actor.is_office else classes.filter(pk__in=actor.class_ids))


def banned(guardians: Iterable[int]) -> set[int]:
    """Return who of these guardians may not be handed some child, by a note in the register: one query."""
    rows = Guardianship.objects.filter(Q(banned=True) | ~Q(ban_note=""), guardian__in=list(guardians))
    return set(rows.order_by().values_list("guardian_id", flat=True))


@dataclass(frozen=True)
class Row:
    """One volunteer as the office sees one."""

    volunteer: Volunteer
    trained: bool
    banned: bool
    classes: list[str] = field(default_factory=list)
    turns: int = 0


def rows(actor: Actor, term: Term) -> list[Row]:
    """Return the volunteers a person keeps: the office all, a head teacher those with a child in the own class. Five queries."""
    volunteers = Volunteer.objects.filter(term=term).select_related("guardian__user", "proposed_by", "decided_by")
    if not actor.is_office:
        mine = Guardianship.objects.filter(student__school_class__in=actor.class_ids, acts=True)
        volunteers = volunteers.filter(guardian__in=mine.values("guardian"))
    found = list(volunteers.order_by("-proposed_at", "pk"))
    trained, guardians = trained_volunteers(term), [v.guardian_id for v in found]
    notes = banned(guardians)
    classes: dict[int, list[str]] = defaultdict(list)
    links = Guardianship.objects.filter(guardian__in=guardians, acts=True, student__state=StudentState.ENROLLED)
    for link in links.select_related("student__school_class").order_by("student__school_class__grade", "pk"):
        name = str(link.student.school_class)
        if name not in classes[link.guardian_id]:
            classes[link.guardian_id].append(name)
    turns = Counter(VolunteerTurn.objects.filter(volunteer__in=found).values_list("volunteer_id", flat=True))
    return [Row(v, v.pk in trained, v.guardian_id in notes, classes[v.guardian_id], turns[v.pk]) for v in found]


def my_volunteering(actor: Actor, term: Term) -> list[Volunteer]:
    """Return a parent's own offers of the term, the newest first: one query."""
    if actor.guardian is None:
        return []
    return list(Volunteer.objects.filter(term=term, guardian=actor.guardian).order_by("-proposed_at", "-pk"))


@dataclass(frozen=True)
class Beside:
    """A turn of a volunteer with the teachers beside whom it is; no teacher: wait for one."""

    turn: VolunteerTurn
    teachers: list[str]


def _with_teachers(turns: list[VolunteerTurn]) -> list[Beside]:
    names: dict[int, list[str]] = defaultdict(list)
    duties = Duty.objects.filter(session__in=[t.session_id for t in turns], active=True).select_related("teacher")
    for duty in duties.order_by("pk"):
        names[duty.session_id].append(duty.teacher.name)
    return [Beside(turn, names[turn.session_id]) for turn in turns]


def own_turns(actor: Actor) -> list[Beside]:
    """Return a volunteer's turns from today on: where, when, beside whom. Two queries, no child in them."""
    if actor.guardian is None:
        return []
    turns = VolunteerTurn.objects.filter(
        volunteer__guardian=actor.guardian,
        volunteer__state=VolunteerState.APPROVED,
        session__date__gte=clock.today(),
        session__state=SessionState.PLANNED,
    )
    return _with_teachers(
        list(turns.select_related("session__group", "session__room").order_by("session__date", "session__starts_at"))
    )


def turns_on(term: Term, day: date) -> list[Beside]:
    """Return who is beside whom on a date: two queries."""
    turns = VolunteerTurn.objects.filter(session__term=term, session__date=day).exclude(
        session__state=SessionState.CANCELLED
    )
    order = ("session__starts_at", "session__group__grade", "session__group__order", "pk")
    return _with_teachers(
        list(turns.select_related("session__group", "session__room", "volunteer__guardian").order_by(*order))
    )


def helpers_of(sessions: Iterable[int]) -> dict[int, list[VolunteerTurn]]:
    """Return the volunteers beside the teachers of these sessions: one query, none without sessions."""
    ids = list(sessions)
    found: dict[int, list[VolunteerTurn]] = defaultdict(list)
    if ids:
        turns = VolunteerTurn.objects.filter(session__in=ids).select_related("volunteer__guardian")
        for turn in turns.order_by("pk"):
            found[turn.session_id].append(turn)
    return dict(found)


def sessions_to_help(term: Term, day: date) -> list[Session]:
    """Return the sessions of a date that have a teacher: one query."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    sessions = Session.objects.filter(Exists(active), term=term, date=day, state=SessionState.PLANNED)
    return list(sessions.select_related("group", "room").order_by("starts_at", "group__grade", "group__order", "pk"))


def hindrance(volunteer: Volunteer, session: Session) -> Hindrance | None:
    """Return what hinders a volunteer from standing beside the teacher of a session now: five queries."""
    now = clock.now()
    at_once = VolunteerTurn.objects.filter(
        volunteer__guardian=volunteer.guardian_id,
        session__date=session.date,
        session__state=SessionState.PLANNED,
        session__starts_at__lt=session.ends_at,
        session__ends_at__gt=session.starts_at,
    )
    helper = Helper(
        VolunteerState(volunteer.state),
        volunteer.pk in trained_volunteers(volunteer.term),
        volunteer.guardian_id in banned([volunteer.guardian_id]),
        at_once.exists(),
    )
    over = session.date < now.date() or (session.date == now.date() and session.ends_at <= now.time())
    place = Place(
        session.state == SessionState.PLANNED,
        over,
        Duty.objects.filter(session=session, active=True).count(),
        VolunteerTurn.objects.filter(session=session).count(),
    )
    return check_turn(helper, place, most=most_beside(volunteer.term))


def may_say_who_came(actor: Actor, turn: VolunteerTurn) -> bool:
    """Tell whether this person sees whether the volunteer came: the teacher of the session, or the office."""
    if actor.is_office:
        return True
    return (
        actor.teacher is not None
        and actor.has(Role.TEACHER, Role.HEAD_TEACHER)
        and Duty.objects.filter(session=turn.session_id, teacher=actor.teacher, active=True).exists()
    )
