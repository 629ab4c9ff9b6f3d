"""What the fund pays: rates without a default, and a month's list as it was handed to the finance office (G5)."""

from django.core.validators import MinValueValidator
from django.db import models

from afterschool.school.models import Teacher, Term, User
from afterschool.support.constraints import one_of, together
from evaluation.enums import PaperState, PayKind


class AllowanceRate(models.Model):
    """Yuan a turn for one kind of work, from a date on; what has no rate is listed, and paid nothing."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="allowance_rates")
    kind = models.CharField("做什么", max_length=12, choices=PayKind)
    starts_on = models.DateField("从")
    rate = models.DecimalField("每次（元）", max_digits=8, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        ordering = ["term", "kind", "starts_on"]
        constraints = [
            one_of("kind", PayKind, "evaluation_rate_kind"),
            models.UniqueConstraint(
                fields=["term", "kind", "starts_on"],
                name="evaluation_rate_once",
                violation_error_message="这一天起已有标准。",
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gte=0),
                name="evaluation_rate_amount",
                violation_error_message="标准不能是负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.rate}"


class AllowanceList(models.Model):
    """A month's list: computed while a draft, frozen when sent; a correction is a new version."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="allowance_lists")
    month = models.DateField("月份", help_text="当月第一天")
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=10, choices=PaperState, default=PaperState.DRAFT)
    reason = models.CharField("更正的原因", max_length=200, blank=True, default="")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("时间")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField("上报时间", null=True, blank=True)

    class Meta:
        ordering = ["-month", "-version"]
        constraints = [
            one_of("state", PaperState, "evaluation_allowance_state"),
            models.UniqueConstraint(
                fields=["term", "month", "version"],
                name="evaluation_allowance_version",
                violation_error_message="这一版已经有了。",
            ),
            together(["sent_by", "sent_at"], "evaluation_allowance_sent", "上报人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} v{self.version}"

    @property
    def tone(self) -> str:
        return PaperState(self.state).tone


class AllowanceLine(models.Model):
    """One teacher's turns of one kind at one rate."""

    list = models.ForeignKey(AllowanceList, models.CASCADE, related_name="lines")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="allowance_lines")
    kind = models.CharField("做什么", max_length=12, choices=PayKind)
    turns = models.PositiveSmallIntegerField("次数")
    minutes = models.PositiveIntegerField("分钟")
    rate = models.DecimalField("每次（元）", max_digits=8, decimal_places=2, null=True, blank=True)
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["list", "teacher__staff_number", "kind", "rate"]
        constraints = [
            one_of("kind", PayKind, "evaluation_line_kind"),
            models.UniqueConstraint(
                fields=["list", "teacher", "kind", "rate"],
                name="evaluation_payline_once",
                violation_error_message="这一行已经有了。",
            ),
            models.UniqueConstraint(
                fields=["list", "teacher", "kind"],
                condition=models.Q(rate__isnull=True),
                name="evaluation_payline_once_unpaid",
                violation_error_message="这一行已经有了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.kind}"
