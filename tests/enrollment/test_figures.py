"""Who takes part, in figures: now, live, and as of a date."""

from datetime import date, datetime
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from afterschool.school.models import Paper
from afterschool.school.papers import KINDS
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment import actions
from enrollment.access import reviewed_classes
from enrollment.asof import LEADS_TO, Stand, replay
from enrollment.charts import Column, chart
from enrollment.enums import ApplicationState
from enrollment.history import SENTENCES
from enrollment.models import Application, CareCategory, CareRecord
from enrollment.queries import figures_by_class, report_on, stand_at, teachers_by_grade
from tests.cast import NOW, TODAY
from tests.enrollment.helpers import FULL, OPEN, hand_in, make, window_open

S = ApplicationState
FIGURES = reverse("enrollment:figures")


def applied(cast):
    """Four of class 1-1 on all days, one of them approved; one of class 1-2 on three days; one declined."""
    made = [make(cast, student) for student in cast.students[:4]]
    Application.objects.filter(pk=made[0].pk).update(state=S.SCHOOL_APPROVED)
    less = make(cast, cast.students[6])
    Application.objects.filter(pk=less.pk).update(weekdays="135")
    make(cast, cast.students[5], S.DECLINED)


def test_counts_by_class_in_order_of_class_number_with_those_who_come_every_day(cast):
    applied(cast)
    rows = figures_by_class(cast.term, reviewed_classes(cast.actor("office")))
    found = [
        (str(r.school_class), r.figures.on_roll, r.figures.applied, r.figures.approved, r.figures.all_days)
        for r in rows
    ]
    assert found == [("一（1）班", 6, 4, 1, 4), ("一（2）班", 6, 1, 0, 0), ("二（1）班", 4, 0, 0, 0)]


def test_teachers_who_serve_are_counted_by_grade_without_the_gate(cast):
    found = [(row.grade, row.serve, row.of) for row in teachers_by_grade()]
    assert found == [(1, 3, 4), (2, 1, 1), (None, 0, 4)]


def test_the_page_answers_304_to_a_poll_until_something_changes(cast, login):
    applied(cast)
    client = login("office")
    htmx = {"HTTP_HX_REQUEST": "true"}
    with window_open():
        whole = client.get(FIGURES)
        assert 'hx-trigger="every 10s"' in whole.content.decode()
        first = client.get(FIGURES, **htmx)
        assert first["ETag"]
        assert "<html" not in first.content.decode()
        again = client.get(FIGURES, HTTP_IF_NONE_MATCH=first["ETag"], **htmx)
        assert again.status_code == 304
        make(cast, cast.students[4])
        changed = client.get(FIGURES, HTTP_IF_NONE_MATCH=first["ETag"], **htmx)
        assert changed.status_code == 200


def test_when_the_window_is_over_the_page_rests(cast, login):
    page = login("office").get(FIGURES).content.decode()
    assert "hx-trigger" not in page.split('id="figures"')[1].split(">")[0]


def test_a_head_teacher_sees_the_own_class_and_no_category_and_no_teachers(cast, login):
    applied(cast)
    page = login("head_teacher").get(FIGURES).content.decode()
    assert "一（1）班" in page
    assert "一（2）班" not in page
    assert "关爱类别" not in page
    assert "教师" not in page.split("</main>")[0].split("<main")[1]


def test_a_grade_has_a_chart_and_a_table_in_order_of_class_number(cast, login):
    applied(cast)
    page = login("office").get(reverse("enrollment:figures-grade", args=[1])).content.decode()
    assert 'aria-label="按班级：1班在校6，已申请4，已通过1；2班在校6，已申请1，已通过0；"' in page
    assert page.index("一（1）班") < page.index("一（2）班")


# As of a date


def test_history_is_replayed_to_any_day(cast):
    with clock.frozen(datetime(2026, 9, 1, 9, tzinfo=SHANGHAI)):
        actions.submit(term=cast.term, student=cast.students[0], details=FULL, by=cast.actor("guardian"))
    with clock.frozen(datetime(2026, 9, 2, 9, tzinfo=SHANGHAI)):
        actions.withdraw(term=cast.term, student=cast.students[0], by=cast.actor("guardian"))
    before, on_first, after = (report_on(cast.term, date(2026, 9, day)) for day in (1, 1, 2))
    assert (on_first.total.applied, on_first.total.all_days, on_first.weekdays[0]) == (1, 1, ("1", 1, 0))
    assert after.total.applied == 0
    assert before.total.on_roll == 16
    assert report_on(cast.term, TODAY).at == NOW


def test_today_replayed_is_what_the_tables_say(cast):
    hand_in(cast)
    application = hand_in(cast, cast.students[6])
    actions.class_approve_many(
        term=cast.term,
        school_class=cast.classes[1],
        application_ids=[application.pk],
        by=cast.actor("other_head_teacher"),
    )
    hand_in(cast, cast.students[1], by=cast.actor("other_guardian"))
    actions.decline(
        application=Application.objects.get(student=cast.students[1]), reason="x", by=cast.actor("head_teacher")
    )
    replayed = {pk: (stand.state, stand.weekdays) for pk, stand in stand_at(cast.term, NOW).items()}
    assert replayed == {a.student_id: (a.state, a.weekdays) for a in Application.objects.all()}


def test_each_line_of_history_that_moves_an_application_is_known():
    quiet = {verb for verb in SENTENCES if verb.startswith("amendment.")} | {"application.asked_again"}
    moved = {verb for verb in SENTENCES if verb.startswith("application.")} - quiet
    assert moved <= set(LEADS_TO) | set(), moved - set(LEADS_TO)


def test_a_draft_of_an_answer_leaves_the_application_returned():
    lines = [
        (1, "application.submitted", {"now": {"weekdays": "123"}}),
        (1, "application.returned", {}),
        (1, "application.saved", {"now": {"weekdays": "12"}}),
        (2, "application.looked", {}),
    ]
    assert replay(lines) == {1: Stand(S.RETURNED, "12")}


# For the bureau


def test_the_workbook_holds_numbers_and_no_name(cast, login):
    hand_in(cast)
    category = CareCategory.objects.create(code="left", name="留守儿童")
    CareRecord.objects.create(term=cast.term, student=cast.students[0], category=category, recorded_at=OPEN)
    answer = login("office").get(reverse("enrollment:figures-report"), {"day": "2026-09-02"})
    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames == ["按年级", "按班级", "按星期", "教师", "关爱类别"]
    cells = [cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not any(student.name in str(cell) for cell in cells for student in cast.students)
    assert [cell.value for cell in book["按班级"][3]][:5] == ["一（1）班", 6, 1, 0, 1]


@pytest.mark.parametrize("day", ["2026-08-01", "2026-09-22", "x"])
def test_a_day_outside_the_term_so_far_is_refused_in_words(cast, login, day):
    answer = login("office").get(reverse("enrollment:figures-report"), {"day": day}, follow=True)
    assert "请选" in answer.content.decode()


def test_the_paper_is_asked_for_and_made(cast, login):
    hand_in(cast)
    login("office").post(reverse("enrollment:figures-print"), {"day": "2026-09-02"})
    paper = Paper.objects.get()
    made = KINDS["enrollment-figures"].build(paper.params, cast.actor("office"), lambda _: None)
    assert made.startswith(b"%PDF")


# The chart


def test_parts_stand_inside_their_whole_and_none_is_higher_than_the_field():
    drawn = chart("x", [Column("a", 40, 30, 10), Column("b", 0, 0, 0), Column("c", 45, 45, 45)])
    assert [bar.whole_h for bar in drawn.bars] == [133.3, 0, 150]
    assert all(bar.whole_h >= bar.part_h >= bar.done_h for bar in drawn.bars)
    assert all(bar.done_y + bar.done_h == pytest.approx(drawn.axis) for bar in drawn.bars)
    assert [bar.x for bar in drawn.bars] == sorted(bar.x for bar in drawn.bars)


def test_an_empty_chart_is_drawn_too():
    assert chart("x", []).bars == []
