"""One date of the calendar, or a span of dates at once."""

from typing import Any

from django import forms

from afterschool.school.enums import DayKind
from afterschool.school.models import SchoolDay
from afterschool.support.weekdays import WEEKDAY_CHOICES


class DayForm(forms.Form):
    """What a date is, and whose weekday's timetable it runs."""

    kind = forms.ChoiceField(label="这一天", choices=DayKind.choices, widget=forms.RadioSelect)
    runs_weekday = forms.ChoiceField(
        label="按周几的课表", choices=[], help_text="调休上班日由学校决定按周几上课；只对服务日有用。"
    )
    note = forms.CharField(
        label="说明", max_length=60, required=False, help_text="停办要写明原因，家长和教师会看到，例如：台风停课。"
    )

    def __init__(self, *args: Any, day: SchoolDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weekdays = day.term.service_weekdays
        choices = [(value, word) for value, word in WEEKDAY_CHOICES if value in weekdays]
        field = self.fields["runs_weekday"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.choices = choices
        runs = str(day.runs_weekday) if str(day.runs_weekday) in weekdays else weekdays[:1]
        self.initial = {"kind": day.kind, "runs_weekday": runs, "note": "" if "调休" in day.note else day.note}


def _date(label: str) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, widget=widget, error_messages={"required": f"请填写{label}。"})


class SpanForm(forms.Form):
    """What a span of dates is: looked at first, then done."""

    OFF, CANCELLED, RESTORE = "off", "cancelled", "restore"
    what = forms.ChoiceField(
        label="这段日子",
        choices=[
            (OFF, "不上学，例如秋假、运动会调休"),
            (CANCELLED, "上学，课后服务停办，例如期末考试"),
            (RESTORE, "恢复原来的安排"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项。"},
    )
    first = _date("从")
    last = _date("到")
    note = forms.CharField(
        label="原因", max_length=60, required=False, help_text="家长和教师会看到，例如：秋假。恢复时不用写。"
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (a := values.get("first")) and (b := values.get("last")) and b < a:
            self.add_error("last", "结束不能早于开始。")
        if values.get("what") in {self.OFF, self.CANCELLED} and not values.get("note", "").strip():
            self.add_error("note", "请写明原因，例如：秋假、期末考试。家长会看到。")
        return values
