"""How parts are written that are more than rows of a table. Each is called inside the transaction that begins a term."""

from typing import TYPE_CHECKING, Any

from django.db import models

from afterschool.school.access import Actor
from afterschool.school.actions.terms import Band, set_bands
from afterschool.school.models import GradeBand, Term
from afterschool.setup.parts.tables import Row, Table, plain, wrong
from afterschool.support import clock
from afterschool.support.richtext import clean
from attendance.actions.settings import save_afternoon
from attendance.models import CheckItem, CheckList
from enrollment.models import AgreementText, CareCategory
from evaluation.actions.rubrics import ItemDraft, new_version
from evaluation.enums import RubricKind
from evaluation.halfmonth import BY_KEY
from evaluation.models import Rubric
from evaluation.rubric import Band as Grade
from scheduling.actions.timetables import Part as SlotPart
from scheduling.actions.timetables import Row as SlotRow
from scheduling.actions.timetables import put_timetable
from scheduling.duedates import parse_days
from scheduling.enums import SlotKind
from scheduling.work_defaults import new_seed

if TYPE_CHECKING:
    from afterschool.setup.parts.catalogue import Part


class _AgreementTable(Table):
    """The agreement with its placeholders: a published text keeps them beside what the families read."""

    def _dump_one(self, row: models.Model) -> Row:
        assert isinstance(row, AgreementText)  # noqa: S101 (tells the type checker)
        return {"title": row.title, "body": plain(row.template or row.body)}


AGREEMENT = _AgreementTable(AgreementText, ("title", "body"), most=1)


def write_bands(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write the grade bands, each with its timetables."""
    hours = ("first_grade", "last_grade", "served_from", "served_until")
    set_bands(term=term, bands=[Band(**{name: row[name] for name in hours}) for row in rows], by=by)
    bands = {band.first_grade: band for band in GradeBand.objects.filter(term=term).select_related("term")}
    for row in rows:
        for timetable in row["timetables"]:
            put_timetable(
                band=bands[row["first_grade"]],
                weekdays=timetable["weekdays"],
                valid_from=timetable["valid_from"],
                dismissal=timetable["dismissal"],
                rows=[_slot(slot) for slot in timetable["slots"]],
                by=by,
            )


def _slot(slot: Row) -> SlotRow:
    parts = [SlotPart(SlotKind(p["kind"]), p["text"], p["place"], p["side_by_side"]) for p in slot["parts"]]
    return SlotRow(slot["starts_at"], slot["ends_at"], parts)


def write_care(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Add the categories that are missing and rename those that stand; none goes."""
    standing = {category.code: category for category in CareCategory.objects.all()}
    part.table.write([row for row in rows if row["code"] not in standing], None)
    for row in rows:
        if (category := standing.get(row["code"])) is not None:
            values = {name: row[name] for name in ("name", "order", "active")}
            if CareCategory.objects.filter(name=row["name"]).exclude(pk=category.pk).exists():
                raise wrong(f"已有同名的关爱类别：{row['name']}。")
            CareCategory.objects.filter(pk=category.pk).update(**values)


def write_letters(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write letters as drafts: nobody sees them before they are published."""
    for row in rows:
        if row["grades"] and not all(one.isdecimal() for one in row["grades"].split(",")):
            raise wrong(f"“{row['title']}”发给的年级不对。")
    letters = [row | {"body": clean(row["body"])} for row in rows]
    part.table.write(letters, term, changed_by=by.user, changed_at=clock.now())


def write_agreement(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write the agreement as the first draft of the term."""
    texts = [row | {"body": clean(row["body"])} for row in rows]
    part.table.write(texts, term, version=1, changed_at=clock.now())


def write_afternoon(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write the settings of the afternoon, checked as the office's own."""
    for row in rows:
        save_afternoon(term, row, by=by)


def write_work(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write the work list; each line gets a lot of its own."""
    for row in rows:
        try:
            days = parse_days(row["days"]) if row["days"] else ()
        except ValueError as error:
            raise wrong(f"“{row['text']}”的每月几日不对。") from error
        values = row | {"days": ",".join(str(day) for day in days)}
        part.table.write([values], term, seed=new_seed(), since=clock.today())


def write_columns(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write the columns of the figures; one that the portal is to fill must be one that it knows."""
    for row in rows:
        if row["key"] and row["key"] not in BY_KEY:
            raise wrong(f"上报的列“{row['title']}”本站不会填。")
    part.table.write(rows, term)


def write_checks(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Write check lists by title: what is no longer looked at stays on record, out of use; other lists stay."""
    standing = {one.title: one for one in CheckList.objects.prefetch_related("items")}
    part.table.write([row for row in rows if row["title"] not in standing], None)
    for row in rows:
        if (found := standing.get(row["title"])) is not None:
            _renew_list(found, row)


def _renew_list(found: CheckList, row: Row) -> None:
    found.room_kind, found.every_days, found.active = row["room_kind"], row["every_days"], True
    items = {item.text: item for item in found.items.all()}
    wanted = {item["text"]: item for item in row["items"]}
    for text, item in items.items():
        item.active = text in wanted and wanted[text]["active"]
        item.position = wanted[text]["position"] if text in wanted else item.position
    CheckList.objects.bulk_update([found], ["room_kind", "every_days", "active"])
    CheckItem.objects.bulk_update(items.values(), ["active", "position"])
    CheckItem.objects.bulk_create(
        CheckItem(check_list=found, **values) for text, values in wanted.items() if text not in items
    )


def write_rubrics(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Put the rubrics in use as new versions, where they are others than those in use."""
    now: dict[str, Any] = {row["kind"]: row for row in part.dump(term)}
    versions = dict(Rubric.objects.filter(active=True).values_list("kind", "version"))
    drafted = ("dimension", "text", "points", "short", "hint", "facts", "heads_only")
    for row in rows:
        if row == now.get(row["kind"]):
            continue
        new_version(
            kind=RubricKind(row["kind"]),
            title=row["title"],
            items=[ItemDraft(**{name: item[name] for name in drafted}) for item in row["items"]],
            bands=[Grade(band["name"], band["from_points"], band["share"]) for band in row["bands"]],
            seen=versions.get(row["kind"], 0),
            by=by,
        )
