"""Somebody else fetches a child: named for a day or a span by a guardian, or by the school for a family."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Guardianship, Student, Term, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.words import (
    Word,
    check_days,
    check_may_take_back,
    check_not_on_leave,
    check_open,
    check_speaks,
    check_still_here,
    end_span,
    has_left,
    one_at_a_time,
    tell_of_word,
    when,
)
from attendance.enums import LeaveSource
from attendance.models import DayFetcher
from attendance.queries.fetchers import bans_of, is_banned
from attendance.queries.leaves import session_of
from attendance.queries.words import fetcher_word


@dataclass(frozen=True)
class Someone:
    """Who fetches though not on the child's list: name, what the person is to the child, phone."""

    name: str
    relation: str
    phone: str = ""


@transaction.atomic
def name_fetcher(
    *,
    term: Term,
    student: Student,
    someone: Someone,
    first_day: date,
    last_day: date,
    source: LeaveSource,
    by: Actor,
    said_by: str = "",
) -> DayFetcher:
    """Let somebody who isn't on the list fetch the child, for a day or a span.

    Refused: not_yours, today_only, past, order, outside_term, no_service, on_leave, too_late_today, gone, nobody_named,
    banned, on_the_list (may fetch anyway), already_named, may_not_name (a guardian with a ban).
    """
    word = Word(source, said_by)
    asker = check_speaks(by, student, word, first_day, last_day)
    check_days(student, term, first_day, last_day)
    today = first_day == clock.today()
    if first_day == last_day:
        check_not_on_leave(student, first_day)
    check_open(term, student, session_of(student, term, first_day), first_day, source)
    fetcher = put_fetcher(
        term=term, student=student, someone=someone, first=first_day, last=last_day, word=word, asker=asker, by=by
    )
    title = f"{student.name}{when(first_day, last_day)}{fetcher_word(fetcher)}"
    recorded = source != LeaveSource.GUARDIAN
    tell_of_word(student, term, title, kind="pickup.named", by=by, today=today, recorded=recorded)
    return fetcher


def put_fetcher(
    *, term: Term, student: Student, someone: Someone, first: date, last: date, word: Word, asker: User, by: Actor
) -> DayFetcher:
    """Put the person on record, once the days and the speaker are checked; for actions that say more at once."""
    check_may_name(by, student, word.source)
    if not someone.name.strip() or not someone.relation.strip():
        raise Refused("nobody_named", "请写明来接的人的姓名、和孩子的关系。")
    _check_someone(student, someone)
    one_at_a_time(student)
    standing = DayFetcher.objects.filter(
        student=student, name=someone.name, first_day__lte=last, last_day__gte=first, cancelled_at__isnull=True
    )
    if standing.exists():
        raise Refused("already_named", f"{someone.name}这几天已登记来接{student.name}，不用再登记。")
    fetcher = DayFetcher.objects.create(
        term=term,
        student=student,
        first_day=first,
        last_day=last,
        name=someone.name,
        relation=someone.relation,
        phone=someone.phone,
        source=word.source,
        said_by=word.said_by,
        asked_by=asker,
        asked_at=clock.now(),
    )
    record(
        "fetcher.named",
        subject=fetcher,
        by=by,
        student_id=student.pk,
        term_id=term.pk,
        data={"source": word.source.value, "first": first.isoformat(), "last": last.isoformat()},
    )
    return fetcher


@transaction.atomic
def cancel_fetcher(*, fetcher: DayFetcher, by: Actor) -> DayFetcher:
    """Take back that somebody may fetch; of a span that has begun, the days still to come.

    Refused: not_yours, over, gone (the child left today, and today is the last day).
    """
    student, today = fetcher.student, clock.today()
    check_may_take_back(by, student, fetcher.first_day, fetcher.last_day)
    if fetcher.last_day < today:
        raise Refused("over", "这一天已经过去，不能撤销。")
    left = fetcher.first_day <= today and has_left(student, today) is not None
    if left and fetcher.last_day == today:
        check_still_here(student, today)
    was = fetcher.last_day
    kept = end_span(fetcher, by=by, today_stands=left)
    data = {"was": was.isoformat(), "until": kept.isoformat()} if kept else {}
    record("fetcher.cancelled", subject=fetcher, by=by, student_id=student.pk, term_id=fetcher.term_id, data=data)
    title = f"{student.name}不再{fetcher_word(fetcher)}"
    for_today = not left and fetcher.first_day <= today
    tell_of_word(student, fetcher.term, title, kind="pickup.named", by=by, today=for_today, recorded=by.is_staff)
    return fetcher


def check_may_name(by: Actor, student: Student, source: LeaveSource) -> None:
    """Refuse a guardian who must not fetch: whom that person names, or lets go alone, would be the same thing."""
    own = Guardianship.objects.filter(guardian=by.guardian, student=student, banned=True)
    if source == LeaveSource.GUARDIAN and own.exists():
        raise Refused("may_not_name", "您不能在这里登记由谁来接，请联系班主任。")


def _check_someone(student: Student, someone: Someone) -> None:
    if is_banned(bans_of([student.pk]).get(student.pk, []), someone.name, someone.phone):
        raise Refused("banned", f"{someone.name}不能登记为来接的人。有疑问请联系班主任。")
    listed = Guardianship.objects.filter(student=student, may_fetch=True, guardian__name=someone.name)
    if listed.filter(guardian__phone=someone.phone).exists():
        raise Refused("on_the_list", f"{someone.name}已在可接的名单上，不用再登记。")
