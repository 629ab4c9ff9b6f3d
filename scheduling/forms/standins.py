"""What is typed for a leave, a stand-in, a swap."""

from collections.abc import Sequence
from typing import Any

from django import forms

from afterschool.school.access import Actor
from afterschool.school.models import Teacher
from afterschool.support import clock
from scheduling.enums import TeacherLeaveKind
from scheduling.queries.candidates import Candidate, Exchange, Taken
from scheduling.queries.standins import teachers_for_leave


def day_field(label: str) -> forms.DateField:
    """Return a field for one date."""
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class LeaveForm(forms.Form):
    """Which days, of what kind; who leads also names whose leave it is."""

    teacher = forms.ModelChoiceField(
        label="谁请假", queryset=Teacher.objects.none(), empty_label=None, help_text="替别人写的，写下就算已批准。"
    )
    kind = forms.ChoiceField(label="种类", choices=TeacherLeaveKind.choices)
    first_day = day_field("从")
    last_day = day_field("到")
    reason = forms.CharField(
        label="原因", max_length=100, required=False, help_text="只有年级组长和课程教学中心看得到。"
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today().isoformat()
        self.initial.update(first_day=today, last_day=today, teacher=actor.teacher)
        if not actor.is_office and not actor.grades:
            del self.fields["teacher"]
            return
        field = self.fields["teacher"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = teachers_for_leave(actor)


class AskForm(forms.Form):
    """Whom to ask, one or several; the page shows each with the numbers."""

    teachers = forms.MultipleChoiceField(label="问谁", error_messages={"required": "请选至少一位教师。"})
    reason = forms.CharField(label="说明", max_length=100, required=False)

    def __init__(self, *args: Any, free: Sequence[Candidate], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(one.teacher.pk): one.teacher for one in free if not one.asked}
        self.fields["teachers"].choices = [(pk, t.name) for pk, t in self.people.items()]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[Teacher]:
        """Return whom to ask."""
        return [self.people[pk] for pk in self.cleaned_data["teachers"]]


class PlaceForm(forms.Form):
    """Who has said yes by word of mouth, and how."""

    teacher = forms.ChoiceField(label="由谁来")
    reason = forms.CharField(
        label="原因，怎么说好的", max_length=100, help_text="例如：陈老师突然不舒服，16:00 电话里说好。会留下记录。"
    )

    def __init__(self, *args: Any, free: Sequence[Candidate], taken: Sequence[Taken], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        off = [one.teacher for one in taken if one.by_reason]
        self.people = {str(t.pk): t for t in (*(one.teacher for one in free), *off)}
        groups = [
            ("本年级，有空", [_numbers(one) for one in free if one.own]),
            ("不排班或已排满，本人同意的", [(str(t.pk), t.name) for t in off]),
            ("其他年级，有空", [_numbers(one) for one in free if not one.own]),
        ]
        self.fields["teacher"].choices = [group for group in groups if group[1]]  # type: ignore[attr-defined]

    @property
    def person(self) -> Teacher:
        """Return who takes the duty."""
        return self.people[self.cleaned_data["teacher"]]


def _numbers(one: Candidate) -> tuple[str, str]:
    return str(
        one.teacher.pk
    ), f"{one.teacher.name}，本学期 {one.load} 次（代课 {one.stood_in} 次），本周 {one.week} 次"


class SwapForm(forms.Form):
    """Which of a colleague's duties to take for the own one."""

    back = forms.ChoiceField(
        label="换哪一次",
        error_messages={"required": "请选一次。", "invalid_choice": "这一次已不能换，请重新选。"},
    )
    reason = forms.CharField(label="说明", max_length=100, required=False)

    def __init__(self, *args: Any, exchanges: Sequence[Exchange], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.duties = {str(one.duty.pk): one.duty for one in exchanges}
        self.fields["back"].choices = [(pk, pk) for pk in self.duties]  # type: ignore[attr-defined]
