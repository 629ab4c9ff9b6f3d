"""What was typed on a sheet, as values; a slip keeps its place and its sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django import forms
from django.http import QueryDict

from afterschool.school.models import Student
from evaluation.actions.sheets import Scores
from evaluation.models import RubricItem

NOTE_MOST = 100
COMMENT_MOST = 300


@dataclass
class Typed:
    """One person's points, notes and comment as typed, what they mean, and what is wrong with them, by item."""

    raw: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    comment: str = ""
    points: dict[int, int] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    comment_error: str = ""

    @property
    def valid(self) -> bool:
        return not self.errors and not self.comment_error

    @property
    def empty(self) -> bool:
        return not any(self.raw.values())

    def says(self, points: Mapping[int, int], comment: str) -> bool:
        """Tell whether what was typed is what is kept already."""
        return self.comment == comment and self.points == {item: points[item] for item in self.raw if item in points}

    def beside(self, points: Mapping[int, int], comment: str) -> None:
        """Put what somebody else kept meanwhile beside what was typed: into empty fields, with a word where both differ."""
        for item, raw in self.raw.items():
            kept = points.get(item)
            if kept is None or raw == str(kept):
                continue
            if raw:
                self.errors[item] = f"已存的是 {kept}。"
            else:
                self.raw[item] = str(kept)
        if comment and self.comment and comment != self.comment:
            self.comment_error = f"已存的是：{comment}"
        self.comment = self.comment or comment

    def scores(self) -> Scores:
        return Scores(self.points, self.notes, self.comment)


def read_points(data: QueryDict, items: Sequence[RubricItem], prefix: str) -> Typed:
    """Read the points of one person: fields `<prefix>-<item>`, with `-note` behind for what a point rests on."""
    typed = Typed()
    for item in items:
        raw = data.get(f"{prefix}-{item.pk}", "").strip()
        note = data.get(f"{prefix}-{item.pk}-note", "").strip()
        typed.raw[item.pk], typed.notes[item.pk] = raw, note
        if raw:
            if raw.isascii() and raw.isdigit() and int(raw) <= item.points:
                typed.points[item.pk] = int(raw)
            else:
                typed.errors[item.pk] = f"填 0 到 {item.points} 的整数。"
        if len(note) > NOTE_MOST:
            typed.errors[item.pk] = f"依据最多 {NOTE_MOST} 个字。"
        elif note and not raw:
            typed.errors.setdefault(item.pk, "写了依据，还要打分。")
    typed.comment = data.get(f"{prefix}-comment", "").strip()
    if len(typed.comment) > COMMENT_MOST:
        typed.comment_error = f"评语最多 {COMMENT_MOST} 个字。"
    return typed


def read_month_page(
    data: QueryDict, items: Sequence[RubricItem], students: Sequence[Student], *, fill: bool
) -> dict[int, Typed]:
    """Read the page of a group's children. With `fill`, who has no point at all gets full points: the button says so."""
    page = {student.pk: read_points(data, items, f"s{student.pk}") for student in students}
    if fill:
        for typed in page.values():
            if typed.empty:
                typed.points = {item.pk: item.points for item in items}
                typed.raw = {item.pk: str(item.points) for item in items}
    return page


class ReopenForm(forms.Form):
    """Why a finished sheet is opened again."""

    reason = forms.CharField(
        label="为什么要重新打开",
        max_length=200,
        error_messages={"required": "请写明为什么要重新打开。", "max_length": "最多 200 个字。"},
    )


class ObjectionForm(forms.Form):
    """What a teacher says against the own sheet."""

    text = forms.CharField(
        label="哪一项、为什么",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写一写哪一项、为什么。", "max_length": "最多 500 个字。"},
    )


class AnswerForm(forms.Form):
    """The answer to an objection: one choice, one sentence."""

    verdict = forms.ChoiceField(
        label="怎么定",
        choices=[("upheld", "采纳，重新打开评价表"), ("dismissed", "维持原评价")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选采纳还是维持。", "invalid_choice": "请选采纳还是维持。"},
    )
    text = forms.CharField(
        label="答复",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写一句答复。", "max_length": "最多 300 个字。"},
    )
