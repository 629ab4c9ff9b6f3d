"""Breaches of management rule 3: recorded by a leader, explained by the teacher, confirmed by a second person (F2)."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.uploads import keep_file
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import StaffRole, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.breach_workflow import Move, asked_at_once, moves, step
from attendance.enums import BreachKind, BreachState
from attendance.models import Breach, BreachFile
from attendance.queries.breaches import RECORDERS, duty_at, was_asked, who_of

FILES = 6


@dataclass(frozen=True)
class Seen:
    """What a leader saw: whom, doing what, when, where, and what shows it."""

    teacher: Teacher
    kind: BreachKind
    at: datetime
    place: str
    evidence: str


@transaction.atomic
def write_down(*, term: Term, seen: Seen, file: UploadedFile | None = None, by: Actor) -> Breach:
    """Record a breach. The teacher is asked for an explanation with it; a 体罚 goes to the leading group alone.
    The same words of the same moment again give the same record.

    Refused: own, time_wrong (in the future or outside the term), place_missing, evidence_missing, and what a file is refused for.
    """
    if by.user is None or not by.has(*RECORDERS):
        raise PermissionDenied
    if by.teacher is not None and by.teacher.pk == seen.teacher.pk:
        raise Refused("own", "自己的事不能自己记。")
    day = seen.at.astimezone(clock.SHANGHAI).date()
    if seen.at > clock.now() or not term.starts_on <= day <= term.ends_on:
        raise Refused("time_wrong", "时间要在本学期内，不能晚于现在。")
    place, evidence = seen.place.strip()[:60], seen.evidence.strip()[:500]
    if not place:
        raise Refused("place_missing", "请写明在哪里。")
    if not evidence:
        raise Refused("evidence_missing", "请写明看到什么，只写亲眼看到的。")
    twice = Breach.objects.filter(
        teacher=seen.teacher, kind=seen.kind, seen_at=seen.at, place=place, evidence=evidence, recorded_by=by.user
    ).first()
    if twice is not None:  # the button pressed twice
        return twice
    duty = duty_at(term, seen.teacher, seen.at)
    breach = Breach.objects.create(
        term=term,
        teacher=seen.teacher,
        session=duty.session if duty else None,
        kind=seen.kind,
        seen_at=seen.at,
        place=place,
        evidence=evidence,
        recorded_by=by.user,
        recorded_at=clock.now(),
    )
    record("breach.recorded", subject=breach, by=by, term_id=term.pk, data={"teacher": seen.teacher.pk})
    if asked_at_once(seen.kind):
        _tell_teacher(breach, "请说明情况", by)
        _tell_seconds(breach, (Role.LEADING_GROUP, Role.ADMINISTRATOR), by)
    else:
        _tell_seconds(breach, (Role.LEADING_GROUP,), by)
    if file is not None:
        keep_file(BreachFile, file, by=by, breach=breach)
    return breach


@transaction.atomic
def add_file(*, breach: Breach, file: UploadedFile, by: Actor) -> BreachFile:
    """Put a paper or a photo of a thing beside a record, by who recorded it, until it is decided. Refused: too_many."""
    if breach.recorded_by_id != by.user_id or breach.state != BreachState.RECORDED:
        raise PermissionDenied
    if breach.files.count() >= FILES:
        raise Refused("too_many", f"最多放 {FILES} 个文件。")
    record("breach.file_added", subject=breach, by=by, term_id=breach.term_id)
    return keep_file(BreachFile, file, by=by, breach=breach)


@transaction.atomic
def ask(*, breach: Breach, by: Actor) -> None:
    """Ask the teacher for an explanation of what was held back at first; from now on the teacher sees the record."""
    _check(breach, Move.ASK, by)
    record("breach.asked", subject=breach, by=by, term_id=breach.term_id)
    _tell_teacher(breach, "请说明情况", by)


@transaction.atomic
def answer(*, breach: Breach, text: str, by: Actor) -> None:
    """Say how it was, once. Refused: words_missing, faster."""
    _check(breach, Move.ANSWER, by)
    text = text.strip()[:500]
    if not text:
        raise Refused("words_missing", "请写明情况。")
    seen = Breach.objects.filter(pk=breach.pk, state=breach.state, answered_at=None)
    if seen.update(answer=text, answered_at=clock.now()) != 1:
        raise somebody_was_faster()
    record("breach.answered", subject=breach, by=by, term_id=breach.term_id, note=text)


@transaction.atomic
def settle(*, breach: Breach, stands: bool, finding: str, by: Actor) -> Breach:
    """Confirm a breach as the second person, or find that it does not stand. Refused: finding_missing, faster."""
    move = Move.CONFIRM if stands else Move.DISMISS
    _check(breach, move, by)
    finding = finding.strip()[:200]
    if not finding:
        raise Refused("finding_missing", "请写明怎么核实的、结论是什么，教师会看到。")
    found = step(BreachState(breach.state), move)
    state = found.to if found else breach.state
    seen = Breach.objects.filter(pk=breach.pk, state=breach.state)
    if seen.update(state=state, confirmed_by=by.user, confirmed_at=clock.now(), finding=finding) != 1:
        raise somebody_was_faster()
    breach.refresh_from_db()
    verb = "breach.confirmed" if stands else "breach.dismissed"
    record(verb, subject=breach, by=by, term_id=breach.term_id, data={"teacher": breach.teacher_id}, note=finding)
    _tell_teacher(breach, breach.get_state_display(), by)
    if breach.recorded_by_id != by.user_id:
        _tell([breach.recorded_by_id], breach, f"您记的一条纪律记录：{breach.get_state_display()}", by)
    return breach


def look(*, breach: Breach, by: Actor) -> None:
    """Keep that somebody looked at a breach."""
    record("breach.seen", subject=breach, by=by, term_id=breach.term_id)


def _check(breach: Breach, move: Move, by: Actor) -> None:
    state, who = BreachState(breach.state), who_of(by, breach)
    found = step(state, move)
    if found is None:
        raise somebody_was_faster()
    if found.who not in who:
        raise PermissionDenied
    if move not in moves(state, who, asked=was_asked(breach), answered=breach.answered_at is not None):
        raise somebody_was_faster()


def _tell_teacher(breach: Breach, word: str, by: Actor) -> None:
    if breach.teacher.user_id is not None:
        _tell([breach.teacher.user_id], breach, f"一条纪律记录：{word}", by)


def _tell_seconds(breach: Breach, roles: tuple[Role, ...], by: Actor) -> None:
    """Tell who may confirm it: no name and no act in the words, they stand on the page whose looks are kept."""
    staff = StaffRole.objects.filter(role__in=roles, teacher__active=True, teacher__user__isnull=False)
    accounts = {pk for pk in staff.values_list("teacher__user", flat=True) if pk is not None}
    accounts -= {by.user_id or 0, breach.teacher.user_id or 0}
    if accounts:
        _tell(sorted(accounts), breach, "有一条纪律记录等第二人确认", by)


def _tell(accounts: list[int], breach: Breach, title: str, by: Actor) -> None:
    tell(
        accounts,
        kind="breach",
        title=title,
        url=reverse("attendance:breach", args=[breach.pk]),
        term=breach.term,
        by=by,
    )
