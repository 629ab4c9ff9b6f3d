"""Work of evaluation in the background: the record books of the whole school, a group after another."""

import io
import logging
import zipfile
from datetime import timedelta
from hashlib import sha256
from tempfile import TemporaryFile

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import SYSTEM
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.middleware import load_school
from afterschool.school.models import Group, School
from afterschool.support import pdf
from evaluation.enums import BookRunState
from evaluation.models import Book, BookRun
from evaluation.queries.books import BookContent, book_of, groups_with_books

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=15)
MOST_TRIES = 3
AT_ONCE = 3  # books made before whatever else waits for the worker has its turn
TEMPLATE = "documents/record_book.html"
BROKE = "做记载本时出错，已记下。可以接着做；再不行请告诉管理员。"


def set_book(content: BookContent, school: School) -> tuple[bytes, str]:
    """Set one book, A4; return it with the fingerprint of what stands in it. The same records give the same pages."""
    html = render_to_string(TEMPLATE, {"book": content, "school": school})
    return pdf.html_to_pdf(html), sha256(html.encode()).hexdigest()


@task()
def make_books(pk: int) -> None:
    """Make the next books of a run and queue the rest behind what waits; after the last, one file to print and one packed.

    May run twice.
    """
    load_school()
    run = BookRun.objects.select_related("term").get(pk=pk)
    if run.state not in (BookRunState.QUEUED, BookRunState.RUNNING):
        return
    begins = run.state == BookRunState.QUEUED
    BookRun.objects.filter(pk=pk).update(
        state=BookRunState.RUNNING, began_at=timezone.now(), tries=F("tries") + int(begins), error=""
    )
    try:
        left = _not_made(run)
        for group in left[:AT_ONCE]:
            _make_one(run, group)
        if len(left) > AT_ONCE:
            make_books.enqueue(pk)
        else:
            _bind(run)
    except Exception:
        BookRun.objects.filter(pk=pk).update(state=BookRunState.FAILED, error=BROKE)
        raise


def _not_made(run: BookRun) -> list[Group]:
    made = Book.objects.filter(run=run).values("group")
    return list(groups_with_books(run.term, run.first_day, run.last_day).exclude(pk__in=made))


def _make_one(run: BookRun, group: Group) -> None:
    from pypdf import PdfReader

    content, digest = set_book(book_of(group, run.first_day, run.last_day), School.objects.get(pk=1))
    book = Book(run=run, group=group, digest=digest, pages=len(PdfReader(io.BytesIO(content)).pages))
    book.file.save(f"book-{run.pk}-{group.pk}.pdf", ContentFile(content), save=False)
    _, new = Book.objects.get_or_create(
        run=run, group=group, defaults={"digest": digest, "pages": book.pages, "file": book.file.name}
    )
    if not new:  # a second worker made it meanwhile
        book.file.storage.delete(book.file.name or "")
    BookRun.objects.filter(pk=run.pk).update(began_at=timezone.now())  # still alive


def _bind(run: BookRun) -> None:
    """Join all books to one file to print, each beginning on a right-hand page, and pack them one by one."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    books = list(run.books.select_related("group").order_by("group__grade", "group__order", "group__name"))
    span = f"{run.first_day:%Y%m%d}-{run.last_day:%Y%m%d}-{run.pk}"
    with TemporaryFile() as packed, TemporaryFile() as bound:  # on the disk: the more books, the larger
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as box:
            for number, book in enumerate(books, 1):
                with book.file.open("rb") as file:
                    content = file.read()
                name = f"{number:02}-{_plain(book.group.name)}.pdf"
                box.writestr(zipfile.ZipInfo(name, run.last_day.timetuple()[:6]), content)  # made again, the same file
                writer.append(PdfReader(io.BytesIO(content)))
                if book.pages % 2:
                    writer.add_blank_page()
        writer.write(bound)
        run.print_file.save(f"books-{span}.pdf", File(bound), save=False)
        run.zip_file.save(f"books-{span}.zip", File(packed), save=False)
    with transaction.atomic():
        done = BookRun.objects.filter(pk=run.pk, state=BookRunState.RUNNING).update(
            state=BookRunState.DONE,
            finished_at=timezone.now(),
            print_file=run.print_file.name,
            zip_file=run.zip_file.name,
        )
        if done:
            record("books.made", subject=run, by=SYSTEM, term_id=run.term_id, data={"books": len(books)})
            tell(
                [run.asked_by_id],
                kind="books.made",
                title=f"{len(books)} 本工作记载本已做好，可以打印",
                url=reverse("evaluation:books"),
                term=run.term,
                by=SYSTEM,
            )


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "（）()-" else "_" for letter in name)[:60]


def restart_stuck() -> int:
    """Queue again runs that a worker left when it died: they go on where they stopped; give up after three tries."""
    old, restarted = timezone.now() - STUCK_AFTER, 0
    for run in BookRun.objects.filter(state=BookRunState.RUNNING, began_at__lt=old):
        if run.tries >= MOST_TRIES:
            BookRun.objects.filter(pk=run.pk, state=BookRunState.RUNNING).update(state=BookRunState.FAILED, error=BROKE)
            continue
        with transaction.atomic():
            changed = BookRun.objects.filter(pk=run.pk, state=BookRunState.RUNNING, began_at=run.began_at)
            if changed.update(state=BookRunState.QUEUED, began_at=None):
                make_books.enqueue(run.pk)
                restarted += 1
    return restarted
