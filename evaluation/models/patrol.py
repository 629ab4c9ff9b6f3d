"""Patrols: a round of the day, visit after visit, and what needs doing after it (F3)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Session, Teacher, Term, User
from afterschool.school.models.uploads import Upload
from afterschool.support.constraints import in_order, one_of, together
from attendance.models import StaffCheck
from evaluation.enums import Doing, ExplanationState, FollowUpState, Order


class PatrolRound(models.Model):
    """One person's round of one day: the school for a duty leader, the grade for a grade leader."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="patrol_rounds")
    date = models.DateField("日期")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="patrol_rounds", verbose_name="谁巡视")
    started_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    note = models.CharField("小结", max_length=300, blank=True, default="")

    class Meta:
        ordering = ["-date", "-started_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "date"], name="evaluation_round_once", violation_error_message="今天的巡视已经开始。"
            ),
            in_order("started_at", "ended_at", "evaluation_round_order", "结束不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.teacher_id}"


class PatrolVisit(models.Model):
    """One group as it was found: expected at that minute against counted, what was going on, how orderly."""

    round = models.ForeignKey(PatrolRound, models.CASCADE, related_name="visits")
    session = models.ForeignKey(Session, models.PROTECT, related_name="patrol_visits")
    check_made = models.OneToOneField(StaffCheck, models.PROTECT, null=True, blank=True, related_name="patrol_visit")
    at = models.DateTimeField("时间")
    device_id = models.CharField(max_length=40, blank=True, default="")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)
    number = models.CharField("设备自己的编号", max_length=40, blank=True, default="")
    expected = models.PositiveSmallIntegerField("那一刻应有")
    counted = models.PositiveSmallIntegerField("清点", null=True, blank=True)
    doing = models.CharField("在做什么", max_length=10, choices=Doing, blank=True, default="")
    order = models.CharField("秩序", max_length=6, choices=Order, blank=True, default="")
    note = models.CharField("说明", max_length=200, blank=True, default="")
    explanation_state = models.CharField(
        "清点不符的说明", max_length=8, choices=ExplanationState, default=ExplanationState.NONE
    )
    explanation = models.CharField("教师的说明", max_length=200, blank=True, default="")
    explained_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    explained_at = models.DateTimeField("说明时间", null=True, blank=True)
    judged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    judged_at = models.DateTimeField("认可时间", null=True, blank=True)

    class Meta:
        ordering = ["round", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(doing__in=["", *Doing.values]),
                name="evaluation_visit_doing",
                violation_error_message="状态不在允许的范围内。",
            ),
            models.CheckConstraint(
                condition=Q(order__in=["", *Order.values]),
                name="evaluation_visit_order",
                violation_error_message="状态不在允许的范围内。",
            ),
            one_of("explanation_state", ExplanationState, "evaluation_visit_explanation"),
            models.UniqueConstraint(
                fields=["round", "session"],
                name="evaluation_visit_once",
                violation_error_message="这一班今天已经巡过，可以改。",
            ),
            together(["explained_by", "explained_at"], "evaluation_visit_explained", "说明人和时间要一起记。"),
            together(["judged_by", "judged_at"], "evaluation_visit_judged", "认可人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} {self.session_id}"

    @property
    def differs(self) -> bool:
        """Whether the count was not what was expected."""
        return self.counted is not None and self.counted != self.expected

    @property
    def explanation_tone(self) -> str:
        return ExplanationState(self.explanation_state).tone


class VisitPhoto(Upload):
    """A photo of a room or a thing, never of children."""

    visit = models.ForeignKey(PatrolVisit, models.CASCADE, related_name="photos")


class FollowUp(models.Model):
    """What needs doing after a patrol or a check of record books, with a person and an end."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="follow_ups")
    visit = models.ForeignKey(PatrolVisit, models.SET_NULL, null=True, blank=True, related_name="follow_ups")
    text = models.CharField("要做什么", max_length=200)
    owner = models.ForeignKey(Teacher, models.PROTECT, related_name="follow_ups", verbose_name="由谁")
    due_on = models.DateField("最晚哪一天")
    state = models.CharField("状态", max_length=6, choices=FollowUpState, default=FollowUpState.OPEN)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField("办结时间", null=True, blank=True)
    answer = models.CharField("怎么办的", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["state", "due_on", "pk"]
        constraints = [
            one_of("state", FollowUpState, "evaluation_followup_state"),
            together(["done_by", "done_at"], "evaluation_followup_done", "办结人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def tone(self) -> str:
        return FollowUpState(self.state).tone
