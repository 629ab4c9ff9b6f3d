"""What stands on the board: a line for each group and club, one for each missing child, and the figures above them."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from afterschool.school.enums import GroupKind
from afterschool.school.naming import class_name
from afterschool.school.templatetags.school import hm, tel, wrapname
from afterschool.support import clock
from attendance.enums import ENDS, IN_CARE, CallOutcome, CustodyState, SearchKind

GONE = {CustodyState.FETCHED, CustodyState.ALONE}


@dataclass
class GroupRow:
    """One group or club of the day: where, who, how many should be there and are."""

    pk: int
    name: str
    room: str
    teacher: str
    phone: str
    starts_at: datetime
    called_at: datetime | None
    ended_at: datetime | None
    kind: str
    ends_at: datetime
    offered: int = 0  # children on a list that waits to be received here
    states: Counter[str] = field(default_factory=Counter)
    last: datetime | None = None

    @property
    def expected(self) -> int:
        """Children of the day, those on leave among them: the same 应到 as on the roll call."""
        return sum(self.states.values())

    @property
    def here(self) -> int:
        return sum(self.states[state] for state in IN_CARE)

    @property
    def missing(self) -> int:
        return self.states[CustodyState.MISSING]

    @property
    def gone(self) -> int:
        return sum(self.states[state] for state in GONE)

    @property
    def kept_over(self) -> int:
        """Return how many children a club still has though its hour is over: nobody has received them back."""
        over = self.kind == GroupKind.CLUB and self.ends_at <= clock.now()
        return self.states[CustodyState.CLUB] if over else 0

    @property
    def tone(self) -> str:
        if self.missing:
            return "missing"
        if self.kept_over:
            return "act"
        if self.offered:
            return "moved"
        return "done" if self.called_at else "wait"

    @property
    def word(self) -> str:
        if self.missing:
            return f"未到 {self.missing} 人"
        if self.kept_over:
            return f"已下课，{self.kept_over} 人没交回"
        if self.offered:
            return f"{self.offered} 人待接收"
        if self.ended_at:
            return "已结束"
        return "已点名" if self.called_at else "未点名"

    @property
    def look(self) -> str:
        return self.tone

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the group's line (see `stamp`)."""
        return {
            "session": self.pk, "name": self.name, "room": self.room, "teacher": self.teacher or "没有安排教师",
            "expected": self.expected,
            "here": self.here, "gone": self.gone, "state": self.word, "last": hm(self.last),
        }  # fmt: skip

    @property
    def minutes(self) -> int:
        return max(0, int((clock.now() - self.starts_at).total_seconds() // 60))


class WaitingLook(NamedTuple):
    """What the lines of two groups that are not called yet can differ in besides their words."""

    has_phone: bool
    may_call: bool


@dataclass(frozen=True)
class WaitingRow:
    """One group whose roll should have been called by now."""

    group: GroupRow
    may_call: bool

    @property
    def look(self) -> WaitingLook:
        return WaitingLook(bool(self.group.phone), self.may_call)

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the line (see `stamp`)."""
        group = self.group
        return {
            "session": group.pk, "name": group.name, "room": group.room, "teacher": group.teacher or "没有安排教师",
            "tel": tel(group.phone), "expected": group.expected, "begins": hm(group.starts_at), "minutes": group.minutes,
        }  # fmt: skip


class MissingLook(NamedTuple):
    """What the lines of two missing children can differ in besides their words."""

    has_head: bool
    adults: int
    in_charge: bool


@dataclass(frozen=True)
class MissingRow:
    """One missing child: whom to call, who called the roll, and what came of the last call."""

    pk: int
    student_id: int
    lost_at: datetime
    name: str
    grade: int | None
    number: int | None
    head: str | None
    head_phone: str | None
    seeker: str | None
    called_by: str | None
    call_at: datetime | None
    call_text: str | None
    call_outcome: str | None
    charged: bool  # the reader is in charge of the child, and so reads the phones
    adults: list[tuple[str, str]]
    steps: list[tuple[str, datetime]]

    @property
    def progress(self) -> str:
        """Return what came of the last call, and who was told: 16:03 没联系上，已告知家长 16:04."""
        told = [f"{SearchKind(kind).label} {hm(at)}" for kind, at in self.steps]
        return "，".join([self._call, *told])

    @property
    def _call(self) -> str:
        if self.call_at is None:
            return "还没打电话"
        reached = self.call_outcome == CallOutcome.REACHED
        return f"{hm(self.call_at)} {(self.call_text or '已联系上') if reached else '没联系上'}"

    @property
    def look(self) -> MissingLook:
        return MissingLook(self.head is not None, len(self.adults), self.charged)

    @property
    def words(self) -> dict[str, object]:
        """Return what stands on the child's line (see `stamp`)."""
        words: dict[str, object] = {
            "child": self.pk, "plain_name": self.name, "name": wrapname(self.name),
            "class": class_name(self.grade, self.number) if self.grade and self.number else "",
            "called": f"{self.called_by or ''} {hm(self.lost_at)}", "head": self.head or "",
            "head_tel": tel(self.head_phone or ""), "progress": self.progress, "seeker": self.seeker or "无人",
        }  # fmt: skip
        for place, (relation, phone) in enumerate(self.adults, 1):
            words |= {f"relation_{place}": relation, f"tel_{place}": tel(phone)}
        return words


@dataclass
class Board:
    """Everything on the board of one day, cut to who asks."""

    day: date
    counts: Counter[str]
    missing: list[MissingRow]
    groups: list[GroupRow]
    closed: bool
    open_before: date | None
    passes: list[tuple[int, str]] = field(default_factory=list)  # taken in unlisted, no answer yet: day's row, name

    @property
    def expected(self) -> int:
        """Children of the day, those on leave among them: the same 应到 as on the roll call."""
        return sum(self.counts.values())

    @property
    def gone(self) -> int:
        return sum(self.counts[state] for state in GONE)

    @property
    def away(self) -> int:
        return self.counts[CustodyState.AWAY]

    @property
    def still_open(self) -> int:
        return sum(count for state, count in self.counts.items() if state not in ENDS)

    @property
    def shown_counts(self) -> list[tuple[str, int]]:
        states = [CustodyState.EXPECTED, CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF, CustodyState.LATE]
        always = {CustodyState.EXPECTED, CustodyState.GROUP}
        return [(state.label, self.counts[state]) for state in states if self.counts[state] or state in always]

    def not_called(self, *, may_call: bool) -> list[WaitingRow]:
        """Return the groups that have begun and whose roll nobody has closed."""
        now = clock.now()
        return [WaitingRow(one, may_call) for one in self.groups if not one.called_at and one.starts_at <= now]
