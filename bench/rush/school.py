"""A school for the rush: 60 classes of 45 children, each with a guardian who has an account, applications open now."""

from dataclasses import dataclass
from datetime import time, timedelta

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session as LoginSession
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string

from afterschool.school.enums import Relation
from afterschool.school.models import (
    ClassMembership,
    ConsentText,
    GradeBand,
    Guardian,
    Guardianship,
    School,
    SchoolClass,
    Student,
    Teacher,
    Term,
    User,
)
from afterschool.support import clock
from enrollment.models import AgreementText

CLASSES_A_GRADE, GRADES, CLASS_SIZE = 10, 6, 45
PASSWORD = "qinghe-2026"
BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"
FAMILY_NAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN_NAMES = "一二三四五六七八九十甲乙丙丁戊己"
AGREEMENT = "".join(
    f"<p>{n}. 学校在服务时间内照看孩子，家长按约定的时间来接；约定的事项写在这里，双方各存一份。</p>"
    for n in range(1, 13)
)


@dataclass(frozen=True)
class Parent:
    """One parent with a phone: the cookie of a login, the page of the child's application."""

    phone: str
    name: str
    cookie: str
    page: str


def _name(number: int, places: int) -> str:
    return FAMILY_NAMES[number % 20] + "".join(GIVEN_NAMES[number // 20 // 16**n % 16] for n in range(places))


def _term() -> Term:
    today, now = clock.today(), clock.now()
    return Term.objects.create(
        name="2026年秋季学期", school_year=2026, starts_on=today, ends_on=today + timedelta(days=140),
        service_starts_on=today + timedelta(days=6), applications_open_at=now - timedelta(hours=1),
        applications_close_at=now + timedelta(days=2), consent_text="我同意学校为课后服务使用这些信息。",
        agreement_version=1,
    )  # fmt: skip


def build() -> list[Parent]:
    """Fill an empty database; return the parents, all logged in."""
    term, now = _term(), clock.now()
    School.objects.create(pk=1, name="青禾路小学", current_term=term, public_url="https://fuwu.example.com")
    for first, last, begins, ends in [(1, 2, time(15, 30), time(17, 30)), (3, 6, time(15, 55), time(17, 55))]:
        GradeBand.objects.create(term=term, first_grade=first, last_grade=last, served_from=begins, served_until=ends)
    ConsentText.objects.create(term=term, version=1, text=term.consent_text, since=now)
    AgreementText.objects.create(
        term=term, version=1, title="课后服务协议", body=AGREEMENT, published_at=now, changed_at=now
    )
    grades = [(grade, number) for grade in range(1, GRADES + 1) for number in range(1, CLASSES_A_GRADE + 1)]
    one_hash = make_password(PASSWORD)  # each login checks it in full; only making 2,700 of them is saved
    users, teachers = [], []
    for n in range(len(grades)):
        users.append(User(login=f"T{n:03}", name=_name(n, 2), password=one_hash))
        teachers.append(Teacher(user=users[-1], name=_name(n, 2), staff_number=f"T{n:03}"))
    User.objects.bulk_create(users)
    Teacher.objects.bulk_create(teachers)
    classes = SchoolClass.objects.bulk_create(
        SchoolClass(school_year=2026, grade=grade, number=number, head_teacher=teacher)
        for (grade, number), teacher in zip(grades, teachers, strict=True)
    )
    students = [
        Student(name=_name(n, 2), school_class=classes[n // CLASS_SIZE], number=n % CLASS_SIZE + 1)
        for n in range(len(classes) * CLASS_SIZE)
    ]
    Student.objects.bulk_create(students, batch_size=1000)
    ClassMembership.objects.bulk_create(
        [
            ClassMembership(student=s, school_class_id=s.school_class_id, number=s.number, starts_on=term.starts_on)
            for s in students
        ],
        batch_size=1000,
    )
    return _families(students, one_hash)


def _families(students: list[Student], one_hash: str) -> list[Parent]:
    """Two guardians a child, the first with an account and a login."""
    users, guardians, links = [], [], []
    for n, student in enumerate(students):
        phone = f"1390{n:07}"
        users.append(User(login=phone, phone=phone, name=_name(n, 1), password=one_hash))
        guardians.append(Guardian(user=users[-1], name=_name(n, 1), phone=phone))
        links.append(Guardianship(guardian=guardians[-1], student=student, relation=Relation.MOTHER))
        guardians.append(Guardian(name=_name(n + 7, 1), phone=f"1380{n:07}"))
        links.append(Guardianship(guardian=guardians[-1], student=student, relation=Relation.FATHER))
    User.objects.bulk_create(users, batch_size=1000)
    Guardian.objects.bulk_create(guardians, batch_size=1000)
    Guardianship.objects.bulk_create(links, batch_size=1000)
    return [
        Parent(user.login, user.name, cookie, reverse("enrollment:apply", args=[student.pk]))
        for user, cookie, student in zip(users, logged_in(users), students, strict=True)
    ]


def logged_in(users: list[User]) -> list[str]:
    """Log these people in, each on an own device; return their cookies."""
    expires = timezone.now() + timedelta(seconds=settings.OWN_DEVICE_SESSION_AGE)
    store, sessions = SessionStore(), []
    for user in users:
        values = {
            SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND, HASH_SESSION_KEY: user.get_session_auth_hash(),
            "_session_expiry": settings.OWN_DEVICE_SESSION_AGE,
        }  # fmt: skip
        sessions.append(
            LoginSession(session_key=get_random_string(32), session_data=store.encode(values), expire_date=expires)
        )
    LoginSession.objects.bulk_create(sessions, batch_size=1000)
    return [session.session_key for session in sessions]
