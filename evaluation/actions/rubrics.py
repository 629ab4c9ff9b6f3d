"""A new version of a rubric; the one before stays as it was, for the sheets written by it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import FactCode, RubricKind
from evaluation.models import Rubric, RubricBand, RubricItem
from evaluation.proposals import COSTS, settable
from evaluation.rubric import FULL, Band, Item, faults_of_bands, faults_of_rubric

SENTENCES = {
    "no_items": "至少要有一项。",
    "item_without_points": "每一项的分值至少 1 分。",
    "not_100": "各项分值加起来要正好 100 分。",
    "band_without_name": "每个等第要有名称。",
    "band_twice": "等第的名称不能相同。",
    "band_without_way": "每个等第要么写几分以上，要么写占几份，只写一个。",
    "bands_mixed": "等第要么都按分数，要么都按比例。",
    "bands_order": "等第从高到低写，分数一个比一个低。",
    "bands_open": "最低的等第要从 0 分起，这样每个人都有等第。",
}


@dataclass(frozen=True)
class ItemDraft:
    """One line of a new version."""

    dimension: str
    text: str
    points: int
    short: str = ""
    hint: str = ""
    facts: str = ""
    heads_only: bool = False


@transaction.atomic
def new_version(
    *,
    kind: RubricKind,
    title: str,
    items: Sequence[ItemDraft],
    bands: Sequence[Band],
    seen: int,
    costs: Mapping[str, int] = MappingProxyType({}),
    by: Actor,
) -> Rubric:
    """Put a new version in use. `seen`: the version the page was made from, 0 where there was none.

    `costs`: what one record takes off as 建议, where the school has its own (`settable`); the others as the portal has them.
    Refused: `not_yours`, `no_title`, `no_text`, `wrong_cost`, the codes of `faults_of_rubric` and `faults_of_bands`,
    `somebody_was_faster`.
    """
    if not by.is_office:
        raise Refused("not_yours", "评价表由课程教学中心设。")
    if not title.strip():
        raise Refused("no_title", "请写评价表的名称。")
    if any(not item.text or not item.dimension for item in items):
        raise Refused("no_text", "每一项都要写评价维度和评价内容。")
    faults = faults_of_rubric([Item(n, item.points) for n, item in enumerate(items, 1)]) + faults_of_bands(bands)
    if faults:
        raise Refused(faults[0].code, SENTENCES[faults[0].code])
    if any(code not in settable(kind) or not 0 <= points <= FULL for code, points in costs.items()):
        raise Refused("wrong_cost", "一次建议扣的分填 0 到 100 的整数。")
    now = Rubric.objects.filter(kind=kind, active=True).first()
    if (now.version if now else 0) != seen:
        raise somebody_was_faster()
    if now is not None and Rubric.objects.filter(pk=now.pk, active=True).update(active=False) != 1:
        raise somebody_was_faster()
    own = {code: points for code, points in costs.items() if points != COSTS[FactCode(code)]}
    newest = Rubric.objects.filter(kind=kind).order_by("-version").values_list("version", flat=True).first() or 0
    rubric = Rubric.objects.create(kind=kind, version=newest + 1, title=title.strip(), active=True, costs=own)
    RubricItem.objects.bulk_create(
        RubricItem(rubric=rubric, position=n, **asdict(item)) for n, item in enumerate(items, 1)
    )
    RubricBand.objects.bulk_create(
        RubricBand(rubric=rubric, position=n, **asdict(band)) for n, band in enumerate(bands, 1)
    )
    record("rubric.changed", subject=rubric, by=by, data={"kind": kind.value, "version": rubric.version})
    return rubric
