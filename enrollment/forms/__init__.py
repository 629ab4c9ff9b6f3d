"""Forms of enrollment: strings into domain values; the modules below are private."""

from enrollment.forms.applications import (
    ApplyForm,
    CareForm,
    CategoryForm,
    PersonForm,
    PersonFormSet,
    ReopenForm,
)

__all__ = [
    "ApplyForm",
    "CareForm",
    "CategoryForm",
    "PersonForm",
    "PersonFormSet",
    "ReopenForm",
]
