"""What tests of evaluation share: a group of today's session, and points for its sheets."""

import pytest

from evaluation.enums import RubricKind
from evaluation.models import Rubric


@pytest.fixture
def teacher_items(db):
    return list(Rubric.objects.get(kind=RubricKind.TEACHER, active=True).items.order_by("position"))


@pytest.fixture
def student_items(db):
    return list(Rubric.objects.get(kind=RubricKind.STUDENT, active=True).items.order_by("position"))


@pytest.fixture
def full(teacher_items):
    """Full points for every item of the teacher's rubric."""
    return {item.pk: item.points for item in teacher_items}


@pytest.fixture
def full_child(student_items):
    return {item.pk: item.points for item in student_items}
