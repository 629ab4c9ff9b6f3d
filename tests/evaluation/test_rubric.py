"""Points of rubrics and sheets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.defaults import STUDENT_LINES, TEACHER_LINES, install_rubrics
from evaluation.enums import FactKind
from evaluation.models import Rubric
from evaluation.rubric import Item, faults_of_rubric, faults_of_sheet, tally

ITEMS = [Item(1, 10), Item(2, 20), Item(3, 70)]
sheets = st.lists(st.integers(1, 60), min_size=1, max_size=8).flatmap(
    lambda points: st.tuples(
        st.just([Item(n, p) for n, p in enumerate(points, 1)]),
        st.fixed_dictionaries({}, optional={n: st.integers(0, p) for n, p in enumerate(points, 1)}),
    )
)


def codes(faults):
    return [fault.code for fault in faults]


def test_a_rubric_adds_up_to_100():
    assert faults_of_rubric(ITEMS) == []
    assert codes(faults_of_rubric(ITEMS[:2])) == ["not_100"]
    assert codes(faults_of_rubric([])) == ["no_items"]
    assert codes(faults_of_rubric([Item(1, 50), Item(1, 50)])) == ["item_twice"]
    assert codes(faults_of_rubric([Item(1, 100), Item(2, 0)])) == ["item_without_points"]


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12))
def test_a_rubric_is_good_exactly_when_it_adds_up(points):
    assert (faults_of_rubric([Item(n, p) for n, p in enumerate(points)]) == []) == (sum(points) == 100)


def test_a_sheet_names_what_is_wrong_with_it():
    assert codes(faults_of_sheet(ITEMS, {1: 11})) == ["over_limit"]
    assert codes(faults_of_sheet(ITEMS, {1: -1})) == ["below_zero"]
    assert codes(faults_of_sheet(ITEMS, {9: 1})) == ["unknown_item"]
    assert faults_of_sheet(ITEMS, {}) == []


@given(sheets)
def test_what_is_missing_is_never_filled_in(sheet):
    items, points = sheet
    added = tally(items, points)
    assert faults_of_sheet(items, points) == []
    assert added.total == sum(points.values()) <= added.most
    assert list(added.missing) == [item.key for item in items if item.key not in points]
    assert added.complete == (len(points) == len(items))


def test_the_plans_rubrics_stand_as_printed():
    assert [line.points for line in TEACHER_LINES] == [10, 20, 20, 10, 10, 10, 20]
    assert [line.points for line in STUDENT_LINES] == [20] * 5
    assert TEACHER_LINES[4].text == "检查人员按照班级花名册清点人数，如有不符且无合理解释。"
    assert TEACHER_LINES[5].text == "不动员或拒绝有需求学生参加课后服务"
    assert {line.dimension for line in TEACHER_LINES} == {"课后服务组织管理", "课程实施"}
    assert [n for n, line in enumerate(TEACHER_LINES, 1) if line.hint] == [5, 6]
    assert [n for n, line in enumerate(TEACHER_LINES, 1) if line.heads_only] == [6]
    assert {line.facts for line in TEACHER_LINES + STUDENT_LINES} == set(FactKind)


@pytest.mark.django_db
def test_rubrics_are_installed_once():
    assert len(install_rubrics()) == 2
    assert install_rubrics() == []
    assert [sum(i.points for i in rubric.items.all()) for rubric in Rubric.objects.all()] == [100, 100]
