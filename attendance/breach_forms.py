"""What is typed of a breach."""

from datetime import datetime
from typing import Any

from django import forms

from afterschool.school.models import Teacher
from afterschool.support import clock
from afterschool.support.uploads import ANY_KIND
from attendance.actions.breaches import Seen
from attendance.enums import BreachKind


def file_field(*, required: bool) -> forms.FileField:
    """Return a field for a paper or a photo of a thing."""
    return forms.FileField(
        label="照片或文件",
        required=required,
        widget=forms.FileInput(attrs={"accept": ANY_KIND}),
        help_text="拍东西、拍记录，不拍孩子。照片、PDF、Word、Excel，不超过 10 MB。",
    )


class BreachForm(forms.Form):
    """Who, what, when, where, and what was seen."""

    teacher = forms.ModelChoiceField(label="哪位教师", queryset=Teacher.objects.none(), empty_label="请选")
    kind = forms.ChoiceField(label="种类", choices=BreachKind.choices, widget=forms.RadioSelect)
    date = forms.DateField(label="哪一天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label="几点", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    place = forms.CharField(label="在哪里", max_length=60)
    evidence = forms.CharField(
        label="看到什么",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="只写亲眼看到的：做什么、多久、当时孩子在做什么。不写孩子姓名。",
    )
    file = file_field(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["teacher"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")

    def seen(self) -> Seen:
        """Return what was seen."""
        data = self.cleaned_data
        moment: datetime = clock.at(data["date"], data["time"])
        return Seen(data["teacher"], BreachKind(data["kind"]), moment, data["place"], data["evidence"])


class FindingForm(forms.Form):
    """What the second person found."""

    finding = forms.CharField(
        label="结论",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="怎么核实的、结论是什么。教师会看到。",
    )


class AnswerForm(forms.Form):
    """How the teacher says it was."""

    text = forms.CharField(label="情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class FileForm(forms.Form):
    """One more file."""

    file = file_field(required=True)
