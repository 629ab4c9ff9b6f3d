"""Forms of handing over: strings into values, nothing else."""

from typing import Any

from django import forms

from afterschool.school.models import Session, Teacher
from attendance.models import ChildDay, LineUp


class ColleagueField(forms.ModelChoiceField):
    """Choose a member of staff by name."""

    def label_from_instance(self, obj: Teacher) -> str:
        return obj.name


class SessionField(forms.ModelChoiceField):
    """Choose a session of the day by its group."""

    def label_from_instance(self, obj: Session) -> str:
        return obj.group.name


class ColleagueForm(forms.Form):
    """Children for a named member of staff at a named place."""

    place = forms.CharField(label="在哪里", max_length=40, help_text="例如医务室、办公室、排练室")
    reason = forms.CharField(label="原因", max_length=100)

    def __init__(self, *args: Any, giver: Teacher | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = Teacher.objects.filter(active=True).exclude(pk=giver.pk if giver else 0).order_by("name")
        self.fields["receiver"] = ColleagueField(staff, label="交给哪位老师", empty_label="请选择")
        self.order_fields(["receiver", "place", "reason"])


class KeepForm(forms.Form):
    """A child kept by whoever fills this in, at a named place."""

    place = forms.CharField(label="带到哪里", max_length=40, help_text="例如医务室、办公室")
    reason = forms.CharField(label="原因", max_length=100)


class OtherGroupForm(forms.Form):
    """A child moved to another group of the day by the office."""

    reason = forms.CharField(label="为什么换班", max_length=100)

    def __init__(self, *args: Any, child: ChildDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Session.objects.filter(date=child.date, state="planned").exclude(pk=child.at_session_id or 0)
        sessions = others.exclude(group__kind="club").select_related("group")
        self.fields["to_session"] = SessionField(
            sessions.order_by("group__grade", "group__order"), label="换到哪个服务班", empty_label="请选择"
        )
        self.order_fields(["to_session", "reason"])


class LineUpForm(forms.Form):
    """How many of a class stand in line."""

    counted = forms.IntegerField(
        label="实点人数", min_value=0, max_value=99, widget=forms.NumberInput(attrs={"inputmode": "numeric"})
    )
    note = forms.CharField(label="说明", max_length=100, required=False, help_text="人数不符时写明谁不在、为什么")
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: LineUp | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if row is not None:
            self.initial.update(counted=row.counted, note=row.note, seen=row.counted)
