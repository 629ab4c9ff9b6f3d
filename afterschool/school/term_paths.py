"""Which term a row belongs to, said once for every table: what a closed term refuses to change hangs on it.

A table with a `term` that is always set belongs to that one. Any other says in its app's `term_paths.py` over which tables
its term is found, or why it has none; the app declares both when it is ready. `tests/house/test_closed_term.py` fails on a
table that says nothing.
"""

from collections.abc import Iterator, Mapping

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

THROUGH = {"school.Occupancy": "session__term"}
FREE = {
    "school.Room": "the school's list",
    "school.SchoolClass": "of a school year",
    "school.ClassMembership": "of a school year",
    "school.User": "an account",
    "school.Teacher": "the register",
    "school.StaffRole": "the register",
    "school.Student": "the register",
    "school.Guardian": "the register",
    "school.Guardianship": "the register",
    "school.Slip": "an account's way in",
    "school.SlipTry": "counts who tries codes",
    "school.School": "which term is the current one",
    "school.Term": "guarded by itself: it may be opened again, nothing else",
    "school.Message": "stays to be delivered",
    "school.Delivery": "stays to be delivered and read",
    "school.Robot": "the school's ways to speak",
    "school.Paper": "made from what stands",
    "school.RosterImport": "the register",
    "school.Event": "history goes on: looks, erasure, opening again",
    "school.EventNote": "erasure blanks it",
}


def declare(app: str, *, through: Mapping[str, str], free: Mapping[str, str]) -> None:
    """Say for an app's tables without a term of their own where it is found, or why a closed term leaves them alone."""
    THROUGH.update({f"{app}.{name}": path for name, path in through.items()})
    FREE.update({f"{app}.{name}": why for name, why in free.items()})


def path_of(model: type[Model]) -> str | None:
    """Return the path from a row to its term, as a lookup; none where the table has no term or nothing is said of it."""
    label = model._meta.label
    if label in FREE:
        return None
    if label in THROUGH:
        return THROUGH[label]
    try:
        return None if model._meta.get_field("term").null else "term"
    except FieldDoesNotExist:
        return None


def guarded() -> Iterator[tuple[type[Model], str]]:
    """Yield each table whose rows belong to a term, with the path."""
    for model in apps.get_models():
        if (path := path_of(model)) is not None:
            yield model, path
