"""Roll calls and their marks."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Session, Student, User
from afterschool.support.constraints import in_order, one_of, together
from attendance.enums import MarkState


class RollCall(models.Model):
    """The roll call of one session; opening it is the teacher's sign-in, and a closed one says that the session was held."""

    session = models.OneToOneField(Session, models.PROTECT, related_name="roll_call")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开始点名")
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField("完成点名", null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("全部离开、下班", null=True, blank=True)
    from_paper = models.BooleanField("按纸质点名册补录", default=False)

    class Meta:
        constraints = [
            together(["closed_by", "closed_at"], "attendance_rollcall_closed", "完成人和完成时间要一起记。"),
            together(["ended_by", "ended_at"], "attendance_rollcall_ended", "结束人和结束时间要一起记。"),
            in_order("opened_at", "closed_at", "attendance_rollcall_order", "完成不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}"


class Mark(models.Model):
    """What a roll call says of one child. Old values stand in the history."""

    roll_call = models.ForeignKey(RollCall, models.CASCADE, related_name="marks")
    student = models.ForeignKey(Student, models.PROTECT, related_name="marks")
    state = models.CharField("状态", max_length=12, choices=MarkState, default=MarkState.NOT_CALLED)
    marked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    marked_at = models.DateTimeField("时间", null=True, blank=True)
    device_id = models.CharField(max_length=40, blank=True, default="")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)
    all_day_at = models.DateTimeField(
        "何时说今天都不来", null=True, blank=True, help_text="未到的孩子，后面的场次也记未到"
    )
    carried_from = models.ForeignKey(
        RollCall, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="由哪次点名带来"
    )

    class Meta:
        ordering = ["roll_call", "student"]
        constraints = [
            one_of("state", MarkState, "attendance_mark_state"),
            models.UniqueConstraint(
                fields=["roll_call", "student"],
                name="attendance_mark_once",
                violation_error_message="这个孩子已在点名册上。",
            ),
            models.CheckConstraint(
                condition=Q(state=MarkState.NOT_CALLED) | Q(marked_by__isnull=False, marked_at__isnull=False),
                name="attendance_mark_by",
                violation_error_message="点名要记下谁、什么时候。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class DeviceBatch(models.Model):
    """A batch of marks that a device sent: sent again, it is answered as before and changes nothing."""

    roll_call = models.ForeignKey(RollCall, models.CASCADE, related_name="batches")
    device_id = models.CharField(max_length=40)
    number = models.CharField(max_length=40, help_text="设备自己的编号，一批一个")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("收到")
    sent_later = models.BooleanField("补传", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["roll_call", "device_id", "number"],
                name="attendance_batch_once",
                violation_error_message="这一批已经收到。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.roll_call_id} {self.number}"
