"""Terms that are over: who may open what, and the things for it in the world."""

from datetime import date, datetime
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile

from afterschool.school.models import Paper, Term
from afterschool.support.clock import SHANGHAI
from tests.house.access_base import OFFICE, Row, each, only

if TYPE_CHECKING:
    from tests.house.world import World

READERS = only("office", "leading_group")
ROWS: list[Row] = [
    *each("setup:past-terms setup:term-read-end", ("", READERS)),
    *each("setup:past-term setup:term-read setup:term-reopen", ("closed_term", READERS)),
    ("setup:term-close", "term", OFFICE),
    ("setup:term-archive", "archived_term", READERS),
    ("setup:term-archive-make", "closed_term", OFFICE),
]


def furnish(world: "World") -> None:
    """The spring term before, closed in July."""
    at = datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)
    closed = Term.objects.create(
        name="2026年春季学期",
        school_year=2025,
        starts_on=date(2026, 3, 2),
        ends_on=date(2026, 7, 3),
        service_starts_on=date(2026, 3, 9),
        applications_open_at=at,
        applications_close_at=at.replace(day=5),
        keep_years=9,
        closed_at=at.replace(month=7, day=10),
    )
    world.keep(closed_term=closed, archived_term=closed)
    paper = Paper(kind="term-archive", title="归档", params={"term": closed.pk, "key": "x", "closed": ""}, state="done")
    paper.requested_by = world.cast.office.user
    paper.file.save("archive.zip", ContentFile(b"PK"), save=False)
    paper.save()
