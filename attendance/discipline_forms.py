"""What is typed about teachers' attendance: a decision, an entry, the rules, networks, a check."""

from datetime import datetime
from typing import Any

from django import forms

from afterschool.school.models import Room, Session, Teacher
from afterschool.support import clock
from attendance.actions.rules import RuleValue
from attendance.enums import RuleKind, Verdict, Window
from attendance.models import AttendanceRule
from attendance.networks import broken


class DecisionForm(forms.Form):
    """What is decided on a flag, and why."""

    verdict = forms.ChoiceField(label="结果", choices=Verdict.choices, widget=forms.RadioSelect)
    downgrades = forms.BooleanField(label="情节严重：考核等第降级", required=False)
    holds_awards = forms.BooleanField(label="情节严重：评优评先暂缓推荐", required=False)
    reason = forms.CharField(
        label="理由", max_length=200, widget=forms.Textarea(attrs={"rows": 2}), help_text="教师会看到。"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        grave = data.get("downgrades") or data.get("holds_awards")
        if grave and data.get("verdict") != Verdict.TRUANT:
            raise forms.ValidationError("只有按旷工处理的，才能降级或暂缓推荐。")
        return data


class WordsForm(forms.Form):
    """Words of the teacher or of who reviews."""

    text = forms.CharField(label="情况", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


class EntryForm(forms.Form):
    """When a teacher was there, and how the office knows (补记)."""

    time = forms.TimeField(label="几点到岗", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    reason = forms.CharField(label="原因", max_length=100, help_text="例如：停电，按纸质点名册补记。会留下记录。")

    def moment(self, session: Session) -> datetime:
        """Return the time on the day of the session."""
        return clock.at(session.date, self.cleaned_data["time"])


class UnrecordedForm(forms.Form):
    """What the office was told of a session without any record."""

    ABSENT, NOT_HELD = "absent", "not_held"
    what = forms.ChoiceField(
        label="问下来是怎么回事",
        choices=[(ABSENT, "办了，教师没有来"), (NOT_HELD, "这一场没有办")],
        widget=forms.RadioSelect,
    )
    held_by = forms.ModelChoiceField(
        label="教师没来时，孩子由谁看着",
        queryset=Teacher.objects.none(),
        required=False,
        empty_label="没有人，或不知道",
    )
    reason = forms.CharField(label="问了谁，怎么说", max_length=100, help_text="会留下记录。")

    def __init__(self, *args: Any, teachers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["held_by"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = teachers


class RuleForm(forms.Form):
    """One rule: in use or not, how often, within which window."""

    active = forms.BooleanField(
        label="在用", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )
    count = forms.IntegerField(
        label="几次", min_value=1, max_value=60, widget=forms.NumberInput(attrs={"class": "form-control"})
    )
    window = forms.ChoiceField(
        label="在多久里", choices=Window.choices, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, data: Any = None, *, rule: AttendanceRule) -> None:
        initial = {"active": rule.active, "count": rule.count, "window": rule.window}
        super().__init__(data, initial=initial, prefix=rule.kind)
        self.rule = rule

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("window") == Window.OCCASION and data.get("count", 1) > 1:
            raise forms.ValidationError("“每一次”只能是 1 次；要数几次，请选一周、一月或一学期。")
        return data

    def value(self) -> RuleValue:
        """Return the rule as it shall be."""
        data = self.cleaned_data
        return RuleValue(RuleKind(self.rule.kind), data["active"], data["count"], Window(data["window"]))


class NetworksForm(forms.Form):
    """The school's networks, a line each; empty: sign-ins count from anywhere."""

    networks = forms.CharField(
        label="学校网络",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="每行一个，例如 10.1.0.0/16。空着：在哪里点名都算到岗。",
    )

    def clean_networks(self) -> str:
        text: str = self.cleaned_data["networks"]
        if wrong := broken(text):
            raise forms.ValidationError(f"这几行不是网络地址：{'、'.join(wrong[:5])}。")
        return text.strip()


class DeviceForm(forms.Form):
    """This classroom PC: its name and room."""

    name = forms.CharField(label="这台电脑叫什么", max_length=40, help_text="例如：一（1）班教室电脑。")
    room = forms.ModelChoiceField(
        label="在哪间教室", queryset=Room.objects.none(), required=False, empty_label="不固定"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["room"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = Room.objects.all()


class CheckForm(forms.Form):
    """Who was with the children when their teacher was not, and a note."""

    held_by = forms.ModelChoiceField(
        label="孩子由谁看着", queryset=Teacher.objects.none(), required=False, empty_label="没有人看着"
    )
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, teachers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["held_by"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 (tells the type checker what was declared above)
        field.queryset = teachers
