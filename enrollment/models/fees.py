"""Fees: told and counted, never collected (B6). Settings of the term, statements of children, payments from the finance office."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.enums import ImportState
from afterschool.school.models import Student, Term, User
from afterschool.support.constraints import in_order, one_of, together
from enrollment.enums import ChargeState, FeeBasis, LineKind, RefundUnit, Settlement
from enrollment.models.care import CareCategory

ZERO = Decimal(0)


class FeePlan(models.Model):
    """What a term costs, and how it is settled. No row, or basis "none": the service has no fee set."""

    term = models.OneToOneField(Term, models.CASCADE, related_name="fee_plan", primary_key=True)
    basis = models.CharField("收费方式", max_length=10, choices=FeeBasis, default=FeeBasis.NONE)
    settlement = models.CharField("结算", max_length=10, choices=Settlement, default=Settlement.BEFORE)
    refund_unit = models.CharField("退费按", max_length=12, choices=RefundUnit, default=RefundUnit.NONE)
    sick_days = models.PositiveSmallIntegerField("请假连续几个服务日起退费", default=0, help_text="0 表示请假不退费")
    refund_cancelled = models.BooleanField("学校停办的日子退费", default=True)
    note = models.CharField("收费说明", max_length=300, blank=True, default="", help_text="例如收费依据，家长能看到")
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        constraints = [
            one_of("basis", FeeBasis, "enrollment_feeplan_basis"),
            one_of("settlement", Settlement, "enrollment_feeplan_settlement"),
            one_of("refund_unit", RefundUnit, "enrollment_feeplan_refund"),
        ]

    def __str__(self) -> str:
        return self.get_basis_display()


class FeeRate(models.Model):
    """What one lesson, month or term costs in these grades, in yuan."""

    plan = models.ForeignKey(FeePlan, models.CASCADE, related_name="rates")
    first_grade = models.PositiveSmallIntegerField("从年级", validators=[MinValueValidator(1), MaxValueValidator(12)])
    last_grade = models.PositiveSmallIntegerField("到年级", validators=[MinValueValidator(1), MaxValueValidator(12)])
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["plan", "first_grade"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "first_grade"],
                name="enrollment_feerate_once",
                violation_error_message="同一个年级写了两个金额。",
            ),
            in_order("first_grade", "last_grade", "enrollment_feerate_grades", "年级的先后写反了。"),
            models.CheckConstraint(
                condition=Q(amount__gte=ZERO),
                name="enrollment_feerate_amount",
                violation_error_message="金额不能是负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_grade}-{self.last_grade} {self.amount}"


class FeeWaiver(models.Model):
    """How much of the fee a care category is spared, in percent. A child of several gets the largest, once."""

    plan = models.ForeignKey(FeePlan, models.CASCADE, related_name="waivers")
    category = models.ForeignKey(CareCategory, models.PROTECT, related_name="+")
    percent = models.DecimalField("减免（%）", max_digits=5, decimal_places=2)

    class Meta:
        ordering = ["plan", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "category"],
                name="enrollment_feewaiver_once",
                violation_error_message="这个类别写了两次。",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=ZERO, percent__lte=Decimal(100)),
                name="enrollment_feewaiver_percent",
                violation_error_message="减免要大于 0，最多 100。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent}%"


class Charge(models.Model):
    """One statement (账单) of one child for one period. Once issued it stays; a correction is a new version beside it."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="charges")
    student = models.ForeignKey(Student, models.PROTECT, related_name="charges")
    label = models.CharField("账期", max_length=40)
    starts_on = models.DateField("从")
    ends_on = models.DateField("到")
    version = models.PositiveSmallIntegerField("版本", default=1)
    amount = models.DecimalField("应交（元）", max_digits=10, decimal_places=2, help_text="各行之和")
    percent = models.DecimalField("减免（%）", max_digits=5, decimal_places=2, default=ZERO)
    state = models.CharField("状态", max_length=10, choices=ChargeState, default=ChargeState.ISSUED)
    issued_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField("出账时间")

    class Meta:
        ordering = ["term", "student", "starts_on", "-version"]
        constraints = [
            one_of("state", ChargeState, "enrollment_charge_state"),
            in_order("starts_on", "ends_on", "enrollment_charge_order", "账期的先后写反了。"),
            models.UniqueConstraint(
                fields=["term", "student", "starts_on", "ends_on", "version"],
                name="enrollment_charge_once",
                violation_error_message="这个孩子这个账期已有账单。",
            ),
            models.UniqueConstraint(
                fields=["term", "student", "starts_on", "ends_on"],
                condition=Q(state=ChargeState.ISSUED),
                name="enrollment_charge_one_valid",
                violation_error_message="一个账期只有一份有效账单。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.label}"


class ChargeLine(models.Model):
    """One line of a statement: how the amount came about. A waiver's line never names its category."""

    charge = models.ForeignKey(Charge, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField("序号")
    kind = models.CharField("种类", max_length=10, choices=LineKind)
    text = models.CharField("说明", max_length=120)
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)

    class Meta:
        ordering = ["charge", "position"]
        constraints = [
            one_of("kind", LineKind, "enrollment_chargeline_kind"),
            models.UniqueConstraint(
                fields=["charge", "position"],
                name="enrollment_chargeline_once",
                violation_error_message="同一行写了两次。",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class PaymentImport(models.Model):
    """A file of the finance office: read and compared first, written only when somebody accepts it."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="payment_imports")
    filename = models.CharField("文件名", max_length=120)
    state = models.CharField("状态", max_length=10, choices=ImportState)
    report = models.JSONField(default=dict, help_text="各行、差异和提醒")
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField("上传时间")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        ordering = ["-uploaded_at"]
        constraints = [
            one_of("state", ImportState, "enrollment_paymentimport_state"),
            together(["decided_by", "decided_at"], "enrollment_paymentimport_decision", "确认人和确认时间要一起记。"),
        ]

    def __str__(self) -> str:
        return self.filename


class Payment(models.Model):
    """Money that the finance office has on record for a child; negative: paid back. Its reference comes once a term.

    What was recorded wrongly is taken back by a counter-entry, never deleted.
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="payments")
    student = models.ForeignKey(Student, models.PROTECT, related_name="payments")
    amount = models.DecimalField("金额（元）", max_digits=10, decimal_places=2)
    paid_on = models.DateField("日期")
    reference = models.CharField("流水号", max_length=60)
    source = models.ForeignKey(PaymentImport, models.PROTECT, null=True, blank=True, related_name="payments")
    takes_back = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="taken_back_by", verbose_name="冲销哪一笔"
    )
    reason = models.CharField("冲销的原因", max_length=200, blank=True, default="")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        ordering = ["term", "student", "paid_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "reference"],
                name="enrollment_payment_reference",
                violation_error_message="这个流水号已经登记过。",
            ),
            models.CheckConstraint(
                condition=~Q(amount=ZERO),
                name="enrollment_payment_amount",
                violation_error_message="金额不能是 0。",
            ),
            models.CheckConstraint(
                condition=Q(takes_back__isnull=True, reason="") | (Q(takes_back__isnull=False) & ~Q(reason="")),
                name="enrollment_payment_taken_back",
                violation_error_message="冲销要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
