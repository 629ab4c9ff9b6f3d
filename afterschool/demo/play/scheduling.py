"""The demo term: its settings, timetables and calendar; later its rota and sessions."""

from datetime import date, datetime

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.setup.actions import begin_term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import make_sessions

ROTA_DAY = datetime(2026, 9, 5, 10, 0, tzinfo=SHANGHAI)
TERM = {
    "name": "2026年秋季学期",
    "school_year": 2026,
    "starts_on": date(2026, 9, 1),
    "ends_on": date(2027, 1, 22),
    "service_starts_on": date(2026, 9, 7),
    "applications_open_at": datetime(2026, 9, 1, 8, 0, tzinfo=SHANGHAI),
    "applications_close_at": datetime(2026, 9, 3, 20, 0, tzinfo=SHANGHAI),
}


def play_setup(office: Actor) -> Term:
    """Begin the demo term with the plan's defaults, as the office would on its settings page."""
    return begin_term(settings=TERM, by=office)


def play_rota(term: Term, office: Actor) -> None:
    """Make the sessions of the term, then propose and publish the rota."""
    with clock.frozen(ROTA_DAY):
        make_sessions(term=term, by=office)
        accept_rota(rota=propose_rota(term=term, by=office), by=office)
