"""Noting a day, and noting a word about a child: facts, written by who was there."""

from collections.abc import Collection
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Event, Session, Student, User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.enums import ChildNoteKind, Followed
from attendance.models import ChildNote, DayNote
from attendance.queries.notes import children_here, kinds_for
from scheduling.models import Duty


def _need_own(session: Session, by: Actor) -> User:
    """Return the account of who has the turn: nobody else writes. Refused: cancelled, not_begun."""
    own = by.teacher is not None and Duty.objects.filter(session=session, teacher=by.teacher, active=True).exists()
    if by.user is None or not own:
        raise PermissionDenied
    if session.state == SessionState.CANCELLED:
        raise Refused("cancelled", "这一场已经取消，不用记。")
    if clock.now() < clock.at(session.date, session.starts_at):
        raise Refused("not_begun", "这一场还没开始，结束时再记。")
    return by.user


@transaction.atomic
def note_day(*, session: Session, text: str, followed: Followed, seen: str, by: Actor) -> DayNote:
    """Note what was done in a session, or change the note; `seen`: the text as the page showed it, empty for a new note.

    What stood before is kept in the history; when it was first noted stays. Refused: text_missing, too_long, cancelled,
    not_begun, somebody_was_faster.
    """
    writer = _need_own(session, by)
    text = text.strip()
    if not text:
        raise Refused("text_missing", "请写一句今天做了什么。")
    if len(text) > 300:
        raise Refused("too_long", "最多写 300 字。")
    note = DayNote.objects.filter(session=session).first()
    if note is None:
        note, made = DayNote.objects.get_or_create(
            session=session, defaults={"text": text, "followed": followed, "by": writer, "at": clock.now()}
        )
        if not made:
            raise somebody_was_faster()
        later = clock.today() > session.date
        record("day_note.written", subject=note, by=by, term_id=session.term_id, data={"later": later})
        return note
    if DayNote.objects.filter(pk=note.pk, text=seen).update(text=text, followed=followed) != 1:
        raise somebody_was_faster()
    record(
        "day_note.changed", subject=note, by=by, term_id=session.term_id, data={"was": note.followed}, note=note.text
    )
    note.refresh_from_db()
    return note


@transaction.atomic
def mark_homework(*, session: Session, ticked: Collection[int], seen: Collection[int], by: Actor) -> tuple[int, int]:
    """Note of these children that their homework is not done, and take it back of those unticked; return how many of each.

    `seen`: whose tick stood on the page: only what the teacher changed is changed. Refused: not_here, not_today, cancelled,
    not_begun.
    """
    writer = _need_own(session, by)
    list(Session.objects.select_for_update().filter(pk=session.pk))  # two taps at once: the second finds them noted
    here = set(children_here(session).values_list("pk", flat=True))
    new, gone = set(ticked) - set(seen), set(seen) - set(ticked)
    if not new <= here:
        raise Refused("not_here", "只能记点名时在这一场的孩子。")
    taken = ChildNote.objects.filter(session=session, student__in=gone, kind=ChildNoteKind.HOMEWORK)
    old = list(taken)
    if old and session.date != clock.today():
        raise Refused("not_today", "过了当天，请点开那一条，写明再改。")
    taken.delete()
    record_many(_event("child_note.removed", note, by) for note in old)
    have = set(
        ChildNote.objects.filter(session=session, kind=ChildNoteKind.HOMEWORK).values_list("student_id", flat=True)
    )
    fresh = [
        ChildNote(session=session, student_id=pk, kind=ChildNoteKind.HOMEWORK, by=writer, at=clock.now())
        for pk in sorted(new - have)
    ]
    made = ChildNote.objects.bulk_create(fresh)
    record_many(_event("child_note.written", note, by) for note in made)
    return len(made), len(old)


def _event(verb: str, note: ChildNote, by: Actor) -> Event:
    return event(
        verb,
        subject=note,
        by=by,
        student_id=note.student_id,
        term_id=note.session.term_id,
        data={"kind": note.kind, "session": note.session_id},
    )


@transaction.atomic
def note_child(*, session: Session, student: Student, kind: ChildNoteKind, text: str, by: Actor) -> ChildNote:
    """Write a sentence about one child. Refused: not_here, kind, text_missing, already_noted, cancelled, not_begun."""
    writer = _need_own(session, by)
    if not children_here(session).filter(pk=student.pk).exists():
        raise Refused("not_here", "只能记点名时在这一场的孩子。")
    if kind not in kinds_for(session):
        raise Refused("kind", "社团里不记作业。")
    text = _checked(kind, text)
    note, made = ChildNote.objects.get_or_create(
        session=session, student=student, kind=kind, defaults={"text": text, "by": writer, "at": clock.now()}
    )
    if not made:
        raise Refused("already_noted", f"{student.name}今天的“{kind.label}”已经记过，请点开那一条修改。")
    record_many([_event("child_note.written", note, by)])
    return note


def _checked(kind: str, text: str) -> str:
    text = text.strip()
    if not text and kind != ChildNoteKind.HOMEWORK:
        raise Refused("text_missing", "请写一句说明。")
    if len(text) > 100:
        raise Refused("too_long", "最多写 100 字。")
    return text


def _may_change(note: ChildNote, by: Actor) -> None:
    own = (
        by.teacher is not None
        and Duty.objects.filter(session=note.session_id, teacher=by.teacher, active=True).exists()
    )
    if not own:
        raise PermissionDenied


@transaction.atomic
def change_note(*, note: ChildNote, text: str, seen: str, by: Actor) -> ChildNote:
    """Change the words of a note: what stood before is kept. Refused: text_missing, too_long, somebody_was_faster."""
    _may_change(note, by)
    text = _checked(note.kind, text)
    if ChildNote.objects.filter(pk=note.pk, text=seen).update(text=text) != 1:
        raise somebody_was_faster()
    record(
        "child_note.changed",
        subject=note,
        by=by,
        student_id=note.student_id,
        term_id=note.session.term_id,
        data={"later": _later(note)},
        note=seen,
    )
    note.refresh_from_db()
    return note


@transaction.atomic
def remove_note(*, note: ChildNote, reason: str, by: Actor) -> None:
    """Take a note back: on its day freely, afterwards with a reason; what it said is kept in the history.

    Refused: reason_missing, somebody_was_faster.
    """
    _may_change(note, by)
    reason = reason.strip()[:100]
    if _later(note) and not reason:
        raise Refused("reason_missing", "过了当天，撤销要写明原因。")
    words = f"{note.get_kind_display()}：{note.text}".rstrip("：")
    if ChildNote.objects.filter(pk=note.pk, text=note.text).delete()[0] != 1:
        raise somebody_was_faster()
    record(
        "child_note.removed",
        subject=note,
        by=by,
        student_id=note.student_id,
        term_id=note.session.term_id,
        data={"kind": note.kind, "session": note.session_id, "later": _later(note)},
        note=f"{words}（{reason}）" if reason else words,
    )


def _later(note: ChildNote) -> bool:
    return clock.today() > _day(note)


def _day(note: ChildNote) -> date:
    return note.session.date
