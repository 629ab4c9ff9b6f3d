"""A meeting: what, when, where, and who is asked."""

from typing import Any

from django import forms

from afterschool.school.access import Actor
from afterschool.school.models import SchoolClass, Teacher, Term
from afterschool.school.naming import grade_name
from scheduling.actions.training import Audience
from scheduling.enums import TrainingKind
from scheduling.models import Training
from scheduling.models.training import BY_CLASS
from scheduling.queries.training import after_school_teachers, subjects, to_be_trained


class TrainingForm(forms.Form):
    """What, when and where."""

    title = forms.CharField(label="主题", max_length=60)
    date = forms.DateField(label="日期", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    starts_at = forms.TimeField(
        label="开始", required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    ends_at = forms.TimeField(
        label="结束", required=False, widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    place = forms.CharField(label="地点", max_length=40, required=False)
    host = forms.CharField(label="主持", max_length=40, required=False)
    content = forms.CharField(label="内容", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 5}))
    required = forms.BooleanField(
        label="上岗前必须参加", required=False, help_text="没参加的，值班表上会注明“未参加岗前培训”，参加补训后消失。"
    )

    def __init__(self, *args: Any, kind: str, training: Training | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind != TrainingKind.STAFF:
            del self.fields["required"]
        if training is not None:
            self.initial = {name: getattr(training, name) for name in self.fields}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        starts, ends = values.get("starts_at"), values.get("ends_at")
        if (starts is None) != (ends is None) and not {"starts_at", "ends_at"} & set(self.errors):
            self.add_error("ends_at" if ends is None else "starts_at", "开始和结束要一起写。")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", "结束要晚于开始。")
        return values


class AudienceForm(forms.Form):
    """Who is asked; what is chosen adds up. Only what fits the kind is asked for."""

    everybody = forms.BooleanField(label="全体课后服务教师", required=False)
    grades = forms.TypedMultipleChoiceField(
        label="年级组", choices=[], coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    subjects = forms.MultipleChoiceField(
        label="学科组", choices=[], required=False, widget=forms.CheckboxSelectMultiple
    )
    people = forms.ModelMultipleChoiceField(
        label="个别教职工", queryset=Teacher.objects.none(), required=False, help_text="按住 Ctrl 可以选几个人。"
    )
    volunteers = forms.BooleanField(label="已通过审核的家长志愿者", required=False)
    class_grades = forms.TypedMultipleChoiceField(
        label="哪些年级的班", choices=[], coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, term: Term, kind: str, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.term, self.actor = term, actor
        self._keep(kind)
        grades = sorted(set(SchoolClass.objects.current().order_by().values_list("grade", flat=True)))
        if not actor.is_office:
            grades = [grade for grade in grades if grade in actor.grades]
        for name in ("grades", "class_grades"):
            if name in self.fields:
                self._choose(name, [(grade, grade_name(grade)) for grade in grades])
        if "subjects" in self.fields:
            self._choose("subjects", [(word, word) for word in subjects()])
        if "people" in self.fields:
            people = self.fields["people"]
            assert isinstance(people, forms.ModelMultipleChoiceField)  # noqa: S101 (as declared above)
            staff = Teacher.objects.filter(active=True).order_by("staff_number")
            people.queryset = staff if actor.is_office else staff.filter(grade__in=actor.grades)

    def _keep(self, kind: str) -> None:
        """Drop the fields that this kind of meeting has no use for."""
        if kind in BY_CLASS:
            kept = {"class_grades"}
        elif kind == TrainingKind.VOLUNTEER:
            kept = {"volunteers", "people"}
        else:
            kept = {"everybody", "grades", "subjects", "people"}
        if not self.actor.is_office:
            kept -= {"everybody", "subjects"}
        for name in set(self.fields) - kept:
            del self.fields[name]

    def _choose(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (as declared above)
        field.choices = choices

    def audience(self) -> Audience:
        """Return who was chosen, each once."""
        values = self.cleaned_data
        staff = after_school_teachers()
        found: dict[int, Teacher] = {}
        for teachers in (
            staff if values.get("everybody") else [],
            staff.filter(grade__in=values["grades"]) if values.get("grades") else [],
            staff.filter(subject__in=values["subjects"]) if values.get("subjects") else [],
            values.get("people") or [],
        ):
            found |= {teacher.pk: teacher for teacher in teachers}
        classes = SchoolClass.objects.current().filter(grade__in=values.get("class_grades") or [])
        return Audience(
            list(found.values()),
            list(to_be_trained(self.term)) if values.get("volunteers") else [],
            list(classes.select_related("head_teacher").order_by("grade", "number")),
        )


class ReasonForm(forms.Form):
    """Why something is called off."""

    reason = forms.CharField(label="原因", max_length=100)
