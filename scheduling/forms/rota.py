"""One turn of the rota, its publishing, what is set for people, and what they wish."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms

from afterschool.school.models import Group, Teacher, Term
from afterschool.school.naming import grade_name
from afterschool.support.weekdays import NAMES, pack
from scheduling.actions.rota_people import Setting, Wished
from scheduling.enums import WishKind
from scheduling.models import RotaPerson, RotaTurn, RotaWish
from scheduling.queries.rota_choices import Choice

DATE = {"type": "date"}
NARROW = {"class": "form-control"}
NO_WISH = ""


class ChoiceSelect(forms.Select):
    """A list in which those who can't be chosen stand with the reason, and can't be chosen."""

    barred: frozenset[str] = frozenset()

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.barred:
            option["attrs"]["disabled"] = True
        return option


class TurnForm(forms.Form):
    """Who has this turn: who fits first, then who could with a reason, then who can't and why; each with the counts."""

    teacher = forms.ChoiceField(label="教师", required=False, widget=ChoiceSelect)
    reason = forms.CharField(
        label="原因",
        max_length=100,
        required=False,
        help_text="其他年级、这一天不排班、超过每周最多次数的，要写明原因。",
    )

    def __init__(self, *args: Any, turn: RotaTurn, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(c.teacher.pk): c.teacher for c in choices}
        field = self.fields["teacher"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        groups: list[Any] = [("", "暂缺")]
        for label, chosen in _sorted(choices):
            if chosen:
                groups.append((label, [(str(c.teacher.pk), _words(c)) for c in chosen]))
        field.choices = groups
        field.widget.barred = frozenset(str(c.teacher.pk) for c in choices if not c.fits and not c.by_reason)
        self.initial = {"teacher": str(turn.teacher_id or ""), "reason": turn.reason}

    @property
    def person(self) -> Teacher | None:
        """Return the chosen teacher; none is an open turn."""
        return self.people.get(self.cleaned_data["teacher"])


def _sorted(choices: Iterable[Choice]) -> list[tuple[str, list[Choice]]]:
    found = list(choices)
    return [
        ("可以安排，班次少的在前", [c for c in found if c.fits]),
        ("写明原因可以安排", [c for c in found if c.by_reason]),
        ("不能安排", [c for c in found if not c.fits and not c.by_reason]),
    ]


def _words(choice: Choice) -> str:
    teacher = choice.teacher
    grade = f"（{grade_name(teacher.grade)}）" if teacher.grade else ""
    words = f"{teacher.name}{grade}，每周另有 {choice.turns} 次，本学期已带 {choice.past} 次"
    if choice.fits:
        return words
    return f"{words}：{choice.verdict.sentence.removeprefix(teacher.name).rstrip('。').removesuffix('，请写明原因')}"


class PublishForm(forms.Form):
    """From when the rota holds, and whether families of groups with other teachers are told."""

    starts_on = forms.DateField(label="从哪天起", required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs=DATE))
    tell_families = forms.BooleanField(label="告诉换了教师的班的家长", required=False)

    def __init__(self, *args: Any, term: Term, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].widget.attrs |= {"min": today.isoformat(), "max": term.ends_on.isoformat()}


class FloatersForm(forms.Form):
    """How many floaters a grade has a day."""

    floaters = forms.IntegerField(label="每个年级每天的机动教师（人）", min_value=0, max_value=9)


class PersonForm(forms.Form):
    """What is set for one person's turns; a row of the table, or the person's own page."""

    takes_part = forms.BooleanField(label="参加排班", required=False)
    days_off = forms.MultipleChoiceField(label="不排班的星期", required=False, widget=forms.CheckboxSelectMultiple)
    most_turns = forms.IntegerField(label="每周最多几次", required=False, min_value=1, max_value=14)
    carried = forms.IntegerField(label="结转次数", required=False, min_value=-200, max_value=200)
    note = forms.CharField(label="说明", required=False, max_length=100)

    def __init__(self, data: Any = None, *, row: RotaPerson, teacher: Teacher, weekdays: str) -> None:
        initial = {
            "takes_part": row.takes_part,
            "days_off": list(row.days_off),
            "most_turns": row.most_turns,
            "carried": row.carried,
            "note": row.note,
        }
        super().__init__(data, initial=initial, prefix=f"p{teacher.pk}")
        self.teacher, self.row = teacher, row
        field = self.fields["days_off"]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (as declared above)
        shown = pack(weekdays + row.days_off)
        field.choices = [(day, NAMES[day]) for day in shown]
        self.differs = "" if row.pk is None or row.days_off == teacher.days_off else teacher.days_off or "0"

    @property
    def setting(self) -> Setting:
        """Return what was typed as a value."""
        values = self.cleaned_data
        return Setting(
            self.teacher,
            values["takes_part"],
            pack(values["days_off"]),
            values["most_turns"],
            values["carried"] or 0,
            values["note"].strip(),
        )


class WishForm(forms.Form):
    """A teacher's wishes: a word for each weekday of service, and perhaps a group of the own grade."""

    group = forms.ModelChoiceField(
        label="希望带哪个班", queryset=Group.objects.none(), required=False, empty_label="都可以"
    )

    def __init__(self, data: Any = None, *, weekdays: str, groups: Any, wishes: list[RotaWish]) -> None:
        initial: dict[str, Any] = {f"day{w.weekday}": w.kind for w in wishes if w.weekday}
        initial["group"] = next((w.group_id for w in wishes if w.group_id), None)
        super().__init__(data, initial=initial)
        self.weekdays = weekdays
        words = [(NO_WISH, "都可以"), (WishKind.PREFER.value, "希望排"), (WishKind.AVOID.value, "尽量不排")]
        for day in weekdays:
            self.fields[f"day{day}"] = forms.ChoiceField(
                label=NAMES[day], choices=words, required=False, widget=forms.RadioSelect
            )
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (as declared above)
        field.queryset = groups
        self.order_fields([*(f"day{day}" for day in weekdays), "group"])

    @property
    def days(self) -> list[Any]:
        """Return the fields of the weekdays."""
        return [self[f"day{day}"] for day in self.weekdays]

    @property
    def wished(self) -> list[Wished]:
        """Return what was chosen as values."""
        values = self.cleaned_data
        found = [
            Wished(WishKind(values[f"day{day}"]), weekday=int(day)) for day in self.weekdays if values[f"day{day}"]
        ]
        if values["group"]:
            found.append(Wished(WishKind.GROUP, group=values["group"]))
        return found
