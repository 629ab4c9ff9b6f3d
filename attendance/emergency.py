"""The emergency plan (安全应急预案): who may do what while an incident is open, and what is still open in it.

One table says which act stands in which state and who makes it; the actions, the buttons and the tests read it. A drill
is judged as the real thing. Nothing here ends by itself: an alarm stays until a leader starts the plan or calls it false.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How far an incident is. The same codes as `attendance.enums.IncidentState`."""

    ALARM = "alarm"
    RUNNING = "running"
    OVER = "over"
    FALSE_ALARM = "false_alarm"


OPEN = frozenset({State.ALARM, State.RUNNING})
ANY = frozenset(State)


class Who(StrEnum):
    """What a person is to an incident."""

    STAFF = "staff"  # any member of staff
    LEADER = "leader"  # duty leader, leading group, head of the plan or deputy
    IN_CHARGE = "in_charge"  # a leader or the office
    HOLDER = "holder"  # answers for the children that are counted
    COMMUNICATION = "communication"  # has that post, or is its deputy
    INFORMATION = "information"


class Act(StrEnum):
    """What can be done about an incident that has been raised."""

    START = "start"
    DISMISS = "dismiss"  # false alarm
    END = "end"
    CONFIRM = "confirm"
    CONFIRM_FOR = "confirm_for"  # a colleague who was reached by phone
    COUNT = "count"
    NOTE = "note"
    REPORT_LEADER = "report_leader"
    REPORT_COMMUNICATION = "report_communication"
    ATTACH = "attach"


@dataclass(frozen=True)
class Rule:
    """In which states an act stands, who makes it, and where it leads."""

    states: frozenset[State]
    who: frozenset[Who]
    to: State | None = None


def _of(*who: Who) -> frozenset[Who]:
    return frozenset(who)


HAPPENED = OPEN | {State.OVER}  # all but a false alarm
RULES: dict[Act, Rule] = {
    Act.START: Rule(frozenset({State.ALARM}), _of(Who.LEADER), State.RUNNING),
    Act.DISMISS: Rule(frozenset({State.ALARM}), _of(Who.LEADER), State.FALSE_ALARM),
    Act.END: Rule(frozenset({State.RUNNING}), _of(Who.LEADER), State.OVER),
    Act.CONFIRM: Rule(OPEN, _of(Who.STAFF)),
    Act.CONFIRM_FOR: Rule(OPEN, _of(Who.IN_CHARGE, Who.COMMUNICATION)),
    Act.COUNT: Rule(OPEN, _of(Who.HOLDER, Who.IN_CHARGE)),
    Act.NOTE: Rule(ANY, _of(Who.STAFF)),  # after the end too: what was wrong is put right by a new line
    Act.REPORT_LEADER: Rule(HAPPENED, _of(Who.LEADER)),
    Act.REPORT_COMMUNICATION: Rule(HAPPENED, _of(Who.COMMUNICATION, Who.LEADER)),
    Act.ATTACH: Rule(HAPPENED, _of(Who.STAFF)),
}
WORDS = {  # why an act is not open to somebody: each a whole sentence
    Act.START: "由值班行政、领导小组或预案组长启动预案。",
    Act.DISMISS: "由值班行政、领导小组或预案组长判定误报。",
    Act.END: "由值班行政、领导小组或预案组长结束。",
    Act.CONFIRM_FOR: "由负责人或通信联络代为确认。",
    Act.COUNT: "由负责这些孩子的人清点。",
    Act.REPORT_LEADER: "由组长、领导小组或值班行政报教育局。",
    Act.REPORT_COMMUNICATION: "由通信联络人员报教育局办公室。",
}


class Verdict(NamedTuple):
    """Whether an act stands; if not, the code and the sentence for people."""

    code: str = ""
    sentence: str = ""

    @property
    def stands(self) -> bool:
        return not self.code


STANDS = Verdict()


def judge(act: Act, state: str, who: Iterable[Who]) -> Verdict:
    """Tell whether somebody may do this now. Codes: not_yours, too_late, not_started."""
    rule = RULES[act]
    if rule.who.isdisjoint(who):
        return Verdict("not_yours", WORDS.get(act, "由学校的教职工来办。"))
    if state in rule.states:
        return STANDS
    if act == Act.END and state == State.ALARM:
        return Verdict("not_started", "预案还没有启动：先启动预案，或者判定误报。")
    return Verdict("too_late", "这件事的状态已经变了，请看最新的页面。")


class Holder(NamedTuple):
    """Who answers for children now, how many, and when the last of them came."""

    pk: int
    expected: int
    newest: datetime


class Count(NamedTuple):
    """The last head count of a holder."""

    expected: int
    counted: int
    at: datetime


class Standing(StrEnum):
    """What the head count says of one holder."""

    OPEN = "open"  # not counted yet
    AGAIN = "again"  # somebody came since, so the children must be counted again
    SHORT = "short"  # counted, and not all were found
    FULL = "full"


COUNTED = frozenset({Standing.SHORT, Standing.FULL})


def standing(holder: Holder, count: Count | None, not_found: int) -> Standing:
    """Tell how a holder stands. `not_found`: of that count, the children whom the holder still answers for.

    Who has left since changes nothing: those who stay were counted.
    """
    if count is None:
        return Standing.OPEN
    if holder.newest > count.at:
        return Standing.AGAIN
    return Standing.SHORT if not_found else Standing.FULL


def latest(counts: Iterable[tuple[int, Count]]) -> dict[int, Count]:
    """Return the last count of each holder; of two at one instant the one written later."""
    found: dict[int, Count] = {}
    for holder, count in counts:
        if holder not in found or count.at >= found[holder].at:
            found[holder] = count
    return found


def uncounted(holders: Iterable[Holder], counts: Mapping[int, Count]) -> list[int]:
    """Return the holders who still have to count, in their order."""
    return [one.pk for one in holders if standing(one, counts.get(one.pk), 0) not in COUNTED]


@dataclass(frozen=True)
class StillOpen:
    """What nobody has done yet."""

    unconfirmed: list[int] = field(default_factory=list)  # members of staff
    uncounted: list[int] = field(default_factory=list)  # holders of children
    unreported: list[str] = field(default_factory=list)  # which of the two reports to the bureau

    @property
    def nothing(self) -> bool:
        return not (self.unconfirmed or self.uncounted or self.unreported)


REPORTS = ("leader", "communication")  # both are asked for by the plan


def still_open(
    *,
    staff: Iterable[int],
    confirmed: Iterable[int],
    holders: Iterable[Holder],
    counts: Mapping[int, Count],
    reports: Iterable[str],
) -> StillOpen:
    """Return who has not confirmed, who has not counted, and which report has not been made."""
    seen, made = set(confirmed), set(reports)
    return StillOpen(
        [pk for pk in staff if pk not in seen],
        uncounted(holders, counts),
        [one for one in REPORTS if one not in made],
    )


DUTIES: dict[str, tuple[str, ...]] = {  # as the plan has them; its 书页报告 is taken for 书面报告
    "head": (
        "如遇突发情况，尽快到事故现场，了解和掌握事故情况，控制局面，阻止事态发展，并研究事故处理的具体策略。",
        "在第一时间向教育局报告情况。",
        "组织力量并全程指挥其他各职能人员投入工作。",
        "认真执行上级教育行政部门和政府部门的有关指示。",
    ),
    "scene": (
        "如遇突发情况，尽快到事故现场，控制现场，做好人员的疏散自救工作，维护秩序，防止发生混乱局面。",
        "组织班主任管理好学生。",
    ),
    "logistics": (
        "做好通讯联络，车辆调配，道路畅通，医疗救护的后勤工作。",
        "做好上级来人和家长的接待，必要时为上级工作组现场办公做好后勤服务工作。",
    ),
    "information": (
        "采集突发事故全过程的各种信息资料。",
        "撰写有关突发事故的书面报告，做好取证材料。尽早向知情者、见证人调查事故起因，掌握好事故的第一手资料。",
    ),
    "communication": ("在第一时间向教育局办公室通报情况。", "做好学校内部的通信联络工作。"),
}
STEPS = (  # management rule 1 (5)
    "先处置：护住孩子，带离危险，清点人数，需要时打 120、119、110。",
    "马上报告：按“报警”，学校领导启动应急预案。",
)
QUICK = (  # phrases of the timeline, one tap each
    "已到现场",
    "学生已疏散到操场",
    "已拨打 120",
    "已拨打 119",
    "已拨打 110",
    "已通知家长",
    "已送医院",
    "现场已隔离",
    "校门已管控",
    "险情已排除",
)
