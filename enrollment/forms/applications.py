"""Forms of what the school sets: care categories and the window."""

from typing import Any

from django import forms

from afterschool.support import clock
from enrollment.models import CareCategory


class CareForm(forms.Form):
    """Which categories one child is of."""

    categories = forms.ModelMultipleChoiceField(
        label="关爱类别",
        queryset=CareCategory.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class CategoryForm(forms.Form):
    """A category's name, and whether it is in use."""

    name = forms.CharField(label="名称", max_length=40, error_messages={"required": "请写名称。"})
    active = forms.BooleanField(label="在用", required=False)


class ReopenForm(forms.Form):
    """Until when the window is opened again."""

    until = forms.DateTimeField(
        label="重新开放到",
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "请选新的截止时间。", "invalid": "请选日期和时间。"},
    )

    def clean_until(self) -> Any:
        return self.cleaned_data["until"].astimezone(clock.SHANGHAI)
