"""What is typed or tapped on a patrol, turned into values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.uploads import PICTURES_ONLY
from attendance.devices import Device, school_time
from attendance.forms import read_moment
from attendance.visitor_forms import StaffField
from evaluation.actions.patrol import Found
from evaluation.enums import Doing, Order
from evaluation.queries.patrol import Expected, read_token

SAME, OTHER, NOT_COUNTED = "same", "other", "none"
COUNTS = [(SAME, "一样多"), (OTHER, "不一样"), (NOT_COUNTED, "没有清点")]
THERE, HELD, NOBODY = "there", "held", "nobody"
TEACHER = [(THERE, "教师在"), (HELD, "别人看着"), (NOBODY, "没有教师")]
MOST = 100  # visits in one batch: more than the school has groups at a time


class VisitForm(forms.Form):
    """One visit: the number, the teacher, what is going on."""

    expected = forms.CharField(widget=forms.HiddenInput, required=False)
    count = forms.ChoiceField(
        label="清点", choices=COUNTS, widget=forms.RadioSelect, error_messages={"required": "请点一下清点的结果。"}
    )
    counted = forms.IntegerField(
        label="清点到几人", required=False, min_value=0, max_value=300, error_messages={"invalid": "请写一个数。"}
    )
    who = forms.ChoiceField(
        label="教师", choices=TEACHER, widget=forms.RadioSelect, error_messages={"required": "请点一下教师在不在。"}
    )
    held_by = StaffField(Teacher.objects.none(), label="由谁看着", required=False, empty_label="请选")
    doing = forms.ChoiceField(label="在做什么", choices=Doing.choices, widget=forms.RadioSelect, required=False)
    order = forms.ChoiceField(label="秩序", choices=Order.choices, widget=forms.RadioSelect, required=False)
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, session_id: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_id = session_id
        staff = self.fields["held_by"]
        assert isinstance(staff, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        staff.queryset = Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("count") == OTHER and data.get("counted") is None and "counted" not in self.errors:
            self.add_error("counted", "请写清点到几人。")
        if data.get("who") == HELD and data.get("held_by") is None and "held_by" not in self.errors:
            self.add_error("held_by", "请选由谁看着；没有人看着，点“没有教师”。")
        return data

    @property
    def shown(self) -> Expected | None:
        """Return the number the page showed, if the portal had said it."""
        return read_token(self.cleaned_data["expected"], self.session_id)

    def found(self, shown: int) -> Found:
        """Return what was found; as many as expected means the number that was shown."""
        data = self.cleaned_data
        counted = {SAME: shown, OTHER: data["counted"], NOT_COUNTED: None}[data["count"]]
        return Found(
            counted=counted,
            there=data["who"] == THERE,
            held_by=data["held_by"] if data["who"] == HELD else None,
            doing=Doing(data["doing"]) if data["doing"] else None,
            order=Order(data["order"]) if data["order"] else None,
            note=data["note"],
        )

    @property
    def sentence(self) -> str:
        """Return the slips in one sentence, for a page that sends by script."""
        return "　".join(str(slip) for slips in self.errors.values() for slip in slips)


@dataclass(frozen=True)
class Sent:
    """One visit as a device sends it."""

    session_id: int
    number: str
    device: Device
    values: Mapping[str, Any]


def read_batch(data: Mapping[str, Any]) -> list[Sent] | None:
    """Return the visits of a batch: `device`, `device_now`, and `marks`, a list in JSON; None where it can't be read."""
    sent_at, device = read_moment(data.get("device_now")), str(data.get("device", ""))[:40]
    try:
        rows = json.loads(str(data.get("marks", "")))
        if not isinstance(rows, list) or len(rows) > MOST:
            return None
        return [
            Sent(
                int(row["child"]),
                str(row["number"])[:40],
                Device(device, school_time(read_moment(row.get("at")), sent_at, clock.now())),
                row,
            )
            for row in rows
        ]
    except (ValueError, KeyError, TypeError):
        return None


class EndForm(forms.Form):
    """A word at the end of a round."""

    note = forms.CharField(
        label="小结",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="可以不写。不写孩子姓名。",
    )


class PhotoForm(forms.Form):
    """One photo of a room or a thing."""

    photo = forms.FileField(
        label="照片",
        widget=forms.FileInput(attrs={"accept": PICTURES_ONLY}),
        help_text="只拍房间和东西，不拍孩子。",
    )


class ExplainForm(forms.Form):
    """How a difference comes."""

    text = forms.CharField(
        label="差在哪里",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="例如：1 人去了医务室，由校医看着。不写孩子姓名。",
    )


class AskForm(forms.Form):
    """What needs doing, by whom, until when."""

    text = forms.CharField(
        label="要做什么", max_length=200, widget=forms.TextInput(attrs={"placeholder": "例如：换一盏灯"})
    )
    owner = StaffField(Teacher.objects.none(), label="由谁", empty_label="请选")
    due_on = forms.DateField(label="最晚哪一天", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = self.fields["owner"]
        assert isinstance(staff, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        staff.queryset = Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")
