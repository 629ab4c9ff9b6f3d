"""Volunteers: an offer, a proposal, and putting one beside a teacher."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from afterschool.school.models import Guardian, Session
from scheduling.enums import VolunteerSource
from scheduling.models import Volunteer

ABOUT = "例如：周三下午可以来，会剪纸、陪读。"


class OfferForm(forms.Form):
    """What a parent can do, and when."""

    about = forms.CharField(
        label="可以做什么、什么时候方便",
        max_length=200,
        help_text=ABOUT,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写可以做什么、什么时候方便。"},
    )


class ProposeForm(forms.Form):
    """Which parent of a class, in whose name, and what the parent could do."""

    guardian = forms.ModelChoiceField(label="家长", queryset=Guardian.objects.none(), empty_label="请选择")
    source = forms.ChoiceField(label="由谁推荐", widget=forms.RadioSelect)
    about = forms.CharField(label="可以做什么、什么时候方便", max_length=200, required=False, help_text=ABOUT)

    def __init__(self, *args: Any, guardians: QuerySet[Guardian], office: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        guardian, source = self.fields["guardian"], self.fields["source"]
        assert isinstance(guardian, forms.ModelChoiceField)  # noqa: S101 (as declared above)
        assert isinstance(source, forms.ChoiceField)  # noqa: S101 (as declared above)
        guardian.queryset = guardians
        committee = (VolunteerSource.COMMITTEE.value, VolunteerSource.COMMITTEE.label)
        head = (VolunteerSource.HEAD_TEACHER.value, VolunteerSource.HEAD_TEACHER.label)
        source.choices = [committee] if office else [head, committee]
        self.initial.setdefault("source", source.choices[0][0])


class PlaceForm(forms.Form):
    """Which volunteer, beside the teacher of which session."""

    volunteer = forms.ModelChoiceField(label="志愿者", queryset=Volunteer.objects.none(), empty_label="请选择")
    session = forms.ModelChoiceField(label="在哪一场", queryset=Session.objects.none(), empty_label="请选择")

    def __init__(self, *args: Any, volunteers: list[Volunteer], sessions: list[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        volunteer, session = self.fields["volunteer"], self.fields["session"]
        assert isinstance(volunteer, forms.ModelChoiceField)  # noqa: S101 (as declared above)
        assert isinstance(session, forms.ModelChoiceField)  # noqa: S101 (as declared above)
        volunteer.queryset = Volunteer.objects.filter(pk__in=[v.pk for v in volunteers]).select_related("guardian")
        volunteer.label_from_instance = _name  # type: ignore[assignment,method-assign]
        session.queryset = Session.objects.filter(pk__in=[s.pk for s in sessions]).select_related("group", "room")
        session.label_from_instance = _session_word  # type: ignore[assignment,method-assign]


def _name(volunteer: Volunteer) -> str:
    return volunteer.guardian.name


def _session_word(session: Session) -> str:
    place = f"，{session.room}" if session.room else ""
    return f"{session.group.name}（{session.starts_at:%H:%M}—{session.ends_at:%H:%M}{place}）"
