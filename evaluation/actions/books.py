"""Record books: made for all groups in the background, drawn by lot to be looked at, and what was found (H3, F4)."""

import secrets
from datetime import date

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor, office_user
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.book_draw import draw
from evaluation.enums import BookFinding, BookRunState
from evaluation.models import BookCheck, BookRun, CheckedBook
from evaluation.queries import books as queries
from evaluation.tasks import make_books
from scheduling.models import Duty

RUNNING = (BookRunState.QUEUED, BookRunState.RUNNING)


@transaction.atomic
def ask_run(term: Term, *, first: date, last: date, by: Actor) -> BookRun:
    """Ask for the books of all groups over a span; the worker begins when this is committed.

    Refused: not_yours, no_span (outside the term or the wrong way round), nobody_met, running (the same span already).
    """
    user = office_user(by)
    if not term.starts_on <= first <= last <= term.ends_on:
        raise Refused("no_span", "起止日期要在学期以内，先后不能写反。")
    if not queries.groups_with_books(term, first, last).exists():
        raise Refused("nobody_met", "这段时间没有服务班上过。")
    same = BookRun.objects.filter(term=term, first_day=first, last_day=last, state__in=RUNNING)
    if same.exists():
        raise Refused("running", "这段时间的记载本正在做。")
    run = BookRun.objects.create(term=term, first_day=first, last_day=last, asked_by=user, asked_at=clock.now())
    record("books.asked", subject=run, by=by, term_id=term.pk)
    transaction.on_commit(lambda: make_books.enqueue(run.pk))
    return run


@transaction.atomic
def go_on(run: BookRun, *, by: Actor) -> None:
    """Let a run that failed go on where it stopped. Refused: not_yours, not_failed."""
    office_user(by)
    failed = BookRun.objects.filter(pk=run.pk, state=BookRunState.FAILED)
    if failed.update(state=BookRunState.QUEUED, error="", began_at=None, tries=0) != 1:
        raise Refused("not_failed", "这一次没有停下，不用接着做。")
    record("books.gone_on", subject=run, by=by, term_id=run.term_id)
    transaction.on_commit(lambda: make_books.enqueue(run.pk))


@transaction.atomic
def draw_books(
    term: Term, *, first: date, last: date, number: int, seed: str = "", seen: int | None = None, by: Actor
) -> BookCheck:
    """Draw books to be looked at. Without a seed one is made up; it is kept. `seen`: so many draws stood on the page.

    Refused: not_yours, no_span, nobody_met, no_number, somebody_was_faster (sent twice, or drawn by somebody else meanwhile).
    """
    user = office_user(by)
    if seen is not None and seen != BookCheck.objects.filter(term=term).count():
        raise somebody_was_faster()
    if not term.starts_on <= first <= last <= term.ends_on:
        raise Refused("no_span", "起止日期要在学期以内，先后不能写反。")
    groups = list(queries.groups_with_books(term, first, last).values_list("pk", flat=True))
    if not groups:
        raise Refused("nobody_met", "这段时间没有服务班上过。")
    if not 1 <= number <= len(groups):
        raise Refused("no_number", f"可以抽 1 到 {len(groups)} 本。")
    kept = seed.strip()[:64] or secrets.token_hex(8)
    check = BookCheck.objects.create(
        term=term,
        first_day=first,
        last_day=last,
        number=number,
        seed=kept,
        drawn_by=user,
        drawn_at=clock.now(),
    )
    CheckedBook.objects.bulk_create(
        CheckedBook(check_drawn=check, group_id=group, place=place)
        for place, group in enumerate(draw(groups, number, kept), 1)
    )
    record("books.drawn", subject=check, by=by, term_id=term.pk, data={"number": number})
    return check


@transaction.atomic
def note_finding(book: CheckedBook, *, finding: str, text: str, by: Actor) -> CheckedBook:
    """Write what was found in a drawn book; written again it replaces the first, which stays in the history.

    Teachers who had turns in the group hear of a remark. Refused: not_yours, no_finding, no_text (a remark needs words).
    """
    office_user(by)
    if finding not in (BookFinding.GOOD, BookFinding.REMARK):
        raise Refused("no_finding", "请选完整，还是有意见。")
    words = text.strip()[:300]
    if finding == BookFinding.REMARK and not words:
        raise Refused("no_text", "有意见的，请写明看到什么。")
    changed = CheckedBook.objects.filter(pk=book.pk, finding=book.finding, text=book.text).update(
        finding=finding, text=words, by=by.user, at=clock.now()
    )
    if changed != 1:
        raise somebody_was_faster()
    record(
        "books.checked",
        subject=book,
        by=by,
        term_id=book.check_drawn.term_id,
        data={"old": book.finding, "new": finding},
        note=words,
    )
    book.refresh_from_db()
    if finding == BookFinding.REMARK:
        _tell_teachers(book, by)
    return book


def _tell_teachers(book: CheckedBook, by: Actor) -> None:
    check = book.check_drawn
    turns = Duty.objects.filter(
        session__group=book.group_id,
        session__date__range=(check.first_day, check.last_day),
        active=True,
        teacher__user__isnull=False,
    )
    people = set(turns.values_list("teacher__user_id", flat=True))
    if people:
        tell(
            people,
            kind="books.checked",
            title=f"{book.group.name}的工作记载本抽查有意见",
            body=book.text,
            url=reverse("evaluation:books"),
            term=check.term,
            by=by,
        )
