"""One date of the calendar."""

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
