"""What is on record about a set of moves, read in a handful of queries however many children there are."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from afterschool.school.access import Actor
from afterschool.school.enums import PlacementKind, Role
from afterschool.school.models import Guardianship, Placement, SchoolDay, Session, StaffRole
from afterschool.support import clock
from attendance.custody import ENDS, Facts, Who
from attendance.enums import CallOutcome, ChangeKind, CustodyState, PassState
from attendance.models import CallNote, ChildDay, DayFetcher, Handover, LateCarePlace, LeaveRequest, Pass, PickupChange
from attendance.queries.fetchers import bans_of, is_banned, standing_fetchers
from attendance.queries.roll_calls import changes_on
from enrollment.queries import alone_on
from scheduling.enums import DutySource
from scheduling.models import Duty

if TYPE_CHECKING:
    from attendance.actions.custody import MoveRequest

DECISION = "decision"
WORD_OF_THIS_HOUR = timedelta(hours=1)


@dataclass
class Records:
    """Everything the conditions of these moves ask for."""

    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[int, Session] = field(default_factory=dict)
    duties: dict[int, Duty] = field(default_factory=dict)  # by session
    late_roles: dict[Role, str] = field(default_factory=dict)
    calls: dict[int, list[CallNote]] = field(default_factory=lambda: defaultdict(list))
    links: dict[tuple[int, int], Handover] = field(default_factory=dict)
    fetchers: dict[tuple[int, int], Guardianship] = field(default_factory=dict)
    day_fetchers: dict[tuple[int, int], DayFetcher] = field(default_factory=dict)  # (student, fetcher)
    bans: dict[int, list[Guardianship]] = field(default_factory=dict)  # by student
    changes: dict[int, PickupChange] = field(default_factory=dict)
    leaves: set[int] = field(default_factory=set)
    standing_alone: set[int] = field(default_factory=set)
    kept: set[int] = field(default_factory=set)  # taken in unlisted, and refused since
    due: set[tuple[int, int]] = field(default_factory=set)  # (student, group)
    deciders: set[int] = field(default_factory=set)

    def teacher_on_duty(self, session_id: int | None) -> int | None:
        duty = self.duties.get(session_id) if session_id else None
        return duty.teacher_id if duty else None


def read(moves: "list[MoveRequest]", by: Actor) -> Records:
    """Read what these moves need; a kind of record is only asked for when one of the moves turns on it."""
    days = [move.child_day for move in moves]
    pks = [day.pk for day in days]
    tos = {str(move.to) for move in moves}
    froms = {str(day.state) for day in days}
    term_id, date = days[0].term_id, days[0].date
    students = [day.student_id for day in days]
    found = Records()
    found.rows = {row["pk"]: row for row in ChildDay.objects.filter(pk__in=pks).values(*ROW)}
    session_ids = {row["session_id"] for row in found.rows.values()} | {
        row["at_session_id"] for row in found.rows.values()
    }
    session_ids |= {move.at_session.pk for move in moves if move.at_session}
    session_ids.discard(None)
    found.sessions = Session.objects.select_related("room", "group").in_bulk(session_ids)
    found.duties = {duty.session_id: duty for duty in Duty.objects.filter(session__in=session_ids, active=True)}
    if froms & ENDS:
        for link in Handover.objects.filter(child_day__in=pks):
            found.links[link.child_day_id, link.number] = link
    if CustodyState.LATE in tos | froms:
        places = LateCarePlace.objects.filter(term=term_id).order_by("-order")
        found.late_roles = {Role(place.role): place.name for place in places}
    if tos & {CustodyState.LATE, CustodyState.FETCHED, CustodyState.ALONE, CustodyState.AWAY}:
        for call in CallNote.objects.filter(child_day__in=pks).order_by("at"):
            found.calls[call.child_day_id].append(call)
    if CustodyState.AWAY in tos:
        leaves = LeaveRequest.objects.filter(
            student__in=students, first_day__lte=date, last_day__gte=date, cancelled_at=None
        )
        found.leaves = set(leaves.values_list("student_id", flat=True))
    if tos & {CustodyState.FETCHED, CustodyState.ALONE, CustodyState.LATE}:
        found.changes = changes_on(date, students)
        unlisted = [row["pk"] for row in found.rows.values() if row["is_pass"]]
        if unlisted:
            refused = Pass.objects.filter(pk__in=unlisted, state=PassState.REFUSED)
            found.kept = set(refused.values_list("pk", flat=True))
    if CustodyState.FETCHED in tos:
        _read_fetchers(found, moves)
    if CustodyState.ALONE in tos:
        found.standing_alone = set(
            alone_on(date).filter(term=term_id, student__in=students).order_by().values_list("student_id", flat=True)
        )
    if any(_leaves_its_group(move, found.rows[move.child_day.pk]) for move in moves if move.child_day.pk in found.rows):
        _read_due(found, students, term_id, date)
    return found


ROW = (
    "pk",
    "state",
    "links",
    "holder_id",
    "session_id",
    "at_session_id",
    "place",
    "is_pass",
    "date",
    "student_id",
    "student__name",
    "student__school_class_id",
    "student__school_class__head_teacher_id",
)


def _read_fetchers(found: Records, moves: "list[MoveRequest]") -> None:
    named = {(move.child_day.student_id, move.released_to.pk) for move in moves if move.released_to}
    links = Guardianship.objects.filter(
        student__in={student for student, _ in named}, guardian__in={guardian for _, guardian in named}
    )
    found.fetchers = {(link.student_id, link.guardian_id): link for link in links}
    others = {move.child_day.student_id: move.day_fetcher.pk for move in moves if move.day_fetcher}
    if others:
        rows = standing_fetchers(moves[0].child_day.date).filter(student__in=others, pk__in=others.values())
        found.day_fetchers = {(row.student_id, row.pk): row for row in rows}
        found.bans = bans_of(others)
    if any(move.decided_by for move in moves):
        leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__active=True)
        found.deciders = set(leaders.values_list("teacher_id", flat=True))


def _leaves_its_group(move: "MoveRequest", row: dict[str, Any]) -> bool:
    """Tell whether a move names another session than the child's own group's: then it turns on who is due there."""
    return move.at_session is not None and move.at_session.pk != row["session_id"]


def _own_session(move: "MoveRequest", row: dict[str, Any]) -> bool:
    """Tell whether the session a move names is the child's own, or the one it is in."""
    return move.at_session is None or move.at_session.pk in (row["session_id"], row["at_session_id"])


def _read_due(found: Records, students: list[int], term_id: int, date: Any) -> None:
    weekday = SchoolDay.objects.filter(date=date).values_list("runs_weekday", flat=True).first()
    placements = Placement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=date), term=term_id, student__in=students, starts_on__lte=date
    ).filter(kind__in=PlacementKind.values, weekdays__contains=str(weekday))
    found.due = set(placements.values_list("student_id", "group_id"))


def gather(move: "MoveRequest", found: Records, by: Actor, now: datetime) -> Facts:
    """Return the facts of one move, as the pure rules take them."""
    row = found.rows[move.child_day.pk]
    student = row["student_id"]
    calls = found.calls[row["pk"]]
    dismissal = _dismissal(row, found)
    reached = [call for call in calls if call.outcome == CallOutcome.REACHED]
    since_dismissal = [call for call in reached if dismissal is None or call.at >= dismissal]
    named_calls = [call for call in reached if call.guardian_id or call.text]
    change = found.changes.get(student)
    link = found.fetchers.get((student, move.released_to.pk)) if move.released_to else None
    other = found.day_fetchers.get((student, move.day_fetcher.pk)) if move.day_fetcher else None
    struck = bool(other and is_banned(found.bans.get(student, []), other.name, other.phone))
    target = move.at_session
    last = found.links.get((row["pk"], row["links"]))
    return Facts(
        who=_who(move, row, found, by),
        word=student in found.leaves or bool(move.note) or bool(named_calls),
        leave=student in found.leaves,
        guardian_word=bool(named_calls),
        where=bool(move.place or move.at_session),
        reason=bool(move.reason or move.note),
        due_there=_due_there(move, row, found),
        substitution=_is_stand_in(row, found, by, target),
        may_fetch=bool(other and not struck) or bool(link and link.may_fetch and not link.banned),
        banned=struck or bool(link and link.banned),
        named=bool(move.released_to or move.day_fetcher or move.note),
        decision=move.reason == DECISION and bool(move.note) and _may_decide(move, row, found),
        call_noted=bool(calls),
        dismissed=dismissal is None or now >= dismissal,
        early_asked=bool(change and change.kind == ChangeKind.EARLY),
        alone_word=student in found.standing_alone or bool(change and change.alone),
        alone_early=bool(
            change and change.alone and change.kind == ChangeKind.EARLY and now >= clock.at(row["date"], change.time)
        ),
        alone_now=bool(move.note) and any(now - call.at <= WORD_OF_THIS_HOUR for call in reached),
        grace_passed=dismissal is None or now >= dismissal + timedelta(minutes=move.child_day.term.late_grace_minutes),
        reached=bool(since_dismissal) or bool(change and change.kind == ChangeKind.LATE),
        is_pass=row["is_pass"],
        kept=row["pk"] in found.kept,
        same_day=row["date"] == now.date() and bool(last and last.at.astimezone(clock.SHANGHAI).date() == now.date()),
        to_before=bool(last and last.from_state == move.to),
    )


def _dismissal(row: dict[str, Any], found: Records) -> datetime | None:
    session = found.sessions.get(row["session_id"] or row["at_session_id"] or 0)
    return clock.at(row["date"], session.ends_at) if session else None


def _who(move: "MoveRequest", row: dict[str, Any], found: Records, by: Actor) -> frozenset[Who]:
    """Say what the mover is to this child: only what the register and today's duties say, never what a form says."""
    mine = by.teacher.pk if by.teacher else None
    who: set[Who] = set()
    if mine is None:
        return frozenset()
    target = move.at_session.pk if move.at_session else row["session_id"]
    if row["holder_id"] == mine:
        who.add(Who.ANSWERING)
    if _takes_the_session(found, by, target) and _may_receive(move, row, found):
        who.add(Who.SESSION_TEACHER)
    if move.holder is not None and move.holder.pk == mine:
        who.add(Who.RECEIVER)
    if row["student__school_class_id"] in by.class_ids:
        who.add(Who.HEAD_TEACHER)
    for role, is_it in ROLES.items():
        if by.has(role):
            who.add(is_it)
    if any(by.has(role) for role in found.late_roles):
        who.add(Who.LATE_CARE)
    last = found.links.get((row["pk"], row["links"]))
    if last is not None and by.user_id is not None and last.by_id == by.user_id:
        who.add(Who.SAME_PERSON)
    return frozenset(who)


def _takes_the_session(found: Records, by: Actor, session_id: int | None) -> bool:
    """On duty there; or a leader who calls the roll in the teacher's place and answers until the teacher takes over (8)."""
    session = found.sessions.get(session_id or 0)
    if session is None or by.teacher is None:
        return False
    if found.teacher_on_duty(session_id) == by.teacher.pk or by.has(Role.ADMINISTRATOR, Role.DUTY_LEADER):
        return True
    return bool(by.grades) and session.group.grade in by.grades


def _due_there(move: "MoveRequest", row: dict[str, Any], found: Records) -> bool:
    """Tell whether the child has a place in that session's group today."""
    target = move.at_session
    if target is None:
        return False
    return target.pk == row["session_id"] or (row["student_id"], target.group_id) in found.due


def _may_receive(move: "MoveRequest", row: dict[str, Any], found: Records) -> bool:
    """A teacher speaks for the children due in the own session; a child that is handed over (6-8) has its own checks."""
    handed_over = row["state"] in (CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF) and move.to in (
        CustodyState.GROUP,
        CustodyState.CLUB,
    )
    return handed_over or row["is_pass"] or _own_session(move, row) or _due_there(move, row, found)


ROLES = {
    Role.ADMINISTRATOR: Who.OFFICE,
    Role.DUTY_LEADER: Who.DUTY_LEADER,
    Role.GATEKEEPER: Who.GATEKEEPER,
}


def _is_stand_in(row: dict[str, Any], found: Records, by: Actor, target: Session | None) -> bool:
    """Tell whether the mover took this very session over from the teacher before: a confirmed stand-in or swap."""
    duty = found.duties.get(row["at_session_id"] or 0)
    return bool(
        duty
        and by.teacher
        and target
        and target.pk == duty.session_id
        and duty.teacher_id == by.teacher.pk
        and duty.source in (DutySource.STAND_IN, DutySource.SWAP)
    )


def _may_decide(move: "MoveRequest", row: dict[str, Any], found: Records) -> bool:
    """Only the child's head teacher or a duty leader lets somebody fetch who is not on the list."""
    if move.decided_by is None:
        return False
    return move.decided_by.pk == row["student__school_class__head_teacher_id"] or move.decided_by.pk in found.deciders
