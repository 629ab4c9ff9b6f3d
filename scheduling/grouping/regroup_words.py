"""Why regrouping moves a child, opens or closes a group, in Chinese sentences with their numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence

from afterschool.school.naming import class_name, grade_name
from scheduling.grouping.placing import Placing, limit
from scheduling.grouping.present import Cause, Change, ChildChange, GroupAfter, key_of
from scheduling.grouping.standing import School, Standing
from scheduling.grouping.values import ClassInput, Kind, Settings
from scheduling.grouping.words import share_words

Names = dict[str | None, str]


def reasons(
    standing: Standing, school: School, placing: Placing, after: Sequence[GroupAfter], changes: Sequence[ChildChange]
) -> tuple[str, ...]:
    """Return the sentences of a grade, in the order in which a person would ask."""
    names: Names = {key_of(group): group.name for group in school.present.groups}
    names |= {group.key: group.name for group in after}
    said = [
        *_over(standing, school, placing, changes, names),
        *_must(standing, school, changes, names),
        *_joined(standing, school, changes, names),
        *_opened(standing, placing, after),
        *(f"{group.name}没有孩子了，停班。" for group in after if group.closed),
        *_kept(standing),
    ]
    return tuple(said) or ("没有要调整的。",)


def _targets(changes: Sequence[ChildChange], names: Names) -> str:
    """Return 三（2）班二组, or 三（2）班二组2人、三（2）班三组1人 where there are several."""
    counts = Counter(names[change.target] for change in changes)
    if len(counts) == 1:
        return next(iter(counts))
    return "、".join(f"{name}{count}人" for name, count in counts.items())


def _over(
    standing: Standing, school: School, placing: Placing, changes: Sequence[ChildChange], names: Names
) -> Iterator[str]:
    for group in standing.groups:
        moved = [c for c in changes if c.cause == Cause.OVER_CAP and c.source == key_of(group)]
        if moved:
            size = len(standing.stayers(group)) + len(standing.held[group.id])
            most = limit(group, school)
            bound = f"上限{most}人" if most == school.settings.cap else f"学校同意的{most}人"
            yield f"{group.name}{size}人，超过{bound}，移{len(moved)}人到{_targets(moved, names)}。"


def _must(standing: Standing, school: School, changes: Sequence[ChildChange], names: Names) -> Iterator[str]:
    by_cause: dict[tuple[Cause, int, str], list[ChildChange]] = {}
    for change in changes:
        if change.cause and change.source and change.cause != Cause.OVER_CAP:
            key = (change.cause, school.classes[change.child].number, change.source)
            by_cause.setdefault(key, []).append(change)
    for (cause, number, source), moved in by_cause.items():
        own, count = class_name(standing.grade, number), f"{len(moved)}人"
        to = _targets(moved, names)
        if cause == Cause.OTHER_GRADE:
            yield f"{own}的{count}原在{names[source]}，现在是{grade_name(standing.grade)}，移到{to}。"
        elif cause == Cause.OTHER_CLASS:
            yield f"{own}的{count}原在{names[source]}，独立班只收本班的孩子，移到{to}。"
        else:
            yield f"{own}改为独立编班，{count}从{names[source]}移到{to}。"


def _joined(standing: Standing, school: School, changes: Sequence[ChildChange], names: Names) -> Iterator[str]:
    for c in standing.classes:
        new = [x for x in changes if x.change == Change.NEW and school.classes[x.child].id == c.id]
        if new:
            own = class_name(standing.grade, c.number)
            first = "" if c.id in standing.known else f"第一次参加，{_share(c, school.settings)}，"
            yield f"{own}{first}新参加{len(new)}人，编入{_targets(new, names)}。"


def _share(school_class: ClassInput, settings: Settings) -> str:
    head = f"全班{school_class.size}人，参加{school_class.taking_part}人"
    own = settings.own_share
    if own > 1:
        return f"{head}，全年级统一编班"
    reached = own.denominator * school_class.taking_part >= own.numerator * school_class.size
    return f"{head}，{'达到' if reached else '不到'}{share_words(own)}，{'独立' if reached else '混合'}编班"


def _opened(standing: Standing, placing: Placing, after: Sequence[GroupAfter]) -> Iterator[str]:
    """Say why groups are opened beside present ones; those of a class that is new are said with its children."""
    for class_id, opening in placing.openings.items():
        if class_id is None:
            whose, any_yet = f"{grade_name(standing.grade)}混合班", bool(standing.mixed)
        else:
            number = next(c.number for c in standing.classes if c.id == class_id)
            whose, any_yet = class_name(standing.grade, number), bool(standing.own(class_id))
        if opening.opened and any_yet:
            have = f"现有的组还能编入{opening.places}人" if opening.places else "现有的组已满"
            names = "、".join(group.name for group in after if group.opened and group.class_id == class_id)
            yield f"{whose}{have}，要编入{opening.waiting}人，新开{opening.opened}个组：{names}。"


def _kept(standing: Standing) -> Iterator[str]:
    kept = sum(map(len, standing.held.values()))
    if kept:
        yield f"{kept}名孩子由学校手工编入并写明原因，留在原来的组。"


def kind_sentence(grade: int, school_class: ClassInput, now: Kind, settings: Settings) -> str:
    """Say what the first grouping would say of a class that keeps its kind."""
    present = "混合编班" if now == Kind.MIXED else "独立编班"
    share = _share(school_class, settings).rsplit("，", 1)
    would = "应独立编班" if now == Kind.MIXED else "应混合编班"
    return f"{class_name(grade, school_class.number)}{share[0]}，{would}；现在{present}，学校同意以前不变。"
