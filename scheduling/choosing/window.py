"""Whether families can choose now, and the sentence that says why. Open from the first minute up to, not including, the last."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from scheduling.enums import RoundState


class Phase(Enum):
    """Where the window of a round stands."""

    HIDDEN = "hidden"  # not published, or cancelled
    BEFORE = "before"
    FIRST = "first"  # open only to children whose club was closed
    OPEN = "open"
    AFTER = "after"
    OVER = "over"  # results are out


@dataclass(frozen=True)
class Window:
    """The phase and why."""

    phase: Phase
    sentence: str

    @property
    def is_open(self) -> bool:
        return self.phase in {Phase.OPEN, Phase.FIRST}


def moment(at: datetime) -> str:
    """Return "9月3日 20:00"."""
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def window(
    state: str, opens_at: datetime, closes_at: datetime, now: datetime, *, displaced_until: datetime | None = None
) -> Window:
    """Return where a round stands. All times are the school's.

    `displaced_until`: until then only children whose club was closed choose (first come, first served).
    """
    if state == RoundState.PLANNED:
        return Window(Phase.HIDDEN, "还没有公布。")
    if state == RoundState.CANCELLED:
        return Window(Phase.HIDDEN, "这一轮已取消。")
    if state == RoundState.CONFIRMED:
        return Window(Phase.OVER, "这一轮已结束，结果已公布。")
    if now < opens_at:
        return Window(Phase.BEFORE, f"从{moment(opens_at)}开始选，到{moment(closes_at)}截止。")
    if now >= closes_at:
        return Window(Phase.AFTER, f"已于{moment(closes_at)}截止，结果出来后会告诉您。")
    if displaced_until is not None and now < displaced_until:
        return Window(Phase.FIRST, f"社团停办的孩子先选，其他孩子从{moment(displaced_until)}开始。")
    return Window(Phase.OPEN, f"到{moment(closes_at)}截止。")
