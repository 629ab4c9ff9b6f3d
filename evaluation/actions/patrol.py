"""A round of the day, visit after visit: each once, also when a device sends it twice (F3)."""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.uploads import keep_file
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.actions import staff_checks
from attendance.devices import NO_DEVICE, Device
from evaluation.enums import Doing, ExplanationState, Order
from evaluation.models import PatrolRound, PatrolVisit, VisitPhoto
from evaluation.queries.patrol import PATROLLERS, Expected, expected_in

PHOTOS = 3


@dataclass(frozen=True)
class Found:
    """What was found in a room. `counted` is nothing where nobody counted."""

    counted: int | None
    there: bool
    held_by: Teacher | None = None
    doing: Doing | None = None
    order: Order | None = None
    note: str = ""


def _may(by: Actor) -> Teacher:
    if by.user is None or by.teacher is None or not by.has(*PATROLLERS):
        raise PermissionDenied
    return by.teacher


@transaction.atomic
def start(*, term: Term, by: Actor) -> PatrolRound:
    """Begin the own round of today, with a turn on the rota or without; a second time gives the same round."""
    teacher = _may(by)
    made, new = PatrolRound.objects.get_or_create(
        teacher=teacher, date=clock.today(), defaults={"term": term, "started_at": clock.now()}
    )
    if new:
        record("patrol.started", subject=made, by=by, term_id=term.pk)
    return made


@transaction.atomic
def visit(
    *,
    walk: PatrolRound,
    session: Session,
    found: Found,
    expected: Expected | None = None,
    number: str = "",
    device: Device = NO_DEVICE,
    by: Actor,
) -> PatrolVisit:
    """Write down one visit with a look at the teacher, which the rules of F1 count. The same number again changes nothing.

    `expected` is what the page had last heard from the portal; without it, what is true now. A count that differs is told
    to the teacher. Refused: ended, seen (visited in this round already), count_wrong, and what a look is refused for.
    """
    _own(walk, by)
    known = walk.visits.filter(session=session).first()
    if known is not None:
        return _again(known, number)
    at = device.at or clock.now()
    if walk.ended_at is not None and at > walk.ended_at:
        raise Refused("ended", "这一轮巡视已经结束。")
    _check_count(found)
    look = staff_checks.check(
        session=session, there=found.there, held_by=found.held_by, note=found.note, device=device, by=by
    )
    said = expected or expected_in(session.term, session.date, [session.pk])[session.pk]
    try:
        with transaction.atomic():
            row = PatrolVisit.objects.create(
                round=walk,
                session=session,
                check_made=look,
                at=at,
                device_id=device.id[:40],
                device_at=device.at,
                number=number[:40],
                expected=said.number,
                **_values(found),
            )
    except IntegrityError as error:
        raise somebody_was_faster() from error
    data: dict[str, object] = {"session": session.pk, "expected_at": said.at.isoformat(), **device.as_data(clock.now())}
    record("patrol.visited", subject=row, by=by, term_id=session.term_id, data=data, note=row.note)
    _tell_of_difference(row, by)
    return row


def _again(known: PatrolVisit, number: str) -> PatrolVisit:
    if number and known.number == number:
        return known
    raise Refused("seen", "这一班今天已经巡过，可以点开改。")


def _own(walk: PatrolRound, by: Actor) -> None:
    if walk.teacher_id != _may(by).pk:
        raise PermissionDenied


def _check_count(found: Found) -> None:
    if found.counted is not None and not 0 <= found.counted <= 300:
        raise Refused("count_wrong", "清点的人数不对，请再看一下。")


def _values(found: Found) -> dict[str, object]:
    return {
        "counted": found.counted,
        "doing": found.doing or "",
        "order": found.order or "",
        "note": found.note.strip()[:200],
    }


@transaction.atomic
def correct(*, row: PatrolVisit, found: Found, by: Actor) -> PatrolVisit:
    """Correct an own visit on its day; what was written first stays in the history.

    Refused: too_late, explained (the teacher has answered to the number), count_wrong, held_by_own, faster.
    """
    _own(row.round, by)
    if row.round.date != clock.today():
        raise Refused("too_late", "只能当天改。")
    _check_count(found)
    if row.explanation_state != ExplanationState.NONE and found.counted != row.counted:
        raise Refused("explained", "教师已经说明，清点的人数不能再改。")
    before = {"counted": row.counted, "doing": row.doing, "order": row.order}
    seen = PatrolVisit.objects.filter(pk=row.pk, explanation_state=row.explanation_state, **before)
    if seen.update(**_values(found)) != 1:
        raise somebody_was_faster()
    if row.check_made is not None:
        staff_checks.mend(row=row.check_made, there=found.there, held_by=found.held_by, note=found.note, by=by)
    differed, was = row.differs, row.note
    row.refresh_from_db()
    record("patrol.corrected", subject=row, by=by, term_id=row.round.term_id, data=before, note=was)
    if not differed:
        _tell_of_difference(row, by)
    return row


@transaction.atomic
def add_photo(*, row: PatrolVisit, file: UploadedFile, by: Actor) -> VisitPhoto:
    """Put a photo of a room or a thing beside an own visit of today. Refused: too_late, too_many, no picture."""
    _own(row.round, by)
    if row.round.date != clock.today():
        raise Refused("too_late", "只能当天放照片。")
    if row.photos.count() >= PHOTOS:
        raise Refused("too_many", f"最多放 {PHOTOS} 张照片。")
    record("patrol.photo_added", subject=row, by=by, term_id=row.round.term_id)
    return keep_file(VisitPhoto, file, by=by, pictures_only=True, visit=row)


@transaction.atomic
def end(*, walk: PatrolRound, note: str = "", at: datetime | None = None, by: Actor) -> PatrolRound:
    """End the own round; what was not visited stays not visited. Refused: faster (ended already)."""
    _own(walk, by)
    now = at or clock.now()
    seen = PatrolRound.objects.filter(pk=walk.pk, ended_at=None)
    if seen.update(ended_at=now, note=note.strip()[:300]) != 1:
        raise somebody_was_faster()
    walk.refresh_from_db()
    data = {"visits": walk.visits.count()}
    record("patrol.ended", subject=walk, by=by, term_id=walk.term_id, data=data, note=walk.note)
    return walk


@transaction.atomic
def resume(*, walk: PatrolRound, by: Actor) -> PatrolRound:
    """Go on with the own round of today after all. Refused: too_late, faster."""
    _own(walk, by)
    if walk.date != clock.today():
        raise Refused("too_late", "只能当天接着巡。")
    if PatrolRound.objects.filter(pk=walk.pk, ended_at=walk.ended_at).exclude(ended_at=None).update(ended_at=None) != 1:
        raise somebody_was_faster()
    walk.refresh_from_db()
    record("patrol.resumed", subject=walk, by=by, term_id=walk.term_id)
    return walk


def _tell_of_difference(row: PatrolVisit, by: Actor) -> None:
    """Ask the teacher how it comes: numbers alone, no child."""
    teacher = row.check_made.teacher if row.check_made else None
    if not row.differs or teacher is None or teacher.user_id is None:
        return
    tell(
        [teacher.user_id],
        kind="patrol.differs",
        title=f"{row.session.group.name}：巡视清点 {row.counted} 人，应有 {row.expected} 人，请说明",
        url=reverse("evaluation:patrol-visit", args=[row.pk]),
        term=row.session.term,
        by=by,
    )
