"""How turns are spread: each teacher's turns a week and so far beside the fair share, the floaters of a date, the carry-over."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from afterschool.school.enums import DayKind, Role, SessionState
from afterschool.school.models import SchoolDay, Teacher, Term
from afterschool.support.weekdays import NAMES
from scheduling.enums import TurnKind, WishKind
from scheduling.models import Duty, Rota, RotaPerson, RotaSettings, RotaTurn, RotaWish
from scheduling.queries.rota_given import (
    days_off_of,
    in_force,
    people_for_rota,
    post_of,
    published_rotas,
    settings_of,
    turns_of,
    wish_of,
)
from scheduling.rota import Person, met
from scheduling.rota.carry import Load, carried, share


@dataclass(frozen=True)
class WishLine:
    """A wish in words, and whether a rota meets it (none: there is no rota yet)."""

    words: str
    met: bool | None = None


@dataclass(frozen=True)
class LoadLine:
    """One person: turns a week, turns so far with the carry-over in it, the weekdays there, and the fair share of the week."""

    teacher: Teacher
    turns: int
    past: int
    carried: int
    days: int
    fair: float
    days_off: str = ""
    most_turns: int | None = None
    wishes: list[WishLine] = field(default_factory=list)
    clubs: int = 0


@dataclass(frozen=True)
class GradeLoad:
    """One grade's people, most turns first; grade 0 are those of no grade, or who take no part, with a club of their own."""

    grade: int
    lines: list[LoadLine]

    @property
    def fewest(self) -> int:
        return min((line.turns for line in self.lines), default=0)

    @property
    def most(self) -> int:
        return max((line.turns for line in self.lines), default=0)


def loads_of(term: Term, rota: Rota | None, day: date) -> list[GradeLoad]:
    """Return how the turns are spread over the people of each grade; a constant number of queries."""
    people = people_for_rota(term, day)
    staff = Teacher.objects.in_bulk([person.id for person in people])
    setting, turns = settings_of(term), turns_of(rota) if rota else []
    counts = Counter(t.teacher_id for t in turns)
    clubs = Counter(t.teacher_id for t in turns if t.kind == TurnKind.CLUB)
    wishes = wish_lines(term, turns if rota else None)
    days = {person.id: _days(person, term) for person in people}
    grades: dict[int, list[Person]] = defaultdict(list)
    for person in people:
        grades[person.grade or 0].append(person)
    found = []
    for grade, own in sorted(grades.items(), key=lambda item: item[0] or 99):
        loads = {p.id: Load(p.id, grade, counts[p.id], days[p.id]) for p in own}
        lines = [
            LoadLine(
                staff[p.id],
                counts[p.id],
                p.past_turns,
                setting[p.id].carried if p.id in setting else 0,
                days[p.id],
                round(share(loads[p.id], loads.values()), 1),
                p.days_off,
                p.most_turns,
                wishes.get(p.id, []),
                clubs[p.id],
            )
            for p in own
        ]
        found.append(GradeLoad(grade, sorted(lines, key=lambda n: (-n.turns, -n.past, n.teacher.staff_number))))
    return found


def _days(person: Person, term: Term) -> int:
    """Return the weekdays somebody is there for, the agreed turns at most."""
    days = sum(day not in person.days_off for day in term.service_weekdays)
    return days if person.most_turns is None else min(days, person.most_turns)


def wish_lines(term: Term, turns: list[RotaTurn] | None, teacher: Teacher | None = None) -> dict[int, list[WishLine]]:
    """Return the wishes of a term by teacher (or of one), and whether these turns meet them."""
    rows = RotaWish.objects.filter(term=term).select_related("group")
    if teacher is not None:
        rows = rows.filter(teacher=teacher)
    found: dict[int, list[WishLine]] = defaultdict(list)
    for row in rows:
        own = [post_of(t) for t in turns or [] if t.teacher_id == row.teacher_id]
        found[row.teacher_id].append(WishLine(_wish_words(row), None if turns is None else met(wish_of(row), own)))
    return found


def _wish_words(row: RotaWish) -> str:
    if row.kind == WishKind.GROUP:
        return f"希望带{row.group.name if row.group else '某个服务班'}"
    day = NAMES[str(row.weekday)]
    return f"尽量不排{day}" if row.kind == WishKind.AVOID else f"希望排{day}"


# Carried from the term before


def term_before(term: Term) -> Term | None:
    """Return the term before this one."""
    return Term.objects.filter(starts_on__lt=term.starts_on).order_by("-starts_on").first()


def carry_from(term: Term) -> dict[int, int]:
    """Return by teacher what the term before leaves: turns beyond the fair share, what was carried into it included."""
    former = term_before(term)
    if former is None:
        return {}
    people = people_for_rota(former, former.ends_on + timedelta(days=1))
    return carried(Load(p.id, p.grade, p.past_turns, _days(p, former)) for p in people if p.grade)


# Floaters


@dataclass(frozen=True)
class Floater:
    """Somebody at hand on a date (机动) for a grade. `called`: the groups they stand in for that day."""

    teacher: Teacher
    grade: int | None
    number: int
    called: tuple[str, ...] = ()

    @property
    def free(self) -> bool:
        return not self.called


def floating(term_id: int, days: Sequence[date]) -> dict[date, list[tuple[int, int | None]]]:
    """Return for each date who floats by the rota that holds on it, and for which grade (none: any): three queries."""
    rotas = published_rotas(Term(pk=term_id))
    served = dict(
        SchoolDay.objects.filter(term=term_id, date__in=days, kind=DayKind.SERVICE).values_list("date", "runs_weekday")
    )
    turns = RotaTurn.objects.filter(rota__in=rotas, kind=TurnKind.FLOATER, teacher__active=True).order_by("number")
    rows = list(turns.values_list("rota", "weekday", "teacher", "grade"))
    found: dict[date, list[tuple[int, int | None]]] = {}
    for day, weekday in served.items():
        rota = in_force(rotas, day)
        found[day] = [(pk or 0, grade) for of, on, pk, grade in rows if rota and (of, on) == (rota.pk, weekday)]
    return found


def floaters_on(day: date) -> list[Floater]:
    """Return who is at hand on a date by the rota that holds on it, by grade and number, the free ones among them marked.

    None on a day without service. Four queries at most.
    """
    served = SchoolDay.objects.filter(date=day, kind=DayKind.SERVICE).select_related("term").first()
    rota = in_force(published_rotas(served.term), day) if served else None
    if served is None or rota is None:
        return []
    turns = RotaTurn.objects.filter(rota=rota, kind=TurnKind.FLOATER, weekday=served.runs_weekday)
    own = list(turns.filter(teacher__active=True).select_related("teacher").order_by("grade", "number"))
    duties = Duty.objects.filter(
        session__date=day,
        session__state=SessionState.PLANNED,
        active=True,
        teacher__in=[t.teacher_id for t in own],
        replaces__isnull=False,
    )
    called: dict[int, list[str]] = defaultdict(list)
    for duty in duties.select_related("session__group"):
        called[duty.teacher_id].append(duty.session.group.name)
    return [
        Floater(t.teacher, t.grade, t.number, tuple(called[t.teacher_id])) for t in own if t.teacher and t.teacher_id
    ]


def people_table(term: Term, grade: int) -> list[tuple[Teacher, RotaPerson]]:
    """Return the teachers of a grade, each with what is set for the term (not kept yet: what the register says)."""
    staff = Teacher.objects.filter(active=True, grade=grade, roles__role=Role.TEACHER).distinct()
    setting = settings_of(term)
    return [(t, setting.get(t.pk) or RotaPerson(term=term, teacher=t, days_off=days_off_of(t, None))) for t in staff]


def grades_of_staff() -> list[int]:
    """Return the grades that have after-school teachers."""
    staff = Teacher.objects.filter(active=True, grade__isnull=False, roles__role=Role.TEACHER)
    return [grade for grade in staff.order_by("grade").values_list("grade", flat=True).distinct() if grade is not None]


def floaters_wanted(term: Term) -> int:
    """Return how many floaters each grade has a day."""
    row = RotaSettings.objects.filter(term=term).first()
    return row.floaters if row else 0
