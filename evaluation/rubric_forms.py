"""What was typed on the page of a new version of a rubric; a slip keeps its place and its sentence."""

from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from evaluation.actions.rubrics import ItemDraft
from evaluation.enums import FactCode, FactKind, RubricKind
from evaluation.models import Rubric, RubricBand
from evaluation.proposals import CHILD_KINDS, KINDS, costs_with, settable
from evaluation.rubric import FULL, Band

MOST_ITEMS, SPARE, BANDS = 20, 3, 5
LENGTHS = {"dimension": 40, "text": 200, "short": 8, "hint": 100}
WORDS = {"dimension": "评价维度", "text": "评价内容", "short": "列名", "hint": "给评的人看的话"}


@dataclass
class RubricTyped:
    """The page as typed: rows of raw strings, and what they mean once they are good."""

    title: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    bands: list[dict[str, Any]] = field(default_factory=list)
    items: list[ItemDraft] = field(default_factory=list)
    scale: list[Band] = field(default_factory=list)
    costs: list[dict[str, Any]] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        return not any(row.get("error") for row in [*self.rows, *self.bands, *self.costs])

    @property
    def slips(self) -> list[tuple[str, str]]:
        """Return the anchors and words of the rows to be mended."""
        rows = [(f"i{n}", f"第 {n} 行") for n, row in enumerate(self.rows, 1) if row.get("error")]
        rows += [(f"cost-{row['code']}", row["label"]) for row in self.costs if row.get("error")]
        return rows + [(f"b{n}", f"第 {n} 个等第") for n, row in enumerate(self.bands, 1) if row.get("error")]

    @property
    def own_costs(self) -> dict[str, int]:
        """Return what one record takes off, by its code; only of a page without slips."""
        return {row["code"]: int(row["value"]) for row in self.costs if row["value"]}

    @property
    def total(self) -> int:
        return sum(item.points for item in self.items)


def facts_of_kind(kind: RubricKind) -> list[tuple[str, str]]:
    """Return the facts that can bear on an item of this kind of rubric, with their words."""
    of_children = kind == RubricKind.STUDENT
    words = {fact: str(fact.label) for fact in FactKind} | {FactKind.FAMILIES: "自愿参加（本站没有记录，由人判断）"}
    return [(fact.value, words[fact]) for fact in FactKind if (fact in CHILD_KINDS) == of_children]


def typed_from(rubric: Rubric | None, kind: RubricKind) -> RubricTyped:
    """Return the version in use as the page begins with it, and some empty rows behind."""
    page = RubricTyped(title=rubric.title if rubric else "")
    items = list(rubric.items.order_by("position")) if rubric else []
    for n, item in enumerate(items, 1):
        page.rows.append(
            {name: getattr(item, name) for name in (*LENGTHS, "points", "facts", "heads_only")} | {"order": n}
        )
    page.rows += [{"order": len(items) + n} for n in range(1, SPARE + 1)]
    bands = list(RubricBand.objects.filter(rubric=rubric).order_by("position")) if rubric else []
    page.bands = [{"name": b.name, "from_points": b.from_points, "share": b.share} for b in bands]
    page.bands += [{}] * max(0, BANDS - len(bands))
    costs = costs_with(rubric.costs if rubric else {})
    page.costs = [_cost(code, str(costs[code])) for code in settable(kind)]
    page.items = [ItemDraft(item.dimension, item.text, item.points) for item in items]
    return page


def read_rubric(data: QueryDict, kind: RubricKind) -> RubricTyped:
    """Read the page: rows `<field>-<n>`; a row without text and points is left out; `order-<n>` says the place."""
    page = RubricTyped(title=data.get("title", "").strip()[:60])
    good = []
    for n in range(1, MOST_ITEMS + 1):
        if f"text-{n}" not in data:
            break
        row: dict[str, Any] = {
            name: data.get(f"{name}-{n}", "").strip() for name in (*LENGTHS, "points", "facts", "order")
        }
        row["heads_only"] = data.get(f"heads_only-{n}") == "on"
        page.rows.append(row)
        if row["text"] or row["points"] or row["dimension"]:
            row["error"] = _error_of(row, kind)
            if not row["error"]:
                place = int(row["order"]) if _number(row["order"]) else n
                draft = {name: row[name] for name in (*LENGTHS, "facts", "heads_only")}
                good.append((place, n, ItemDraft(**draft, points=int(row["points"]))))
    page.items = [draft for _, _, draft in sorted(good, key=lambda one: one[:2])]
    for n in range(1, BANDS + 1):
        _read_band(data, n, page)
    for code in settable(kind):
        row = _cost(code, data.get(f"cost-{code}", "").strip())
        if row["value"] and (not _number(row["value"]) or int(row["value"]) > FULL):
            row["error"] = "填 0 到 100 的整数。"
        page.costs.append(row)
    return page


def _cost(code: FactCode, value: str) -> dict[str, Any]:
    return {"code": code.value, "kind": KINDS[code].label, "label": code.label, "value": value}


def _read_band(data: QueryDict, n: int, page: RubricTyped) -> None:
    row = {name: data.get(f"band-{name}-{n}", "").strip() for name in ("name", "from_points", "share")}
    page.bands.append(row)
    if not any(row.values()):
        return
    numbers = [value for value in (row["from_points"], row["share"]) if value]
    if not all(_number(value) and int(value) <= FULL for value in numbers):
        row["error"] = "分数填 0 到 100 的整数，比例填整数。"
    elif len(row["name"]) > 10:
        row["error"] = "名称最多 10 个字。"
    else:
        points, share = (int(value) if value else None for value in (row["from_points"], row["share"]))
        page.scale.append(Band(row["name"], points, share))


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3


def _error_of(row: dict[str, Any], kind: RubricKind) -> str:
    for name, most in LENGTHS.items():
        if len(row[name]) > most:
            return f"{WORDS[name]}最多 {most} 个字。"
    if not row["dimension"] or not row["text"]:
        return "评价维度和评价内容都要写。"
    if not _number(row["points"]) or not 1 <= int(row["points"]) <= FULL:
        return "分值填 1 到 100 的整数。"
    if row["facts"] and row["facts"] not in dict(facts_of_kind(kind)):
        return "请从列表里选依据。"
    return ""
