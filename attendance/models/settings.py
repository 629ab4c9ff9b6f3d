"""What a school sets for its afternoons."""

from django.core.validators import MinValueValidator
from django.db import models

from afterschool.school.models import Room, Term, User
from attendance.enums import Window


class AfternoonSettings(models.Model):
    """Cut-off times, minutes and counts of a term; where nothing is set the plan's words or the defaults here hold."""

    term = models.OneToOneField(Term, models.CASCADE, related_name="afternoon", primary_key=True)
    leave_until = models.TimeField("当天请假截止", null=True, blank=True, help_text="空：点到孩子以前都可以")
    change_until = models.TimeField("当天改接送截止", null=True, blank=True, help_text="空：孩子离校以前都可以")
    paper_counts = models.BooleanField("网上请假算书面假条", default=True)
    not_taken_minutes = models.PositiveSmallIntegerField("开始后几分钟没点名要提醒", default=5)
    leader_minutes = models.PositiveSmallIntegerField("未到几分钟没有着落，再报值班行政", default=10)
    group_minutes = models.PositiveSmallIntegerField("未到几分钟没有着落，报领导小组", default=20)
    late_pickup_count = models.PositiveSmallIntegerField("晚接几次列出", default=3, validators=[MinValueValidator(1)])
    late_pickup_days = models.PositiveSmallIntegerField("在多少天里", default=30, validators=[MinValueValidator(1)])
    visitors_closed_before = models.PositiveSmallIntegerField("放学前几分钟起不接待来访", default=15)
    visitors_closed_after = models.PositiveSmallIntegerField("到放学后几分钟", default=30)
    visitors_keep_days = models.PositiveSmallIntegerField(
        "来访登记保存天数", default=180, validators=[MinValueValidator(1)]
    )
    plan_due_weekday = models.PositiveSmallIntegerField(
        "周计划最晚星期几交", default=7, help_text="上一周的星期几，7 为星期日"
    )
    school_networks = models.TextField(
        "学校网络", blank=True, default="", help_text="每行一个，例如 10.1.0.0/16；空：不限"
    )
    breach_window = models.CharField("违纪影响哪一期的等级", max_length=10, choices=Window, default=Window.TERM)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(breach_window__in=[Window.MONTH, Window.TERM]),
                name="attendance_settings_breach_window",
                violation_error_message="违纪影响的期间是一月或一学期。",
            ),
            models.CheckConstraint(
                condition=models.Q(plan_due_weekday__gte=1, plan_due_weekday__lte=7),
                name="attendance_settings_plan_due",
                violation_error_message="星期只能是 1 到 7。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id}"


class ClassroomDevice(models.Model):
    """A classroom PC from which a sign-in counts, wherever the network says it is (rules, section 8, 3)."""

    device_id = models.CharField(max_length=40, unique=True, error_messages={"unique": "这台电脑已经登记。"})
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="devices", verbose_name="教室")
    name = models.CharField("名称", max_length=40)
    added_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    added_at = models.DateTimeField("登记时间")
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
