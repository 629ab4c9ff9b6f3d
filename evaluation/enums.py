"""Whom a rubric is for, and how far a sheet is."""

from django.db.models import TextChoices


class RubricKind(TextChoices):
    """Whom a rubric is for (plan section 8)."""

    TEACHER = "teacher", "教师"
    STUDENT = "student", "学生"


class SheetState(TextChoices):
    """Whether a sheet is still being written."""

    DRAFT = "draft", "未完成"
    FINAL = "final", "已完成"

    @property
    def tone(self) -> str:
        return "done" if self == SheetState.FINAL else "wait"


class Occasion(TextChoices):
    """What a sheet is about."""

    VISIT = "visit", "一次巡视"
    MONTH = "month", "一个月"
    TERM = "term", "一学期"
