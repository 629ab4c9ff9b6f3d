"""Care categories reach the child's head teacher and the office, and nobody else: on no page, in no list, on no paper."""

from contextlib import suppress
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.db import transaction
from django.urls import reverse
from openpyxl import load_workbook

from afterschool.school.papers import KINDS
from afterschool.support import clock
from enrollment.models import CareCategory, CareRecord
from tests.cast import NOW, ROLES, TODAY
from tests.house.access_table import ROWS
from tests.house.conftest import Door
from tests.house.world import World

NAME = "某种难处甲"
# Where the office sets the categories and reads the counts, and where a child's own are recorded.
OFFICE_PAGES = {
    "enrollment:care-categories",
    "enrollment:figures",
    "enrollment:figures-report",
    "enrollment:fees-settings",  # what is waived for whom
    "setup:file-download",  # the categories are a setting; no child stands in the file
}
OWN_PAGE = "enrollment:class-care"


@pytest.fixture(scope="module", autouse=True)
def cared(world: World) -> None:
    """Every child of the school is of the one category."""
    CareCategory.objects.exclude(pk=world.things["category"]["pk"]).update(active=False)
    CareCategory.objects.filter(pk=world.things["category"]["pk"]).update(name=NAME, active=True)
    CareRecord.objects.bulk_create(
        CareRecord(
            term=world.cast.term,
            student=student,
            category_id=world.things["category"]["pk"],
            recorded_by=world.cast.office.user,
            recorded_at=NOW,
        )
        for student in world.cast.students
    )


def words(content: bytes, kind: str) -> str:
    """Return what a person can read in an answer: a page, a workbook, a PDF."""
    if "spreadsheet" in kind or content.startswith(b"PK"):
        book = load_workbook(BytesIO(content))
        return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    if content.startswith(b"%PDF"):
        with suppress(pypdfium2.PdfiumError):  # a file of the little world is no whole PDF
            document = pypdfium2.PdfDocument(content)
            return "\n".join(page.get_textpage().get_text_range() for page in document)
    return content.decode("utf-8", "replace")


def read(door: Door, url: str) -> str:
    with transaction.atomic():
        response = door.open("get", url)
        transaction.set_rollback(True)
    return "" if response.streaming else words(response.content, response.get("Content-Type", ""))


@pytest.mark.walk
@pytest.mark.django_db
@pytest.mark.parametrize("who", [*ROLES, "anonymous"])
def test_nobody_else_ever_reads_a_category(world: World, doors: dict[str, Door], who: str) -> None:
    found = set()
    with clock.frozen(NOW):
        for name, thing, _ in ROWS:
            if NAME in read(doors[who], reverse(name, kwargs=world.things[thing])):
                found.add(name)
    allowed = {"office": OFFICE_PAGES | {OWN_PAGE}, "head_teacher": {OWN_PAGE}, "other_head_teacher": {OWN_PAGE}}
    assert found <= allowed.get(who, set())
    if who == "head_teacher":
        assert found == {OWN_PAGE}  # the walk does find what is there


def papers(world: World) -> list[tuple[str, dict[str, Any]]]:
    term, group = world.cast.term.pk, world.things["group"]["pk"]
    return [
        ("group-list", {"term": term, "groups": [group]}),
        ("group-list-xlsx", {"term": term, "groups": [group]}),
        ("rota", {"term": term, "week": TODAY.isoformat()}),
        ("rota-xlsx", {"term": term, "week": TODAY.isoformat()}),
        ("timetable", {"term": term}),
    ]


@pytest.mark.django_db
def test_no_paper_for_the_wall_holds_a_category(world: World) -> None:
    with clock.frozen(NOW):
        for kind, params in papers(world):
            made = KINDS[kind].build(params, world.cast.actor("office"), lambda _: None)
            assert NAME not in words(made, ""), kind
