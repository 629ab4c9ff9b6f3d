"""Record books: who may open what, and the things for it in the world."""

from typing import TYPE_CHECKING

from evaluation.models import BookCheck, BookRun, CheckedBook
from tests.cast import NOW, TODAY
from tests.house.access_base import OFFICE, STAFF, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
ROWS: list[Row] = [
    ("evaluation:books", "", STAFF),
    *each("evaluation:books-ask evaluation:books-draw", ("", OFFICE)),
    ("evaluation:books-go-on", "book_run", OFFICE),
    ("evaluation:books-file", "book_file", READERS),
    ("evaluation:book-one", "group", only("teacher", "other_teacher", "grade_leader") | READERS),
    ("evaluation:book-finding", "checked_book", OFFICE),
]


def furnish(world: "World") -> None:
    """A run that is done, and a book drawn to be looked at."""
    from django.core.files.base import ContentFile

    cast = world.cast
    run = BookRun(
        term=cast.term, first_day=TODAY, last_day=TODAY, state="done", asked_by=cast.office.user, asked_at=NOW
    )
    run.print_file.save("books.pdf", ContentFile(b"%PDF-"), save=False)
    run.save()
    check = BookCheck.objects.create(
        term=cast.term, first_day=TODAY, last_day=TODAY, number=1, seed="x", drawn_by=cast.office.user, drawn_at=NOW
    )
    world.keep(
        book_run=run,
        book_file={"pk": run.pk, "kind": "print"},
        checked_book=CheckedBook.objects.create(check_drawn=check, group=cast.group, place=1),
    )
    world.bodies |= {"evaluation:book-one": {"month": "2026-09"}, "evaluation:books-ask": {"month": "2026-09"}}
