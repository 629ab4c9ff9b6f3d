"""An afternoon with children in two hands and one missing, and an alarm."""

from attendance.actions.incidents import Alarm, raise_alarm
from attendance.enums import CustodyState, IncidentCategory, IncidentKind, Party
from attendance.models import ChildDay, EmergencyPost, Incident
from tests.cast import NOW, TODAY, Cast

FIRE = Alarm(IncidentKind.REAL, IncidentCategory.FIRE, "三楼西侧", "有烟")
DRILL = Alarm(IncidentKind.DRILL, IncidentCategory.FIRE, "三楼西侧")


def hold(cast: Cast, numbers: range | list[int], holder: str | None, state: str = CustodyState.GROUP) -> list[ChildDay]:
    """Put children of class 1-1 (and on) into somebody's hands."""
    return ChildDay.objects.bulk_create(
        ChildDay(
            term=cast.term,
            student=cast.students[n],
            date=TODAY,
            session=cast.session,
            at_session=cast.session,
            state=state,
            holder=getattr(cast, holder) if holder else None,
            links=1,
            since=NOW,
        )
        for n in numbers
    )


def in_hands(cast: Cast) -> None:
    """Four children with the teacher, one with the gatekeeper in late care, one missing, one with nobody, one gone."""
    hold(cast, range(4), "teacher")
    hold(cast, [4], "gatekeeper", CustodyState.LATE)
    hold(cast, [5], "teacher", CustodyState.MISSING)
    hold(cast, [12], None, CustodyState.EXPECTED)
    hold(cast, [6], None, CustodyState.FETCHED)


def post(cast: Cast, party: Party, person: str | None, deputy: str | None = None) -> EmergencyPost:
    """Fill one post of the plan."""
    held = {"teacher": person and getattr(cast, person), "deputy": deputy and getattr(cast, deputy)}
    return EmergencyPost.objects.create(term=cast.term, party=party, **held)


def alarmed(cast: Cast, alarm: Alarm = FIRE, by: str = "other_teacher") -> Incident:
    """Raise the alarm."""
    return raise_alarm(term=cast.term, alarm=alarm, by=cast.actor(by))
