"""The form in which a parent writes to the school."""

from typing import Any

from django import forms

from afterschool.school.access import Actor
from afterschool.school.codes import new_code
from afterschool.school.models import Group, Student, Teacher, Term
from afterschool.support.typed import WordsField
from evaluation.enums import FeedbackKind
from evaluation.queries import feedback as queries


class WriteForm(forms.Form):
    """What kind, the words, about whom, named or not."""

    kind = forms.ChoiceField(
        label="这是", choices=FeedbackKind.choices, widget=forms.RadioSelect, error_messages={"required": "请选一种。"}
    )
    text = WordsField(
        label="想说的话",
        max_length=1000,
        rows=5,
        error_messages={"required": "请写内容。", "max_length": "最多 1000 个字。"},
    )
    student = forms.ModelChoiceField(
        Student.objects.none(), label="关于哪个孩子", required=False, empty_label="不指哪个孩子"
    )
    group = forms.ModelChoiceField(
        Group.objects.none(), label="关于哪个班或社团", required=False, empty_label="不指哪个班"
    )
    teacher = forms.ModelChoiceField(
        Teacher.objects.none(), label="关于哪位教师", required=False, empty_label="不指哪位教师"
    )
    named = forms.ChoiceField(
        label="要不要留名",
        choices=[("yes", "留名，答复会发到“消息”"), ("no", "不留名，学校查不到是谁，给您一个查询码看答复")],
        widget=forms.RadioSelect,
        initial="yes",
    )
    code = forms.CharField(max_length=20, required=False, initial=new_code, widget=forms.HiddenInput)

    def __init__(self, *args: Any, actor: Actor, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = [group.pk for group in queries.own_groups(actor, term)]
        teachers = [teacher.pk for teacher in queries.own_teachers(actor, term)]
        self.fields["student"].queryset = queries.own_children(actor)  # type: ignore[attr-defined]
        self.fields["group"].queryset = Group.objects.filter(pk__in=groups)  # type: ignore[attr-defined]
        self.fields["group"].label_from_instance = lambda group: group.name  # type: ignore[attr-defined]
        self.fields["teacher"].queryset = Teacher.objects.filter(pk__in=teachers)  # type: ignore[attr-defined]
        self.fields["teacher"].label_from_instance = lambda teacher: teacher.name  # type: ignore[attr-defined]

    def clean_named(self) -> bool:
        return bool(self.cleaned_data["named"] == "yes")
