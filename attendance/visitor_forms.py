"""Forms of the gate's register: strings into values, nothing else."""

from typing import Any

from django import forms

from afterschool.school.models import Teacher
from afterschool.school.naming import grade_name
from attendance.actions.visitors import MOST_PERSONS, TAIL, WITHOUT_NUMBER, Entry
from attendance.enums import VisitorPaper
from attendance.models import AfternoonSettings, Visitor
from attendance.queries.visitors import deciders, staff_named

ALONE = {"autocomplete": "off"}  # a shared PC must not offer the names of earlier visitors


class StaffField(forms.ModelChoiceField):
    """Choose one of the staff, told apart by subject and grade."""

    def label_from_instance(self, obj: Teacher) -> str:
        more = [grade_name(obj.grade) if obj.grade else "", obj.subject]
        return f"{obj.name} {'，'.join(word for word in more if word)}".strip()


class VisitorForm(forms.Form):
    """One visit at the gate; whom is a name, pinyin, initials, or a department."""

    name = forms.CharField(label="姓名", max_length=40, widget=forms.TextInput(attrs=ALONE))
    paper = forms.ChoiceField(
        label="证件", choices=VisitorPaper.choices, initial=VisitorPaper.IDENTITY, widget=forms.RadioSelect
    )
    paper_tail = forms.CharField(label=f"证件后几位（最多 {TAIL} 位）", widget=forms.TextInput(attrs=ALONE))
    phone = forms.CharField(
        label="电话",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs=ALONE | {"inputmode": "tel"}),
    )
    whom = forms.CharField(
        label="找谁",
        max_length=40,
        help_text="姓名、拼音、首字母，或部门",
        widget=forms.TextInput(attrs=ALONE | {"list": "staff"}),
    )
    purpose = forms.CharField(
        label="事由", max_length=60, required=False, widget=forms.TextInput(attrs=ALONE | {"list": "purposes"})
    )
    persons = forms.IntegerField(
        label="人数", initial=1, min_value=1, max_value=MOST_PERSONS, widget=forms.NumberInput(attrs=ALONE)
    )
    warned = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, closed: bool, before: Visitor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.named: list[Teacher] = []
        self.visits: Teacher | None = None
        if self.is_bound and self.data.get("paper") in WITHOUT_NUMBER:
            self.fields["paper_tail"].required = False
        if before is not None:
            self.initial = {
                "name": before.name,
                "paper": before.paper,
                "paper_tail": before.paper_tail,
                "phone": before.phone,
                "whom": before.visits.name if before.visits else before.visits_other,
                "purpose": before.purpose,
                "persons": before.persons,
            }
        if closed:
            self.fields["decided_by"] = StaffField(
                deciders(), label="谁同意", empty_label="请选择", help_text="打电话问过再选；本人会收到消息"
            )
            self.fields["decision"] = forms.CharField(
                label="为什么现在进校", max_length=100, widget=forms.TextInput(attrs=ALONE)
            )

    def clean_paper_tail(self) -> str:
        tail = str(self.cleaned_data["paper_tail"]).strip()
        if len(tail) > TAIL:
            raise forms.ValidationError(f"只写后几位，最多 {TAIL} 位，不要写整个号码。")
        return tail

    def clean_whom(self) -> str:
        """Find the person meant; of several the one chosen. Words that name nobody are a department."""
        words = str(self.cleaned_data["whom"])
        self.named = staff_named(words)
        chosen = str(self.data.get("teacher", ""))
        self.visits = next((one for one in self.named if str(one.pk) == chosen), None)
        if len(self.named) == 1:
            self.visits = self.named[0]
        if len(self.named) > 1 and self.visits is None:
            raise forms.ValidationError(f"有 {len(self.named)} 位，请在下面选一位。")
        if not self.named and words.isascii():
            raise forms.ValidationError("没有找到这位教职工，请写全名，或写部门。")
        return words

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if len(self.named) > 1:
            rows = Teacher.objects.filter(pk__in=[one.pk for one in self.named])
            self.fields["teacher"] = StaffField(rows, label="是哪一位", required=False, empty_label="请选择")
        return values

    @property
    def entry(self) -> Entry:
        """Return the visit as the action takes it."""
        values = self.cleaned_data
        return Entry(
            name=values["name"],
            paper=values["paper"],
            paper_tail=values["paper_tail"],
            phone=values["phone"],
            visits=self.visits,
            visits_other="" if self.visits else values["whom"],
            purpose=values["purpose"],
            persons=values["persons"],
        )


class VisitorHoursForm(forms.ModelForm[AfternoonSettings]):
    """The minutes round dismissal in which nobody is let in, and how long names are kept."""

    class Meta:
        model = AfternoonSettings
        fields = ["visitors_closed_before", "visitors_closed_after", "visitors_keep_days"]
