"""The month in figures, checked against counting row by row."""

from collections import Counter
from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afterschool.school.models import Session, Student
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.enums import ChangeKind, CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, Handover, Mark, PickupChange, RollCall
from evaluation import documents
from evaluation.models import Feedback
from evaluation.month import Month
from evaluation.queries import reports
from evaluation.queries.month_summary import Change, summary_of
from evaluation.reporting import Attendance, Fact, Incidents, Place, Turns, add_up, bars, report
from scheduling.enums import DutySource
from scheduling.models import Duty
from tests.cast import NOW, ROLES, TODAY

SEPTEMBER = Month(2026, 9)
CLASSES = [Place(n, f"班{n}", grade=1 + n % 3, order=(n,)) for n in range(6)]
GROUPS = [Place(n, f"组{n}", grade=1 + n % 3, order=(n,)) for n in range(4)]
STATES = [MarkState.PRESENT, MarkState.LATE, MarkState.LEAVE, MarkState.ABSENT]
numbers = st.integers(0, 45)
facts = st.lists(
    st.builds(
        Fact,
        day=st.dates(date(2026, 9, 1), date(2026, 9, 30)),
        school_class=st.sampled_from(range(6)),
        group=st.sampled_from(range(4)),
        marks=st.builds(Attendance, present=numbers, late=numbers, leave=numbers, absent=numbers),
    ),
    max_size=40,
)
incidents = st.dictionaries(
    st.sampled_from([1, 2, 3]), st.builds(Incidents, numbers, numbers, numbers, numbers, numbers)
)


def make(found, happened=None, turns=()):
    return report(
        facts=found, classes=CLASSES, groups=GROUPS, turns=turns, incidents=happened or {}, held=0, still_open=0
    )


@given(facts, incidents)
def test_the_school_is_the_sum_of_its_grades_classes_groups_and_days(found, happened):
    made = make(found, happened)
    naive = Counter()
    for fact in found:
        for name in ("present", "late", "leave", "absent"):
            naive[name] += getattr(fact.marks, name)
    for rows in (made.grades, made.classes, made.groups, made.days):
        for name in ("present", "late", "leave", "absent", "expected"):
            summed = sum(getattr(row.marks, name) for row in rows)
            assert summed == getattr(made.total, name)
            assert summed == (naive[name] if name != "expected" else sum(naive.values()))
    for name in ("missing", "late_asked", "late_care", "fetched", "alone"):
        assert getattr(made.incidents, name) == sum(getattr(one, name) for one in happened.values())


@given(facts, st.randoms())
def test_the_order_of_the_records_changes_nothing(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert make(shuffled) == make(found)


@given(facts)
def test_each_class_counts_its_own(found):
    sums = add_up(found, lambda fact: (fact.school_class, fact.day))
    for (school_class, day), marks in sums.items():
        own = [f.marks for f in found if f.school_class == school_class and f.day == day]
        assert marks.here == sum(one.present + one.late for one in own)


def test_rows_stand_in_the_order_of_the_register_and_never_of_figures():
    low = Fact(TODAY, 0, 0, Attendance(present=1))
    high = Fact(TODAY, 3, 1, Attendance(present=45))
    assert [line.name for line in make([high, low]).classes] == ["班0", "班3", "班1", "班4", "班2", "班5"]
    turns = [Turns("T2", "乙", 9, 0, 9), Turns("T1", "甲", 1, 1, 1)]
    made = make([], turns=turns)
    assert [turn.staff_number for turn in made.turns] == ["T1", "T2"]
    assert (made.all_turns, made.all_stood_in) == (10, 1)


def test_a_hundred_percent_means_everybody():
    assert Attendance(present=199, absent=1).percent == 99
    assert Attendance(present=2, late=1).percent == 100
    assert Attendance().percent is None


@given(facts)
def test_bars_stay_in_the_picture(found):
    for bar in bars(make(found).days):
        assert 0 <= bar.height_here <= bar.height_expected <= 150
        assert bar.y_here + bar.height_here == bar.y_expected + bar.height_expected == 180


def make_record(cast, random):
    """Fill three weeks with sessions of the cast's group: closed, open, with marks and handovers of all kinds."""
    user = cast.teacher.user
    days = [TODAY - timedelta(days=n) for n in range(14) if (TODAY - timedelta(days=n)).isoweekday() < 6]
    for number, day in enumerate([*days, date(2026, 8, 31)]):
        session = cast.session
        if day != TODAY:
            session = Session.objects.create(
                term=cast.term, group=cast.group, date=day, starts_at=time(15, 15), ends_at=time(17, 30)
            )
            stand_in = number % 3 == 0
            Duty.objects.create(
                session=session,
                teacher=cast.other_teacher if stand_in else cast.teacher,
                source=DutySource.STAND_IN if stand_in else DutySource.ROTA,
            )
        closed = day != TODAY
        roll = RollCall.objects.create(
            session=session,
            opened_by=user,
            opened_at=clock.at(day, time(15, 15)),
            closed_by=user if closed else None,
            closed_at=clock.at(day, time(15, 20)) if closed else None,
        )
        for student in cast.students[:6]:
            state = random.choice(STATES)
            Mark.objects.create(roll_call=roll, student=student, state=state, marked_by=user, marked_at=NOW)
            make_chain(cast, session, student, random.choice(["fetched", "alone", "late", "missing", "undone"]))


STEPS = {
    "fetched": ["group", "fetched"],
    "alone": ["group", "alone"],
    "late": ["group", "late", "fetched"],
    "missing": ["missing", "group", "fetched"],
    "undone": ["group", "fetched"],
}


def make_chain(cast, session, student, kind):
    child_day = ChildDay.objects.create(
        term=cast.term, student=student, date=session.date, session=session, state="fetched", since=NOW
    )
    before, link = "expected", None
    for number, state in enumerate(STEPS[kind], 1):
        link = Handover.objects.create(child_day=child_day, number=number, from_state=before, to_state=state, at=NOW)
        before = state
    if kind == "undone":
        Handover.objects.create(
            child_day=child_day, number=3, from_state="fetched", to_state="group", at=NOW, undoes=link, reason="slip"
        )


@pytest.fixture
def recorded(afternoon):
    import random

    make_record(afternoon, random.Random(7))
    return afternoon


def test_the_figures_are_those_of_the_records(recorded):
    made = reports.monthly(recorded.term, SEPTEMBER)
    naive, turns, days = Counter(), Counter(), set()
    for mark in Mark.objects.select_related("roll_call__session", "student__school_class"):
        session = mark.roll_call.session
        if session.date.month != 9 or mark.roll_call.closed_at is None:
            continue
        naive[mark.student.school_class_id, mark.state] += 1
        days.add(session.date)
    for duty in Duty.objects.select_related("session", "teacher"):
        roll = RollCall.objects.get(session=duty.session)
        if duty.session.date.month == 9 and roll.closed_at:
            turns[duty.teacher.staff_number] += 1
    first = made.classes[0]
    assert first.name == "一（1）班"
    for name in STATES:
        assert getattr(first.marks, name.value) == naive[recorded.classes[0].pk, name.value]
    assert made.total.expected == sum(naive.values()) == 6 * len(days)
    assert [line.day for line in made.days] == sorted(days)
    assert {turn.staff_number: turn.turns for turn in made.turns} == dict(turns)
    assert made.all_stood_in == turns["T005"]
    assert (made.held, made.still_open) == (len(days), 1)
    assert [line.marks.expected for line in made.classes[1:]] == [0, 0]


def test_searches_late_care_and_releases_are_those_of_the_chain(recorded):
    made = reports.monthly(recorded.term, SEPTEMBER)
    undone = set(Handover.objects.exclude(undoes=None).values_list("undoes", flat=True))
    naive = Counter()
    for link in Handover.objects.select_related("child_day"):
        if link.child_day.date.month == 9 and link.pk not in undone and link.undoes_id is None:
            naive[link.to_state] += 1
    assert made.incidents.missing == naive[CustodyState.MISSING] == len(reports.searches(recorded.term, SEPTEMBER))
    assert made.incidents.late_care == naive[CustodyState.LATE]
    assert made.incidents.fetched == naive[CustodyState.FETCHED]
    assert made.incidents.alone == naive[CustodyState.ALONE]
    assert min(naive["missing"], naive["late"], naive["fetched"], naive["alone"]) > 0


def test_a_late_pick_up_asked_for_counts_unless_taken_back(afternoon):
    for student, cancelled in [
        (afternoon.students[0], None),
        (afternoon.students[12], None),
        (afternoon.students[1], NOW),
    ]:
        PickupChange.objects.create(
            term=afternoon.term,
            student=student,
            date=TODAY,
            kind=ChangeKind.LATE,
            time=time(18),
            source=LeaveSource.PHONE,
            asked_by=afternoon.office.user,
            asked_at=NOW,
            cancelled_at=cancelled,
            cancelled_by=afternoon.office.user if cancelled else None,
        )
    grades = reports.monthly(afternoon.term, SEPTEMBER).grades
    assert [(line.grade, line.incidents.late_asked) for line in grades] == [(1, 1), (2, 1)]


def test_a_child_that_changed_class_counts_where_it_was(recorded):
    before = reports.monthly(recorded.term, SEPTEMBER).classes[0].marks
    Student.objects.filter(pk=recorded.students[0].pk).update(school_class=recorded.classes[1], number=30)
    assert reports.monthly(recorded.term, SEPTEMBER).classes[0].marks == before


def test_the_report_opens_to_the_office_and_the_leading_group(recorded, login):
    for who in ROLES:
        for address in (reverse("evaluation:reports"), reverse("evaluation:report-month", args=["2026-09"])):
            status = login(who).get(address).status_code
            assert status == (200 if who in {"office", "leading_group"} else 403), who
    assert login("office").get(reverse("evaluation:report-month", args=["2026-10"])).status_code == 404


def test_names_of_missing_children_are_for_the_office_alone(recorded, login):
    address = reverse("evaluation:report-month", args=["2026-09"])
    assert "未到名单" in login("office").get(address).content.decode()
    assert "未到名单" not in login("leading_group").get(address).content.decode()
    params = {"term": recorded.term.pk, "month": "2026-09", "names": True}
    for who, shown in [("office", True), ("leading_group", False)]:
        made = documents.monthly_xlsx(params, recorded.actor(who), lambda percent: None)
        assert ("未到名单" in load_workbook(BytesIO(made)).sheetnames) == shown
    with pytest.raises(Refused):
        documents.monthly_xlsx(params, recorded.actor("teacher"), lambda percent: None)
    with pytest.raises(Refused):
        documents.monthly_xlsx(params | {"month": "x"}, recorded.actor("office"), lambda percent: None)


def test_excel_holds_the_figures_of_the_page(recorded):
    made = reports.monthly(recorded.term, SEPTEMBER)
    params = {"term": recorded.term.pk, "month": "2026-09"}
    book = load_workbook(BytesIO(documents.monthly_xlsx(params, recorded.actor("office"), lambda percent: None)))
    assert book.sheetnames == [
        "和上月比",
        "要先决定的",
        "年级出勤",
        "班级出勤",
        "服务班出勤",
        "每日出勤",
        "教师值班",
        "接送情况",
    ]
    foot = [cell.value for cell in book["年级出勤"][5]]
    total = made.total
    assert foot[:6] == ["全校", total.expected, total.present, total.late, total.leave, total.absent]
    assert book["教师值班"].cell(3, 3).value == made.turns[0].turns


def test_the_paper_is_made_with_page_numbers(recorded):
    from pypdf import PdfReader

    params = {"term": recorded.term.pk, "month": "2026-09", "names": True}
    made = documents.monthly_pdf(params, recorded.actor("office"), lambda percent: None)
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages)
    assert "青禾路小学课后服务月报" in text
    assert "共" in text
    assert "未到名单" in text


def test_a_paper_is_asked_for(recorded, login):
    address = reverse("evaluation:report-paper", args=["2026-09"])
    assert login("leading_group").post(address, {"as": "xlsx"}).url.startswith("/papers/")
    assert login("office").post(address, {"as": "nonsense"}).url.endswith("/2026-09/")
    assert login("teacher").post(address).status_code == 403


def test_the_report_takes_few_queries(recorded, login, django_assert_max_num_queries):
    client = login("office")
    with django_assert_max_num_queries(24):
        client.get(reverse("evaluation:report-month", args=["2026-09"]))


def test_the_first_page_says_what_changed_and_what_waits(recorded, login):
    figures = reports.monthly(recorded.term, SEPTEMBER)
    first = summary_of(recorded.term, SEPTEMBER, figures)
    assert first.before is None, "the service began this month"
    now = {one.name: one.now for one in first.changes}
    assert (now["到班人次"], now["到班率"], now["已上场次"]) == (
        figures.total.here,
        figures.total.percent,
        figures.held,
    )
    assert {one.difference for one in first.changes} == {"—"}
    assert first.waits == []
    Feedback.objects.create(term=recorded.term, kind="complaint", text="太吵", code_hash="x" * 64, sent_on=TODAY)
    october = Month(2026, 10)
    with clock.frozen(clock.at(date(2026, 10, 30), time(18))):
        later = summary_of(recorded.term, october, reports.monthly(recorded.term, october))
    assert later.before == SEPTEMBER
    fell = {one.name: one for one in later.changes}["到班人次"]
    assert (fell.now, fell.before, fell.difference) == (0, figures.total.here, f"－{figures.total.here}")
    assert [(one.number, one.what) for one in later.waits] == [(1, "家长的话没有答复")]
    office = login("office")
    assert all(office.get(one.url).status_code == 200 for one in later.waits)
    assert "家长的话没有答复" in office.get(reverse("evaluation:report-month", args=["2026-09"])).content.decode()


def test_what_waits_leads_to_pages_that_are_there():
    for name in ("attendance:teacher-flags", "attendance:breaches", "attendance:safety", "evaluation:patrol-record"):
        assert reverse(name)


@pytest.mark.parametrize(
    ("now", "before", "unit", "words"),
    [
        (5, 3, "", "＋2"),
        (3, 5, "", "－2"),
        (90, 95, "%", "－5个百分点"),
        (4, 4, "", "—"),
        (4, None, "", "—"),
        (None, 4, "", "—"),
    ],
)
def test_a_change_in_words(now, before, unit, words):
    assert Change("x", now, before, unit).difference == words
