"""What all moves share: the table asked, the window asked, the state compared and set."""

from datetime import datetime
from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import who_is
from enrollment.enums import ApplicationState, Move
from enrollment.models import Application, LatePermit
from enrollment.workflow import Phase, Step, Who, Window, WindowSettings, step, window

NOT_OPEN = {Phase.BEFORE: "window_before", Phase.AFTER: "window_after", Phase.CLOSED: "window_closed"}


def window_of(term: Term, student_id: int | None = None, *, permitted: bool | None = None) -> Window:
    """Return where the term's window stands now; for one child, with the school's permission to be late.

    Where `permitted` is known already nothing is asked; else one query, and only when the window is over.
    """
    settings = WindowSettings(
        term.applications_open_at.astimezone(clock.SHANGHAI),
        term.applications_close_at.astimezone(clock.SHANGHAI),
        term.applications_closed,
    )
    now = clock.now()
    found = window(settings, now)
    if student_id is None or found.phase in {Phase.OPEN, Phase.BEFORE}:
        return found
    if permitted is None:
        permitted = LatePermit.objects.filter(term=term, student_id=student_id).exists()
    return window(settings, now, permitted=permitted)


def state_of(application: Application | None) -> ApplicationState | None:
    """Return the state, or nothing where there is no application yet."""
    return None if application is None else application.status


def checked(application: Application | None, move: Move, *, term: Term, student: Student, by: Actor, only: Who) -> Step:
    """Return the step of the table for this person, as one of these persons, or refuse.

    Codes: `not_yours`, `wrong_state`, `window_before`, `window_after`, `window_closed`.
    """
    if only not in who_is(by, student):
        raise Refused("not_yours", "这个孩子的申请不归您办理。")
    found = step(state_of(application), move)
    if found is None or only not in found.who:
        raise wrong_state(application, move)
    if found.in_window and not (gate := window_of(term, student.pk)).is_open:
        raise Refused(NOT_OPEN[gate.phase], gate.sentence)
    return found


def wrong_state(application: Application | None, move: Move) -> Refused:
    """Say that this move does not exist from here."""
    word = "还没有申请" if application is None else f"申请现在是“{application.word}”"
    return Refused("wrong_state", f"{word}，不能{move.label}。")


def compare_and_set(application: Application, to: ApplicationState, **changes: Any) -> None:
    """Move the application on from what was read, or say that somebody was faster. Refreshes the object in hand."""
    changes |= {"state": to, "changed_at": clock.now()}
    seen = Application.objects.filter(pk=application.pk, state=application.state, changed_at=application.changed_at)
    if seen.update(**changes) != 1:
        raise somebody_was_faster()
    for name, value in changes.items():
        setattr(application, name, value)


def not_changed_since(application: Application, seen_at: datetime | None) -> None:
    """Refuse where the family has changed the application after the page was made that decides on it."""
    if seen_at is not None and application.changed_at > seen_at:
        raise somebody_was_faster()
