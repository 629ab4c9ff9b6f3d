"""Forms of safety checks and defects: strings into values, nothing else."""

from typing import Any

from django import forms

from afterschool.school.enums import RoomKind
from afterschool.school.models import Room
from afterschool.support.uploads import PICTURES_ONLY
from attendance.actions.checks import Found
from attendance.enums import Answer
from attendance.models import CheckItem, Defect
from attendance.queries.checks import rooms_in_order, staff_to_repair
from attendance.visitor_forms import StaffField


def photo_field(label: str = "照片") -> forms.FileField:
    """Return a field for one picture; whether it is one is seen from its bytes."""
    widget = forms.FileInput(attrs={"accept": PICTURES_ONLY})
    return forms.FileField(label=label, required=False, widget=widget)


class ItemLine:
    """One item of a check with its fields, as the page shows it."""

    def __init__(self, form: "RoomCheckForm", item: CheckItem, number: int) -> None:
        self.item, self.number = item, number
        self.answer, self.text, self.closes, self.photo = (form[f"{letter}-{item.pk}"] for letter in "atcp")
        self.missing = item.pk in form.missing


class RoomCheckForm(forms.Form):
    """All items of a list on one page. Nothing is answered beforehand; the rest may be in order in one act."""

    note = forms.CharField(label="说明", max_length=200, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, items: list[CheckItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        self.missing: set[int] = set()
        for item in items:
            self.fields[f"a-{item.pk}"] = forms.ChoiceField(
                label=item.text, choices=Answer.choices, required=False, widget=forms.RadioSelect
            )
            self.fields[f"t-{item.pk}"] = forms.CharField(label="有什么问题", max_length=200, required=False)
            self.fields[f"p-{item.pk}"] = photo_field()
            self.fields[f"c-{item.pk}"] = forms.BooleanField(label="修好以前不用这个场地", required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for item in self.items:
            answer = values.get(f"a-{item.pk}")
            if answer == Answer.BAD and not values.get(f"t-{item.pk}") and f"t-{item.pk}" not in self.errors:
                self.add_error(f"t-{item.pk}", "请写有什么问题。")
            if not answer and self.data.get("rest") != "good":
                self.missing.add(item.pk)
        if self.missing:
            self.add_error(None, f"还有 {len(self.missing)} 项没有看。")
        return values

    @property
    def lines(self) -> list[ItemLine]:
        return [ItemLine(self, item, number) for number, item in enumerate(self.items, 1)]

    @property
    def found(self) -> dict[int, Found]:
        """Return what was found of each item that was answered."""
        values, result = self.cleaned_data, {}
        for item in self.items:
            if answer := values[f"a-{item.pk}"]:
                text, photo = values[f"t-{item.pk}"], values[f"p-{item.pk}"]
                result[item.pk] = Found(Answer(answer), text, values[f"c-{item.pk}"], photo)
        return result


class ReportForm(forms.Form):
    """Something broken, seen outside a check."""

    room = forms.ModelChoiceField(label="哪里", queryset=Room.objects.none(), empty_label="请选择")
    text = forms.CharField(label="有什么问题", max_length=200)
    photo = photo_field()
    closes_room = forms.BooleanField(label="修好以前不用这个场地", required=False)

    def __init__(self, *args: Any, may_close: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room"].queryset = rooms_in_order()  # type: ignore[attr-defined]
        if not may_close:
            del self.fields["closes_room"]


class ArrangeForm(forms.Form):
    """Who repairs it, until when."""

    owner = StaffField(None, label="谁负责修", empty_label="请选择")
    due_on = forms.DateField(label="最晚哪一天", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    closes_room = forms.BooleanField(label="修好以前不用这个场地", required=False)

    def __init__(self, *args: Any, defect: Defect, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = staff_to_repair()  # type: ignore[attr-defined]
        self.initial = {"owner": defect.owner_id, "due_on": defect.due_on, "closes_room": defect.closes_room}


class RepairForm(forms.Form):
    """How it was repaired."""

    words = forms.CharField(label="怎么修的", max_length=200)
    photo = photo_field("修好以后的照片")


class WhyForm(forms.Form):
    """Why a repair doesn't hold."""

    why = forms.CharField(label="哪里没有修好", max_length=200)


class ListForm(forms.Form):
    """A list of its own."""

    title = forms.CharField(label="名称", max_length=40)
    room_kind = forms.ChoiceField(label="哪类场地", choices=[("", "所有场地"), *RoomKind.choices], required=False)
    every_days = forms.IntegerField(label="几天查一次", min_value=1, max_value=365, initial=30)
