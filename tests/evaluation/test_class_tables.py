"""The class tables: filled by the portal, confirmed by the head teacher, frozen; who has not."""

from datetime import date, time, timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook
from pypdf import PdfReader

from afterschool.school.access import SYSTEM
from afterschool.school.models import Message, Placement, School, Session, Student
from afterschool.support import clock, pdf
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import show
from attendance.models import Mark, RollCall
from evaluation import class_table_pages
from evaluation.actions import class_tables as actions
from evaluation.facts import class_tables_confirmed
from evaluation.models import ClassTable
from evaluation.queries import class_tables as queries
from evaluation.queries.class_table_versions import changes_since, versions_of
from scheduling.models import Task
from tests.cast import NOW, TODAY
from tests.evaluation.test_halfmonth import school_days

pytestmark = pytest.mark.django_db
DUE = date(2026, 9, 14)


@pytest.fixture
def school(afternoon):
    cast = afternoon
    school_days(cast)
    for day in (date(2026, 9, 8), DUE, TODAY):
        session, _ = Session.objects.get_or_create(
            term=cast.term, group=cast.group, date=day, defaults={"starts_at": time(15, 30), "ends_at": time(17, 30)}
        )
        roll = RollCall.objects.create(
            session=session, opened_by=cast.teacher.user, opened_at=NOW, closed_by=cast.teacher.user, closed_at=NOW
        )
        for place, student in enumerate(cast.students[:6]):
            state = ["present", "late", "leave", "absent", "present", "present"][place]
            Mark.objects.create(
                roll_call=roll, student=student, state=state, marked_by=cast.teacher.user, marked_at=NOW
            )
    with clock.frozen(clock.at(date(2026, 9, 14), time(9))):
        actions.lay_tables(cast.term, by=SYSTEM)
    return cast


def table_of(cast, place=0):
    return ClassTable.objects.get(school_class=cast.classes[place], due_on=DUE)


def test_tables_are_laid_out_once_three_days_before_and_heads_are_told(school):
    assert ClassTable.objects.count() == 3
    assert actions.lay_tables(school.term, by=SYSTEM) == 0
    assert Message.objects.filter(kind="class_table.due").count() == 2, "grade 2 has no head teacher"
    with clock.frozen(clock.at(date(2026, 9, 26), time(9))):
        assert actions.lay_tables(school.term, by=SYSTEM) == 3


def test_the_lines_are_those_of_the_records(school, django_assert_num_queries):
    table = table_of(school)
    with django_assert_num_queries(6):
        lines = queries.lines(table)
    assert [line.student for line in lines] == school.students[:6]
    assert queries.span_of(table) == (school.term.service_starts_on, DUE)
    for line in lines:
        marks = Mark.objects.filter(student=line.student, roll_call__session__date__lte=DUE)
        states = [mark.state for mark in marks]
        assert (line.due, line.here) == (len(states), states.count("present") + states.count("late"))
        assert (line.leave, line.absent) == (states.count("leave"), states.count("absent"))
        assert (line.weekdays, line.group_name) == ("12345", "一（1）班服务班")
    assert class_table_pages.sum_of(lines) == {
        "children": 6, "part": 6, "due": 12, "here": 8, "leave": 2, "absent": 2
    }  # fmt: skip


def test_a_confirmed_table_stands_whatever_happens_to_the_records(school):
    table = table_of(school)
    before = queries.lines(table)
    actions.confirm(table, note="都对", by=school.actor("head_teacher"))
    Placement.objects.all().update(ends_on=date(2026, 9, 8))
    Mark.objects.all().update(state="absent")
    Student.objects.filter(pk=school.students[0].pk).update(school_class=school.classes[1], number=90)
    assert queries.lines(ClassTable.objects.get(pk=table.pk)) == before
    with pytest.raises(Refused, match="confirmed_already"):
        actions.confirm(table, by=school.actor("head_teacher"))


def test_what_changed_since_the_page_was_opened_is_not_confirmed(school, login):
    table, client = table_of(school), login("head_teacher")
    page, confirm = (reverse(f"evaluation:class-table{verb}", args=[table.pk]) for verb in ("", "-confirm"))
    seen = client.get(page).context["seen"]
    Mark.objects.filter(roll_call__closed_at__isnull=False).update(state="absent")
    assert "记录又有变动" in client.post(confirm, {"seen": seen}, follow=True).content.decode()
    table.refresh_from_db()
    assert (table.state, table.rows.count()) == ("open", 0)
    client.post(confirm, {"seen": client.get(page).context["seen"]})
    table.refresh_from_db()
    assert table.state == "confirmed"


def test_who_confirms_early_reads_what_that_leaves_out(school, login):
    page, client = reverse("evaluation:class-table", args=[table_of(school).pk]), login("head_teacher")
    for days, says in ((-1, True), (0, False), (1, False)):
        with clock.frozen(clock.at(DUE + timedelta(days=days), time(9))):
            assert ("不在这张表里" in client.get(page).content.decode()) == says


def test_only_the_own_head_teacher_or_the_office_confirms(school):
    for who in ("other_head_teacher", "grade_leader", "teacher", "leading_group"):
        with pytest.raises(Refused, match="not_yours"):
            actions.confirm(table_of(school), by=school.actor(who))
    actions.confirm(table_of(school), by=school.actor("office"))


def test_the_office_gives_a_table_back_with_a_reason_and_it_is_counted_anew(school):
    table = table_of(school)
    actions.confirm(table, by=school.actor("head_teacher"))
    with pytest.raises(Refused, match="not_yours"):
        actions.reopen(table, reason="漏了", by=school.actor("head_teacher"))
    with pytest.raises(Refused, match="no_reason"):
        actions.reopen(table, reason="", by=school.actor("office"))
    actions.reopen(table, reason="漏了", by=school.actor("office"))
    table.refresh_from_db()
    assert (table.state, table.version) == ("open", 2)
    assert Message.objects.get(kind="class_table.reopened").body == "漏了"
    assert queries.lines(table) == queries.count(table.school_class, table.term, *queries.span_of(table))


def returned(cast) -> ClassTable:
    """The table of class 1, confirmed, given back, and records of two children mended since; one child has moved away."""
    table = table_of(cast)
    actions.confirm(table, note="都对", by=cast.actor("head_teacher"))
    actions.reopen(table, reason="漏了一天", by=cast.actor("office"))
    day = Mark.objects.filter(roll_call__session__date=DUE)
    day.filter(student=cast.students[3]).update(state="present")
    Placement.objects.filter(student=cast.students[4]).update(ends_on=date(2026, 9, 10))
    Student.objects.filter(pk=cast.students[5].pk).update(school_class=cast.classes[1], number=90)
    return ClassTable.objects.get(pk=table.pk)


def test_a_version_given_back_keeps_its_lines_beside_the_next(school):
    first = queries.lines(table_of(school))
    table = returned(school)
    assert queries.kept_lines(table, 1) == first
    old = versions_of(table)[0]
    assert (old.version, old.note, old.reason) == (1, "都对", "漏了一天")
    assert (old.confirmed_by, old.returned_by) == (school.head_teacher.user, school.office.user)
    actions.confirm(table, by=school.actor("head_teacher"))
    assert queries.kept_lines(table, 1) == first
    assert table.rows.filter(version=2).count() == 5
    actions.reopen(table, reason="又漏了", by=school.actor("office"))
    assert [one.version for one in versions_of(ClassTable.objects.get(pk=table.pk))] == [2, 1]


def test_the_difference_to_the_version_given_back_is_shown(school):
    table = returned(school)
    changes = {one.name: one.only or one.cells for one in changes_since(table, queries.lines(table))}
    assert changes == {
        "刘四": [("到班", "0", "1"), ("未到", "2", "1")],
        "陈五": [("参加的星期", show("12345"), "不参加"), ("服务班", "一（1）班服务班", "没有")],
        "杨六": "现在不在表上",
    }


def test_the_page_shows_versions_and_what_changed(school, login, django_assert_num_queries):
    table, client = returned(school), login("head_teacher")
    address = reverse("evaluation:class-table", args=[table.pk])
    with django_assert_num_queries(12):
        page = client.get(address).content.decode()
    assert "第 2 版" in page
    assert "未到：2 → 1" in page
    assert "退回：漏了一天" in page
    old = client.get(reverse("evaluation:class-table-version", args=[table.pk, 1])).content.decode()
    assert "杨六" in old
    assert "说明：都对" in old
    assert client.get(reverse("evaluation:class-table-version", args=[table.pk, 2])).status_code == 404
    other = reverse("evaluation:class-table-version", args=[table.pk, 1])
    assert login("other_head_teacher").get(other).status_code == 404


def test_two_who_give_a_table_back_make_one_version(school):
    table = table_of(school)
    actions.confirm(table, by=school.actor("head_teacher"))
    stale = ClassTable.objects.get(pk=table.pk)
    actions.reopen(table, reason="漏了", by=school.actor("office"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        actions.reopen(stale, reason="漏了", by=school.actor("office"))
    assert len(versions_of(ClassTable.objects.get(pk=table.pk))) == 1


def test_who_has_not_confirmed(school):
    actions.confirm(table_of(school), by=school.actor("head_teacher"))
    seen = {who: queries.progress(school.actor(who), school.term) for who in ("office", "grade_leader", "head_teacher")}
    assert [(one.confirmed, one.all) for one in seen["office"]] == [(1, 3)]
    assert [(one.confirmed, one.all) for one in seen["grade_leader"]] == [(1, 2)]
    assert [(one.confirmed, one.all) for one in seen["head_teacher"]] == [(1, 1)]
    Message.objects.all().delete()
    assert actions.remind(school.term, DUE, by=school.actor("grade_leader")) == 1
    assert Message.objects.count() == 1


def test_the_work_list_sees_it(school):
    everybody, own = Task(term=school.term, due_on=DUE), Task(term=school.term, due_on=DUE, teacher=school.head_teacher)
    leader = Task(term=school.term, due_on=DUE, teacher=school.grade_leader)
    actions.confirm(table_of(school), by=school.actor("head_teacher"))
    assert class_tables_confirmed(school.term, own) == NOW
    assert class_tables_confirmed(school.term, everybody) is None
    assert class_tables_confirmed(school.term, leader) is None
    actions.confirm(table_of(school, 1), by=school.actor("other_head_teacher"))
    assert class_tables_confirmed(school.term, leader) == NOW
    actions.confirm(table_of(school, 2), by=school.actor("office"))
    assert class_tables_confirmed(school.term, everybody) == NOW


def test_the_pages(school, login, django_assert_num_queries):
    head, table = login("head_teacher"), table_of(school)
    page = head.get(reverse("evaluation:class-tables")).content.decode()
    assert "一（1）班" in page
    assert "一（2）班" not in page
    with django_assert_num_queries(10):
        page = head.get(reverse("evaluation:class-table", args=[table.pk])).content.decode()
    assert "确认，6 人参加" in page
    head.post(reverse("evaluation:class-table-confirm", args=[table.pk]), {"note": "都对"})
    assert "说明：都对" in head.get(reverse("evaluation:class-table", args=[table.pk])).content.decode()
    office = login("office")
    page = office.get(reverse("evaluation:class-tables")).content.decode()
    assert "过期未确认" in page
    assert "没有班主任" in page
    assert (
        "原因" in office.post(reverse("evaluation:class-table-reopen", args=[table.pk]), follow=True).content.decode()
    )
    assert office.get(reverse("evaluation:class-tables") + "?due=x").status_code == 404


def test_the_papers(school):
    table = table_of(school)
    assert (
        class_table_pages.table_pdf({"table": table.pk}, school.actor("head_teacher"), lambda _: None)[:5] == b"%PDF-"
    )
    made = class_table_pages.table_xlsx({"table": table.pk}, school.actor("grade_leader"), lambda _: None)
    sheet = load_workbook(BytesIO(made))["学生表"]
    assert [cell.value for cell in sheet[3]][:3] == [1, "王一", show("12345")]
    assert [cell.value for cell in sheet[sheet.max_row]][5:] == [12, 8, 2, 2]
    with pytest.raises(Refused, match="not_yours"):
        class_table_pages.table_pdf({"table": table.pk}, school.actor("other_head_teacher"), lambda _: None)


def test_a_full_class_and_its_signature_stand_on_one_sheet(school):
    table = table_of(school)
    line = queries.lines(table)[0]
    values = {
        "table": table,
        "title": "学生表",
        "span": queries.span_of(table),
        "lines": [line] * 45,
        "sum": class_table_pages.sum_of([line] * 45),
        "school": School.objects.get(pk=1),
    }
    assert len(PdfReader(BytesIO(pdf.render("documents/class_table.html", values))).pages) == 1


def test_turns_of_before_the_last_table_are_not_counted_again(school):
    with clock.frozen(clock.at(date(2026, 9, 26), time(9))):
        actions.lay_tables(school.term, by=SYSTEM)
    later = ClassTable.objects.get(school_class=school.classes[0], due_on=date(2026, 9, 29))
    assert queries.span_of(later) == (DUE + timedelta(days=1), later.due_on)
    assert sum(line.due for line in queries.lines(later)) == 6
