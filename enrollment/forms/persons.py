"""Adults who fetch and whom the register doesn't know yet: strings into values."""

import re
from typing import Any

from django import forms

from afterschool.school.enums import Relation
from afterschool.support.names import NameField
from enrollment.details import Person

MORE_PERSONS = 3


class PersonForm(forms.Form):
    """One more adult who fetches. Left empty it is no one; begun, it must be whole."""

    use_required_attribute = False
    name = NameField(
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
