"""Rounds of choosing for tests: a small school whose children take part, clubs, and a round on its way."""

from datetime import date, datetime, timedelta

from afterschool.school.models import Student
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions import drawing, rounds
from scheduling.defaults import install_timetables
from scheduling.enums import RoundMode
from scheduling.models import Club, ClubDraw, ClubRound
from scheduling.tasks import run_draw
from tests.cast import Cast

OPENS = datetime(2026, 9, 8, 8, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 9, 10, 20, tzinfo=SHANGHAI)
DURING = OPENS + timedelta(hours=2)
AFTER = CLOSES + timedelta(hours=1)
STARTS = date(2026, 9, 15)
SEED = "00ff00ff"


def let_in(cast: Cast, *students: Student, weekdays: str = "12345") -> None:
    """Let these children (all, if none is named) take part in the service."""
    install_timetables(cast.term, by=cast.actor("office"))
    Application.objects.bulk_create(
        Application(
            term=cast.term,
            student=student,
            state=ApplicationState.SCHOOL_APPROVED,
            weekdays=weekdays,
            created_at=OPENS,
            changed_at=OPENS,
            submitted_at=OPENS,
        )
        for student in students or cast.students
    )


def plan(cast: Cast, *clubs: Club, mode: str = RoundMode.LOT, **changes: object) -> ClubRound:
    """Plan a round over these clubs."""
    values: dict[str, object] = {
        "name": "第一轮",
        "mode": mode,
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "starts_on": STARTS,
    }
    settings = rounds.RoundSettings(**(values | changes))  # type: ignore[arg-type]
    with clock.frozen(OPENS - timedelta(days=1)):
        return rounds.set_up_round(
            term=cast.term, settings=settings, clubs=[club.pk for club in clubs], by=cast.actor("office")
        )


def published(cast: Cast, *clubs: Club, mode: str = RoundMode.LOT, **changes: object) -> ClubRound:
    """Plan a round and publish it."""
    found = plan(cast, *clubs, mode=mode, **changes)
    with clock.frozen(OPENS - timedelta(hours=20)):
        rounds.publish_round(found=found, by=cast.actor("office"))
    return found


def drawn(cast: Cast, found: ClubRound, seed: str = SEED) -> ClubDraw:
    """Seal a round whose window is over and draw it."""
    found.refresh_from_db()
    with clock.frozen(AFTER):
        if found.state == "published":
            drawing.seal_wishes(found=found, by=cast.actor("office"))
        run = drawing.start_draw(found=found, by=cast.actor("office"), typed=seed, in_background=False)
        run_draw.func(run.pk)
    found.refresh_from_db()
    run.refresh_from_db()
    return run


def confirmed(cast: Cast, found: ClubRound, seed: str = SEED) -> ClubDraw:
    """Draw a round and confirm it."""
    run = drawn(cast, found, seed)
    with clock.frozen(AFTER):
        drawing.confirm_draw(found=found, by=cast.actor("office"))
    run.refresh_from_db()
    return run
