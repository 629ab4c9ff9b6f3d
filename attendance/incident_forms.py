"""Forms of the emergency plan and of incidents: strings into values, nothing else."""

from typing import Any

from django import forms

from afterschool.school.models import Teacher
from attendance.actions.emergency import PostValues
from attendance.actions.incidents import Alarm
from attendance.enums import IncidentCategory, IncidentKind, Party, ReportBy
from attendance.queries.emergency import Plan

NO_NAMES = "写地点，不写学生姓名：这一行会发给全体教职工"


class PostsForm(forms.Form):
    """The five posts of the plan, each with a person, a deputy and what there is to do."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = list(Teacher.objects.filter(active=True).order_by("pinyin", "staff_number"))
        choices = [("", "暂缺"), *((str(one.pk), f"{one.name}（{one.staff_number}）") for one in staff)]
        self.staff = {str(one.pk): one for one in staff}
        for post in plan.posts:
            for name, label, person in (("teacher", "负责人", post.person), ("deputy", "副手", post.deputy)):
                self.fields[f"{post.party}-{name}"] = forms.ChoiceField(
                    label=label, choices=choices, required=False, initial=str(person.pk) if person else ""
                )
            self.fields[f"{post.party}-duties"] = forms.CharField(
                label="职责（一行一条）",
                max_length=1000,
                required=False,
                initial="\n".join(post.duties),
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text="空着就用预案原来的文字",
            )

    def parties(self) -> list[tuple[Party, list[forms.BoundField]]]:
        """Return the fields of each party, to be shown together."""
        return [(party, [self[f"{party}-{name}"] for name in ("teacher", "deputy", "duties")]) for party in Party]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for party in Party:
            if values.get(f"{party}-teacher") and values[f"{party}-teacher"] == values.get(f"{party}-deputy"):
                self.add_error(f"{party}-deputy", "负责人和副手要是两个人。")
        return values

    def values(self) -> dict[Party, PostValues]:
        data = self.cleaned_data
        return {
            party: PostValues(
                self.staff.get(data[f"{party}-teacher"]),
                self.staff.get(data[f"{party}-deputy"]),
                data[f"{party}-duties"],
            )
            for party in Party
        }


class NumberForm(forms.Form):
    """One number to call."""

    name = forms.CharField(label="单位", max_length=40)
    phone = forms.RegexField(
        r"^[0-9 \-]{3,20}$", label="电话", required=False, error_messages={"invalid": "电话只写数字和横线。"}
    )


NumberFormSet = forms.formset_factory(NumberForm, extra=1, max_num=10, can_delete=True)


class AlarmForm(forms.Form):
    """An alarm: real or a drill, what about, where. Nothing is chosen beforehand."""

    kind = forms.ChoiceField(
        label="是真的，还是演练？",
        choices=IncidentKind.choices,
        error_messages={"required": "请选：突发事件，还是演练。"},
    )
    category = forms.ChoiceField(
        label="什么事", choices=IncidentCategory.choices, error_messages={"required": "请选是什么事。"}
    )
    place = forms.CharField(label="地点", max_length=60, required=False, help_text=NO_NAMES)
    at = forms.CharField(max_length=60, required=False)
    what = forms.CharField(label="情况（可以不写）", max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        """Take the place that was typed, else the one that was tapped."""
        values = super().clean() or {}
        values["place"] = values.get("place") or values.get("at") or ""
        if not values["place"]:
            self.add_error("place", "请选或写明地点。")
        return values

    def alarm(self) -> Alarm:
        data = self.cleaned_data
        return Alarm(
            IncidentKind(data["kind"]), IncidentCategory(data["category"]), data["place"].strip(), data["what"].strip()
        )


class ReasonForm(forms.Form):
    """Why an alarm is false."""

    reason = forms.CharField(label="为什么是误报", max_length=200)


class NoteForm(forms.Form):
    """A line of the timeline."""

    text = forms.CharField(label="做了什么", max_length=300, required=False)
    quick = forms.CharField(max_length=300, required=False)

    def words(self) -> str:
        return self.cleaned_data["quick"] or self.cleaned_data["text"]


class ReportForm(forms.Form):
    """A report to the bureau."""

    by_post = forms.ChoiceField(
        choices=ReportBy.choices,
        error_messages={"required": "请选谁来报告。", "invalid_choice": "请选谁来报告。"},
    )
    told = forms.CharField(label="报给谁", max_length=60, error_messages={"required": "请写明报给了谁。"})
    text = forms.CharField(label="报了什么", max_length=300, required=False)

    def values(self) -> dict[str, Any]:
        return self.cleaned_data | {"by_post": ReportBy(self.cleaned_data["by_post"])}


class EndForm(forms.Form):
    """What happened, and what to do better."""

    summary = forms.CharField(label="经过和处理", max_length=4000, widget=forms.Textarea(attrs={"rows": 10}))
    lessons = forms.CharField(
        label="改进",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="下次怎么做得更好",
    )
