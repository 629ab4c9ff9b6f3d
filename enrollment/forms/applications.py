"""Forms of an application and of what the office sets: strings into domain values."""

import re
from typing import Any

from django import forms

from afterschool.school.enums import Relation
from afterschool.school.models import Guardianship, Student, Term
from afterschool.support import clock
from afterschool.support.weekdays import WEEKDAY_CHOICES, pack
from enrollment.actions import limits_for
from enrollment.details import Details, Person, problems
from enrollment.models import Application, CareCategory

MORE_PERSONS = 3
FIELD_OF = {"persons": "known"}


class PersonForm(forms.Form):
    """One more adult who fetches. Left empty it is no one; begun, it must be whole."""

    use_required_attribute = False
    name = forms.CharField(
        label="姓名",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
    )
    relation = forms.ChoiceField(
        label="关系",
        choices=[("", "请选择"), *Relation.choices],
        required=False,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    phone = forms.CharField(
        label="手机号",
        required=False,
        max_length=20,
        widget=forms.TextInput(
            attrs={"class": "form-control", "type": "tel", "inputmode": "numeric", "autocomplete": "off"}
        ),
    )

    def clean_phone(self) -> str:
        phone = re.sub(r"[\s\-]", "", self.cleaned_data["phone"])
        if phone and not re.fullmatch(r"1\d{10}", phone):
            said = f"，现在是 {len(phone)} 位" if len(phone) != 11 else "，以 1 开头"
            raise forms.ValidationError(f"手机号要 11 位数字{said}。")
        return phone

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if any(values.get(name) for name in ("name", "relation", "phone")):
            for name, sentence in {
                "name": "请写接送人的姓名。",
                "relation": "请选接送人和孩子的关系。",
                "phone": "请写接送人的手机号。",
            }.items():
                if not values.get(name) and name not in self.errors:
                    self.add_error(name, sentence)
        return values

    @property
    def person(self) -> Person | None:
        values = self.cleaned_data
        if not values.get("name"):
            return None
        return Person(values["name"].strip(), values.get("relation", ""), values.get("phone", ""))


PersonFormSet = forms.formset_factory(PersonForm, extra=MORE_PERSONS, max_num=MORE_PERSONS, validate_max=True)


class ApplyForm(forms.Form):
    """The whole application. `draft`: what is missing is no mistake yet. `paper`: the head teacher copies it."""

    use_required_attribute = False
    weekdays = forms.MultipleChoiceField(label="哪几天参加", required=False, widget=forms.CheckboxSelectMultiple)
    known = forms.MultipleChoiceField(label="谁来接", required=False, widget=forms.CheckboxSelectMultiple)
    may_go_alone = forms.BooleanField(label="允许孩子自己离校", required=False)
    needs = forms.CharField(
        label="三、需要老师知道的",
        help_text="如过敏、用药。只有班主任、课程教学中心和当天的课后服务教师能看到。",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    answer = forms.CharField(
        label="给班主任的答复", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    agreed = forms.BooleanField(label="同意", required=False)
    signed_name = forms.CharField(
        label="签名人姓名",
        max_length=40,
        required=False,
        help_text="写下姓名即为签名。",
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        term: Term,
        student: Student,
        links: list[Guardianship],
        application: Application | None,
        signer: str = "",
        draft: bool = False,
    ) -> None:
        self.limits, self.links, self.draft = limits_for(term, student), links, draft
        initial, others = self._held(application, signer)
        super().__init__(data, initial=initial)
        self._choice("weekdays").choices = [(d, w) for d, w in WEEKDAY_CHOICES if d in term.service_weekdays]
        self._choice("known").choices = [(str(link.pk), link.guardian.name) for link in links]
        for name in ("may_go_alone", "agreed"):
            self.fields[name].widget.attrs["class"] = "form-check-input"
        self.young = self.limits.grade < term.alone_from_grade
        self.fields["may_go_alone"].disabled = self.young
        self.persons = PersonFormSet(data, initial=others, prefix="more")

    def _choice(self, name: str) -> forms.MultipleChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101 (for the type checker)
        return field

    def _held(self, application: Application | None, signer: str) -> tuple[dict[str, Any], list[dict[str, str]]]:
        """Return what the form starts with: the application as it stands, else what the register knows."""
        if application is None or not (application.weekdays or application.signed_name or application.submitted_at):
            known = [str(link.pk) for link in self.links if link.may_fetch]
            return {"weekdays": list(self.limits.service_weekdays), "known": known, "signed_name": signer}, []
        by_key = {(link.guardian.name, link.guardian.phone): str(link.pk) for link in self.links}
        known, others = [], []
        for person in application.pickups.all():
            if pk := by_key.get((person.name, person.phone)):
                known.append(pk)
            else:
                others.append({"name": person.name, "relation": person.relation, "phone": person.phone})
        needs = getattr(application, "needs", None)
        return {
            "weekdays": list(application.weekdays),
            "known": known,
            "may_go_alone": application.may_go_alone,
            "needs": needs.text if needs else "",
            "answer": application.answer,
            "signed_name": application.signed_name or signer,
            "agreed": application.consented_at is not None,
        }, others[:MORE_PERSONS]

    @property
    def known_options(self) -> list[dict[str, Any]]:
        """The adults of the register, each with whether it is ticked."""
        ticked = set(self["known"].value() or [])
        return [{"link": link, "selected": str(link.pk) in ticked} for link in self.links]

    def is_valid(self) -> bool:
        return self.persons.is_valid() & super().is_valid()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        whole = self.persons.is_valid()
        for field, (code, sentence) in problems(self.details, self.limits, draft=self.draft).items():
            name = FIELD_OF.get(field, field)
            if name not in self.errors and (whole or field != "persons"):
                self.add_error(name, forms.ValidationError(sentence, code=code))
        return values

    @property
    def details(self) -> Details:
        """What the family wrote, as a value."""
        values = self.cleaned_data
        chosen = set(values.get("known", []))
        persons = [
            Person(link.guardian.name, link.relation, link.guardian.phone)
            for link in self.links
            if str(link.pk) in chosen
        ]
        more = [form.person for form in self.persons if isinstance(form, PersonForm)]
        return Details(
            weekdays=pack(values.get("weekdays", [])),
            persons=(*persons, *(person for person in more if person)),
            may_go_alone=bool(values.get("may_go_alone")),
            needs=values.get("needs", ""),
            agreed=bool(values.get("agreed")),
            signed_name=values.get("signed_name", ""),
            answer=values.get("answer", ""),
        )

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """All slips as (id of the control, label), for the summary above."""
        found = [
            (f"div_id_{name}" if name in {"weekdays", "known"} else f"id_{name}", str(self.fields[name].label))
            for name in self.errors
            if name in self.fields
        ]
        for number, form in enumerate(self.persons, 1):
            found += [(str(form[name].id_for_label), f"另加第 {number} 位：{form[name].label}") for name in form.errors]
        return found


class CareForm(forms.Form):
    """Which categories one child is of."""

    categories = forms.ModelMultipleChoiceField(
        label="关爱类别",
        queryset=CareCategory.objects.filter(active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class CategoryForm(forms.Form):
    """A category's name, and whether it is in use."""

    name = forms.CharField(label="名称", max_length=40, error_messages={"required": "请写名称。"})
    active = forms.BooleanField(label="在用", required=False)


class ReopenForm(forms.Form):
    """Until when the window is opened again."""

    until = forms.DateTimeField(
        label="重新开放到",
        input_formats=["%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"required": "请选新的截止时间。", "invalid": "请选日期和时间。"},
    )

    def clean_until(self) -> Any:
        return self.cleaned_data["until"].astimezone(clock.SHANGHAI)
