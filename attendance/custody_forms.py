"""Forms of the gate, the board and late care: strings into values, nothing else."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.http import QueryDict

from afterschool.school.enums import Role
from afterschool.school.models import Guardian, Teacher
from afterschool.school.templatetags.school import phone
from attendance.actions.calls import about_now
from attendance.enums import CallAbout, CallOutcome
from attendance.models import ChildDay, LateCarePlace

ALONE = "alone"
# What one tap says of a call because nobody came: the code, what came of it, the words that are kept, the word on the button.
ANSWERS: dict[str, tuple[CallOutcome, str, str]] = {
    "10": (CallOutcome.REACHED, "10 分钟内到", "10 分钟内到"),
    "30": (CallOutcome.REACHED, "半小时内到", "半小时内到"),
    "60": (CallOutcome.REACHED, "要半小时以上", "还要更久"),
    "no": (CallOutcome.NOT_REACHED, "", "没接通"),
}


class AdultField(forms.ModelChoiceField):
    """Choose an adult of the family by name and phone."""

    def label_from_instance(self, obj: Guardian) -> str:
        return f"{obj.name} {phone(obj.phone)}"


class DeciderField(forms.ModelChoiceField):
    """Choose who decided: the child's head teacher or a duty leader."""

    def label_from_instance(self, obj: Teacher) -> str:
        return obj.name


class CallForm(forms.Form):
    """A call to a guardian: who, what for, what came of it, what was said."""

    about = forms.ChoiceField(label="为什么打", choices=CallAbout.choices, required=False)
    outcome = forms.ChoiceField(label="结果", choices=CallOutcome.choices, initial=CallOutcome.REACHED)
    text = forms.CharField(
        label="说了什么", max_length=200, required=False, help_text="打给名单外的人时，写明是谁、电话"
    )

    def __init__(self, *args: Any, child: ChildDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        family = Guardian.objects.filter(links__student=child.student_id).distinct()
        self.fields["guardian"] = AdultField(family, label="打给谁", required=False, empty_label="不在名单上的人")
        self.initial["about"] = about_now(child)
        self.order_fields(["guardian", "about", "outcome", "text"])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not values.get("guardian") and not values.get("text"):
            self.add_error("text", "请写明打给了谁、电话多少。")
        return values


class DecideForm(forms.Form):
    """A named decision: somebody who is not on the list, or an hour that nobody asked for."""

    who_came = forms.CharField(label="来的人", max_length=80, help_text="姓名、与孩子的关系、电话")
    call = forms.CharField(label="家长怎么说", max_length=160)

    def __init__(self, *args: Any, child: ChildDay, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        family = Guardian.objects.filter(links__student=child.student_id, links__acts=True).distinct()
        self.fields["guardian"] = AdultField(family, label="打给了哪位家长", empty_label="请选择")
        school_class = child.student.school_class
        head = school_class.head_teacher_id if school_class else None
        deciders = Teacher.objects.filter(Q(roles__role=Role.DUTY_LEADER) | Q(pk__in=[head or 0]), active=True)
        self.fields["decided_by"] = DeciderField(
            deciders.distinct(), label="谁同意（班主任或值班行政）", empty_label="请选择"
        )
        self.order_fields(["who_came", "guardian", "call", "decided_by"])


class RefuseForm(forms.Form):
    """Somebody who came and was refused."""

    who_came = forms.CharField(label="来的人", max_length=80, help_text="姓名、自称的关系、电话；不肯说就写样子")


class WhereForm(forms.Form):
    """Where a missing child was found."""

    place = forms.CharField(label="在哪里找到", max_length=40)


class PlaceForm(forms.ModelForm[LateCarePlace]):
    """One place of late care."""

    class Meta:
        model = LateCarePlace
        fields = ["order", "name", "role", "opens_at", "closes_at"]
        widgets = {
            "opens_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "closes_at": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = {Role.SERVICE_CENTRE, Role.GATEKEEPER, Role.DUTY_LEADER, Role.TEACHER}
        choices = [(role.value, role.label) for role in Role if role in allowed]
        # An empty row posts the first choice: it counts as untouched only if that is its initial value.
        self.initial["role"] = self.instance.role or choices[0][0]
        self.fields["role"] = forms.ChoiceField(label="由谁负责", choices=choices)


PlaceFormSet = forms.modelformset_factory(LateCarePlace, form=PlaceForm, extra=1, can_delete=True, max_num=6)


@dataclass(frozen=True)
class Answer:
    """What one tap said of a call."""

    guardian: int
    outcome: CallOutcome
    text: str


def answer_of(data: QueryDict, child: int) -> Answer | None:
    """Return what was tapped after a call about a child, with the words typed beside it; None when it says nothing."""
    guardian, _, code = data.get("answer", "").partition(":")
    if code not in ANSWERS or not guardian.isdecimal():
        return None
    outcome, text, _ = ANSWERS[code]
    said = data.get(f"said-{child}", "").strip()
    return Answer(int(guardian), outcome, "，".join(part for part in (text, said) if part)[:200])


def ticked(data: QueryDict, name: str = "child") -> dict[int, int]:
    """Return the children ticked on a list, as row -> number of links that the person saw."""
    found: dict[int, int] = {}
    for value in data.getlist(name):
        pk, _, links = value.partition(":")
        if pk.isdecimal() and links.isdecimal():
            found[int(pk)] = int(links)
    return found


def seen(child: ChildDay, links: int | str | None) -> ChildDay:
    """Return the child's row as the person saw it: an older page is refused by the compare-and-set."""
    if links is not None and str(links).isdecimal():
        child.links = int(links)
    return child
