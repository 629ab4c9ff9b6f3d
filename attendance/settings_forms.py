"""The form of the afternoon's settings: all of a term, in groups."""

from typing import Any

from django import forms
from django.db.models import NOT_PROVIDED

from afterschool.support.weekdays import WEEKDAY_CHOICES
from attendance.enums import Window
from attendance.models import AfternoonSettings
from attendance.networks import broken, lines

GROUPS = [
    ("请假和接送", ["leave_until", "change_until", "paper_counts", "late_pickup_count", "late_pickup_days"]),
    ("点名和找孩子", ["not_taken_minutes", "leader_minutes", "group_minutes"]),
    ("来访", ["visitors_closed_before", "visitors_closed_after", "visitors_keep_days"]),
    ("教师", ["plan_due_weekday", "school_networks", "breach_window"]),
]
FIELDS = [name for _, names in GROUPS for name in names]
PERIODS = [(window.value, window.label) for window in (Window.MONTH, Window.TERM)]


class AfternoonForm(forms.ModelForm[AfternoonSettings]):
    """All settings of a term's afternoons, each with what holds where nobody has set it."""

    class Meta:
        model = AfternoonSettings
        fields = FIELDS
        labels = {
            "late_pickup_count": "晚接几次，列给班主任看",
            "late_pickup_days": "晚接的次数，在几天里数",
            "visitors_closed_after": "到放学后几分钟，重新接待来访",
        }
        widgets = {
            "leave_until": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "change_until": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "school_networks": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weekdays = [(int(number), word) for number, word in WEEKDAY_CHOICES]
        self.fields["plan_due_weekday"] = forms.TypedChoiceField(
            label="周计划最晚星期几交", choices=weekdays, coerce=int, help_text="上一周的星期几"
        )
        self.fields["breach_window"] = forms.ChoiceField(label="违纪影响哪一期的等级", choices=PERIODS)
        for name, field in self.fields.items():
            field.help_text = "。".join(part for part in (str(field.help_text), self._usual(name, field)) if part)
            field.error_messages["invalid"] = "时间请写成 15:20 这样。" if name.endswith("_until") else "请写一个整数。"

    def _usual(self, name: str, field: forms.Field) -> str:
        """Return what holds where nobody has set it, in words."""
        default = getattr(AfternoonSettings._meta.get_field(name), "default", None)
        if default in (NOT_PROVIDED, None, ""):
            return ""
        if isinstance(default, bool):
            return f"原定：{'是' if default else '否'}"
        words = dict(getattr(field, "choices", []))
        return f"原定：{words.get(default, default)}"

    def clean_school_networks(self) -> str:
        text = self.cleaned_data["school_networks"]
        if bad := broken(text):
            raise forms.ValidationError(f"看不懂：{'、'.join(bad[:3])}。每行写一个，例如 10.1.0.0/16。")
        return "\n".join(dict.fromkeys(lines(text)))

    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields by group, as the page shows them."""
        return [(word, [self[name] for name in names]) for word, names in GROUPS]

    def values(self) -> dict[str, Any]:
        """Return all settings as the action takes them."""
        return {name: self.cleaned_data[name] for name in FIELDS}
