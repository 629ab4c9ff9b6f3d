"""One turn of the rota."""

from typing import Any

from django import forms

from afterschool.school.models import Teacher
from afterschool.school.naming import grade_name
from scheduling.models import RotaTurn
from scheduling.queries.rota import Choice


class TurnForm(forms.Form):
    """Who has this turn: same grade and free first, each with the count of turns a week."""

    teacher = forms.ChoiceField(label="教师", required=False)
    reason = forms.CharField(
        label="原因", max_length=100, required=False, help_text="安排其他年级的教师，或这一天不排班的教师，要写明原因。"
    )

    def __init__(self, *args: Any, turn: RotaTurn, choices: list[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(c.teacher.pk): c.teacher for c in choices if not c.busy}
        same = [(str(c.teacher.pk), _words(c)) for c in choices if c.same_grade and not c.busy]
        other = [(str(c.teacher.pk), _words(c)) for c in choices if not c.same_grade and not c.busy]
        field = self.fields["teacher"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.choices = [("", "暂缺"), ("本年级，当天空闲", same), ("其他年级（写明原因）", other)]
        self.initial = {"teacher": str(turn.teacher_id or ""), "reason": turn.reason}

    @property
    def person(self) -> Teacher | None:
        """Return the chosen teacher; none is an open turn."""
        return self.people.get(self.cleaned_data["teacher"])


def _words(choice: Choice) -> str:
    teacher = choice.teacher
    words = [f"{teacher.name}，每周 {choice.turns} 次"]
    if not choice.same_grade and teacher.grade:
        words.append(grade_name(teacher.grade))
    if choice.off:
        words.append("这一天不排班")
    return "，".join(words)
