"""A school whose sessions stand, for calendars of families and teachers."""

from datetime import date

import pytest

from afterschool.support import clock
from scheduling.actions.club_places import take_place
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import make_sessions
from scheduling.enums import PlaceSource
from tests.cast import Cast
from tests.scheduling.applied import approve
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club, make_room


@pytest.fixture
def running(cast: Cast) -> Cast:
    """Three groups meet on every service day; the guardian's first child sings on Thursdays."""
    office = cast.actor("office")
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        cast.club = make_club(cast, "合唱", room=make_room("音乐教室"), weekdays="4")
        make_sessions(term=cast.term, by=office)
        take_place(
            club=cast.club,
            student=cast.students[0],
            source=PlaceSource.OFFICE,
            starts_on=date(2026, 9, 7),
            by=office,
        )
        accept_rota(rota=propose_rota(term=cast.term, by=office), by=office)
    return cast
