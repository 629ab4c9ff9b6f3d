"""What a finding says, in a Chinese sentence with its numbers and what would help."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES
from scheduling.rota.values import Code, Finding, Help, HelpKind, Kind, Part, Stage, StageCode, WishKind

STAGES = {
    StageCode.OPEN: "空着的班次",
    StageCode.HELPERS: "由协助教师带的社团班次",
    StageCode.EVEN: "班次不均匀的程度",
    StageCode.PAST: "以往班次多的教师再排的程度",
    StageCode.WISHES: "没满足的愿望",
    StageCode.PAIRS: "教师与服务班的搭配",
    StageCode.CHANGES: "与上一份不同的班次",
}


@dataclass(frozen=True)
class Names:
    """What people, groups and clubs are called."""

    people: Mapping[int, str] = field(default_factory=dict)
    groups: Mapping[int, str] = field(default_factory=dict)
    clubs: Mapping[int, str] = field(default_factory=dict)

    def person(self, pk: int) -> str:
        return self.people.get(pk, "这位教师")


def finding_of(row: Mapping[str, Any]) -> Finding:
    """Return a finding from what was kept of it; what an older rota did not keep is left out."""
    helps = tuple(Help(HelpKind(h["kind"]), h["person_id"]) for h in row.get("helps", ()))
    plain = {key: row[key] for key in ("grade", "weekday", "group_id", "kind", "person_id", "wish") if key in row}
    return Finding(
        Code(row["code"]), **plain, numbers=tuple(row.get("numbers", ())), off=tuple(row.get("off", ())), helps=helps
    )


def sentence(finding: Finding, names: Names) -> str:
    """Say what could not be met and what would help."""
    return {
        Code.OPEN_TURN: _open,
        Code.NO_TEACHERS: _nobody,
        Code.UNEVEN: _uneven,
        Code.WISH_REFUSED: _refused,
        Code.FIXED_CLASH: _clash,
        Code.UNTRAINED: _untrained,
    }[finding.code](finding, names)


def gap_sentences(part: Part) -> list[str]:
    """Say of each stage that is not proven what was reached and what could be at best; nothing if all are proven."""
    grades = "、".join(grade_name(grade) if grade else "不分年级" for grade in part.grades)
    return [
        f"{grades}：{STAGES[stage.code]}现为 {stage.value}，已证明不会少于 {stage.bound}，中间的还没有查完。"
        for stage in part.stages
        if not stage.proven
    ]


def part_of(row: Mapping[str, Any]) -> Part:
    """Return a part from what was kept of it."""
    stages = tuple(Stage(StageCode(s["code"]), s["value"], s["bound"]) for s in row["stages"])
    return Part(tuple(row["grades"]), stages)


def place_of(finding: Finding, names: Names) -> str:
    """Say which post is meant: the group's, the club's, or a floater's."""
    if finding.kind == Kind.CLUB:
        return names.clubs.get(finding.group_id, "社团")
    if finding.kind == Kind.FLOATER:
        return f"{grade_name(finding.grade)}机动" if finding.grade else "全校机动"
    return names.groups.get(finding.group_id, "服务班")


def _open(finding: Finding, names: Names) -> str:
    day = NAMES[str(finding.weekday)]
    at_hand, needed, *others = finding.numbers
    if finding.kind == Kind.CLUB:
        why = "带社团和协助的教师这一天都排不上"
    else:
        whose = f"{grade_name(finding.grade)}这一天" if finding.grade else "这一天全校"
        unit = "服务班" if finding.kind == Kind.GROUP else "机动班次"
        why = f"{whose}可排 {at_hand} 人，{unit} {needed} 个"
    if finding.off:
        why += f"，{_list([names.person(pk) for pk in finding.off])}不排班"
    return f"{day}，{place_of(finding, names)}没有教师：{why}。{_what_helps(finding, names, others)}"


def _what_helps(finding: Finding, names: Names, others: list[int]) -> str:
    ways = [_help(help_, finding, names) for help_ in finding.helps]
    said = f"若{'，或'.join(ways)}，这一班就有人。" if ways else ""
    if finding.kind != Kind.GROUP:
        return said or "要另找教师，或调整时间。"
    also = "也可" if ways else "要"
    at_that_time = f"（这个时间空着 {others[0]} 人）" if others else ""
    return f"{said}{also}手工安排一位其他年级的教师{at_that_time}。"


def _help(help_: Help, finding: Finding, names: Names) -> str:
    name, day = names.person(help_.person_id), NAMES[str(finding.weekday)]
    return {
        HelpKind.FREE_DAY: f"{name}{day}可以值班",
        HelpKind.ONE_MORE: f"{name}每周多排 1 次",
        HelpKind.FREE_HOUR: f"{name}{day}这个时间不做别的工作",
    }[help_.kind]


def _nobody(finding: Finding, names: Names) -> str:
    return f"{grade_name(finding.grade)}没有课后服务教师，{finding.numbers[0]} 个班次空着。请在名册里给教师写明年级和岗位。"


def _uneven(finding: Finding, names: Names) -> str:
    fewest, most, *own = finding.numbers
    head = f"{grade_name(finding.grade)}每人每周最少 {fewest} 次、最多 {most} 次，不能更平均"
    if own:
        head += f"：{names.person(finding.person_id)}每周 {own[0]} 次，按能来的天数应有 {own[1]} 次左右"
    return f"{head}。减少不排班的星期、放宽每周最多次数可以改善。"


def _refused(finding: Finding, names: Names) -> str:
    name, day = names.person(finding.person_id), NAMES.get(str(finding.weekday), "")
    if finding.wish == WishKind.PREFER_GROUP:
        wanted = f"带{names.groups.get(finding.group_id, '某个服务班')}"
    else:
        wanted = f"{day}不值班" if finding.wish == WishKind.AVOID_DAY else f"{day}值班"
    helps = f"一定不能来的话，请把{day}设为不排班。" if finding.wish == WishKind.AVOID_DAY else "可以手工调换。"
    return f"{name}希望{wanted}，没能满足：先要排满、排匀，再看愿望。{helps}"


def _clash(finding: Finding, names: Names) -> str:
    name, day = names.person(finding.person_id), NAMES[str(finding.weekday)]
    return (
        f"手工安排的{name}{day}{place_of(finding, names)}没有保留：同一时间还有别的安排，不能同时在两处。"
        "请改其中一个手工安排。"
    )


def _untrained(finding: Finding, names: Names) -> str:
    return f"{names.person(finding.person_id)}还没有参加岗前培训，已排每周 {finding.numbers[0]} 次。请先安排补训。"


def _list(names: list[str]) -> str:
    return "、".join(names[:3]) + (f"等 {len(names)} 人" if len(names) > 3 else "")
