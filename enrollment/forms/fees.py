"""Forms of the fees: the term's settings, a payment by hand, a file of payments."""

from decimal import Decimal
from typing import Any

from django import forms

from afterschool.school.naming import grade_name
from enrollment import fees
from enrollment.actions.fees import PlanValues
from enrollment.actions.payments import Paid
from enrollment.enums import FeeBasis, RefundUnit, Settlement
from enrollment.models import CareCategory, FeePlan

GRADES = [(grade, grade_name(grade)) for grade in range(1, 13)]


class FeePlanForm(forms.Form):
    """How the fee is counted, with a percent for each care category."""

    basis = forms.ChoiceField(label="收费方式", choices=FeeBasis)
    settlement = forms.ChoiceField(
        label="什么时候结算",
        choices=[(Settlement.BEFORE, "先交，按报名的算"), (Settlement.AFTER, "期末或月底结算，按实际到的算")],
    )
    refund_unit = forms.ChoiceField(
        label="没有参加的怎么退",
        choices=[
            (RefundUnit.NONE, "不退"),
            (RefundUnit.DAY, "按天退"),
            (RefundUnit.HALF_MONTH, "整半个月没有参加才退（1—15日、16日—月底）"),
            (RefundUnit.MONTH, "整月没有参加才退"),
        ],
        help_text="中途参加、中途退出、长时间请假都按这个算；事后结算的，没有到的按这个扣。",
    )
    sick_days = forms.IntegerField(
        label="请假连续几个服务日起退费", min_value=0, max_value=60, help_text="0 表示请假不退费。事后结算的不用写。"
    )
    refund_cancelled = forms.BooleanField(label="学校停办的日子退费", required=False)
    note = forms.CharField(
        label="收费说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="家长能看到，例如收费依据、怎么交费。",
    )  # fmt: skip

    def __init__(self, *args: Any, categories: list[CareCategory], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.categories = categories
        for category in categories:
            self.fields[f"percent-{category.pk}"] = forms.DecimalField(
                label=f"{category.name}减免（%）",
                min_value=Decimal(0),
                max_value=Decimal(100),
                decimal_places=2,
                required=False,
            )

    @property
    def waivers(self) -> list[forms.BoundField]:
        """The fields of the waivers."""
        return [self[f"percent-{category.pk}"] for category in self.categories]

    @property
    def main(self) -> list[forms.BoundField]:
        """All other fields."""
        return [field for field in self if not field.name.startswith("percent-")]

    def values(self, rates: list[fees.Rate]) -> PlanValues:
        """Return what was typed, with these rates."""
        given = self.cleaned_data
        waivers = {c.pk: percent for c in self.categories if (percent := given.get(f"percent-{c.pk}"))}
        terms = fees.Terms(
            FeeBasis(given["basis"]),
            Settlement(given["settlement"]),
            RefundUnit(given["refund_unit"]),
            tuple(rates),
            given["sick_days"],
            given["refund_cancelled"],
        )
        return PlanValues(terms, waivers, given["note"])


class RateForm(forms.Form):
    """What one lesson, month or term costs in some grades."""

    first_grade = forms.TypedChoiceField(label="从", choices=GRADES, coerce=int)
    last_grade = forms.TypedChoiceField(label="到", choices=GRADES, coerce=int)
    amount = forms.DecimalField(
        label="金额（元）", min_value=Decimal(0), max_value=Decimal("99999.99"), decimal_places=2, required=False
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        first, last = values.get("first_grade"), values.get("last_grade")
        if values.get("amount") is not None and first and last and first > last:
            self.add_error("last_grade", "年级的先后写反了。")
        return values


RateFormSet = forms.formset_factory(RateForm, extra=3, max_num=12)


def rates_of(lines: list[dict[str, Any]]) -> list[fees.Rate]:
    """Return the rates typed; a line without an amount is left out."""
    return [
        fees.Rate(line["first_grade"], line["last_grade"], line["amount"])
        for line in lines
        if line and line.get("amount") is not None
    ]


def initial_of(plan: FeePlan | None) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return a plan as the forms take it; nothing has an amount by default."""
    if plan is None:
        return {"sick_days": 0, "refund_cancelled": True}, [{"first_grade": 1, "last_grade": 6}]
    values = {
        name: getattr(plan, name)
        for name in ("basis", "settlement", "refund_unit", "sick_days", "refund_cancelled", "note")
    }
    values |= {f"percent-{row.category_id}": f"{row.percent.normalize():f}" for row in plan.waivers.all()}
    rates = [{name: getattr(r, name) for name in ("first_grade", "last_grade", "amount")} for r in plan.rates.all()]
    return values, rates


class PaymentForm(forms.Form):
    """One payment by hand."""

    amount = forms.DecimalField(
        label="金额（元）",
        min_value=Decimal("-99999999.99"),
        max_value=Decimal("99999999.99"),
        decimal_places=2,
        help_text="退费写负数。",
    )
    paid_on = forms.DateField(label="日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    reference = forms.CharField(label="流水号", max_length=60, help_text="收据号也可以；同一个号不会登记两次。")

    def paid(self) -> Paid:
        """Return the payment as the action takes it."""
        return Paid(**self.cleaned_data)


class PaymentsUploadForm(forms.Form):
    """The finance office's file."""

    file = forms.FileField(
        label="财务的缴费表",
        max_length=120,
        help_text="Excel（.xlsx 或 .xls）或 CSV。列的先后不限，按列名找。",
        error_messages={"required": "请先选文件。", "empty": "这个文件是空的。"},
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )
