"""The word of guardians: leave, early and late pick-up, another person who fetches."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Student, Term, User
from afterschool.school.models.people import validate_phone
from afterschool.support.constraints import in_order, one_of, together
from attendance.enums import ChangeKind, LeaveSource


class GuardiansWord(models.Model):
    """What every word of a guardian has: where it comes from, who said and who wrote it down, and whether it was taken back."""

    source = models.CharField("来源", max_length=10, choices=LeaveSource)
    said_by = models.CharField(
        "谁说的", max_length=20, blank=True, default="", help_text="纸质假条或电话：孩子的哪位家长"
    )
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("时间")
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        abstract = True


class LeaveRequest(GuardiansWord):
    """A child stays away for a day or a span, with the word of a guardian."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="leaves")
    student = models.ForeignKey(Student, models.PROTECT, related_name="leaves")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    reason = models.CharField("原因", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["student", "first_day", "last_day"])]
        constraints = [
            one_of("source", LeaveSource, "attendance_leave_source"),
            in_order("first_day", "last_day", "attendance_leave_order", "结束日期不能早于开始日期。"),
            together(["cancelled_at", "cancelled_by"], "attendance_leave_cancel", "撤销人和撤销时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.first_day}"


class PickupChange(GuardiansWord):
    """Early or late pick-up of one day, told by a guardian; perhaps by another person."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="pickup_changes")
    student = models.ForeignKey(Student, models.PROTECT, related_name="pickup_changes")
    date = models.DateField("日期")
    kind = models.CharField("种类", max_length=8, choices=ChangeKind)
    time = models.TimeField("几点")
    alone = models.BooleanField("当天自行离校", default=False)
    note = models.CharField("说明", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            one_of("kind", ChangeKind, "attendance_change_kind"),
            one_of("source", LeaveSource, "attendance_change_source"),
            together(["cancelled_at", "cancelled_by"], "attendance_change_cancel", "撤销人和撤销时间要一起记。"),
            models.UniqueConstraint(
                fields=["student", "date"],
                condition=Q(cancelled_at__isnull=True),
                name="attendance_change_one_a_day",
                violation_error_message="这一天已有一条早接或晚接，请先撤销。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.date}"


class DayFetcher(GuardiansWord):
    """Somebody who isn't on the list may fetch the child, for a day or a span, by a guardian's word."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="day_fetchers")
    student = models.ForeignKey(Student, models.PROTECT, related_name="day_fetchers")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    name = models.CharField("姓名", max_length=40)
    relation = models.CharField("与孩子的关系", max_length=20)
    phone = models.CharField("手机号", max_length=11, blank=True, default="", validators=[validate_phone])

    class Meta:
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["student", "first_day", "last_day"])]
        constraints = [
            one_of("source", LeaveSource, "attendance_dayfetcher_source"),
            in_order("first_day", "last_day", "attendance_dayfetcher_order", "结束日期不能早于开始日期。"),
            together(["cancelled_at", "cancelled_by"], "attendance_dayfetcher_cancel", "撤销人和撤销时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.first_day}"
