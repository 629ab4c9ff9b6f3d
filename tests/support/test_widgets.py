"""What our renderer of forms writes is what Django's templates write."""

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.widgets import Renderer

WIDGETS = [
    forms.TextInput, forms.HiddenInput, forms.NumberInput, forms.EmailInput, forms.PasswordInput, forms.CheckboxInput,
    forms.Textarea, forms.DateInput, forms.TimeInput, forms.DateTimeInput, forms.Select, forms.SelectMultiple,
    forms.CheckboxSelectMultiple, forms.RadioSelect, forms.NullBooleanSelect, forms.ClearableFileInput,
]  # fmt: skip
texts = st.text(alphabet="a1 <>&\"'\n{}%课·", max_size=12)
CHOICES = [("", "请选择"), (1, '<一>&"'), ("two", "二")]
GROUPED = [("组<", [("a", "甲"), ("b", "乙")]), ("c", "丙")]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: widget.__name__)
@given(value=st.one_of(st.none(), texts, st.integers(), st.booleans()), said=texts, flag=st.booleans())
def test_a_widget_looks_as_django_makes_it(widget, value, said, flag):
    one = widget(attrs={"class": said, "required": flag, "rows": 3, "maxlength": None})
    for choices in [CHOICES, GROUPED] if hasattr(one, "choices") else [None]:
        if choices:
            one.choices = choices
            value = [str(value)] if widget in {forms.SelectMultiple, forms.CheckboxSelectMultiple} else value
        ours, theirs = (
            one.render("name<", value, {"id": "id_x"}, renderer()) for renderer in (Renderer, DjangoTemplates)
        )
        assert ours == theirs


def test_an_option_of_a_group_looks_as_django_makes_it():
    class Form(forms.Form):
        days = forms.MultipleChoiceField(choices=CHOICES, initial=["1"], widget=forms.CheckboxSelectMultiple)

    ours, theirs = Form(renderer=Renderer()), Form(renderer=DjangoTemplates())
    assert [str(one) for one in ours["days"]] == [str(one) for one in theirs["days"]]
    assert [one.tag() for one in ours["days"]] == [one.tag() for one in theirs["days"]]
