"""Small schools drawn by lot: everything a report counts, in every state, around the edges of months and terms.

A seed gives a school. Rows go straight into the tables, as many days of daily use would have left them; what actions would
never let in is left out. Grades have one to three classes and one or two groups; children move class, leave the school, leave
the service or begin late; sessions are cancelled, open, not called or to come.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import DayKind, DaySource, GroupKind, PlacementKind, Role, SessionState, StudentState
from afterschool.school.models import (
    ClassMembership,
    GradeBand,
    Group,
    Placement,
    School,
    SchoolClass,
    SchoolDay,
    Session,
    Student,
    Teacher,
    Term,
    User,
)
from afterschool.support import clock
from evaluation.defaults import install_rubrics
from scheduling.enums import DutySource
from scheduling.models import Duty
from tests.cast import make_teacher, make_term

DAY = timedelta(days=1)
TERMS = [  # first day, last day, first day of service, the days that are looked at
    (date(2026, 9, 1), date(2027, 1, 22), date(2026, 9, 7), date(2026, 9, 7), date(2026, 11, 2)),
    (date(2026, 9, 1), date(2027, 1, 22), date(2026, 9, 7), date(2026, 12, 14), date(2027, 1, 22)),
    (date(2027, 2, 15), date(2027, 7, 2), date(2027, 2, 17), date(2027, 2, 17), date(2027, 4, 1)),
    (date(2028, 2, 7), date(2028, 6, 30), date(2028, 2, 9), date(2028, 2, 9), date(2028, 3, 31)),
]


@dataclass
class SmallSchool:
    """A school with its people, and the moment it stands at."""

    dice: Random
    term: Term
    first: date  # the days with sessions
    last: date
    now: datetime
    office: Teacher
    staff: list[Teacher] = field(default_factory=list)
    gatekeepers: list[Teacher] = field(default_factory=list)
    classes: list[SchoolClass] = field(default_factory=list)
    children: list[Student] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    places: list[Placement] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def actor(self) -> Actor:
        """Return the office."""
        return actor_for(User.objects.select_related("teacher", "guardian").get(pk=self.office.user_id))

    def chance(self, percent: int) -> bool:
        return self.dice.randrange(100) < percent

    def user(self) -> User:
        """Return somebody's account."""
        return self.dice.choice(self.staff).user


def every_day(first: date, last: date) -> Iterator[date]:
    """Yield the days from one to another, both included."""
    while first <= last:
        yield first
        first += DAY


def begin(seed: int) -> SmallSchool:
    """Draw a school with its register, groups and timetable; nothing has happened in it yet."""
    dice = Random(seed)
    starts, ends, service, first, last = TERMS[seed % len(TERMS)]
    term = make_term(
        name="学期", school_year=starts.year - (starts.month < 8), starts_on=starts, ends_on=ends,
        service_starts_on=service, service_weekdays=dice.choice(["12345", "12345", "1234"]),
        applications_open_at=clock.at(starts, time(8)), applications_close_at=clock.at(starts + DAY, time(20)),
    )  # fmt: skip
    install_rubrics()
    School.objects.create(pk=1, name="青禾路小学", current_term=term, public_url="https://fuwu.example.com")
    GradeBand.objects.create(
        term=term, first_grade=1, last_grade=6, served_from=time(15, 30), served_until=time(17, 30)
    )
    today = first + DAY * dice.randrange((last - first).days * 2 // 3, (last - first).days + 1)
    school = SmallSchool(
        dice, term, first, last, clock.at(today, time(18, 40)), make_teacher(1, "课程中心", Role.ADMINISTRATOR)
    )
    _people(school)
    _calendar(school)
    _groups(school)
    _places(school)
    _sessions(school)
    _duties(school)
    return school


def _people(school: SmallSchool) -> None:
    dice = school.dice
    for number in range(2, 9):
        teacher = make_teacher(number, f"教师{number}", Role.TEACHER, grade=dice.choice([1, 2, 3, None]))
        school.staff.append(teacher)
    school.gatekeepers = [make_teacher(20 + n, f"门卫{n}", Role.GATEKEEPER) for n in range(2)]
    make_teacher(30, "已离职", Role.TEACHER, grade=1)
    Teacher.objects.filter(staff_number="T030").update(active=False)
    for grade in range(1, dice.randint(1, 3) + 1):
        for number in range(1, dice.randint(1, 3) + 1):
            made = SchoolClass.objects.create(school_year=school.term.school_year, grade=grade, number=number)
            school.classes.append(made)
            for place in range(1, dice.randint(2, 5) + 1):
                child = Student(name=f"孩{grade}{number}{place}", school_class=made, number=place)
                child.spell()
                school.children.append(child)
    school.children = Student.objects.bulk_create(school.children)
    _memberships(school)


def _memberships(school: SmallSchool) -> None:
    """Some children change class or leave the school on a day in between; of some no membership is on record."""
    rows = []
    for child in school.children:
        if school.chance(5):
            continue
        row = ClassMembership(
            student=child, school_class=child.school_class, number=child.number, starts_on=school.term.starts_on
        )
        rows.append(row)
        if school.chance(15):
            row.ends_on = school.first + DAY * school.dice.randrange((school.today - school.first).days)
            if school.chance(50):
                child.state, child.school_class, child.number = StudentState.LEFT, None, None
            else:
                child.school_class, child.number = school.dice.choice(school.classes), 50 + len(rows)
                rows.append(
                    ClassMembership(
                        student=child, school_class=child.school_class, number=child.number, starts_on=row.ends_on + DAY
                    )
                )
    Student.objects.bulk_update(school.children, ["state", "school_class", "number"])
    ClassMembership.objects.bulk_create(rows)


def _calendar(school: SmallSchool) -> None:
    """Weekdays are served but for days off; some Sundays make up for one, by another weekday's timetable."""
    rows = []
    for day in every_day(school.term.starts_on, school.term.ends_on):
        served = (day.isoweekday() < 6 and not school.chance(8)) or (day.isoweekday() == 7 and school.chance(10))
        runs = day.isoweekday() if day.isoweekday() < 6 else school.dice.randint(1, 5)
        kind = DayKind.SERVICE if served and day >= school.term.service_starts_on else DayKind.OFF
        rows.append(
            SchoolDay(term=school.term, date=day, kind=kind, runs_weekday=runs, source=DaySource.CALENDAR)
        )  # fmt: skip
        if kind == DayKind.SERVICE and school.first <= day <= school.last:
            school.days.append(day)
    SchoolDay.objects.bulk_create(rows)


def _groups(school: SmallSchool) -> None:
    """A grade has one or two groups, a second school's worth of names kept apart; clubs take children of all grades."""
    for grade in sorted({one.grade for one in school.classes}):
        for number in range(school.dice.randint(1, 2)):
            kind = GroupKind.MIXED if number else GroupKind.STANDALONE
            school.groups.append(
                Group(
                    term=school.term,
                    kind=kind,
                    grade=grade,
                    name=f"{grade}年级{number + 1}班",
                    order=number,
                    starts_on=school.term.service_starts_on,
                )
            )
    for number in range(2):
        school.groups.append(
            Group(term=school.term, kind=GroupKind.CLUB, grade=None, name=f"社团{number}", starts_on=school.first)
        )
    school.groups = Group.objects.bulk_create(school.groups)


def _places(school: SmallSchool) -> None:
    """Most children take part; some begin late, some stop midway, of those some go on in another group or on other days."""
    service = [group for group in school.groups if group.kind != GroupKind.CLUB]
    clubs = [group for group in school.groups if group.kind == GroupKind.CLUB]
    middle = [school.first + DAY * n for n in range((school.last - school.first).days)]
    rows = []
    for child in school.children:
        starts = school.dice.choice(middle) if school.chance(15) else school.term.service_starts_on
        if school.chance(85):
            row = _place(school, child, school.dice.choice(service), starts)
            rows.append(row)
            if school.chance(25):
                row.ends_on = max(starts, school.dice.choice(middle))
                if school.chance(50):
                    rows.append(_place(school, child, school.dice.choice(service), row.ends_on + DAY))
        if school.chance(40):
            club = _place(school, child, school.dice.choice(clubs), starts)
            club.kind = PlacementKind.CLUB
            rows.append(club)
    school.places = Placement.objects.bulk_create(rows)


def _place(school: SmallSchool, child: Student, group: Group, starts: date) -> Placement:
    days = school.term.service_weekdays if school.chance(60) else "".join(sorted(school.dice.sample("12345", 3)))
    return Placement(term=school.term, student=child, group=group, weekdays=days, starts_on=starts)


def _sessions(school: SmallSchool) -> None:
    """Groups meet on some days; always on the first and last of a month, around the 15th, and today."""
    rows = []
    for day in school.days:
        edge = day.day in (1, 14, 15, 16, 28, 29, 30, 31) or day in (school.days[0], school.days[-1], school.today)
        for group in school.groups:
            if not (edge or school.chance(30)):
                continue
            ends = school.dice.choice([time(17, 0), time(17, 30), time(17, 55)])
            state = SessionState.CANCELLED if school.chance(8) else SessionState.PLANNED
            rows.append(
                Session(term=school.term, group=group, date=day, starts_at=time(15, 30), ends_at=ends, state=state)
            )
    school.sessions = Session.objects.bulk_create(rows)


def _duties(school: SmallSchool) -> None:
    """Most sessions have somebody; of some another took the turn, and both rows stay."""
    rows, taken = [], []
    for session in school.sessions:
        if school.chance(95):
            rows.append(Duty(session=session, teacher=school.dice.choice(school.staff), source=DutySource.ROTA))
    for row in rows:
        if school.chance(20):
            row.active = False
    for row in Duty.objects.bulk_create(rows):
        if not row.active:
            source = school.dice.choice([DutySource.STAND_IN, DutySource.STAND_IN, DutySource.SWAP, DutySource.HAND])
            others = [one for one in school.staff if one != row.teacher]
            taken.append(Duty(session=row.session, teacher=school.dice.choice(others), source=source, replaces=row))
    school.duties = [*rows, *Duty.objects.bulk_create(taken)]
