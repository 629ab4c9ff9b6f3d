"""Who patrols on a weekday, and for one date."""

from typing import Any

from django import forms

from afterschool.school.models import Teacher
from scheduling.enums import PatrolPost
from scheduling.forms.standins import day_field
from scheduling.queries.patrol import Weekday, staff_for_patrol

ROOM = 2  # empty lines beside those in use


class PatrolDayForm(forms.Form):
    """The posts of one weekday, some lines each."""

    def __init__(self, *args: Any, day: Weekday, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = [("", "暂缺")] + [(str(t.pk), t.name) for t in staff_for_patrol()]
        self.rows: list[tuple[PatrolPost, list[str]]] = []
        for post in day.posts:
            held = [turn.teacher_id for turn in post.turns if turn.teacher_id]
            names = [f"{post.post.value}_{n}" for n in range(1, len(held) + ROOM)]
            for number, name in enumerate(names):
                label = post.post.label if number == 0 else f"{post.post.label}，第 {number + 1} 位"
                initial = held[number] if number < len(held) else ""
                self.fields[name] = forms.ChoiceField(label=label, choices=staff, required=False, initial=initial)
            self.rows.append((post.post, names))

    @property
    def people(self) -> dict[PatrolPost, list[Teacher]]:
        """Return who was chosen, by post, in order."""
        chosen = {pk for _, names in self.rows for name in names if (pk := self.cleaned_data[name])}
        by_pk = {str(t.pk): t for t in Teacher.objects.filter(pk__in=chosen)}
        return {
            post: [by_pk[self.cleaned_data[name]] for name in names if self.cleaned_data[name]]
            for post, names in self.rows
        }


class PatrolChangeForm(forms.Form):
    """Another person for one date."""

    day = day_field("哪一天")
    teacher = forms.ModelChoiceField(label="改由", queryset=Teacher.objects.none(), required=False, empty_label="暂缺")
    reason = forms.CharField(label="原因", max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teacher"].queryset = staff_for_patrol()  # type: ignore[attr-defined]
