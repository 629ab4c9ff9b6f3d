"""The application as a family fills it in: a part for each child, and what is common to all of them once."""

from dataclasses import dataclass, field
from typing import Any

from django import forms

from afterschool.school.enums import ActivityKind
from afterschool.school.models import GradeBand, Guardianship, Student, Term
from afterschool.support.names import NameField
from afterschool.support.weekdays import WEEKDAY_CHOICES, pack
from enrollment.actions import limits_for
from enrollment.details import Details, Person, problems
from enrollment.forms.persons import MORE_PERSONS, PersonForm, PersonFormSet
from enrollment.models import Application
from enrollment.signing import NotASignatureError, read_strokes

CHILD_FIELDS = {"weekdays", "may_go_alone", "needs", "interests", "answer"}
COMMON_FIELD_OF = {"persons": "known"}
DRAWN, PAPER = "drawn", "paper"


@dataclass(frozen=True)
class Applying:
    """One child on the form: what there is of its application, and the adults of the register who may fetch it."""

    student: Student
    application: Application | None = None
    links: list[Guardianship] = field(default_factory=list)

    @property
    def begun(self) -> Application | None:
        """The application, unless it is empty: "not taking part" taken back says nothing yet."""
        held = self.application
        return held if held and (held.weekdays or held.signed_name or held.submitted_at) else None


class ChildForm(forms.Form):
    """What is each child's own. `join`: whether it applies at all, where several could."""

    use_required_attribute = False
    band: GradeBand | None = None  # the hours promised to its grade, shown beside the days
    join = forms.BooleanField(label="申请", required=False, initial=True)
    weekdays = forms.MultipleChoiceField(label="哪几天参加", required=False, widget=forms.CheckboxSelectMultiple)
    may_go_alone = forms.BooleanField(label="允许孩子自己离校", required=False)
    needs = forms.CharField(
        label="需要老师知道的",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )
    interests = forms.MultipleChoiceField(
        label="想参加的活动",
        choices=ActivityKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    answer = forms.CharField(
        label="给班主任的答复",
        max_length=200,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
    )

    def __init__(self, data: Any, *, term: Term, applying: Applying, prefix: str | None = None) -> None:
        self.applying, self.limits = applying, limits_for(term, applying.student)
        self.young = self.limits.grade < term.alone_from_grade
        super().__init__(data, initial=self._held(), prefix=prefix)
        days = self.fields["weekdays"]
        assert isinstance(days, forms.MultipleChoiceField)  # noqa: S101 (for the type checker)
        days.choices = [(day, word) for day, word in WEEKDAY_CHOICES if day in term.service_weekdays]
        if prefix is None:
            del self.fields["join"]
        for name in ("join", "may_go_alone"):
            if name in self.fields:
                self.fields[name].widget.attrs["class"] = "form-check-input"
        self.fields["may_go_alone"].disabled = self.young
        for name in ("needs", "answer"):
            words = " ".join(f"{self[name].id_for_label}_{part}" for part in ("hint", "error"))
            self.fields[name].widget.attrs["aria-describedby"] = words

    def _held(self) -> dict[str, Any]:
        held = self.applying.begun
        if held is None:
            return {"weekdays": list(self.limits.service_weekdays)}
        needs = getattr(held, "needs", None)
        return {
            "weekdays": list(held.weekdays),
            "may_go_alone": held.may_go_alone,
            "needs": needs.text if needs else "",
            "interests": [kind for kind in held.interests.split(",") if kind],
            "answer": held.answer,
        }

    @property
    def student(self) -> Student:
        return self.applying.student

    @property
    def joins(self) -> bool:
        return "join" not in self.fields or bool(self["join"].value())

    def details(self, **common: Any) -> Details:
        """Return what was written for this child, with what is common to all."""
        values = self.cleaned_data
        return Details(
            weekdays=pack(values.get("weekdays", [])),
            may_go_alone=bool(values.get("may_go_alone")),
            needs=values.get("needs", ""),
            interests=tuple(values.get("interests", [])),
            answer=values.get("answer", ""),
            **common,
        )


class ApplyForm(forms.Form):
    """The whole page. `draft`: what is missing is no mistake yet. `paper`: the head teacher copies a sheet.

    `signed_before`: who has signed the agreement in force already; the same person need not draw again.
    """

    use_required_attribute = False
    known = forms.MultipleChoiceField(label="谁来接", required=False, widget=forms.CheckboxSelectMultiple)
    agreed = forms.BooleanField(label="同意", required=False)
    signed_name = NameField(
        label="签名人姓名",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "name"}),
    )
    sign_by = forms.ChoiceField(
        label="怎么签",
        choices=[(DRAWN, "用手指签"), (PAPER, "在纸上签")],
        required=False,
        initial=PAPER,  # without JavaScript nothing can be drawn; with it the page turns to the sheet
        widget=forms.RadioSelect,
    )
    strokes = forms.CharField(label="手写签名", required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        term: Term,
        children: list[Applying],
        signer: str = "",
        draft: bool = False,
        paper: bool = False,
        signed_before: str = "",
    ) -> None:
        self.draft, self.paper, self.signed_before = draft, paper, signed_before
        self.signs = term.agreement_version is not None and not paper
        self.children = [
            ChildForm(data, term=term, applying=one, prefix=f"c{one.student.pk}" if len(children) > 1 else None)
            for one in children
        ]
        self.adults = _adults(children)
        initial, others = _held_in_common(children, self.adults, signer)
        super().__init__(data, initial=initial)
        known = self.fields["known"]
        assert isinstance(known, forms.MultipleChoiceField)  # noqa: S101 (for the type checker)
        known.choices = [(str(pk), adult.link.guardian.name) for pk, adult in self.adults.items()]
        self.fields["agreed"].widget.attrs["class"] = "form-check-input"
        self.persons = PersonFormSet(data, initial=others, prefix="more")

    @property
    def several(self) -> bool:
        return len(self.children) > 1

    @property
    def all_young(self) -> bool:
        """Tell whether no child here may leave alone yet."""
        return all(child.young for child in self.children)

    @property
    def known_options(self) -> list[dict[str, Any]]:
        """The adults of the register, each with whether it is ticked, and for which children only."""
        ticked = set(self["known"].value() or [])
        return [
            {"pk": pk, "link": adult.link, "selected": str(pk) in ticked, "only": adult.only}
            for pk, adult in self.adults.items()
        ]

    @property
    def joining(self) -> list[ChildForm]:
        """The children who apply."""
        return [child for child in self.children if child.joins]

    def is_valid(self) -> bool:
        whole = self.persons.is_valid() & super().is_valid()  # both, so that each slip is found at once
        return whole and not any(child.errors for child in self.joining)

    @property
    def savable(self) -> bool:
        """Tell whether a draft can be kept: a person who is half typed is left out, all else must be right."""
        self.is_valid()
        return not self.errors and not any(child.errors for child in self.joining)

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if not self.joining:
            self.add_error(None, forms.ValidationError("请至少选一个孩子。", code="nobody_chosen"))
        whole = self.persons.is_valid()
        for child in self.joining:
            child.is_valid()
            self._check(child, whole=whole)
        strokes = values.get("strokes", "")
        if strokes and self.signs and not self.draft and values.get("sign_by") == DRAWN:
            try:
                read_strokes(strokes)
            except NotASignatureError:
                self.add_error("strokes", forms.ValidationError("签名没有写清楚，请擦掉重写。", code="bad_strokes"))
        return values

    def _check(self, child: ChildForm, *, whole: bool) -> None:
        for name, (code, sentence) in problems(self._details(child), child.limits, draft=self.draft).items():
            if name in child.errors:
                continue  # said already what is wrong with it
            if name in CHILD_FIELDS:
                child.add_error(name, forms.ValidationError(sentence, code=code))
                continue
            target = COMMON_FIELD_OF.get(name, name)
            if target in self.errors or (name == "persons" and not whole):
                continue
            if name == "persons" and self.several:
                sentence = f"{child.student.name}：{sentence}"  # noqa: PLW2901
            self.add_error(target, forms.ValidationError(sentence, code=code))

    @property
    def stands(self) -> bool:
        """Tell whether the signature that is there already goes on counting: the same person, and nothing drawn anew."""
        values = self.cleaned_data
        same = bool(self.signed_before) and values.get("signed_name") == self.signed_before
        return same and not values.get("strokes")

    def _details(self, child: ChildForm) -> Details:
        values = self.cleaned_data
        on_paper = self.paper or values.get("sign_by") != DRAWN or self.stands
        return child.details(
            persons=self._persons(child.applying),
            agreed=bool(values.get("agreed")),
            signed_name=values.get("signed_name", ""),
            strokes="" if on_paper else values.get("strokes", ""),
            on_paper=on_paper,
        )

    def _persons(self, applying: Applying) -> tuple[Person, ...]:
        """Return who fetches this child: of the register only those whom it knows for this very child."""
        chosen = set(self.cleaned_data.get("known", []))
        known = [
            Person(link.guardian.name, link.relation, link.guardian.phone)
            for link in applying.links
            if str(link.guardian_id) in chosen
        ]
        more = [form.person for form in self.persons if isinstance(form, PersonForm) and not form.errors]
        return (*known, *(person for person in more if person))

    @property
    def rows(self) -> list[tuple[Student, Details]]:
        """Return each child who applies with its details, as the actions take them."""
        return [(child.student, self._details(child)) for child in self.joining]

    @property
    def mistakes(self) -> list[tuple[str, str]]:
        """All slips as (id of the control, label), for the summary above, in the order of the page."""
        found = []
        for child in self.joining:
            name = f"{child.student.name}：" if self.several else ""
            for key in child.errors:
                found.append((_place(child, key), f"{name}{child.fields[key].label}"))
        common = [(_place(self, key), str(self.fields[key].label)) for key in self.errors if key in self.fields]
        found += common[:1] if "known" in self.errors else []
        for number, form in enumerate(self.persons, 1):
            found += [(str(form[key].id_for_label), f"另加第 {number} 位：{form[key].label}") for key in form.errors]
        return found + (common[1:] if "known" in self.errors else common)


def _place(form: forms.Form, name: str) -> str:
    """Return the id of a control, or of the group where it is one of several boxes."""
    grouped = name in {"weekdays", "known", "interests", "strokes", "sign_by"}
    return f"div_{form[name].auto_id}" if grouped else str(form[name].id_for_label)


@dataclass
class Adult:
    """An adult of the register, by the first link, with the children to whom it is linked where not to all."""

    link: Guardianship
    names: list[str]
    only: str = ""


def _adults(children: list[Applying]) -> dict[int, Adult]:
    found: dict[int, Adult] = {}
    for one in children:
        for link in one.links:
            found.setdefault(link.guardian_id, Adult(link, [])).names.append(one.student.name)
    for adult in found.values():
        if len(adult.names) < len(children):
            adult.only = "、".join(adult.names)
    return found


def _held_in_common(
    children: list[Applying], adults: dict[int, Adult], signer: str
) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what the common part starts with: what was kept of any child, else what the register knows."""
    begun = [one.begun for one in children if one.begun]
    if not begun:
        fetch = {link.guardian_id for one in children for link in one.links if link.may_fetch}
        return {"known": [str(pk) for pk in adults if pk in fetch], "signed_name": signer}, []
    by_key = {(a.link.guardian.name, a.link.guardian.phone): str(pk) for pk, a in adults.items()}
    known: list[str] = []
    others: list[dict[str, str]] = []
    for application in begun:
        for person in application.pickups.all():
            other = {"name": person.name, "relation": person.relation, "phone": person.phone}
            if pk := by_key.get((person.name, person.phone)):
                known.append(pk)
            elif other not in others:
                others.append(other)
    return {
        "known": known,
        "signed_name": begun[0].signed_name or signer,
        "agreed": all(one.consented_at is not None for one in begun),
    }, others[:MORE_PERSONS]
