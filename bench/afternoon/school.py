"""A school for the afternoon, built straight into the tables: groups with children and guardians, clubs, everybody on duty."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time

from afterschool.school.enums import DayKind, DaySource, GroupKind, PlacementKind, Relation, Role
from afterschool.school.models import (
    ClassMembership,
    Group,
    Guardian,
    Guardianship,
    Placement,
    Room,
    School,
    SchoolClass,
    SchoolDay,
    Session,
    StaffRole,
    Student,
    Teacher,
    Term,
    User,
)
from afterschool.support import clock
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import LateCarePlace, LeaveRequest, PickupChange
from bench.afternoon.plan import FOUND_TODAY, Child, End, club_of, deal, families, somebody_comes
from bench.rush.school import _name, logged_in
from scheduling.models import Duty

TODAY = date(2026, 9, 21)  # a Monday
BEGAN = date(2026, 9, 7)
GROUP_HOURS, CLUB_HOURS = (time(15, 30), time(17, 30)), (time(16, 10), time(17, 10))


@dataclass
class Person:
    """One of the staff: account, row of the teacher, cookie of the login."""

    user: int
    teacher: int
    cookie: str


@dataclass
class Meeting:
    """One session of today with its teacher."""

    session: int
    teacher: Person
    children: list[Child] = field(default_factory=list)


@dataclass
class World:
    """Everybody and everything that plays."""

    groups: list[Meeting]
    clubs: list[Meeting]
    gatekeepers: list[Person]
    leaders: list[Person]
    keepers: list[Person]
    children: list[Child]
    place: int

    @property
    def staff(self) -> int:
        parts = (self.groups, self.clubs, self.gatekeepers, self.leaders, self.keepers)
        return sum(len(part) for part in parts)


def _staff(letter: str, number: int, *roles: Role) -> list[Person]:
    users = User.objects.bulk_create(
        User(login=f"{letter}{n:03}", name=_name(n, 2), password="!") for n in range(number)
    )
    teachers = Teacher.objects.bulk_create(
        Teacher(user=user, name=user.name, staff_number=user.login, phone=f"137{ord(letter):03}{n:05}")
        for n, user in enumerate(users)
    )
    StaffRole.objects.bulk_create(StaffRole(teacher=teacher, role=role) for teacher in teachers for role in roles)
    cookies = logged_in(users)
    return [Person(user.pk, teacher.pk, cookie) for user, teacher, cookie in zip(users, teachers, cookies, strict=True)]


def _term() -> Term:
    term = Term.objects.create(
        name="2026年秋季学期", school_year=2026, starts_on=date(2026, 9, 1), ends_on=date(2027, 1, 22),
        service_starts_on=BEGAN, applications_open_at=clock.at(BEGAN, time(8)),
        applications_close_at=clock.at(BEGAN, time(20)), consent_text="我同意学校为课后服务使用这些信息。",
    )  # fmt: skip
    School.objects.create(pk=1, name="青禾路小学", current_term=term, public_url="https://fuwu.example.com")
    SchoolDay.objects.create(term=term, date=TODAY, kind=DayKind.SERVICE, runs_weekday=1, source=DaySource.CALENDAR)
    return term


def _meetings(
    term: Term, kind: GroupKind, names: list[str], hours: tuple[time, time], teachers: list[Person]
) -> tuple[list[Group], list[Meeting]]:
    rooms = Room.objects.bulk_create(Room(name=f"{name}教室") for name in names)
    groups = Group.objects.bulk_create(
        Group(
            term=term, kind=kind, grade=None if kind == GroupKind.CLUB else n * 6 // len(names) + 1, name=name,
            order=n, room=room, starts_on=BEGAN,
        )
        for n, (name, room) in enumerate(zip(names, rooms, strict=True))
    )  # fmt: skip
    sessions = Session.objects.bulk_create(
        Session(term=term, group=group, date=TODAY, starts_at=hours[0], ends_at=hours[1], room=group.room)
        for group in groups
    )
    Duty.objects.bulk_create(
        Duty(session=session, teacher_id=person.teacher) for session, person in zip(sessions, teachers, strict=True)
    )
    return groups, [Meeting(session.pk, person) for session, person in zip(sessions, teachers, strict=True)]


def build(*, groups: int = 60, size: int = 45, clubs: int = 30, others: int = 10, unlisted: int = 20) -> World:
    """Fill an empty database; `others` gatekeepers, duty leaders and persons of late care each."""
    rng = random.Random(20260921)
    term = _term()
    heads = _staff("H", groups)
    teachers, club_teachers = _staff("G", groups, Role.TEACHER), _staff("C", clubs, Role.TEACHER)
    rows, meetings = _meetings(
        term, GroupKind.STANDALONE, [f"{n + 1}号服务班" for n in range(groups)], GROUP_HOURS, teachers
    )
    club_rows, club_meetings = _meetings(
        term, GroupKind.CLUB, [f"{n + 1}号社团" for n in range(clubs)], CLUB_HOURS, club_teachers
    )
    children = _children(term, heads, size, unlisted, rng)
    for child in children:
        if child.fate.club:
            child.club = club_of(child.group, child.student, clubs)
            club_meetings[child.club].children.append(child)
        meetings[child.group].children.append(child)
    somebody_comes(children)
    _places(term, children, rows, club_rows)
    _words(term, children, teachers[0].user)
    place = LateCarePlace.objects.create(term=term, name="服务中心", role=Role.SERVICE_CENTRE, order=1)
    return World(
        meetings,
        club_meetings,
        _staff("M", others, Role.GATEKEEPER),
        _staff("D", others, Role.DUTY_LEADER),
        _staff("S", others, Role.SERVICE_CENTRE),
        children,
        place.pk,
    )


def _children(term: Term, heads: list[Person], size: int, unlisted: int, rng: random.Random) -> list[Child]:
    """A class of each group; who turns up unlisted comes from these classes too."""
    groups = len(heads)
    classes = SchoolClass.objects.bulk_create(
        SchoolClass(
            school_year=2026,
            grade=n * 6 // groups + 1,
            number=n % (groups // 6 or groups) + 1,
            head_teacher_id=head.teacher,
        )
        for n, head in enumerate(heads)
    )
    places = [(group, number) for group in range(groups) for number in range(1, size + 1)]
    places += [(n * 3 % groups, size + 1 + n * 3 // groups) for n in range(unlisted)]
    students = [
        Student(name=_name(n, 2), school_class=classes[group], number=number)
        for n, (group, number) in enumerate(places)
    ]
    for student in students:
        student.spell()
    Student.objects.bulk_create(students, batch_size=1000)
    ClassMembership.objects.bulk_create(
        [
            ClassMembership(student=s, school_class_id=s.school_class_id, number=s.number, starts_on=term.starts_on)
            for s in students
        ],
        batch_size=1000,
    )
    fates = [*deal(groups * size, rng), *[FOUND_TODAY] * unlisted]
    found = [
        Child(student.pk, student.name, group, 0, fate, joins=number > size)
        for student, (group, number), fate in zip(students, places, fates, strict=True)
    ]
    _families(found)
    return found


def _families(children: list[Child]) -> None:
    """Two guardians a child, the first with an account; brothers and sisters share them."""
    younger = {younger.student: elder for elder, younger in families([child for child in children if not child.joins])}
    own = [child for child in children if child.student not in younger]
    users = User.objects.bulk_create(
        [
            User(login=f"1390{n:07}", phone=f"1390{n:07}", name=f"{child.name}家长", password="!")
            for n, child in enumerate(own)
        ],
        batch_size=1000,
    )
    adults = Guardian.objects.bulk_create(
        [Guardian(user=user, name=user.name, phone=user.phone) for user in users], batch_size=1000
    )
    others = Guardian.objects.bulk_create(
        [Guardian(name=f"{child.name}家人", phone=f"1380{n:07}") for n, child in enumerate(own)], batch_size=1000
    )
    of = {child.student: pair for child, pair in zip(own, zip(adults, others, strict=True), strict=True)}
    links = []
    for child in children:
        first, second = of[younger[child.student].student if child.student in younger else child.student]
        child.guardian = first.pk
        links.append(Guardianship(guardian=first, student_id=child.student, relation=Relation.MOTHER))
        links.append(Guardianship(guardian=second, student_id=child.student, relation=Relation.FATHER))
    Guardianship.objects.bulk_create(links, batch_size=1000)


def _places(term: Term, children: list[Child], groups: list[Group], clubs: list[Group]) -> None:
    def placed() -> Iterator[Placement]:
        common = {"term": term, "weekdays": "12345", "starts_on": BEGAN}
        for child in children:
            if child.joins:
                continue
            yield Placement(student_id=child.student, group=groups[child.group], **common)
            if child.club is not None:
                yield Placement(student_id=child.student, group=clubs[child.club], kind=PlacementKind.CLUB, **common)

    Placement.objects.bulk_create(placed(), batch_size=1000)


def _words(term: Term, children: list[Child], asked_by: int) -> None:
    """What families said beforehand: leave, early pick-up, home alone today."""
    said = {"term": term, "source": LeaveSource.PHONE, "asked_by_id": asked_by, "asked_at": clock.at(TODAY, time(8))}
    LeaveRequest.objects.bulk_create(
        LeaveRequest(student_id=child.student, first_day=TODAY, last_day=TODAY, reason="家里有事", **said)
        for child in children
        if child.fate.called == "leave"
    )
    early = {End.EARLY: (time(15, 50), False), End.ALONE: (time(17, 0), True)}
    PickupChange.objects.bulk_create(
        PickupChange(
            student_id=child.student, date=TODAY, kind=ChangeKind.EARLY, time=early[child.fate.end][0],
            alone=early[child.fate.end][1], **said,
        )
        for child in children
        if child.fate.end in early
    )  # fmt: skip
