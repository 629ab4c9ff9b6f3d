"""What the office types of a round of choosing clubs."""

from typing import Any

from django import forms

from afterschool.school.models import Teacher, Term
from scheduling.actions.rounds import RoundSettings
from scheduling.enums import ClubState
from scheduling.models import Club, ClubRound

MOMENT = {"type": "datetime-local"}


def _moment(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs=MOMENT)
    return forms.DateTimeField(label=label, widget=widget, required=required, help_text=help_text)


class RoundForm(forms.ModelForm):
    """A round with its clubs; all approved ones with places left are ticked unless told otherwise."""

    use_required_attribute = False
    opens_at = _moment("开始选")
    closes_at = _moment("截止", help_text="到这一分钟为止（不含）。")
    displaced_until = _moment(
        "停办社团的孩子先选到",
        required=False,
        help_text="只用于先到先得：这以前只有社团停办的孩子能选。抽签时他们自动先抽。",
    )
    starts_on = forms.DateField(label="从哪天起参加", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    clubs = forms.ModelMultipleChoiceField(
        label="哪些社团",
        queryset=Club.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一个社团。"},
    )

    class Meta:
        model = ClubRound
        fields = [
            "name",
            "mode",
            "opens_at",
            "closes_at",
            "starts_on",
            "clubs_per_child",
            "most_wishes",
            "displaced_until",
            "offer_hours",
            "cool_hours",
            "checker",
            "rule_text",
        ]
        help_texts = {
            "checker": "复核人可以用同样的数据重抽一次，看结果是否一样。",
            "rule_text": "不填就用默认的规则，公布前在这一轮的页面上能看到。",
            "most_wishes": "只用于抽签。",
        }
        widgets = {"rule_text": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, term: Term, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clubs = Club.objects.filter(term=term, state=ClubState.APPROVED).order_by("name", "pk")
        self.fields["clubs"].queryset = clubs  # type: ignore[attr-defined]
        self.fields["checker"].queryset = Teacher.objects.filter(active=True).order_by("staff_number")  # type: ignore[attr-defined]
        self.fields["checker"].empty_label = "不指定"  # type: ignore[attr-defined]
        if self.instance.pk:
            self.fields["clubs"].initial = list(self.instance.offers.values_list("club_id", flat=True))
        else:
            self.fields["clubs"].initial = [club.pk for club in clubs if club.taken < club.largest]

    def _post_clean(self) -> None:
        """Leave the instance alone: the action writes it."""

    def settings(self) -> tuple[RoundSettings, list[int]]:
        """Return what was typed as the action takes it."""
        values = dict(self.cleaned_data)
        clubs = [club.pk for club in values.pop("clubs")]
        return RoundSettings(**values), clubs


class ExtendForm(forms.Form):
    """A later end of a window."""

    closes_at = _moment("新的截止时间")


class ReasonForm(forms.Form):
    """A reason that stays on record."""

    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class SeedForm(forms.Form):
    """A seed that was thrown before parents, or nothing: then the portal makes one."""

    seed = forms.CharField(
        label="当众产生的种子",
        required=False,
        max_length=80,
        help_text="例如当着家长掷骰子，把点数按顺序填进来。不填，由系统随机产生。",
    )
