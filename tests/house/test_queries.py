"""How many times each hot page asks the database: eight at most, the same for one child and for many."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from afterschool.school.enums import Relation
from afterschool.school.messaging import tell
from afterschool.school.models import ClassMembership, Guardianship, Placement, Student
from attendance.actions.days import ensure_day
from attendance.actions.roll_calls import begin
from attendance.enums import CustodyState
from attendance.models import ChildDay
from enrollment.models import Application
from tests.cast import NOW, TODAY, Cast, make_guardian

pytestmark = pytest.mark.django_db
MOST = 8
MANY = 39


@pytest.fixture(params=[0, MANY], ids=["few", "many"])
def school(request, afternoon: Cast) -> Cast:
    """The afternoon with six children in class 1-1, or with 45; the guardian has two children, or five."""
    more = [
        Student(name=f"学生{n}", school_class=afternoon.classes[0], number=n, pinyin=f"xue sheng {n}")
        for n in range(7, 7 + request.param)
    ]
    Student.objects.bulk_create(more)
    common = {"term": afternoon.term, "group": afternoon.group, "weekdays": "12345"}
    starts = afternoon.term.service_starts_on
    Placement.objects.bulk_create(Placement(student=s, starts_on=starts, **common) for s in more)
    ClassMembership.objects.bulk_create(
        ClassMembership(student=s, school_class=s.school_class, number=s.number, starts_on=starts) for s in more
    )
    for number, student in enumerate([*afternoon.students[2:6], *more], 100):
        make_guardian(number, f"家长{number}", student, account=False)
    for student in more[:3]:
        Guardianship.objects.create(guardian=afternoon.guardian, student=student, relation=Relation.MOTHER)
    everybody = [*afternoon.students[:6], *more]
    Application.objects.bulk_create(
        Application(
            term=afternoon.term,
            student=student,
            state="submitted",
            weekdays="12345",
            created_at=NOW,
            changed_at=NOW,
            submitted_at=NOW,
        )
        for student in everybody
    )
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    assert afternoon.session
    begin(session=afternoon.session, by=afternoon.actor("teacher"))
    ChildDay.objects.filter(student__in=everybody[1:]).update(state=CustodyState.GROUP, holder=afternoon.teacher)
    ChildDay.objects.filter(student__in=everybody[4:6]).update(state=CustodyState.MISSING)
    for number in range(1 + request.param):
        tell([afternoon.guardian.user], kind="test", title=f"通知{number}", by=afternoon.actor("office"))
    return afternoon


def child_day(cast: Cast) -> int:
    return ChildDay.objects.get(student=cast.students[1], date=TODAY).pk


PAGES = [
    ("guardian", "home", lambda c: [], 8),
    ("guardian", "enrollment:my-fees", lambda c: [], 8),
    ("guardian", "enrollment:my-applications", lambda c: [], 8),
    ("guardian", "enrollment:apply", lambda c: [c.students[0].pk], 8),
    ("guardian", "school:messages", lambda c: [], 6),
    ("head_teacher", "enrollment:class-review-of", lambda c: [c.classes[0].pk], 8),
    ("head_teacher", "enrollment:class-agreements-of", lambda c: [c.classes[0].pk], 8),
    ("guardian", "enrollment:my-agreements", lambda c: [], 7),
    ("office", "enrollment:agreements", lambda c: [], 8),
    ("head_teacher", "enrollment:figures", lambda c: [], 8),
    ("head_teacher", "enrollment:amendments", lambda c: [], 7),
    ("teacher", "home", lambda c: [], 8),
    ("teacher", "attendance:roll-call", lambda c: [c.session.pk], 8),
    ("teacher", "attendance:roll-call-marks", lambda c: [c.session.pk], 8),
    ("teacher", "attendance:gate", lambda c: [], 8),
    ("teacher", "attendance:gate-child", lambda c: [child_day(c)], 7),
    ("gatekeeper", "attendance:gate", lambda c: [], 7),
    ("gatekeeper", "attendance:gate-child", lambda c: [child_day(c)], 7),
    ("duty_leader", "attendance:board", lambda c: [], 8),
    ("head_teacher", "attendance:board", lambda c: [], 8),
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page[0]}-{page[1]}")
def test_a_hot_page_asks_little_whatever_it_shows(school: Cast, login, page):
    who, name, args, expected = page
    url, client = reverse(name, args=args(school)), login(who)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(url)
    assert answer.status_code == 200
    asked = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(asked) == expected <= MOST, [sql[:90] for sql in asked]
