"""Children of a roll who are not waiting to be called there: with somebody else, gone, or looked for.

"The rest are present" touches none of them. Who is elsewhere does not bar finishing the roll; who is looked for does.
"""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterschool.school.enums import GroupKind
from afterschool.school.models import Session
from afterschool.support import clock
from attendance.enums import CustodyState
from attendance.models import ChildDay, LeaveRequest, RollCall

ELSEWHERE, SOUGHT = "elsewhere", "sought"


class Apart(NamedTuple):
    """Why a child isn't waiting here (nothing, elsewhere, sought), and where it is in words for its tile."""

    kind: str = ""
    words: str = ""


NOT_APART = Apart()


class Spot(NamedTuple):
    """Where the chain of custody has a child now; all empty where no chain has begun."""

    state: str | None = None
    at_session: int | None = None
    group: str | None = None
    holder: str | None = None
    place: str | None = None
    since: datetime | None = None


SPOT = ("state", "at_session_id", "at_session__group__name", "holder__name", "place", "since")


def apart(spot: Spot, session: Session) -> Apart:
    """Return where a child is, if that is not this session nor on the way to it. A club takes children out of any group."""
    club = session.group.kind == GroupKind.CLUB
    holder = f"，{spot.holder}处" if spot.holder else ""
    at = f"{spot.since.astimezone(clock.SHANGHAI):%H:%M} " if spot.since else ""
    match spot.state:
        case None | CustodyState.EXPECTED:
            return NOT_APART
        case CustodyState.GROUP | CustodyState.CLUB:
            if spot.at_session in (None, session.pk) or (club and spot.state == CustodyState.GROUP):
                return NOT_APART
            return Apart(ELSEWHERE, f"在{spot.group}{holder}")
        case CustodyState.STAFF:
            return Apart(ELSEWHERE, f"在{spot.place or '老师身边'}{holder}")
        case CustodyState.MISSING:
            return Apart(SOUGHT, "正在找，看到了再点")
        case CustodyState.LATE:
            return Apart(ELSEWHERE, f"在{spot.place}{holder}，延时托管")
        case CustodyState.AWAY:
            return Apart(ELSEWHERE, "今天不来")
    return Apart(ELSEWHERE, f"{at}{CustodyState(spot.state).label}")


def apart_of(session: Session, students: Collection[int]) -> dict[int, Apart]:
    """Return those of these children who are apart from this session now: one query, none for nobody."""
    if not students:
        return {}
    rows = _days(session).filter(student__in=students).values_list("student_id", *SPOT)
    found = {pk: apart(Spot(*spot), session) for pk, *spot in rows}
    return {pk: one for pk, one in found.items() if one.kind}


def elsewhere(roll_call: RollCall) -> dict[int, Apart]:
    """Return those whom this roll has not called and who are elsewhere: two queries at most."""
    waiting = list(roll_call.marks.filter(state="not_called").values_list("student_id", flat=True))
    return {pk: one for pk, one in apart_of(roll_call.session, waiting).items() if one.kind == ELSEWHERE}


def _days(session: Session) -> QuerySet[ChildDay]:
    """Return the days of all children but of those away by a leave on record, whom the sweep sets on leave."""
    leave = LeaveRequest.objects.filter(
        student=OuterRef("student"), first_day__lte=session.date, last_day__gte=session.date, cancelled_at__isnull=True
    )
    days = ChildDay.objects.filter(date=session.date).order_by()
    return days.exclude(Q(state=CustodyState.AWAY) & Exists(leave))
