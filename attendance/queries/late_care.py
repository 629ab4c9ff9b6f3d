"""Children whom nobody fetched in time: those who wait with a teacher, and those in late care."""

from dataclasses import dataclass
from datetime import date, timedelta

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from attendance.enums import CallOutcome, CustodyState
from attendance.models import CallNote, ChildDay, LateCarePlace
from attendance.queries.custody import REGISTER, children, with_people


@dataclass(frozen=True)
class Waiting:
    """A child still with a teacher after dismissal and grace, and what came of the calls."""

    child: ChildDay
    calls: list[CallNote]

    @property
    def reached(self) -> bool:
        return any(call.outcome == CallOutcome.REACHED for call in self.calls)

    @property
    def tone(self) -> str:
        return "moved" if self.reached else "act"

    @property
    def word(self) -> str:
        if self.reached:
            return "已联系上，待接收"
        return f"打了 {len(self.calls)} 次，没联系上" if self.calls else "还没打电话"


def waiting(actor: Actor, term: Term, day: date) -> list[Waiting]:
    """Return who waits with a teacher though dismissal and grace are past: three queries."""
    until = (clock.now() - timedelta(minutes=term.late_grace_minutes)).time()
    rows = children(actor, day).filter(state__in=[CustodyState.GROUP, CustodyState.CLUB])
    if day == clock.today():
        rows = rows.filter(session__ends_at__lte=until)
    return [Waiting(child, list(child.calls.all())) for child in with_people(rows).order_by(*REGISTER)]


def in_late_care(actor: Actor, day: date) -> list[ChildDay]:
    """Return who is in late care now."""
    return list(children(actor, day).filter(state=CustodyState.LATE).order_by("since"))


def places(term: Term) -> list[LateCarePlace]:
    """Return the places of late care in their order."""
    return list(LateCarePlace.objects.filter(term=term))
