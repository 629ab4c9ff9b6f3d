"""Rubrics and sheets in a real browser: the pages fit and are accessible, the sum is live, records open on tap."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.models import Teacher
from attendance.models import ChildNote, Mark, RollCall
from evaluation.actions.objections import object_to
from evaluation.actions.periods import score_period
from evaluation.actions.sheets import Scores, score_visit
from evaluation.enums import RubricKind
from evaluation.models import PatrolRound, PatrolVisit, Rubric
from evaluation.month import Month
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, TODAY, place_group

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture
def records(cast):
    """A roll with somebody late and somebody away, notes, a patrol, a finished sheet with an objection; a long name."""
    place_group(cast)
    Teacher.objects.filter(pk=cast.teacher.pk).update(name="阿依古丽·买买提江")
    by = cast.teacher.user
    roll = RollCall.objects.create(session=cast.session, opened_by=by, opened_at=NOW, closed_by=by, closed_at=NOW)
    for place, state in enumerate(["late", "absent", "present"]):
        Mark.objects.create(roll_call=roll, student=cast.students[place], state=state, marked_by=by, marked_at=NOW)
    ChildNote.objects.create(
        session=cast.session, student=cast.students[0], kind="order", text="写作业时说了三次话", by=by, at=NOW
    )
    patrol = PatrolRound.objects.create(term=cast.term, date=TODAY, teacher=cast.duty_leader, started_at=NOW)
    PatrolVisit.objects.create(
        round=patrol, session=cast.session, at=NOW - timedelta(minutes=3), expected=6, counted=5, order="fair",
        doing="nothing", note="三个学生在走廊",
    )  # fmt: skip
    items = list(Rubric.objects.get(kind=RubricKind.TEACHER, active=True).items.all())
    scores = Scores({item.pk: item.points - 1 for item in items}, {item.pk: "当面看过" for item in items}, "总体认真。")
    sheet = score_visit(session=cast.session, scores=scores, final=True, by=cast.actor("duty_leader"))
    object_to(sheet=sheet, text="走廊里的三个学生是去厕所，请再核实。", by=cast.actor("teacher"))
    score_period(
        term=cast.term, teacher=cast.teacher, period=Month(2026, 9), scores=Scores({items[0].pk: 9}), final=False,
        seen="", by=cast.actor("office"),
    )  # fmt: skip
    return cast, sheet


@BOTH
def test_the_pages_fit_and_are_accessible(records, page_as, fits, axe_clean, keep_picture, viewport):
    cast, sheet = records
    size = "phone" if viewport == PHONE else "desktop"
    teacher, month = cast.teacher.pk, "2026-09"
    pages = {
        "leading_group": [
            ("teacher-period", [month]), ("teacher-period-sheet", [month, teacher]), ("results", []),
            ("result", [teacher]), ("teacher-sheet", [sheet.pk]),
        ],
        "office": [("rubrics", []), ("rubric-edit", ["teacher"]), ("rubric-edit", ["student"]), ("teachers", [])],
        "teacher": [
            ("my-sheets", []), ("teacher-sheet", [sheet.pk]), ("children", []),
            ("children-group", [cast.group.pk, month]), ("children-group", [cast.group.pk, "term"]),
        ],
    }  # fmt: skip
    for who, wanted in pages.items():
        page = page_as(who, viewport)
        for name, args in wanted:
            page.goto(reverse(f"evaluation:{name}", args=args))
            page.evaluate("document.querySelectorAll('details.basis').forEach(one => { one.open = true })")
            fits(page)
            axe_clean(page)
            keep_picture(page, f"rubrics-{who}-{name}-{args[-1] if args else 'all'}-{size}")


def test_the_sum_is_shown_as_one_types_and_must_be_100(records, page_as):
    page = page_as("office", DESKTOP)
    page.goto(reverse("evaluation:rubric-edit", args=["student"]))
    expect(page.locator("[data-sum]")).to_have_text("100")
    page.fill("[name=points-1]", "30")
    expect(page.locator("[data-sum]")).to_have_text("110")
    expect(page.locator("[data-sum-left]")).to_have_text("，多了 10 分")
    page.get_by_role("button", name="启用新版").click()
    expect(page.get_by_role("alert")).to_contain_text("加起来要正好 100 分")
    page.fill("[name=points-1]", "20")
    page.get_by_role("button", name="启用新版").click()
    expect(page.get_by_text("第 2 版已启用")).to_be_visible()


def test_the_records_of_a_child_open_on_tap_and_the_field_stays_empty(records, page_as):
    cast, _ = records
    page = page_as("teacher", PHONE)
    page.goto(reverse("evaluation:children-group", args=[cast.group.pk, "2026-09"]))
    row = page.locator(f"#row-{cast.students[0].pk}")
    row.locator("summary").first.click()
    expect(row.get_by_text("迟到 1 次（9月21日）")).to_be_visible()
    expect(row.locator("[data-points]").first).to_have_value("")
