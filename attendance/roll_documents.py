"""The roll on paper, for when network or power fails: a sheet for each session, in the page's order, with how to use it."""

from datetime import date
from typing import Any

from django.http import Http404

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.models import School, Session
from afterschool.support import clock, pdf
from afterschool.support.refusal import Refused
from attendance.enums import MarkState
from attendance.queries.roll_calls import session_of, sessions_for
from attendance.queries.roll_page import RollPage, roll_page

PIECE = 20  # sessions set in one go
BLANK_LINES = 3  # for children who turn up unlisted
BOXES = [state for state in MarkState if state != MarkState.NOT_CALLED]


def roll_sheets_pdf(params: dict[str, Any], by: Actor, progress: papers.Progress) -> bytes:
    """One sheet per session: number, name, four boxes; leave is ticked, early and late pick-up stand beside."""
    rolls = [roll for roll in _rolls(params, by) if roll.rows]
    if not rolls:
        raise Refused("nobody", "这一天没有可以打印的点名册。")
    school, made = School.objects.get(pk=1), []
    for start in range(0, len(rolls), PIECE):
        context = {
            "school": school,
            "rolls": rolls[start : start + PIECE],
            "boxes": BOXES,
            "blank": range(BLANK_LINES),
            "made_at": clock.now(),
        }
        made.append(pdf.render("documents/roll_sheets.html", context))
        progress(100 * (start + PIECE) // (len(rolls) + PIECE))
    return made[0] if len(made) == 1 else pdf.merge(made)


def _rolls(params: dict[str, Any], by: Actor) -> list[RollPage]:
    if params.get("session"):
        try:
            return [roll_page(session_of(by, params["session"]), by)]
        except Http404:
            raise Refused("not_yours", "这一场不在您负责的范围里。") from None
    day = date.fromisoformat(params["day"])
    return [roll_page(session, by) for session in _of_the_day(by, day)]


def _of_the_day(by: Actor, day: date) -> list[Session]:
    found = sessions_for(by).filter(date=day, state=SessionState.PLANNED)
    return list(found.order_by("starts_at", "group__grade", "group__order", "pk"))


def register() -> None:
    """Make the paper known."""
    papers.register("roll-sheets", roll_sheets_pdf, suffix="pdf", keep_days=papers.SHORT)
