"""Questionnaires and visits: who was asked is kept apart from what was said, so that nobody can find out (G3).

Rows of anonymous questionnaires have numbers drawn at random, which on SQLite are the order of the rows as well, and are
shuffled with each answer: see `actions/answers.py` and docs/rules/surveys.md.
"""

import secrets
from typing import Self

from django.db import models
from django.db.models import Q

from afterschool.school.models import Student, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of
from evaluation.enums import QuestionKind, SurveyFor, SurveyState, VisitKind


def draw_number() -> int:
    """Return a number at random for a row whose place must tell nothing."""
    return secrets.randbelow(2**52) + 1


class Survey(models.Model):
    """A questionnaire: for whom, how, from when to when. Questions stand still once it is open."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="surveys")
    title = models.CharField("标题", max_length=60)
    intro = models.CharField("说明", max_length=300, blank=True, default="")
    audience = models.CharField("问谁", max_length=10, choices=SurveyFor)
    grades = models.CharField("只问这些年级", max_length=12, blank=True, default="", help_text="空：全校")
    anonymous = models.BooleanField("匿名", default=True, help_text="匿名的问卷，学校也查不到谁答了什么")
    once = models.BooleanField("每人答一次", default=True)
    satisfaction = models.BooleanField("用于教师满意度", default=False)
    needed = models.PositiveSmallIntegerField(
        "满意度至少要多少份回答", default=10, help_text="一位教师的回答不到这个数，不显示，也不用于评价"
    )
    state = models.CharField("状态", max_length=8, choices=SurveyState, default=SurveyState.DRAFT)
    opens_at = models.DateTimeField("开始", null=True, blank=True)
    closes_at = models.DateTimeField("截止", null=True, blank=True)
    token = models.CharField("公开地址", max_length=32, unique=True, editable=False)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("建立时间")
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("audience", SurveyFor, "evaluation_survey_audience"),
            one_of("state", SurveyState, "evaluation_survey_state"),
            in_order("opens_at", "closes_at", "evaluation_survey_order", "截止不能早于开始。"),
            models.CheckConstraint(
                condition=~Q(audience=SurveyFor.PUBLIC) | Q(once=False),
                name="evaluation_survey_public",
                violation_error_message="向社会公开的问卷不知道是谁，不能限每人一次。",
            ),
            models.CheckConstraint(
                condition=Q(needed__gte=5),
                name="evaluation_survey_needed",
                violation_error_message="满意度至少要 5 份回答才能显示。",
            ),
            models.CheckConstraint(
                condition=Q(state=SurveyState.CLOSED, closed_at__isnull=False)
                | (~Q(state=SurveyState.CLOSED) & Q(closed_at__isnull=True)),
                name="evaluation_survey_closed",
                violation_error_message="已结束的问卷要有结束时间，别的没有。",
            ),
            models.CheckConstraint(
                condition=Q(state=SurveyState.DRAFT) | Q(opens_at__isnull=False, closes_at__isnull=False),
                name="evaluation_survey_times",
                violation_error_message="开始的问卷要有开始和截止时间。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def tone(self) -> str:
        return SurveyState(self.state).tone


class Question(models.Model):
    """One question. About the group's teachers, it is asked for each of them (satisfaction)."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField("次序")
    kind = models.CharField("题型", max_length=8, choices=QuestionKind)
    text = models.CharField("题目", max_length=150)
    required = models.BooleanField("必答", default=True)
    per_teacher = models.BooleanField("对孩子的每位服务教师各问一次", default=False)
    low = models.CharField("最低一端", max_length=20, blank=True, default="")
    high = models.CharField("最高一端", max_length=20, blank=True, default="")

    class Meta:
        ordering = ["survey", "position"]
        constraints = [
            one_of("kind", QuestionKind, "evaluation_question_kind"),
            models.UniqueConstraint(
                fields=["survey", "position"],
                name="evaluation_question_once",
                violation_error_message="次序重复。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]


class Option(models.Model):
    """One answer to choose."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField("次序")
    text = models.CharField("选项", max_length=60)

    class Meta:
        ordering = ["question", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["question", "position"],
                name="evaluation_option_once",
                violation_error_message="次序重复。",
            )
        ]

    def __str__(self) -> str:
        return self.text


class SurveyTaken(models.Model):
    """That this account (for this child) has answered: no time, no order, no way to the answer."""

    id = models.BigAutoField(primary_key=True, default=draw_number)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="taken")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    student = models.ForeignKey(Student, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["survey", "user", "student"],
                name="evaluation_taken_once",
                violation_error_message="您已经答过这份问卷，谢谢。",
            ),
            models.UniqueConstraint(
                fields=["survey", "user"],
                condition=Q(student__isnull=True),
                name="evaluation_taken_once_no_child",
                violation_error_message="您已经答过这份问卷，谢谢。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id}"


class AnswerSheetQuerySet(models.QuerySet["AnswerSheet"]):
    """Sheets, and what of them stands apart."""

    def whole(self) -> Self:
        """Return one row for each sheet that came, without the parts about teachers."""
        return self.filter(teacher__isnull=True)


class AnswerSheet(models.Model):
    """One filled-in questionnaire under a number drawn at random; a person and a time only where it isn't anonymous.

    `answers`: by question, or by question and teacher ("12", "12-5"): a number (stars, scale, the option), a list of options,
    or words. What an unnamed sheet says of a teacher stands as a row of its own (`teacher`), without grade and without the
    rest: the teachers of one sheet, taken together, would tell the group, and of a child that changed groups the child.
    """

    id = models.BigAutoField(primary_key=True, default=draw_number)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="sheets")
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    teacher = models.ForeignKey(
        Teacher, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="只说这位教师的部分"
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    student = models.ForeignKey(Student, models.SET_NULL, null=True, blank=True, related_name="survey_sheets")
    at = models.DateTimeField("时间", null=True, blank=True, help_text="匿名的不记时间")
    counted = models.BooleanField("已计入结果", default=True, help_text="匿名的凑满五份才一起计入")
    answers = models.JSONField("回答", default=dict)

    objects = AnswerSheetQuerySet.as_manager()

    class Meta:
        ordering = ["survey", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(teacher__isnull=True)
                | Q(grade__isnull=True, user__isnull=True, student__isnull=True, at__isnull=True),
                name="evaluation_answersheet_apart",
                violation_error_message="只说一位教师的部分，不记年级、是谁和时间。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.id}"


class SurveyTry(models.Model):
    """A public answer, by a keyed hash of the address it came from: to slow down floods. Kept for an hour."""

    id = models.BigAutoField(primary_key=True, default=draw_number)
    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField("时间")

    class Meta:
        indexes = [models.Index(fields=["address_hash", "at"], name="evaluation_surveytry_from")]

    def __str__(self) -> str:
        return f"{self.at}"


class VisitRecord(models.Model):
    """A visit or a talk with families or neighbours, and what came of it (走访)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="visit_records")
    kind = models.CharField("方式", max_length=10, choices=VisitKind)
    date = models.DateField("日期")
    student = models.ForeignKey(Student, models.SET_NULL, null=True, blank=True, related_name="visit_records")
    with_whom = models.CharField("和谁", max_length=60, blank=True, default="")
    people = models.PositiveSmallIntegerField("人数", default=1)
    topic = models.CharField("谈了什么", max_length=300)
    found = models.CharField("了解到什么、怎么办", max_length=300, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("登记时间")

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [one_of("kind", VisitKind, "evaluation_visitrecord_kind")]

    def __str__(self) -> str:
        return f"{self.date}"
