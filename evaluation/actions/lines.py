"""The lines of sheets: points checked against the rubric, and what each rests on kept beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from afterschool.support.refusal import Refused
from evaluation.enums import RubricKind
from evaluation.models import LineFact, Rubric, ScoreLine, ScoreSheet
from evaluation.proposals import Proposal
from evaluation.queries.sheets import active_rubric, items_of
from evaluation.rubric import Fault, faults_of_sheet, tally

SENTENCES = {
    "unknown_item": "评价表已换新版，请重新打开这一页。",
    "below_zero": "得分不能低于 0。",
    "over_limit": "得分不能高于这一项的分值。",
}
Proposals = Mapping[int, Proposal]


@dataclass(frozen=True)
class Scores:
    """What one person gives one other: points and notes by item, and a comment."""

    points: Mapping[int, int]
    notes: Mapping[int, str] = field(default_factory=dict)
    comment: str = ""


def rubric_in_use(kind: RubricKind) -> Rubric:
    """Return the version in use. Refused: `no_rubric`."""
    rubric = active_rubric(kind)
    if rubric is None:
        raise Refused("no_rubric", "学校还没有在用的评价表，请先由课程教学中心设好。")
    return rubric


def rubric_for(kind: RubricKind, begun: Rubric | None, shown: Rubric | None) -> Rubric:
    """Return by which version is scored: the one begun with, else the one the page showed, else the one in use.

    A version that came while somebody was scoring changes nothing under the hand. Refused: `no_rubric`, `new_version`
    (the page showed another version than the sheet was begun with meanwhile).
    """
    if begun is not None and shown is not None and begun != shown:
        raise Refused("new_version", SENTENCES["unknown_item"])
    return begun or shown or rubric_in_use(kind)


def check(rubric: Rubric, points: Mapping[int, int], *, final: bool) -> None:
    """Refuse points that don't fit the rubric: `unknown_item`, `below_zero`, `over_limit`, `incomplete`."""
    items = items_of(rubric)
    faults: list[Fault] = faults_of_sheet(items, points)
    if faults:
        raise Refused(faults[0].code, SENTENCES[faults[0].code])
    missing = tally(items, points).missing
    if final and missing:
        raise Refused("incomplete", f"还有 {len(missing)} 项没有打分，打完才能完成；可以先存草稿。")


def differing(scores: Scores, proposals: Proposals) -> list[int]:
    """Return the items whose points differ from what is proposed, without a word why."""
    return [
        item
        for item, points in scores.points.items()
        if item in proposals and points != proposals[item].points and not scores.notes.get(item, "").strip()
    ]


def check_reasons(rubric: Rubric, scores: Scores, proposals: Proposals) -> None:
    """Refuse other points than proposed without a reason: `no_reason`. A person may differ, and says why."""
    without = set(differing(scores, proposals))
    if without:
        named = "、".join(f"第 {item.position} 项" for item in rubric.items.all() if item.pk in without)
        raise Refused("no_reason", f"{named}和本站的建议不同，请在依据里写一句为什么。")


def points_of(sheet: ScoreSheet | None) -> dict[str, int]:
    """Return the points of a sheet by item, as history keeps them."""
    if sheet is None:
        return {}
    return {str(item): points for item, points in sheet.lines.order_by("item_id").values_list("item_id", "points")}


def as_data(points: Mapping[int, int]) -> dict[str, int]:
    """Return points as history keeps them."""
    return {str(item): points[item] for item in sorted(points)}


def write_lines(
    written: Sequence[tuple[ScoreSheet, Scores]], rubric: Rubric, proposals: Mapping[int, Proposals]
) -> None:
    """Let the lines of these sheets be exactly the points given, each with what was proposed and the records behind it.

    `proposals` by sheet, then item. An item without points has no line. Six queries, whatever the number of sheets.
    """
    limits = {item.key: item.points for item in items_of(rubric)}
    keep = {(sheet.pk, item) for sheet, scores in written for item in scores.points}
    lines = ScoreLine.objects.filter(sheet__in=[sheet for sheet, _ in written]).order_by()
    stale = [pk for pk, sheet, item in lines.values_list("pk", "sheet_id", "item_id") if (sheet, item) not in keep]
    if stale:
        ScoreLine.objects.filter(pk__in=stale).delete()
    ScoreLine.objects.bulk_create(
        [
            ScoreLine(
                sheet=sheet,
                item_id=item,
                limit=limits[item],
                points=points,
                note=scores.notes.get(item, ""),
                proposed=_proposed(proposals, sheet.pk, item),
            )
            for sheet, scores in written
            for item, points in scores.points.items()
        ],
        update_conflicts=True,
        unique_fields=["sheet", "item"],
        update_fields=["limit", "points", "note", "proposed"],
        batch_size=500,
    )
    _write_facts([sheet for sheet, _ in written], proposals)


def _proposed(proposals: Mapping[int, Proposals], sheet: int, item: int) -> int | None:
    found = proposals.get(sheet, {}).get(item)
    return found.points if found else None


def _write_facts(sheets: Sequence[ScoreSheet], proposals: Mapping[int, Proposals]) -> None:
    LineFact.objects.filter(line__sheet__in=sheets).delete()
    lines = ScoreLine.objects.filter(sheet__in=sheets).order_by("pk").values_list("pk", "sheet_id", "item_id")
    LineFact.objects.bulk_create(
        [
            LineFact(line_id=pk, code=fact.code, record_id=fact.record, date=fact.day, points=cost)
            for pk, sheet, item in lines
            if (proposal := proposals.get(sheet, {}).get(item))
            for fact, cost in proposal.costs()
        ],
        batch_size=500,
    )
