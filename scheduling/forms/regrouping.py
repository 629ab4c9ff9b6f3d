"""What the office types when it regroups, and when it moves children by hand."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from afterschool.school.models import Group, Student


class DayInput(forms.DateInput):
    """A date as browsers take it."""

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"type": "date", "class": "form-control"})


class StartForm(forms.Form):
    """From which day a regrouping holds."""

    starts_on = forms.DateField(label="从哪天起", widget=DayInput(), error_messages={"required": "请写从哪天起。"})


class ArrangeForm(forms.Form):
    """Children of a grade, and the group they go to."""

    child = forms.ModelMultipleChoiceField(
        label="孩子",
        queryset=Student.objects.none(),
        error_messages={"required": "请先选孩子。", "invalid_choice": "有孩子不在这个年级的名单里，请重新选。"},
    )
    to_group = forms.ModelChoiceField(
        label="移到哪个服务班", queryset=Group.objects.none(), error_messages={"required": "请选移到哪个服务班。"}
    )
    starts_on = forms.DateField(label="从哪天起", widget=DayInput(), error_messages={"required": "请写从哪天起。"})
    reason = forms.CharField(label="原因", required=False, max_length=200)

    def __init__(self, *args: Any, children: QuerySet[Student], groups: QuerySet[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("child", children), ("to_group", groups)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
            field.queryset = rows
        self.fields["to_group"].widget.attrs["class"] = "form-select"
        self.fields["reason"].widget.attrs["class"] = "form-control"
