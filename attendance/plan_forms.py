"""Forms of week plans and notes: strings into values, nothing else."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.http import QueryDict

from afterschool.school.models import Session, Student
from attendance.actions.plans import Change, Place, Written
from attendance.enums import ChildNoteKind, Followed
from attendance.queries.notes import children_here, kinds_for

LINE = "line-"


def plain(text: str) -> str:
    """Return a typed text without blanks around it, its line ends as the database keeps them."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def place_of(key: str) -> Place | None:
    """Return the day and position that a field is named by; none for any other name."""
    day, _, position = key.partition("_")
    try:
        return date.fromisoformat(day), int(position)
    except ValueError:
        return None


def written(data: QueryDict) -> Written:
    """Return what a plan's page sent: each line as it was seen and as it shall be, and the aim."""
    lines = {}
    for name, text in data.items():
        key = name.removeprefix(LINE)
        place = place_of(key) if name.startswith(LINE) else None
        if place is not None:
            lines[place] = Change(plain(str(data.get(f"was-{key}", ""))), plain(str(text)))
    aim = Change(plain(str(data.get("aim-was", ""))), plain(str(data["aim"]))[:200]) if "aim" in data else None
    return Written(lines, aim)


def typed(given: Written) -> dict[str, str]:
    """Return the changed lines by the names of their fields."""
    return {
        f"{day.isoformat()}_{position}": change.content
        for (day, position), change in given.lines.items()
        if change.was != change.content
    }


def as_seen(text: str) -> tuple[int, datetime] | None:
    """Return the plan and when it was last written, as a tick on the page names them; none for anything else."""
    pk, _, moment = text.partition(" ")
    try:
        seen = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (int(pk), seen) if pk.isdecimal() and len(pk) < 19 and seen.tzinfo else None


class ReturnForm(forms.Form):
    """Sending a plan back: what is to change, and whether it is about group teaching."""

    remark = forms.CharField(label="要改什么", max_length=200)
    group_teaching = forms.BooleanField(label="学习时光写得像集体上课", required=False)


class DayNoteForm(forms.Form):
    """What was done, and whether it went as planned."""

    text = forms.CharField(
        label="今天做了什么",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请写一句今天做了什么。"},
    )
    followed = forms.ChoiceField(
        label="按计划吗", choices=Followed.choices, initial=Followed.YES, widget=forms.RadioSelect
    )


class ChildField(forms.ModelChoiceField):
    """Choose a child by class, number and name."""

    def label_from_instance(self, obj: Student) -> str:
        return f"{obj.school_class or ''} {obj.number or ''} 号 {obj.name}"


class ChildNoteForm(forms.Form):
    """A sentence about one child who was in the session."""

    text = forms.CharField(
        label="写一句",
        max_length=100,
        help_text="家长看得到：写发生的事，不下结论",
        error_messages={"required": "请写一句说明。"},
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [kind for kind in kinds_for(session) if kind != ChildNoteKind.HOMEWORK]
        self.fields["kind"] = forms.ChoiceField(
            label="种类",
            choices=[(kind.value, kind.label) for kind in kinds],
            initial=ChildNoteKind.PRAISE,
            widget=forms.RadioSelect,
            error_messages={"required": "请选一种。"},
        )
        self.fields["student"] = ChildField(
            children_here(session),
            label="孩子",
            empty_label="请选一个孩子",
            error_messages={"required": "请选一个孩子。"},
        )
        self.order_fields(["student", "kind", "text"])
