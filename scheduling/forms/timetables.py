"""One timetable: its head, and its lines as a plain formset."""

from typing import Any

from django import forms

from afterschool.support.weekdays import WEEKDAY_CHOICES, pack
from scheduling.actions.timetables import Part, Row
from scheduling.enums import SlotKind
from scheduling.models import Timetable

TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class HeadForm(forms.Form):
    """For which weekdays, from when, and when school is out."""

    weekdays = forms.MultipleChoiceField(
        label="适用的星期", choices=WEEKDAY_CHOICES, widget=forms.CheckboxSelectMultiple
    )
    valid_from = forms.DateField(
        label="从哪天起",
        required=False,
        help_text="不填：从开学起。换季（如5月1日、10月1日）另建一份，写明日期。",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    dismissal = forms.TimeField(label="放学", widget=TIME, help_text="可以晚于最后一个时段。")

    def clean_weekdays(self) -> str:
        return pack(self.cleaned_data["weekdays"])


class PartForm(forms.Form):
    """One thing that happens from one time to another; the same times as the row before make one slot."""

    starts_at = forms.TimeField(label="开始", widget=TIME)
    ends_at = forms.TimeField(label="结束", widget=TIME)
    # The list starts on its first word: an empty line must say so, or it counts as begun.
    kind = forms.ChoiceField(label="类别", choices=SlotKind.choices, initial=SlotKind.STUDY)
    text = forms.CharField(label="内容（照印）", max_length=60)
    place = forms.CharField(label="地点（照印）", max_length=60, required=False)
    side_by_side = forms.BooleanField(label="与上一项同时", required=False)


PartFormSet = forms.formset_factory(PartForm, extra=2, can_delete=True, max_num=30)


def initial_of(table: Timetable) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the head and the lines of a standing timetable, as the form takes them."""
    head = {"weekdays": list(table.weekdays), "valid_from": table.valid_from, "dismissal": table.dismissal}
    lines = [
        {
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "kind": part.kind,
            "text": part.text,
            "place": part.place,
            "side_by_side": part.side_by_side,
        }
        for slot in table.slots.prefetch_related("parts")
        for part in slot.parts.all()
    ]
    return head, lines


def rows_of(lines: list[dict[str, Any]]) -> list[Row]:
    """Return the slots from the lines of the formset: lines with the same times are parts of one slot."""
    slots: dict[tuple[Any, Any], list[Part]] = {}
    for line in lines:
        if line and not line.get("DELETE"):
            part = Part(SlotKind(line["kind"]), line["text"], line["place"], line["side_by_side"])
            slots.setdefault((line["starts_at"], line["ends_at"]), []).append(part)
    return [Row(begin, end, tuple(parts)) for (begin, end), parts in slots.items()]
