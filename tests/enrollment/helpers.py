"""Short ways to an application in a state."""

from contextlib import contextmanager
from datetime import datetime

from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment import actions
from enrollment.details import Details, Person
from enrollment.enums import ApplicationState
from enrollment.models import Application

OPEN = datetime(2026, 9, 2, 10, 0, tzinfo=SHANGHAI)
MOTHER = Person("林晓岚", "mother", "13900000001")
GRANDPA = Person("林国安", "paternal_grandfather", "13900000551")
FULL = Details(weekdays="12345", persons=(MOTHER,), agreed=True, signed_name="林晓岚")


@contextmanager
def window_open():
    with clock.frozen(OPEN):
        yield


def hand_in(cast, student=None, by=None, details=FULL) -> Application:
    with window_open():
        return actions.submit(
            term=cast.term, student=student or cast.students[0], details=details, by=by or cast.actor("guardian")
        )


def make(cast, student, state=ApplicationState.SUBMITTED, **values) -> Application:
    """An application put straight into the table."""
    return Application.objects.create(
        term=cast.term,
        student=student,
        state=state,
        weekdays="12345",
        created_at=OPEN,
        changed_at=OPEN,
        submitted_at=OPEN,
        reason="请补正" if state in {"returned", "declined"} else "",
        **values,
    )
