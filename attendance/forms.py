"""What comes in from the pages, turned into values."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from afterschool.support import clock
from attendance.actions import leaves
from attendance.actions.roll_calls import Wish
from attendance.devices import Device, school_time
from attendance.enums import ChangeKind, LeaveSource, MarkState

CALLED = [choice for choice in MarkState.choices if choice[0] != MarkState.NOT_CALLED]


def read_moment(text: object) -> datetime | None:
    """Return a time as a device writes it; one that can't be read is none."""
    try:
        at = parse_datetime(str(text or ""))
    except ValueError:
        return None
    return at.replace(tzinfo=clock.SHANGHAI) if at is not None and at.tzinfo is None else at


def read_device(data: Mapping[str, Any]) -> Device:
    """Return the device of a post with the time of what it did, as the school's clock has it."""
    done, sent = read_moment(data.get("device_at")), read_moment(data.get("device_now"))
    return Device(str(data.get("device", ""))[:40], school_time(done, sent, clock.now()))


class MarkForm(forms.Form):
    """One mark, with the state that the sender saw."""

    child = forms.IntegerField()
    seen = forms.ChoiceField(choices=MarkState.choices)
    state = forms.ChoiceField(choices=CALLED)

    def wish(self) -> Wish:
        data = self.cleaned_data
        return Wish(data["child"], MarkState(data["seen"]), MarkState(data["state"]))

    def device(self) -> Device:
        return read_device(self.data)


class MarksForm:
    """All radios of the page in one post: `m-<child>` as chosen and `seen-<child>` as the page was sent out."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def wishes(self) -> list[Wish]:
        """Return what was changed; what can't be read is left out."""
        found = []
        for key, value in self.data.items():
            child = key.removeprefix("m-")
            if key == child or not child.isdecimal() or value not in MarkState.values:
                continue
            seen = self.data.get(f"seen-{child}", "")
            if seen in MarkState.values and seen != value:
                found.append(Wish(int(child), MarkState(seen), MarkState(value)))
        return found

    def wants(self, button: str) -> bool:
        return button in self.data

    def device(self) -> Device:
        return read_device(self.data)


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


class TimeInput(forms.TimeInput):
    """The browser's own time picker."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class LeaveForm(forms.Form):
    """Leave of a day or a span."""

    first_day = forms.DateField(
        label="从哪天", widget=DayInput, error_messages={"invalid": "请选一个日期。", "required": "请选一个日期。"}
    )
    last_day = forms.DateField(
        label="到哪天",
        widget=DayInput,
        required=False,
        help_text="只请一天，不用填。",
        error_messages={"invalid": "请选一个日期。", "required": "请选一个日期。"},
    )
    reason = forms.CharField(label="原因", max_length=100, required=False)
    source = forms.ChoiceField(
        label="怎么知道的",
        choices=[(s.value, s.label) for s in (LeaveSource.PAPER, LeaveSource.PHONE)],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, for_family: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_family:
            del self.fields["source"]

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "first_day": data["first_day"],
            "last_day": data.get("last_day") or data["first_day"],
            "reason": data["reason"],
            "source": LeaveSource(data.get("source", LeaveSource.GUARDIAN)),
        }


class PickupChangeForm(forms.Form):
    """Early or late pick-up of one day."""

    kind = forms.ChoiceField(
        label="早接还是晚接",
        choices=ChangeKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选早接或晚接。"},
    )
    date = forms.DateField(
        label="哪天", widget=DayInput, error_messages={"invalid": "请选一个日期。", "required": "请选一个日期。"}
    )
    time = forms.TimeField(
        label="几点",
        widget=TimeInput,
        error_messages={"invalid": "时间请写成 16:30 这样。", "required": "请写几点来接。"},
    )
    alone = forms.BooleanField(label="这一天自己离校，没有人来接", required=False)
    note = forms.CharField(label="说明", max_length=100, required=False, help_text="例如：由外婆来接。")
    source = forms.ChoiceField(
        label="怎么知道的",
        choices=[(s.value, s.label) for s in (LeaveSource.PAPER, LeaveSource.PHONE)],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, for_family: bool, may_go_alone: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_family:
            del self.fields["source"]
        if not may_go_alone:
            del self.fields["alone"]

    def wish(self) -> leaves.Wish:
        data = self.cleaned_data
        return leaves.Wish(
            data["date"], ChangeKind(data["kind"]), data["time"], alone=data.get("alone", False), note=data["note"]
        )

    def word(self) -> LeaveSource:
        return LeaveSource(self.cleaned_data.get("source", LeaveSource.GUARDIAN))
