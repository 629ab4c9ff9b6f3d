"""What can happen to a parent who volunteers (家长志愿者), who may do it, and beside whom a volunteer may stand (D9).

`TABLE` is the only place where the first is decided; `check_turn` the only one for the second. Pure.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import Enum

from scheduling.enums import VolunteerMove, VolunteerState

S, M = VolunteerState, VolunteerMove


class Who(Enum):
    """A person as this one volunteer sees them."""

    PARENT = "家长本人"
    HEAD = "班主任"  # of a class in which the parent has a child
    OFFICE = "课程教学中心"


@dataclass(frozen=True)
class Step:
    """Who may make a move, where it leads, and who of them must give a reason."""

    who: frozenset[Who]
    to: VolunteerState
    reason_of: frozenset[Who] = frozenset()


ALL = frozenset(Who)
OFFICE = frozenset({Who.OFFICE})
PARENT = frozenset({Who.PARENT})

TABLE: dict[tuple[VolunteerState | None, VolunteerMove], Step] = {
    # Offered by the parent, or proposed by the head teacher or in the name of the parents' committee.
    (None, M.PROPOSE): Step(ALL, S.PROPOSED),
    (S.PROPOSED, M.APPROVE): Step(OFFICE, S.APPROVED),
    (S.PROPOSED, M.DECLINE): Step(OFFICE, S.DECLINED, reason_of=OFFICE),
    (S.PROPOSED, M.WITHDRAW): Step(PARENT, S.ENDED),
    (S.APPROVED, M.END): Step(OFFICE | PARENT, S.ENDED, reason_of=OFFICE),
    # Declined or ended stands; a new offer is a new row.
}


def step(state: VolunteerState | None, move: VolunteerMove) -> Step | None:
    """Return the step of the table, or nothing where this move does not exist in this state."""
    return TABLE.get((state, move))


def moves(state: VolunteerState | None, who: AbstractSet[Who]) -> list[VolunteerMove]:
    """Return the moves open to a person, in the order of `VolunteerMove`: what the page shows as buttons."""
    return [move for move in VolunteerMove if (found := step(state, move)) and found.who & who]


class Hindrance(Enum):
    """Why a volunteer may not be put beside a teacher, as the page says it."""

    NOT_APPROVED = "还没有通过审核。"
    UNTRAINED = "还没有参加志愿者培训。"
    BANNED = "在接送登记里有“不可接走”的说明，不能安排。"
    NOT_HELD = "这一场已取消。"
    OVER = "这一场已经结束。"
    ALONE = "这一场还没有值班教师，志愿者不能单独带孩子。"
    ENOUGH = "这一场的志愿者已经够了。"
    ELSEWHERE = "同一时间已安排在别的班。"


@dataclass(frozen=True)
class Helper:
    """A volunteer on the day in question. `banned`: a note forbids to hand some child over; `elsewhere`: has a turn then."""

    state: VolunteerState
    trained: bool
    banned: bool = False
    elsewhere: bool = False


@dataclass(frozen=True)
class Place:
    """A session: whether it stands, is over, who answers for it, and how many volunteers are beside the teacher."""

    planned: bool
    over: bool
    teachers: int
    helpers: int


def check_turn(helper: Helper, place: Place, *, most: int) -> Hindrance | None:
    """Return what hinders a volunteer from standing beside the teacher of a session, the gravest first; none: it may be."""
    checks = (
        (helper.banned, Hindrance.BANNED),
        (helper.state != S.APPROVED, Hindrance.NOT_APPROVED),
        (not helper.trained, Hindrance.UNTRAINED),
        (not place.planned, Hindrance.NOT_HELD),
        (place.over, Hindrance.OVER),
        (place.teachers < 1, Hindrance.ALONE),
        (place.helpers >= most, Hindrance.ENOUGH),
        (helper.elsewhere, Hindrance.ELSEWHERE),
    )
    return next((hindrance for wrong, hindrance in checks if wrong), None)
