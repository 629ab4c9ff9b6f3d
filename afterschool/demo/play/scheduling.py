"""The demo term: its settings, timetables and calendar; later its rota and sessions."""

from datetime import date, datetime

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, Role
from afterschool.school.models import Teacher, Term
from afterschool.setup.actions import begin_term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions.calendar import change_span
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.rota_people import Setting, Wished, set_floaters, set_people, set_wishes
from scheduling.actions.sessions import make_sessions
from scheduling.enums import WishKind
from scheduling.queries.rota_wishes import groups_to_wish

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

SET_BY_SCHOOL = (
    (date(2026, 11, 12), date(2026, 11, 13), DayKind.OFF, "秋假"),
    (date(2027, 1, 20), date(2027, 1, 22), DayKind.CANCELLED, "期末考试"),
)


def play_setup(office: Actor) -> Term:
    """Begin the demo term with the plan's defaults, as the office would on its settings page."""
    term = begin_term(settings=TERM, by=office)
    for first, last, kind, note in SET_BY_SCHOOL:
        change_span(term=term, first=first, last=last, kind=kind, note=note, by=office)
    return term


def play_rota(term: Term, office: Actor) -> None:
    """Make the sessions of the term; teachers wish, the office sets what it knows, then proposes and publishes the rota."""
    with clock.frozen(ROTA_DAY):
        make_sessions(term=term, by=office)
        _wishes(term)
        _part_time(term, office)
        set_floaters(term=term, floaters=1, by=office)
        accept_rota(rota=propose_rota(term=term, by=office), by=office)


def _wishes(term: Term) -> None:
    """Every ninth teacher has a wish: a day rather not, a day rather, the group that was theirs."""
    staff = Teacher.objects.filter(active=True, grade__isnull=False, roles__role=Role.TEACHER, user__isnull=False)
    for number, teacher in enumerate(staff.select_related("user").order_by("staff_number").distinct()[::9]):
        by = Actor(teacher.user, teacher=teacher, roles=frozenset({Role.TEACHER}))
        own = groups_to_wish(term, teacher).first()
        wishes = [
            [Wished(WishKind.AVOID, 1 + number % 5)],
            [Wished(WishKind.PREFER, 1 + number % 5)],
            [Wished(WishKind.AVOID, 5), Wished(WishKind.GROUP, group=own)] if own else [Wished(WishKind.AVOID, 5)],
        ]
        set_wishes(term=term, teacher=teacher, wishes=wishes[number % 3], by=by)


def _part_time(term: Term, office: Actor) -> None:
    """One teacher of the third grade is there on three days, another leads the choir and has two turns at most."""
    staff = list(Teacher.objects.filter(active=True, grade=3, roles__role=Role.TEACHER).order_by("staff_number")[:2])
    words = [("45", None, "周四、周五在另一校区"), ("", 2, "带学校合唱团")]
    settings = [Setting(one, True, *word[:2], note=word[2]) for one, word in zip(staff, words, strict=False)]
    set_people(term=term, settings=settings, by=office)
