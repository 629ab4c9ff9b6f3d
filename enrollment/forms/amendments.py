"""The form of a change: what it may be, from when; strings into domain values."""

from datetime import date
from typing import Any

from django import forms

from afterschool.school.models import Guardianship, Student, Term
from afterschool.support.weekdays import WEEKDAY_CHOICES, pack
from enrollment.actions import limits_for
from enrollment.amending import Arrangement, Span, problems
from enrollment.details import Person
from enrollment.forms.persons import PersonForm

FIELD_OF = {"persons": "known"}


class AmendForm(forms.Form):
    """What a family wants to change, beginning with what holds now; one more adult can be named."""

    use_required_attribute = False
    starts_on = forms.DateField(
        label="从哪天起",
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date", "class": "form-control"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请选日期。"},
    )
    weekdays = forms.MultipleChoiceField(label="哪几天参加", required=False, widget=forms.CheckboxSelectMultiple)
    known = forms.MultipleChoiceField(label="谁来接", required=False, widget=forms.CheckboxSelectMultiple)
    may_go_alone = forms.BooleanField(
        label="允许孩子自己离校", required=False, widget=forms.CheckboxInput(attrs={"class": "form-check-input"})
    )

    def __init__(
        self,
        data: Any = None,
        *,
        term: Term,
        student: Student,
        links: list[Guardianship],
        held: Arrangement,
        span: Span,
    ) -> None:
        self.limits, self.links, self.held, self.span = limits_for(term, student), links, held, span
        self.young = self.limits.grade < term.alone_from_grade
        keys = {(p.name, p.phone) for p in held.persons}
        initial = {
            "starts_on": span.first,
            "weekdays": list(held.weekdays),
            "known": [str(link.pk) for link in links if (link.guardian.name, link.guardian.phone) in keys],
            "may_go_alone": held.may_go_alone,
        }
        super().__init__(data, initial=initial)
        for name, choices in {
            "weekdays": [(day, word) for day, word in WEEKDAY_CHOICES if day in term.service_weekdays],
            "known": [(str(link.pk), link.guardian.name) for link in links],
        }.items():
            field = self.fields[name]
            if isinstance(field, forms.MultipleChoiceField):
                field.choices = choices
        self.fields["may_go_alone"].disabled = self.young
        day = self.fields["starts_on"].widget
        day.attrs |= {"min": (span.first or span.last).isoformat(), "max": span.last.isoformat()}
        self.person = PersonForm(data, prefix="more")

    @property
    def known_options(self) -> list[dict[str, Any]]:
        """The adults of the register, each with whether it is ticked."""
        ticked = set(self["known"].value() or [])
        return [{"link": link, "selected": str(link.pk) in ticked} for link in self.links]

    def is_valid(self) -> bool:
        return self.person.is_valid() & super().is_valid()

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "starts_on" in self.errors or not self.person.is_valid():
            return values
        for field, (code, sentence) in problems(
            self.wish, self.held, self.limits, values.get("starts_on"), self.span
        ).items():
            self.add_error(FIELD_OF.get(field, field), forms.ValidationError(sentence, code=code))
        return values

    @property
    def starts(self) -> date | None:
        return self.cleaned_data.get("starts_on")

    @property
    def wish(self) -> Arrangement:
        """What the family wrote. Persons whom the application names and the register doesn't know stay."""
        values = self.cleaned_data
        chosen = set(values.get("known", []))
        known = {(link.guardian.name, link.guardian.phone) for link in self.links}
        persons = [Person(x.guardian.name, x.relation, x.guardian.phone) for x in self.links if str(x.pk) in chosen]
        persons += [p for p in self.held.persons if (p.name, p.phone) not in known]
        if self.person.person is not None:
            persons.append(self.person.person)
        return Arrangement(pack(values.get("weekdays", [])), tuple(persons), bool(values.get("may_go_alone")))
