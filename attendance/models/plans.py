"""Week plans, notes of the day, and notes about children (E8)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Group, Session, Student, Term, User
from afterschool.school.models.uploads import Upload
from afterschool.support.constraints import one_of, together
from attendance.enums import ChildNoteKind, Followed, PlanState
from scheduling.enums import SlotKind


class WeekPlan(models.Model):
    """What a group will do in a week, slot by slot; the grade leader looks that learning time is no group teaching."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="week_plans")
    group = models.ForeignKey(Group, models.CASCADE, related_name="week_plans")
    monday = models.DateField("哪一周", help_text="星期一的日期")
    aim = models.CharField("这一周的重点", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=PlanState, default=PlanState.DRAFT)
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    written_at = models.DateTimeField("时间")
    handed_in_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    handed_in_at = models.DateTimeField("交的时间", null=True, blank=True)
    seen_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField("查看时间", null=True, blank=True)
    no_group_teaching = models.BooleanField("学习时光没有集体上课", null=True)
    remark = models.CharField("意见", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-monday", "group"]
        constraints = [
            one_of("state", PlanState, "attendance_plan_state"),
            models.UniqueConstraint(
                fields=["group", "monday"],
                name="attendance_plan_once",
                violation_error_message="这一周的计划已经有了。",
            ),
            together(["handed_in_by", "handed_in_at"], "attendance_plan_handed_in", "交的人和时间要一起记。"),
            together(["seen_by", "seen_at"], "attendance_plan_seen", "查看人和时间要一起记。"),
            models.CheckConstraint(
                condition=~Q(state__in=[PlanState.HANDED_IN, PlanState.SEEN]) | Q(handed_in_at__isnull=False),
                name="attendance_plan_in",
                violation_error_message="交了的计划要记下谁交的、什么时候。",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.SEEN) | Q(no_group_teaching=True, seen_at__isnull=False),
                name="attendance_plan_checked",
                violation_error_message="查看计划要确认：学习时光没有集体上课。",
            ),
            models.CheckConstraint(
                condition=~Q(state=PlanState.RETURNED) | ~Q(remark=""),
                name="attendance_plan_why",
                violation_error_message="退回要写一句意见。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.monday}"

    @property
    def tone(self) -> str:
        return PlanState(self.state).tone


class PlanLine(models.Model):
    """One part of one afternoon. Time, kind and title are copied from the timetable: a plan stays as it was written."""

    plan = models.ForeignKey(WeekPlan, models.CASCADE, related_name="lines")
    date = models.DateField("日期")
    position = models.PositiveSmallIntegerField("次序")
    starts_at = models.TimeField("开始", null=True, blank=True)
    ends_at = models.TimeField("结束", null=True, blank=True)
    kind = models.CharField("类别", max_length=12, choices=SlotKind)
    title = models.CharField("时段", max_length=60)
    content = models.CharField("内容", max_length=300, blank=True, default="")

    class Meta:
        ordering = ["plan", "date", "position"]
        constraints = [
            one_of("kind", SlotKind, "attendance_planline_kind"),
            models.UniqueConstraint(
                fields=["plan", "date", "position"],
                name="attendance_planline_once",
                violation_error_message="这个时段已经写过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.title}"


class PlanFile(Upload):
    """A paper that belongs to a plan."""

    plan = models.ForeignKey(WeekPlan, models.CASCADE, related_name="files")


class DayNote(models.Model):
    """What was done in a session, noted at the end of the day."""

    session = models.OneToOneField(Session, models.PROTECT, related_name="day_note")
    text = models.CharField("做了什么", max_length=300)
    followed = models.CharField("与计划", max_length=8, choices=Followed, default=Followed.YES)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        constraints = [one_of("followed", Followed, "attendance_daynote_followed")]

    def __str__(self) -> str:
        return f"{self.session_id}"


class ChildNote(models.Model):
    """A teacher's word about one child that day; a fact for the rubric, never a label of the child."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="child_notes")
    student = models.ForeignKey(Student, models.PROTECT, related_name="day_notes")
    kind = models.CharField("种类", max_length=10, choices=ChildNoteKind)
    text = models.CharField("说明", max_length=100, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["session", "student", "kind"]
        constraints = [
            one_of("kind", ChildNoteKind, "attendance_childnote_kind"),
            models.UniqueConstraint(
                fields=["session", "student", "kind"],
                name="attendance_childnote_once",
                violation_error_message="这一条已经记过，可以改。",
            ),
            models.CheckConstraint(
                condition=Q(kind=ChildNoteKind.HOMEWORK) | ~Q(text=""),
                name="attendance_childnote_text",
                violation_error_message="请写一句说明。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.kind}"
