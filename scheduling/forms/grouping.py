"""What the office types on the grouping pages."""

from typing import Any

from django import forms

from afterschool.school.models import Group, Room


class MoveForm(forms.Form):
    """Another group for a child, with a reason where the rule asks for one."""

    to_group = forms.ModelChoiceField(
        label="编入哪个服务班", queryset=Group.objects.none(), error_messages={"required": "请选一个服务班。"}
    )
    reason = forms.CharField(
        label="原因",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="超过上限、编入别的年级或别的班的独立班时要写，会留下记录。",
    )

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to_group"].queryset = groups  # type: ignore[attr-defined]


class RoomForm(forms.Form):
    """The room of a group."""

    room = forms.ModelChoiceField(label="教室", queryset=Room.objects.all(), required=False, empty_label="还没有")
