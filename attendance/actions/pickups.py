"""Early and late pick-up: by a guardian's word, or recorded by the school for a family."""

from dataclasses import dataclass
from datetime import date, time

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Session, Student, Term
from afterschool.school.naming import grade_name
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.actions.fetchers import Someone, check_may_name, put_fetcher
from attendance.actions.words import (
    Word,
    check_days,
    check_may_take_back,
    check_not_on_leave,
    check_open,
    check_speaks,
    check_still_here,
    tell_of_word,
    when,
)
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import LateCarePlace, PickupChange
from attendance.queries.leaves import session_of
from attendance.queries.words import fetcher_word


@dataclass(frozen=True)
class Wish:
    """An early or late pick-up as it is asked for: which day, at what time, by whom fetched."""

    day: date
    kind: ChangeKind
    at: time
    alone: bool = False
    note: str = ""
    someone: Someone | None = None


@transaction.atomic
def ask_pickup_change(
    *, term: Term, student: Student, wish: Wish, source: LeaveSource, by: Actor, said_by: str = ""
) -> PickupChange:
    """Put an early or late pick-up of one day on record, with who fetches where that is somebody else.

    Refused: not_yours, today_only, past, outside_term, no_service, on_leave, not_early, not_late, too_late (for late
    care), too_young, too_late_today (guardians, after the school's time), gone, already_asked, either_or (alone, and
    yet fetched), may_not_name, and what `name_fetcher` refuses.
    """
    word = Word(source, said_by)
    asker = check_speaks(by, student, word, wish.day, wish.day)
    check_days(student, term, wish.day, wish.day)
    session = session_of(student, term, wish.day)
    _check_change(session, student, wish)
    check_open(term, student, session, wish.day, source)
    if wish.alone:
        check_may_name(by, student, source)
    try:
        with transaction.atomic():
            change = PickupChange.objects.create(
                term=term,
                student=student,
                date=wish.day,
                kind=wish.kind,
                time=wish.at,
                alone=wish.alone,
                note=wish.note,
                source=source,
                said_by=said_by,
                asked_by=asker,
                asked_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("already_asked", "这一天已有一条早接或晚接，请先撤销。") from None
    record(
        "pickup.asked",
        subject=change,
        by=by,
        student_id=student.pk,
        term_id=term.pk,
        data={"kind": wish.kind.value, "time": f"{wish.at:%H:%M}", "alone": wish.alone, "source": source.value},
    )
    title = f"{student.name}{when(wish.day)}{wish.kind.label} {wish.at:%H:%M}{'，自行离校' if wish.alone else ''}"
    if wish.someone is not None:
        fetcher = put_fetcher(
            term=term,
            student=student,
            someone=wish.someone,
            first=wish.day,
            last=wish.day,
            word=word,
            asker=asker,
            by=by,
        )
        title += f"，{fetcher_word(fetcher)}"
    recorded = source != LeaveSource.GUARDIAN
    today = wish.day == clock.today()
    tell_of_word(student, term, title, wish.note, kind="pickup.asked", by=by, today=today, recorded=recorded)
    return change


@transaction.atomic
def cancel_pickup_change(*, change: PickupChange, by: Actor) -> PickupChange:
    """Take an early or late pick-up back, until the child has left. Refused: not_yours, over, gone."""
    check_may_take_back(by, change.student, change.date, change.date)
    if change.date < clock.today():
        raise Refused("over", "这一天已经过去，不能撤销。")
    check_still_here(change.student, change.date)
    changed = PickupChange.objects.filter(pk=change.pk, cancelled_at=None).update(
        cancelled_at=clock.now(), cancelled_by=by.user
    )
    if changed != 1:
        raise somebody_was_faster()
    record("pickup.cancelled", subject=change, by=by, student_id=change.student_id, term_id=change.term_id)
    title = f"{change.student.name}{when(change.date)}照常放学（撤销{change.get_kind_display()}）"
    today = change.date == clock.today()
    tell_of_word(change.student, change.term, title, kind="pickup.cancelled", by=by, today=today, recorded=by.is_staff)
    return change


def _check_change(session: Session | None, student: Student, wish: Wish) -> None:
    if session is None:
        raise Refused("no_service", f"{student.name}这一天没有课后服务，不用改接的时间。")
    dismissal = session.ends_at
    if wish.kind == ChangeKind.EARLY and wish.at >= dismissal:
        raise Refused("not_early", f"这一天 {dismissal:%H:%M} 放学，早接要早于放学。")
    if wish.kind == ChangeKind.LATE and wish.at <= dismissal:
        raise Refused("not_late", f"这一天 {dismissal:%H:%M} 放学，晚接要晚于放学。")
    if wish.kind == ChangeKind.LATE and (until := _late_care_until(session.term)) and wish.at > until:
        raise Refused("too_late", f"延时托管到 {until:%H:%M}，请在这之前来接。")
    if clock.at(wish.day, wish.at) < clock.now():
        raise Refused("past", "这个时间已经过了。")
    if wish.alone and wish.someone is not None:
        raise Refused("either_or", "自己离校和由别人接，请只选一样。")
    grade = student.school_class.grade if student.school_class else 0
    if wish.alone and grade < session.term.alone_from_grade:
        raise Refused("too_young", f"{grade_name(session.term.alone_from_grade)}起才可以自行离校。")
    check_not_on_leave(student, wish.day)


def _late_care_until(term: Term) -> time | None:
    """Return when the last late-care place closes; nothing where one has no end, or none is set up."""
    ends = list(LateCarePlace.objects.filter(term=term).order_by().values_list("closes_at", flat=True))
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None
