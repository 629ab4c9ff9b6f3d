"""What can happen to an application, and who may do it (plan section 5: parent, class, school).

`TABLE` is the only place where this is decided: actions, buttons, docs and tests all read it. Pure.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from enrollment.enums import ApplicationState, Move

S, M = ApplicationState, Move


class Who(Enum):
    """A person as this one application sees them."""

    PARENT = "家长"  # acts for the child
    HEAD = "班主任"  # of the child's own class
    OFFICE = "课程教学中心"


@dataclass(frozen=True)
class Step:
    """Who may make a move, where it leads, and whether the application window must be open for it."""

    who: frozenset[Who]
    to: ApplicationState
    in_window: bool = False


def _step(who: Who | set[Who], to: ApplicationState, *, in_window: bool = False) -> Step:
    return Step(frozenset({who} if isinstance(who, Who) else who), to, in_window)


FAMILY = {Who.PARENT, Who.HEAD}  # the head teacher writes for a family that hands in paper

TABLE: dict[tuple[ApplicationState | None, Move], Step] = {
    # No application yet.
    (None, M.SAVE): _step(Who.PARENT, S.DRAFT, in_window=True),
    (None, M.SUBMIT): _step(FAMILY, S.SUBMITTED, in_window=True),
    (None, M.WITHDRAW): _step(Who.PARENT, S.WITHDRAWN),
    (S.DRAFT, M.SAVE): _step(Who.PARENT, S.DRAFT, in_window=True),
    (S.DRAFT, M.SUBMIT): _step(FAMILY, S.SUBMITTED, in_window=True),
    (S.DRAFT, M.WITHDRAW): _step(Who.PARENT, S.WITHDRAWN),
    # Handed in: the parent may still change it, until the class has reviewed it.
    (S.SUBMITTED, M.SUBMIT): _step(Who.PARENT, S.SUBMITTED, in_window=True),
    (S.SUBMITTED, M.WITHDRAW): _step(FAMILY, S.WITHDRAWN),
    (S.SUBMITTED, M.CLASS_APPROVE): _step(Who.HEAD, S.CLASS_APPROVED),
    (S.SUBMITTED, M.RETURN): _step(Who.HEAD, S.RETURNED),
    (S.SUBMITTED, M.DECLINE): _step(Who.HEAD, S.DECLINED),
    # Approved by the class: the school decides.
    (S.CLASS_APPROVED, M.WITHDRAW): _step(FAMILY, S.WITHDRAWN),
    (S.CLASS_APPROVED, M.SCHOOL_APPROVE): _step(Who.OFFICE, S.SCHOOL_APPROVED),
    (S.CLASS_APPROVED, M.RETURN): _step(Who.OFFICE, S.RETURNED),
    (S.CLASS_APPROVED, M.DECLINE): _step(Who.OFFICE, S.DECLINED),
    (S.SCHOOL_APPROVED, M.WITHDRAW): _step(FAMILY, S.WITHDRAWN),
    # Returned: it came in time, so it is answered also when the window has closed.
    (S.RETURNED, M.SAVE): _step(Who.PARENT, S.RETURNED),
    (S.RETURNED, M.SUBMIT): _step(FAMILY, S.SUBMITTED),
    (S.RETURNED, M.WITHDRAW): _step(FAMILY, S.WITHDRAWN),
    # Declined stands. The parent may ask for another look, in a sentence; then it goes before the class again, or it stands.
    (S.DECLINED, M.ASK_AGAIN): _step(Who.PARENT, S.DECLINED),
    (S.DECLINED, M.REOPEN): _step({Who.HEAD, Who.OFFICE}, S.SUBMITTED),
    (S.DECLINED, M.UPHOLD): _step({Who.HEAD, Who.OFFICE}, S.DECLINED),
    (S.WITHDRAWN, M.REOPEN): _step(Who.PARENT, S.DRAFT, in_window=True),
    (S.WITHDRAWN, M.SUBMIT): _step(Who.HEAD, S.SUBMITTED, in_window=True),
}
NEEDS_REASON = frozenset({M.RETURN, M.DECLINE, M.UPHOLD})


def step(state: ApplicationState | None, move: Move) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def moves(state: ApplicationState | None, who: AbstractSet[Who], *, window_open: bool) -> list[Move]:
    """Return the moves open to a person now, in the order of `Move`: what the page shows as buttons."""
    return [
        move
        for move in Move
        if (found := step(state, move)) and found.who & who and (window_open or not found.in_window)
    ]


class Phase(Enum):
    """Where the application window stands."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"
    CLOSED = "closed"  # by the office, early
    PERMITTED = "permitted"  # over, but the school lets this child in late


@dataclass(frozen=True)
class Window:
    """The state of the window and the sentence that says why."""

    phase: Phase
    sentence: str

    @property
    def is_open(self) -> bool:
        return self.phase in {Phase.OPEN, Phase.PERMITTED}


@dataclass(frozen=True)
class WindowSettings:
    """The term's window, in the school's time. It is open from `opens_at` up to, not including, `closes_at`."""

    opens_at: datetime
    closes_at: datetime
    closed: bool = False


def moment(at: datetime) -> str:
    """Return "9月3日 20:00"."""
    return f"{at.month}月{at.day}日 {at:%H:%M}"


def window(settings: WindowSettings, now: datetime, *, permitted: bool = False) -> Window:
    """Return whether applications are taken now, and why (plan section 5: 1 to 3 September).

    `permitted`: the school lets this child apply late. It opens nothing before the beginning.
    """
    if now < settings.opens_at:
        return Window(Phase.BEFORE, f"申请从{moment(settings.opens_at)}开始，到{moment(settings.closes_at)}截止。")
    over = settings.closed or now >= settings.closes_at
    if over and permitted:
        return Window(Phase.PERMITTED, "申请已经截止，学校同意这个孩子补交。")
    if settings.closed:
        return Window(Phase.CLOSED, "学校已提前结束申请。要补交的请联系班主任，由学校同意后再填。")
    if over:
        return Window(
            Phase.AFTER, f"申请已于{moment(settings.closes_at)}截止。要补交的请联系班主任，由学校同意后再填。"
        )
    return Window(Phase.OPEN, f"申请到{moment(settings.closes_at)}截止。")
