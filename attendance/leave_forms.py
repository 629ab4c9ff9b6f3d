"""What comes in from the pages of leave and pick-up, turned into values."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.dateparse import parse_date

from afterschool.school.forms import PhoneField
from afterschool.school.models import Student
from afterschool.school.models.people import validate_phone
from attendance.actions.fetchers import Someone
from attendance.actions.leaves import Slip
from attendance.actions.pickups import Wish
from attendance.enums import ChangeKind, LeaveSource

SPAN = "span"
SAME, LISTED, OTHER, ALONE = "same", "listed", "other", "alone"
REASONS = ["身体不舒服", "去看医生", "家里有事", "外出"]
RECORDED = [(source.value, source.label) for source in (LeaveSource.PAPER, LeaveSource.PHONE)]
NO_DATE = {"invalid": "请选一个日期。", "required": "请选一个日期。"}


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


class Beside:
    """A field that is asked for beside one answer and not beside another: its form looks whether it is filled."""

    def validate(self, value: Any) -> None:
        """Leave it to the form."""


class DayBeside(Beside, forms.DateField):
    """A day of one's own choice."""


class TimeBeside(Beside, forms.TimeField):
    """A time, where the time changes."""


class TextBeside(Beside, forms.CharField):
    """Words about somebody else, where somebody else comes."""


class PhoneBeside(Beside, PhoneField):
    """The number of somebody else, typed or pasted with or without spaces."""


def _last_day() -> forms.DateField:
    words = {"label": "到哪天", "help_text": "只有一天，不用填。"}
    return forms.DateField(widget=DayInput, required=False, error_messages=NO_DATE, **words)  # type: ignore[arg-type]


class WordForm(forms.Form):
    """What all words have in common: which days, and for the school how it came to know.

    `days` are offered for one tap, each with its word; other days are typed.
    """

    when = forms.ChoiceField(label="哪天", widget=forms.RadioSelect, error_messages={"required": "请选哪一天。"})
    first_day = DayBeside(label="从哪天", widget=DayInput, help_text="选了“另选日期”再填。", error_messages=NO_DATE)
    last_day = _last_day()
    source = forms.ChoiceField(
        label="怎么知道的",
        choices=RECORDED,
        widget=forms.RadioSelect,
        error_messages={"required": "请选纸质假条或电话。"},
    )
    said_by = forms.CharField(label="谁说的", max_length=20, required=False, help_text="例如：妈妈。")

    def __init__(self, *args: Any, for_family: bool, days: Sequence[tuple[date, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(day.isoformat(), word) for day, word in days]
        when = self.fields["when"]
        when.choices = [*offered, (SPAN, "另选日期")]  # type: ignore[attr-defined]
        when.initial = offered[0][0] if offered else SPAN
        if for_family:
            del self.fields["source"], self.fields["said_by"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("when") == SPAN and not values.get("first_day") and "first_day" not in self.errors:
            self.add_error("first_day", NO_DATE["required"])
        return values

    def days(self) -> tuple[date, date]:
        """Return first and last day."""
        values = self.cleaned_data
        if (one := parse_date(values["when"])) is not None:
            return one, one
        first: date = values["first_day"]
        return first, values.get("last_day") or first

    def word(self) -> dict[str, Any]:
        """Return how the school knows, as the actions take it."""
        source = LeaveSource(self.cleaned_data.get("source", LeaveSource.GUARDIAN))
        return {"source": source, "said_by": self.cleaned_data.get("said_by", "")}


class LeaveForm(WordForm):
    """Leave of a day or a span, with a reason for one tap or in own words."""

    why = forms.ChoiceField(
        label="原因", choices=[(why, why) for why in REASONS], widget=forms.RadioSelect, required=False
    )
    reason = forms.CharField(label="也可以自己写", max_length=80, required=False)
    field_order = ["when", "first_day", "last_day", "why", "reason", "source", "said_by"]

    def values(self) -> dict[str, Any]:
        """Return the leave as the action takes it."""
        data = self.cleaned_data
        first, last = self.days()
        reason = "，".join(part for part in (data["why"], data["reason"].strip()) if part)
        return {"first_day": first, "last_day": last, "reason": reason, **self.word()}


class PickupForm(WordForm):
    """Early or late pick-up, another person who fetches, or both."""

    kind = forms.ChoiceField(
        label="时间",
        choices=[*ChangeKind.choices, (SAME, "时间不变，换人接")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选早接、晚接，或换人接。"},
    )
    time = TimeBeside(label="几点", widget=TimeInput, error_messages={"invalid": "时间请写成 16:30 这样。"})
    who = forms.ChoiceField(label="谁来接", widget=forms.RadioSelect, error_messages={"required": "请选谁来接。"})
    name = TextBeside(label="来接的人的姓名", max_length=40)
    relation = TextBeside(label="和孩子的关系", max_length=20, help_text="例如：姑姑、邻居。")
    phone = PhoneBeside(label="手机号", validators=[validate_phone], help_text="老师核对身份用。")
    note = forms.CharField(label="还要说明的", max_length=100, required=False)
    field_order = ["kind", "time", "when", "first_day", "last_day", "who", "name", "relation", "phone", "note"]

    def __init__(
        self,
        *args: Any,
        for_family: bool,
        may_go_alone: bool,
        listed: str,
        days: Sequence[tuple[date, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, for_family=for_family, days=days, **kwargs)
        self.for_family = for_family
        self.fields["phone"].required = for_family  # on a slip of paper it may be missing
        usual = f"平时接的人（{listed}）" if listed else "平时接的人"
        choices = [(LISTED, usual), (OTHER, "另外一个人")] + ([(ALONE, "没有人接，自己离校")] if may_go_alone else [])
        self.fields["who"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("who", OTHER if self.initial.get("kind") == SAME else LISTED)

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        kind, who = values.get("kind"), values.get("who")
        if kind in ChangeKind.values:
            if values.get("time") is None and "time" not in self.errors:
                self.add_error("time", "请写几点来接。")
            last = values.get("last_day")
            if values.get("when") == SPAN and last and last != values.get("first_day"):
                self.add_error("last_day", "早接、晚接一次说一天；换人接可以说几天。")
        elif kind == SAME and who == LISTED:
            self.add_error("who", "时间和接的人都没有变，不用登记。换人接请选“另外一个人”。")
        elif kind == SAME and who == ALONE:
            self.add_error("kind", "自己离校，请选早接或晚接，写明几点。")
        if who == OTHER:
            self._ask_for_someone(values)
        return values

    def _ask_for_someone(self, values: dict[str, Any]) -> None:
        wanted = {"name": "请写来接的人的姓名。", "relation": "请写和孩子的关系，例如姑姑。"}
        if self.for_family:
            wanted["phone"] = "请写手机号，老师核对身份用。"
        for field, sentence in wanted.items():
            if not values.get(field) and field not in self.errors:
                self.add_error(field, sentence)

    def someone(self) -> Someone | None:
        """Return who else fetches, if anybody."""
        data = self.cleaned_data
        return Someone(data["name"], data["relation"], data["phone"]) if data["who"] == OTHER else None

    def wish(self) -> Wish | None:
        """Return the early or late pick-up, if the time changes."""
        data = self.cleaned_data
        if data["kind"] == SAME:
            return None
        alone = data["who"] == ALONE
        kind = ChangeKind(data["kind"])
        return Wish(self.days()[0], kind, data["time"], alone=alone, note=data["note"], someone=self.someone())


class SlipsForm(forms.Form):
    """The slips of several children in one go: the days once, reason and who said it beside each child."""

    first_day = forms.DateField(label="从哪天", widget=DayInput, error_messages=NO_DATE)
    last_day = _last_day()
    source = forms.ChoiceField(
        label="怎么知道的",
        choices=RECORDED,
        widget=forms.RadioSelect,
        error_messages={"required": "请选纸质假条或电话。"},
    )

    def values(self) -> dict[str, Any]:
        """Return days and source as the action takes them."""
        data = self.cleaned_data
        last = data.get("last_day") or data["first_day"]
        return {"first_day": data["first_day"], "last_day": last, "source": LeaveSource(data["source"])}

    def slips(self, children: Iterable[Student]) -> list[Slip]:
        """Return the slips of the children ticked, out of those on the page."""
        ticked = set(self.data.getlist("child")) if self.is_bound else set()  # type: ignore[attr-defined]
        return [
            Slip(child, self._beside(child, "reason", 80), self._beside(child, "said", 20))
            for child in children
            if str(child.pk) in ticked
        ]

    def _beside(self, child: Student, what: str, longest: int) -> str:
        return str(self.data.get(f"{what}-{child.pk}", "")).strip()[:longest]
