"""The school, a term and its grade bands."""

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django import forms

from afterschool.school.actions.terms import SETTINGS, Band
from afterschool.school.models import GradeBand, Term
from afterschool.school.naming import grade_name
from afterschool.support.clock import SHANGHAI
from afterschool.support.weekdays import WEEKDAY_CHOICES, pack

DATE = {"type": "date"}
FRACTION = re.compile(r"([0-9]{1,3})\s*/\s*([0-9]{1,3})")
PERCENT = re.compile(r"([0-9]{1,3})\s*%")


def _date(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(label=label, help_text=help_text, widget=forms.DateInput(format="%Y-%m-%d", attrs=DATE))


def _moment(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget)


class FractionField(forms.CharField):
    """A share as a fraction, "1/2", or in per cent, "60%": kept as two whole numbers, never as a decimal."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        text = unicodedata.normalize("NFKC", text)
        if percent := PERCENT.fullmatch(text):
            share = Fraction(int(percent[1]), 100)
            part, whole = share.numerator, share.denominator
        elif (fraction := FRACTION.fullmatch(text)) and int(fraction[2]):
            part, whole = int(fraction[1]), int(fraction[2])
        else:
            raise forms.ValidationError("请写成分数或百分数，例如 1/2 或 60%。")
        if part > whole:
            raise forms.ValidationError("比例不能超过全班，例如 1/2 或 60%。")
        return part, whole


class TermForm(forms.Form):
    """All settings of a term."""

    name = forms.CharField(label="名称", max_length=40, help_text="例如 2026年秋季学期")
    school_year = forms.IntegerField(label="学年", min_value=2000, max_value=2100, help_text="秋季所在的年份")
    starts_on = _date("开学")
    ends_on = _date("结束")
    service_starts_on = _date("课后服务第一天")
    applications_open_at = _moment("申请开始")
    applications_close_at = _moment("申请截止")
    service_weekdays = forms.MultipleChoiceField(
        label="服务的星期", choices=WEEKDAY_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    cap = forms.IntegerField(label="每班上限（人）", min_value=1, max_value=200)
    own_share = FractionField(label="独立编班比例", help_text="参加人数达到全班的这个比例，独立编班。例如 1/2")
    mixed_share = FractionField(label="混合编班比例", help_text="不到这个比例的班会注明。例如 1/3")
    smallest_size = forms.IntegerField(label="开班最少人数", min_value=1, max_value=200)
    alone_from_grade = forms.IntegerField(
        label="可自行离校的最低年级", min_value=1, max_value=13, help_text="13 表示都不可以"
    )
    late_grace_minutes = forms.IntegerField(label="放学后多久可转延时托管（分钟）", min_value=0, max_value=180)
    sign_in_grace_minutes = forms.IntegerField(label="教师迟到宽限（分钟）", min_value=0, max_value=60)
    consent_text = forms.CharField(
        label="知情同意",
        widget=forms.Textarea(attrs={"rows": 6}),
        required=False,
        help_text="改动后成为新的版本，会请所有申请了的家长再看一次；错别字也算改动。",
    )

    answers_by = forms.DateField(
        label="审核结果最晚哪天给家长",
        required=False,
        help_text="写在申请页上；空着就只说“审核后通知”。",
        widget=forms.DateInput(format="%Y-%m-%d", attrs=DATE),
    )
    keep_years = forms.IntegerField(
        label="学期结束后资料保存几年", min_value=1, max_value=30, help_text="到期后协议、申请等可以清除"
    )

    def clean_service_weekdays(self) -> str:
        return pack(self.cleaned_data["service_weekdays"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (a := values.get("starts_on")) and (b := values.get("ends_on")) and b <= a:
            self.add_error("ends_on", "学期结束要晚于开学。")
        if (a := values.get("applications_open_at")) and (b := values.get("applications_close_at")) and b <= a:
            self.add_error("applications_close_at", "申请截止要晚于申请开始。")
        own, mixed = values.get("own_share"), values.get("mixed_share")
        if own and mixed and mixed[0] * own[1] > own[0] * mixed[1]:
            self.add_error("mixed_share", "混合编班比例不能高于独立编班比例。")
        return values

    def settings(self) -> dict[str, Any]:
        """Return the values as `create_term` and `edit_term` take them."""
        values = dict(self.cleaned_data)
        values["own_share_num"], values["own_share_den"] = values.pop("own_share")
        values["mixed_share_num"], values["mixed_share_den"] = values.pop("mixed_share")
        return values


def initial_of(term: Term) -> dict[str, Any]:
    """Return a term's settings as the form takes them."""
    values = {name: getattr(term, name) for name in SETTINGS}
    for name in ("applications_open_at", "applications_close_at"):
        values[name] = values[name].astimezone(SHANGHAI)
    values["service_weekdays"] = list(term.service_weekdays)
    values["own_share"] = f"{term.own_share_num}/{term.own_share_den}"
    values["mixed_share"] = f"{term.mixed_share_num}/{term.mixed_share_den}"
    return values


FRESH = {
    "service_weekdays": list("12345"),
    "cap": 45,
    "own_share": "1/2",
    "mixed_share": "1/3",
    "smallest_size": 1,
    "alone_from_grade": 3,
    "late_grace_minutes": 10,
    "sign_in_grace_minutes": 0,
    "keep_years": 3,
}


DATES = (
    "name",
    "school_year",
    "starts_on",
    "ends_on",
    "service_starts_on",
    "applications_open_at",
    "applications_close_at",
)


def _clock(label: str) -> forms.TimeField:
    words = {"required": f"请填写{label}。", "invalid": "请写成时间，例如 16:05。"}
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, widget=widget, error_messages=words)


def _grade(label: str) -> forms.IntegerField:
    words = {"required": f"请填写{label}。", "invalid": "请写数字，例如 3。"}
    return forms.IntegerField(label=label, min_value=1, max_value=12, error_messages=words)


class BandForm(forms.Form):
    """One grade band with the hours promised to parents."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    first_grade = _grade("从年级")
    last_grade = _grade("到年级")
    served_from = _clock("服务开始")
    served_until = _clock("服务结束")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (a := values.get("first_grade")) and (b := values.get("last_grade")) and b < a:
            self.add_error("last_grade", "年级从小到大写。")
        if (since := values.get("served_from")) and (until := values.get("served_until")) and until <= since:
            self.add_error("served_until", "服务结束要晚于开始。")
        return values


class BaseBands(forms.BaseFormSet):
    """All bands of a term: no grade stands in two."""

    def clean(self) -> None:
        taken: dict[int, int] = {}
        for number, form in enumerate(self.forms, 1):
            values = form.cleaned_data if form.is_valid() else {}
            if not values or values.get("DELETE"):
                continue
            for grade in range(values["first_grade"], values["last_grade"] + 1):
                if taken.setdefault(grade, number) != number:
                    form.add_error("first_grade", f"{grade_name(grade)}已在第 {taken[grade]} 段。")
                    break


BandFormSet = forms.formset_factory(BandForm, formset=BaseBands, extra=1, can_delete=True, max_num=12)


def one_more(post: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the bands as typed, right or wrong, as the start of a form with one more; those to be removed are gone."""
    total = str(post.get("band-TOTAL_FORMS", ""))
    rows = [
        {name: post.get(f"band-{n}-{name}", "") for name in Band.__dataclass_fields__}
        for n in range(min(int(total), 12) if total.isdecimal() else 0)
        if not post.get(f"band-{n}-DELETE")
    ]
    return [row for row in rows if any(row[name] for name in row if name != "id")]


def band_initial(term: Term) -> list[dict[str, Any]]:
    """Return a term's bands as the formset takes them."""
    rows = GradeBand.objects.filter(term=term).order_by("first_grade")
    return [{name: getattr(b, name) for name in Band.__dataclass_fields__} for b in rows]


def bands_of(lines: list[dict[str, Any]]) -> list[Band]:
    """Return the bands typed, those marked for removal left out."""
    return [Band(**{n: line[n] for n in Band.__dataclass_fields__}) for line in lines if line and not line["DELETE"]]


class SchoolForm(forms.Form):
    """The school's name and public address."""

    name = forms.CharField(label="校名", max_length=60, error_messages={"required": "请填写校名。"})
    public_url = forms.URLField(
        label="公开网址",
        required=False,
        assume_scheme="https",
        help_text="印在绑定单的二维码里，例如 https://fuwu.example.com；没有它不能打印绑定单。",
        error_messages={"invalid": "网址要以 https:// 开头，例如 https://fuwu.example.com。"},
    )
