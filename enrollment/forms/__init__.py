"""Forms of enrollment: strings into domain values; the modules below are private."""

from enrollment.forms.agreements import AgreementTextForm, PublishForm, SignForm
from enrollment.forms.amendments import AmendForm
from enrollment.forms.applications import (
    ApplyForm,
    CareForm,
    CategoryForm,
    PersonForm,
    PersonFormSet,
    ReopenForm,
)

__all__ = [
    "AgreementTextForm",
    "AmendForm",
    "ApplyForm",
    "CareForm",
    "CategoryForm",
    "PersonForm",
    "PersonFormSet",
    "PublishForm",
    "ReopenForm",
    "SignForm",
]
