"""A published rota with somebody to ask: for tests of leave, stand-ins and swaps."""

from datetime import date

from afterschool.school.models import Teacher
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import make_sessions
from scheduling.models import Duty, Substitution
from scheduling.queries.standins import RELATED
from tests.cast import Cast
from tests.scheduling.arranged import BEFORE, arrange

TUESDAY = date(2026, 9, 22)
WEDNESDAY = date(2026, 9, 23)


def publish(cast: Cast) -> Cast:
    """Two groups of grade 1 and one of grade 2 with a rota; grade 1 has three teachers, each day one is free."""
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)  # type: ignore[attr-defined]
        office = cast.actor("office")
        make_sessions(term=cast.term, by=office)
        accept_rota(rota=propose_rota(term=cast.term, by=office), by=office)
    return cast


def duty_of(day: date, grade: int = 1, nth: int = 0) -> Duty:
    """Return an active duty of a date."""
    rows = Duty.objects.filter(session__date=day, session__group__grade=grade, active=True)
    return rows.select_related("teacher__user", "session__group", "session__room", "session__term").order_by("pk")[nth]


def free_on(day: date, grade: int = 1) -> Teacher:
    """Return the teacher of the grade who has no duty on a date."""
    busy = Duty.objects.filter(session__date=day, active=True).values("teacher")
    teachers = Teacher.objects.filter(grade=grade, roles__role="teacher").exclude(pk__in=busy)
    return teachers.select_related("user").get()


def fresh(one: Substitution) -> Substitution:
    """Return a request as a page would load it."""
    return Substitution.objects.select_related(*RELATED).get(pk=one.pk)


def name_of(cast: Cast, teacher: Teacher) -> str:
    """Return under which name of the cast a teacher is known."""
    return next(name for name, value in vars(cast).items() if isinstance(value, Teacher) and value.pk == teacher.pk)
