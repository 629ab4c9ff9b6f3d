"""The half-monthly figures: their days, their numbers against counting row by row, frozen and corrected."""

import random
from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afterschool.school.access import SYSTEM
from afterschool.school.enums import DayKind, DaySource, GroupKind
from afterschool.school.models import ClassMembership, Group, Message, Placement, SchoolDay, Session, Student
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.models import Mark, RollCall
from enrollment.models import Charge
from evaluation import halfmonth_pages
from evaluation.actions import halfmonth as actions
from evaluation.facts import figures_sent
from evaluation.halfmonth import COLUMNS, NAMES, Row, difference, own_key, school_of, shown, spans
from evaluation.models import FigureColumn, HalfMonth
from evaluation.queries import halfmonth as queries
from scheduling.models import Duty, Task
from tests.cast import NOW, TODAY

days = st.lists(st.dates(date(2026, 9, 1), date(2027, 1, 31)), unique=True)
rows = st.builds(Row, **{name: st.integers(0, 500) for name in NAMES})


@given(days, st.dates(date(2026, 9, 1), date(2026, 10, 1)))
def test_no_day_is_told_twice_and_none_is_left_out(due, first):
    found = spans(due, first)
    told = [span.first + timedelta(days=n) for span in found for n in range((span.last - span.first).days + 1)]
    last = max((day for day in due if day >= first), default=None)
    assert told == ([first + timedelta(days=n) for n in range((last - first).days + 1)] if last else [])
    assert [span.due_on for span in found] == sorted(day for day in due if day >= first)


@given(st.lists(rows, max_size=7), st.integers(0, 12))
def test_the_school_is_the_sum_of_its_grades_but_for_the_days(grades, on):
    school = school_of(grades, days=on)
    for name in NAMES:
        assert getattr(school, name) == (on if name == "days" else sum(getattr(row, name) for row in grades))


@given(rows, rows)
def test_every_value_can_be_shown_beside_the_one_before(now, before):
    for column in COLUMNS:
        text = difference(column.kind, column.get(now), column.get(before))
        assert shown(column.kind, column.get(now))
        assert not text or text[0] in "＋－"
        assert not text or any(digit in text for digit in "123456789"), "no ＋0.00"
        assert difference(column.kind, column.get(now), column.get(now)) == ""


def test_the_31st_stands_in_the_next_report():
    first, second = spans([date(2026, 10, 30), date(2026, 11, 13)], date(2026, 10, 16))
    assert (first.last, second.first) == (date(2026, 10, 30), date(2026, 10, 31))


def school_days(cast, first=date(2026, 9, 7), last=date(2027, 1, 22)):
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if day.isoweekday() < 6:
            SchoolDay.objects.get_or_create(
                date=day,
                defaults={
                    "term": cast.term, "kind": DayKind.SERVICE, "runs_weekday": day.isoweekday(),
                    "source": DaySource.CALENDAR,
                },
            )  # fmt: skip


@pytest.mark.django_db
def test_due_days_move_back_to_a_school_day_and_february_ends_on_its_last(cast):
    school_days(cast, last=date(2027, 3, 31))
    cast.term.ends_on = date(2027, 3, 31)
    due = [span.due_on for span in queries.spans_of(cast.term)]
    assert due[:4] == [date(2026, 9, 15), date(2026, 9, 30), date(2026, 10, 15), date(2026, 10, 30)]
    assert date(2026, 11, 13) in due, "the 15th is a Sunday"
    assert date(2027, 2, 26) in due, "28 February is a Sunday"
    assert [day for day in queries.table_days_of(cast.term) if day.month == 2] == [date(2027, 2, 12), date(2027, 2, 26)]


@pytest.fixture
def recorded(afternoon):
    """Four weeks of two grades: closed and open rolls, places that begin and end, statements with a correction."""
    cast, dice = afternoon, random.Random(5)
    school_days(cast)
    other = Group.objects.create(
        term=cast.term, kind=GroupKind.MIXED, grade=2, name="二年级混合班", starts_on=cast.term.service_starts_on
    )
    for place, student in enumerate(cast.students[12:15]):
        Placement.objects.create(
            term=cast.term, student=student, group=other, weekdays="135" if place else "12345",
            starts_on=cast.term.service_starts_on, ends_on=date(2026, 9, 15) if place == 2 else None,
        )  # fmt: skip
    for group, teachers in ((cast.group, (cast.teacher, cast.head_teacher)), (other, (cast.other_teacher,))):
        for n in range(8):
            day = date(2026, 9, 7) + timedelta(days=n if n < 5 else n + 2)
            session, _ = Session.objects.get_or_create(
                term=cast.term, group=group, date=day,
                defaults={"starts_at": time(15, 30), "ends_at": dice.choice([time(17, 30), time(17, 0)])},
            )  # fmt: skip
            Duty.objects.get_or_create(session=session, active=True, defaults={"teacher": dice.choice(teachers)})
            closed = n != 3
            roll = RollCall.objects.create(
                session=session, opened_by=cast.teacher.user, opened_at=clock.at(day, time(15, 30)),
                closed_by=cast.teacher.user if closed else None,
                closed_at=clock.at(day, time(15, 40)) if closed else None,
            )  # fmt: skip
            for student in Student.objects.filter(placements__group=group):
                state = dice.choice(["present", "late", "leave", "absent"])
                Mark.objects.create(
                    roll_call=roll, student=student, state=state, marked_by=cast.teacher.user, marked_at=NOW
                )
    bill(cast, 0, "200.00", date(2026, 9, 10))
    bill(cast, 12, "180.50", date(2026, 9, 15))
    bill(cast, 0, "150.00", date(2026, 9, 20), version=2)
    return cast


def bill(cast, place, amount, on, version=1):
    student = cast.students[place]
    Charge.objects.filter(student=student).update(state="replaced")
    Charge.objects.create(
        term=cast.term, student=student, label="九月", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 30),
        version=version, amount=Decimal(amount), issued_at=clock.at(on, time(9)),
    )  # fmt: skip


def naive(cast, first, last):
    """Count the same by walking every row, one after the other."""
    held = [
        session
        for session in Session.objects.select_related("roll_call", "group")
        if hasattr(session, "roll_call") and session.roll_call.closed_at and first <= session.date <= last
    ]
    upto = [s for s in Session.objects.all() if hasattr(s, "roll_call") and s.roll_call.closed_at and s.date <= last]
    as_of = max(session.date for session in upto)
    found: dict[int, Counter] = {grade: Counter() for grade in (1, 2)}
    for membership in ClassMembership.objects.select_related("school_class"):
        grade = membership.school_class.grade
        found[grade]["roll"] += 1
        places = [
            place
            for place in Placement.objects.filter(student=membership.student_id)
            if place.starts_on <= as_of and (place.ends_on is None or place.ends_on >= as_of)
        ]
        found[grade]["part"] += bool(places)
        found[grade]["every_day"] += any(set("12345") <= set(place.weekdays) for place in places)
    taught: dict[int, set] = {1: set(), 2: set()}
    for session in held:
        grade = session.group.grade
        found[grade]["sessions"] += 1
        found[grade]["minutes"] += (session.ends_at.hour - session.starts_at.hour) * 60
        found[grade]["minutes"] += session.ends_at.minute - session.starts_at.minute
        for mark in session.roll_call.marks.all():
            found[grade]["expected"] += 1
            found[grade]["here"] += mark.state in ("present", "late")
        for duty in session.duties.filter(active=True):
            taught[duty.teacher.grade].add(duty.teacher_id)
    for grade, people in taught.items():
        found[grade]["teachers"] = len(people)
    return as_of, found, len({session.date for session in held})


@pytest.mark.django_db
def test_the_figures_are_those_of_the_records(recorded, django_assert_num_queries):
    first, second = queries.spans_of(recorded.term)[:2]
    with django_assert_num_queries(15):
        made = queries.figures(recorded.term, first)
    as_of, found, on = naive(recorded, first.first, first.last)
    assert made.as_of == as_of == date(2026, 9, 15)
    for grade, numbers in found.items():
        for name, value in numbers.items():
            assert getattr(made.grades[grade], name) == value, (grade, name)
    assert made.school.days == on == 6
    assert made.still_open == 2
    assert (made.grades[1].fee, made.grades[2].fee, made.school.fee) == (20000, 18050, 38050)
    later = queries.figures(recorded.term, second)
    assert later.grades[1].fee == -5000, (
        "a correction counts the difference, so that all reports add up to what is owed"
    )
    assert later.grades[2].part == 2, "whose place has ended takes no part"
    assert made.grades[2].part == 3


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_any_small_school_adds_up(recorded, seed):
    dice = random.Random(seed)
    for placement in Placement.objects.all():
        placement.weekdays = "".join(sorted(dice.sample("12345", dice.randint(1, 5))))
        placement.save()
    for roll in dice.sample(list(RollCall.objects.filter(closed_at__isnull=False)), 3):
        RollCall.objects.filter(pk=roll.pk).update(closed_at=None, closed_by=None)
    span = queries.spans_of(recorded.term)[0]
    made = queries.figures(recorded.term, span)
    as_of, found, on = naive(recorded, span.first, span.last)
    assert (made.as_of, made.school.days) == (as_of, on)
    for grade, numbers in found.items():
        for name, value in numbers.items():
            assert getattr(made.grades[grade], name) == value, (grade, name)
    assert queries.from_data(made.as_data()) == made


@pytest.mark.django_db
def test_time_itself_begins_a_report_once_and_tells_the_office(recorded):
    assert [row.due_on for row in actions.make_due(recorded.term, by=SYSTEM)] == [date(2026, 9, 15)]
    assert actions.make_due(recorded.term, by=SYSTEM) == []
    assert Message.objects.filter(kind="half_month.made").count() == 1


@pytest.fixture
def report(recorded):
    return actions.make_due(recorded.term, by=SYSTEM)[0]


@pytest.mark.django_db
def test_sent_figures_stand_whatever_happens_to_the_records(recorded, report):
    office = recorded.actor("office")
    actions.send(report, by=office)
    before = halfmonth_pages.table_of(report)
    Placement.objects.all().update(ends_on=date(2026, 9, 8))
    Mark.objects.all().update(state="absent")
    FigureColumn.objects.create(term=recorded.term, position=1, key="roll", title="人数")
    assert halfmonth_pages.table_of(HalfMonth.objects.get(pk=report.pk)) == before
    with pytest.raises(Refused, match="somebody_was_faster"):
        actions.send(report, by=office)


@pytest.mark.django_db
def test_a_correction_is_a_new_version_and_the_old_one_stays(recorded, report):
    office = recorded.actor("office")
    with pytest.raises(Refused, match="not_sent"):
        actions.correct(report, reason="漏了一班", by=office)
    actions.send(report, by=office)
    with pytest.raises(Refused, match="no_reason"):
        actions.correct(report, reason=" ", by=office)
    second = actions.correct(report, reason="漏了一班", by=office)
    with pytest.raises(Refused, match="begun_already"):
        actions.correct(report, reason="再一次", by=office)
    report.refresh_from_db()
    assert report.state == "sent", "it stands until the correction is sent"
    actions.send(second, by=office)
    report.refresh_from_db()
    assert (report.state, second.version, report.figures != {}) == ("replaced", 2, True)
    assert queries.reports_of(recorded.term) == [second]
    third = actions.correct(second, reason="又错了", by=office)
    actions.drop_correction(third, by=office)
    assert not HalfMonth.objects.filter(version=3).exists()


@pytest.mark.django_db
def test_the_next_report_is_shown_beside_the_last(recorded, report):
    actions.send(report, by=recorded.actor("office"))
    with clock.frozen(clock.at(date(2026, 9, 30), time(18))):
        second = actions.make_due(recorded.term, by=SYSTEM)[0]
        table = halfmonth_pages.table_of(second)
    assert (second.first_day, table.before) == (date(2026, 9, 16), report)
    grade_two = next(row for row in table.rows if row.name == "二年级")
    part = next(cell for head, cell in zip(table.heads, grade_two.cells, strict=True) if head.key == "part")
    assert (part.text, part.change) == ("2", "－1")


@pytest.mark.django_db
def test_columns_are_switched_named_added_and_typed(recorded, report):
    office = recorded.actor("office")
    wanted = [("part", "参加学生数", True), ("fee", "收费", False), ("", "供餐人数", True)]
    actions.set_columns(recorded.term, columns=wanted, by=office)
    heads = queries.heads(recorded.term)
    assert [(head.key, head.title) for head in heads] == [("part", "参加学生数"), ("", "供餐人数")]
    own = str(heads[1].id)
    actions.type_in(report, values={own: {"1": "120", "": "300"}, "999": {"1": "x"}}, by=office)
    report.refresh_from_db()
    assert report.typed == {own: {"1": "120", "": "300"}}
    renamed = [("part", "参加学生数", True), (own_key(int(own)), "供餐的人数", True)]
    actions.set_columns(recorded.term, columns=renamed, by=office)
    with pytest.raises(Refused, match="column_twice"):
        actions.set_columns(recorded.term, columns=[("own-999", "别处删了的", True)], by=office)
    actions.send(report, by=office)
    table = halfmonth_pages.table_of(report)
    assert [head.title for head in table.heads] == ["参加学生数", "供餐的人数"]
    assert [row.cells[1].text for row in table.rows][-1] == "300", "a new name keeps what was typed"
    with pytest.raises(Refused, match="sent"):
        actions.type_in(report, values={own: {"1": "5"}}, by=office)


@pytest.mark.django_db
def test_sending_takes_what_stands_on_the_page_and_no_other_numbers(recorded, report, login):
    office, client = recorded.actor("office"), login("office")
    actions.set_columns(recorded.term, columns=[("part", "参加", True), ("", "供餐", True)], by=office)
    own = FigureColumn.objects.get(key="").pk
    page = reverse("evaluation:figures-report", args=[report.pk])
    typed = {f"own-{own}-1": "120", "seen": client.get(page).context["seen"]}
    mark = Mark.objects.filter(roll_call__closed_at__isnull=False, state="present").first()
    Mark.objects.filter(pk=mark.pk).update(state="absent")
    send = reverse("evaluation:figures-send", args=[report.pk])
    assert "记录又有变动" in client.post(send, typed, follow=True).content.decode()
    report.refresh_from_db()
    assert (report.state, report.typed) == ("draft", {str(own): {"1": "120"}}), "what was typed is kept"
    client.post(send, typed | {"seen": client.get(page).context["seen"], f"own-{own}-1": "121"})
    report.refresh_from_db()
    assert (report.state, report.typed) == ("sent", {str(own): {"1": "121"}})


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ([("part", "参加", False)], "no_columns"),
        ([("part", " ", True)], "no_title"),
        ([("part", "甲", True), ("part", "乙", True)], "column_twice"),
        ([("part", "甲", True), ("", "甲", True)], "column_twice"),
        ([("", f"列{n}", True) for n in range(25)], "too_many"),
    ],
)
def test_columns_that_make_no_table(recorded, columns, code):
    with pytest.raises(Refused, match=code):
        actions.set_columns(recorded.term, columns=columns, by=recorded.actor("office"))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["duty_leader", "teacher", "leading_group"])
def test_only_the_office_sends(recorded, report, who):
    for act in (
        lambda by: actions.send(report, by=by),
        lambda by: actions.correct(report, reason="x", by=by),
        lambda by: actions.set_columns(recorded.term, columns=[("part", "参加", True)], by=by),
    ):
        with pytest.raises(Refused, match="not_yours"):
            act(recorded.actor(who))


@pytest.mark.django_db
def test_the_work_list_sees_that_the_figures_were_sent(recorded, report):
    task = Task(term=recorded.term, due_on=report.due_on)
    assert figures_sent(recorded.term, task) is None
    actions.send(report, by=recorded.actor("office"))
    assert figures_sent(recorded.term, task) == NOW


@pytest.mark.django_db
def test_the_pages(recorded, report, login, django_assert_num_queries):
    office = login("office")
    assert "核对、上报" in office.get(reverse("evaluation:figures")).content.decode()
    with django_assert_num_queries(24):
        page = office.get(reverse("evaluation:figures-report", args=[report.pk])).content.decode()
    assert "全校" in page
    figures = queries.figures(recorded.term, queries.spans_of(recorded.term)[0])
    assert (figures.school.part, figures.school.roll) == (9, 16)
    assert "56.3%" in page, "half up, as Excel shows 56.25 %"
    columns = reverse("evaluation:figures-columns")
    assert "每天都参加" in office.get(columns).content.decode()
    data = {"lines": "2", "key-1": "part", "title-1": "甲", "on-1": "on", "order-1": "2", "title-2": "乙", "on-2": "on"}
    office.post(columns, {**data, "order-2": "1"})
    assert [head.title for head in queries.heads(recorded.term)] == ["乙", "甲"]
    assert "两列的列名相同" in office.post(columns, {**data, "title-2": "甲"}).content.decode()
    own = queries.heads(recorded.term)[0].id
    office.post(reverse("evaluation:figures-type", args=[report.pk]), {f"own-{own}-1": "7"})
    office.post(reverse("evaluation:figures-send", args=[report.pk]))
    report.refresh_from_db()
    assert (report.state, report.typed) == ("sent", {str(own): {"1": "7"}})
    office.post(reverse("evaluation:figures-correct", args=[report.pk]), {"reason": "少报"})
    second = HalfMonth.objects.get(version=2)
    assert "不是最新的一版" in office.get(reverse("evaluation:figures-report", args=[report.pk])).content.decode()
    office.post(reverse("evaluation:figures-drop", args=[second.pk]))
    assert HalfMonth.objects.count() == 1


@pytest.mark.django_db
def test_the_papers(recorded, report):
    actions.send(report, by=recorded.actor("office"))
    for by in ("office", "leading_group"):
        assert halfmonth_pages.report_pdf({"report": report.pk}, recorded.actor(by), lambda _: None)[:5] == b"%PDF-"
    from io import BytesIO

    book = load_workbook(
        BytesIO(halfmonth_pages.report_xlsx({"report": report.pk}, recorded.actor("office"), lambda _: None))
    )
    sheet = book["双减数据"]
    heads = [cell.value for cell in sheet[2]]
    last = [cell.value for cell in sheet[sheet.max_row]]
    assert (heads[0], last[0]) == ("年级", "全校")
    assert last[heads.index("参加人数")] == 9
    assert last[heads.index("参加比例")] == pytest.approx(9 / 16)
    with pytest.raises(Refused, match="not_yours"):
        halfmonth_pages.report_pdf({"report": report.pk}, recorded.actor("teacher"), lambda _: None)


@pytest.mark.django_db
def test_a_report_of_another_term_is_not_there(recorded, report, login):
    from tests.cast import make_term

    other = make_term(name="另一学期", school_year=2025)
    foreign = HalfMonth.objects.create(term=other, due_on=TODAY, first_day=TODAY, last_day=TODAY, made_at=NOW)
    assert login("office").get(reverse("evaluation:figures-report", args=[foreign.pk])).status_code == 404
