"""What comes in from the pages of the roll call, turned into values."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_datetime

from afterschool.support import clock
from attendance.actions.roll_calls import Wish
from attendance.devices import Device, school_time
from attendance.enums import MarkState

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
