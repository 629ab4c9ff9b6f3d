"""What all moves of a request to change share: closed by compare-and-set, its history in codes."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.support.refusal import somebody_was_faster
from enrollment.enums import AmendmentState
from enrollment.models import Amendment, Application

S = AmendmentState


def close(amendment: Amendment, to: AmendmentState, **values: Any) -> None:
    """Close an open request; `somebody_was_faster` where it isn't open any more."""
    if Amendment.objects.filter(pk=amendment.pk, state=S.ASKED).update(state=to, **values) != 1:
        raise somebody_was_faster()
    for name, value in (values | {"state": to}).items():
        setattr(amendment, name, value)


def note(verb: str, amendment: Amendment, by: Actor, words: str = "") -> None:
    """Write history. Codes and numbers alone: names and phones stand in the request, where erasure can blank them."""
    application = amendment.application
    was: dict[str, Any] = {"weekdays": amendment.old_weekdays, "alone": amendment.old_may_go_alone}
    now: dict[str, Any] = {"weekdays": amendment.weekdays, "alone": amendment.may_go_alone}
    if amendment.persons is not None:
        was["persons"], now["persons"] = len(amendment.old_persons or []), len(amendment.persons)
    record(
        verb,
        subject=application,
        by=by,
        student_id=application.student_id,
        term_id=application.term_id,
        data={"amendment": amendment.pk, "starts_on": amendment.starts_on.isoformat(), "was": was, "now": now},
        note=words,
    )


def drop_amendments(application: Application, by: Actor) -> None:
    """Close the open request of an application that is itself withdrawn. Call it inside that transaction."""
    for amendment in application.amendments.filter(state=S.ASKED).select_related("application"):
        close(amendment, S.WITHDRAWN)
        note("amendment.withdrawn", amendment, by)
