"""The editor of one timetable: its head, its slots, and in each slot its parts.

Rows are added and taken away by buttons of the same form, so that it works without JavaScript: what was typed comes back as
it was typed, checked only when it is saved.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from django import forms
from django.http import QueryDict

from afterschool.support.weekdays import WEEKDAY_CHOICES, pack
from scheduling.actions.timetables import Part, Row
from scheduling.enums import SlotKind
from scheduling.models import Timetable

MOST_SLOTS, MOST_PARTS, MOST_MINUTES = 12, 6, 300
DAY = 24 * 60
CLOCK = re.compile(r"^([01]?\d|2[0-3])[:：]([0-5]\d)")
HEAD = ("weekdays", "valid_from", "dismissal")


def _time(label: str, help_text: str = "") -> forms.TimeField:
    words = {"required": f"请填写{label}。", "invalid": "请写成时间，例如 16:05。"}
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, help_text=help_text, widget=widget, error_messages=words)


class HeadForm(forms.Form):
    """For which weekdays, from when, and when school is out."""

    weekdays = forms.MultipleChoiceField(
        label="适用的星期",
        choices=WEEKDAY_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请选适用的星期。"},
    )
    valid_from = forms.DateField(
        label="从哪天起",
        required=False,
        help_text="不填：从开学起。换季（如5月1日、10月1日）另建一份，写明日期。",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    dismissal = _time("放学", "可以晚于最后一个时段。")

    def clean_weekdays(self) -> str:
        return pack(self.cleaned_data["weekdays"])


class SlotForm(forms.Form):
    """From when to when."""

    starts_at = _time("开始")
    ends_at = _time("结束")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if (a := values.get("starts_at")) and (b := values.get("ends_at")) and b <= a:
            self.add_error("ends_at", "结束要晚于开始。")
        return values


class PartForm(forms.Form):
    """One thing that happens in a slot."""

    kind = forms.ChoiceField(label="类别", choices=SlotKind.choices)
    text = forms.CharField(
        label="内容（照印）", max_length=60, error_messages={"required": "请写内容，家长看到的就是这些字。"}
    )
    place = forms.CharField(label="地点（照印）", max_length=60, required=False)
    side_by_side = forms.BooleanField(label="与上一项同时，不同的孩子", required=False)


@dataclass(frozen=True)
class RawSlot:
    """A slot as it was typed, right or wrong."""

    starts_at: Any = ""
    ends_at: Any = ""
    parts: tuple[Mapping[str, Any], ...] = field(default=({},))

    @property
    def blank(self) -> bool:
        return not (self.starts_at or self.ends_at or any(p.get("text") or p.get("place") for p in self.parts))

    @property
    def kept(self) -> "RawSlot":
        """The slot without the parts that nobody filled in; the last one stays, to be asked for."""
        written = tuple(part for part in self.parts if part.get("text") or part.get("place"))
        return replace(self, parts=written or self.parts[:1])


@dataclass(frozen=True)
class Raw:
    """A whole timetable as it was typed. `focus`: the field to go to next."""

    head: dict[str, Any]
    slots: tuple[RawSlot, ...]
    focus: str = ""


class SlotLine:
    """One slot on the page with its parts."""

    def __init__(self, number: int, raw: RawSlot, *, bound: bool) -> None:
        self.number = number
        self.prefix = f"slot-{number}"
        times = {"starts_at": raw.starts_at, "ends_at": raw.ends_at}
        self.form = cast(SlotForm, _form(SlotForm, self.prefix, times, bound=bound))
        self.parts = [
            cast(PartForm, _form(PartForm, f"{self.prefix}-part-{n}", part, bound=bound))
            for n, part in enumerate(raw.parts)
        ]

    @property
    def forms(self) -> list[forms.Form]:
        return [self.form, *self.parts]

    @property
    def span(self) -> str:
        return f"{self.form.cleaned_data['starts_at']:%H:%M}—{self.form.cleaned_data['ends_at']:%H:%M}"

    def overlaps(self, other: "SlotLine") -> bool:
        """Tell whether two slots with right times have a minute in common."""
        mine, theirs = self.form.cleaned_data, other.form.cleaned_data
        return "starts_at" in theirs and mine["starts_at"] < theirs["ends_at"] and theirs["starts_at"] < mine["ends_at"]


def _form(kind: type[forms.Form], prefix: str, values: Mapping[str, Any], *, bound: bool) -> forms.Form:
    if bound:
        return kind({f"{prefix}-{name}": value for name, value in values.items()}, prefix=prefix)
    return kind(initial=dict(values), prefix=prefix)


class Editor:
    """The whole form: `is_valid`, then `head.cleaned_data` and `rows`."""

    def __init__(self, raw: Raw, *, bound: bool = False) -> None:
        slots = [slot.kept for slot in raw.slots if not slot.blank] if bound else raw.slots
        self.head = HeadForm(raw.head) if bound else HeadForm(initial=raw.head)
        self.lines = [SlotLine(n, slot, bound=bound) for n, slot in enumerate(slots or [RawSlot()])]
        for form in self.forms:
            for name, bound_field in form.fields.items():
                if raw.focus and raw.focus == f"{form.prefix}-{name}":
                    bound_field.widget.attrs["autofocus"] = True
        if bound:
            self._compare()

    def _compare(self) -> None:
        """Check what one field alone can't tell: slots against each other, dismissal against the last of them."""
        whole = [line for line in self.lines if line.form.is_valid()]
        for place, line in enumerate(whole):
            twin = next((other for other in whole[:place] if line.overlaps(other)), None)
            if twin is not None:
                line.form.add_error("starts_at", f"与第 {twin.number + 1} 时段重叠（{twin.span}）。")
        ends_at = [line.form.cleaned_data["ends_at"] for line in whole]
        out = self.head.cleaned_data.get("dismissal") if self.head.is_valid() else None
        if out and ends_at and out < max(ends_at):
            self.head.add_error("dismissal", f"放学不能早于最后一个时段结束（{max(ends_at):%H:%M}）。")

    @property
    def forms(self) -> list[forms.Form]:
        return [self.head, *(form for line in self.lines for form in line.forms)]

    @property
    def errors(self) -> int:
        """How many fields are wrong."""
        return sum(len(form.errors) for form in self.forms)

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    @property
    def rows(self) -> list[Row]:
        """The slots as the action takes them."""
        return [
            Row(
                line.form.cleaned_data["starts_at"],
                line.form.cleaned_data["ends_at"],
                tuple(
                    Part(SlotKind(p["kind"]), p["text"], p["place"], p["side_by_side"])
                    for p in (part.cleaned_data for part in line.parts)
                ),
            )
            for line in self.lines
        ]


def typed(post: QueryDict) -> Raw:
    """Return what was typed."""
    head = {"weekdays": post.getlist("weekdays"), **{name: post.get(name, "") for name in HEAD[1:]}}
    slots = []
    for n in range(_count(post.get("slots"), MOST_SLOTS)):
        parts = tuple(
            {name: post.get(f"slot-{n}-part-{m}-{name}", "") for name in PartForm.base_fields}
            for m in range(_count(post.get(f"slot-{n}-parts"), MOST_PARTS))
        )
        slots.append(RawSlot(post.get(f"slot-{n}-starts_at", ""), post.get(f"slot-{n}-ends_at", ""), parts or ({},)))
    return Raw(head, tuple(slots))


def _count(text: str | None, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() else 0


def standing(table: Timetable | None, *, copy: bool = False) -> Raw:
    """Return a standing timetable as the editor takes it; as the start of another it has no weekdays and no season."""
    if table is None:
        return Raw({}, (RawSlot(),))
    slots = tuple(
        RawSlot(
            f"{slot.starts_at:%H:%M}",
            f"{slot.ends_at:%H:%M}",
            tuple({name: getattr(part, name) for name in PartForm.base_fields} for part in slot.parts.all()),
        )
        for slot in table.slots.order_by("starts_at").prefetch_related("parts")
    )
    head: dict[str, Any] = {"dismissal": f"{table.dismissal:%H:%M}"}
    if not copy:
        head |= {"weekdays": list(table.weekdays), "valid_from": table.valid_from}
    return Raw(head, slots)


def changed(raw: Raw, change: str, minutes: str = "") -> Raw:
    """Return the rows after a button.

    `slot` and `part-N` add one, `drop-N` and `drop-N-M` take one away, `shift` moves all times by so many minutes.
    """
    verb, *numbers = change.split("-")
    if not all(number.isdecimal() for number in numbers):
        return raw
    at = [int(number) for number in numbers]
    slots = list(raw.slots)
    if verb == "slot" and len(slots) < MOST_SLOTS:
        slots.append(RawSlot(slots[-1].ends_at if slots else ""))
        return replace(
            raw, slots=tuple(slots), focus=f"slot-{len(slots) - 1}-{'ends_at' if slots[-1].starts_at else 'starts_at'}"
        )
    if verb == "shift":
        return _shifted(raw, minutes)
    if not at or at[0] >= len(slots):
        return raw
    slot = slots[at[0]]
    if verb == "part" and len(slot.parts) < MOST_PARTS:
        slots[at[0]] = replace(slot, parts=(*slot.parts, {}))
        return replace(raw, slots=tuple(slots), focus=f"slot-{at[0]}-part-{len(slot.parts)}-text")
    if verb == "drop" and len(at) == 1:
        del slots[at[0]]
    elif verb == "drop":
        slots[at[0]] = replace(slot, parts=tuple(p for n, p in enumerate(slot.parts) if n != at[1]) or ({},))
    return replace(raw, slots=tuple(slots))


def _shifted(raw: Raw, minutes: str) -> Raw:
    text = minutes.strip().replace("－", "-").replace("−", "-")
    if not re.fullmatch(r"[+-]?\d{1,3}", text) or abs(int(text)) > MOST_MINUTES:
        return raw
    by = int(text)
    slots = tuple(replace(s, starts_at=_moved(s.starts_at, by), ends_at=_moved(s.ends_at, by)) for s in raw.slots)
    return replace(raw, slots=slots, head=raw.head | {"dismissal": _moved(raw.head.get("dismissal", ""), by)})


def _moved(typed_time: Any, by: int) -> Any:
    """Move one time; what is no time, or would leave the day, stays as it is."""
    match = CLOCK.match(str(typed_time))
    if match is None:
        return typed_time
    moved = int(match[1]) * 60 + int(match[2]) + by
    return f"{moved // 60:02}:{moved % 60:02}" if 0 <= moved < DAY else typed_time
