"""What a roll call's script sends, turned into values."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from attendance.actions.roll_sends import Batch, Sent
from attendance.devices import school_time
from attendance.enums import MarkState
from attendance.forms import read_moment
from attendance.leave_forms import TimeInput

CALLED = [state for state in MarkState if state != MarkState.NOT_CALLED]
MOST = 400  # marks in one batch: more than any group has children, several times over


class BatchForm:
    """One batch: `device`, `number`, `device_now`, and `marks`, a list in JSON."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.data = data

    def batch(self) -> Batch | None:
        """Return what was sent; None when it can't be read."""
        sent_at = read_moment(self.data.get("device_now"))
        try:
            rows = json.loads(str(self.data.get("marks", "")))
            if not isinstance(rows, list) or len(rows) > MOST:
                return None
            marks = [_sent(row, sent_at, clock.now()) for row in rows]
        except (ValueError, KeyError, TypeError):
            return None
        return Batch(str(self.data.get("device", ""))[:40], str(self.data.get("number", ""))[:40], marks)


def _sent(row: Any, sent_at: datetime | None, now: datetime) -> Sent:
    state = MarkState(row["state"])
    if state == MarkState.NOT_CALLED:
        raise ValueError(state)
    return Sent(
        student_id=int(row["child"]),
        seen=MarkState(row["seen"]),
        state=state,
        at=school_time(read_moment(row.get("at")), sent_at, now),
        rest=row.get("how") == "rest",
        joins=row.get("how") == "joins",
    )


class CallerField(forms.ModelChoiceField):
    """Who called the roll."""

    def label_from_instance(self, obj: Teacher) -> str:
        return obj.name


class PaperForm(forms.Form):
    """The head of a paper roll: when it was called and by whom; after the day, why it comes only now."""

    at = forms.TimeField(
        label="纸上的点名时间",
        widget=TimeInput,
        error_messages={"required": "请写纸上的点名时间。", "invalid": "时间请写成 15:35 这样。"},
    )
    teacher = CallerField(
        label="谁点的名",
        queryset=Teacher.objects.none(),
        empty_label="请选择",
        error_messages={"required": "请选谁点的名。", "invalid_choice": "请选谁点的名。"},
    )
    reason = forms.CharField(
        label="为什么隔天才录", max_length=100, error_messages={"required": "隔天补录，请写明原因。"}
    )

    def __init__(self, *args: Any, session: Session, late: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session
        teachers = self.fields["teacher"]
        assert isinstance(teachers, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        teachers.queryset = Teacher.objects.filter(active=True, user__isnull=False).order_by("name", "pk")
        if not late:
            del self.fields["reason"]

    def values(self) -> dict[str, Any]:
        """Return what the action takes beside the marks."""
        data = self.cleaned_data
        return {
            "at": clock.at(self.session.date, data["at"]),
            "called_by": data["teacher"],
            "reason": data.get("reason", ""),
        }


def paper_marks(data: Mapping[str, Any]) -> dict[int, MarkState]:
    """Return the marks typed in: `m-<child>`; with `rest` also `all`, the children of the page, as present."""
    found = {
        int(key[2:]): MarkState(value)
        for key, value in data.items()
        if key.startswith("m-") and key[2:].isdecimal() and value in CALLED
    }
    if "rest" in data:
        shown = [int(pk) for pk in str(data.get("all", "")).split(",") if pk.isdecimal()]
        found = dict.fromkeys(shown, MarkState.PRESENT) | found
    return found
