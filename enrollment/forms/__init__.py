"""Forms of enrollment: strings into domain values; the modules below are private."""

from enrollment.forms.agreements import AgreementTextForm, PublishForm, SignForm
from enrollment.forms.amendments import AmendForm
from enrollment.forms.applications import CareForm, CategoryForm, ReopenForm
from enrollment.forms.family import ApplyForm, Applying
from enrollment.forms.figures import ReportDayForm
from enrollment.forms.persons import PersonForm, PersonFormSet

__all__ = [
    "AgreementTextForm",
    "AmendForm",
    "ApplyForm",
    "Applying",
    "CareForm",
    "CategoryForm",
    "PersonForm",
    "PersonFormSet",
    "PublishForm",
    "ReopenForm",
    "ReportDayForm",
    "SignForm",
]
