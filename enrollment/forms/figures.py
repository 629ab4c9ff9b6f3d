"""As of which day figures are wanted."""

from datetime import date
from typing import Any

from django import forms

from afterschool.school.models import Term
from afterschool.support import clock


class ReportDayForm(forms.Form):
    """A day of the term that has begun; none is today."""

    day = forms.DateField(
        label="截止到哪天",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请选日期。"},
    )

    def __init__(self, data: Any = None, *, term: Term, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.first = min(term.applications_open_at.astimezone(clock.SHANGHAI).date(), term.starts_on)
        self.fields["day"].widget.attrs |= {"min": self.first.isoformat(), "max": clock.today().isoformat()}

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day is not None and not self.first <= day <= clock.today():
            raise forms.ValidationError(f"请选{self.first.month}月{self.first.day}日到今天之间的日期。")
        return day
