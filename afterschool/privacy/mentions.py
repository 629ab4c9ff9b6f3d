"""Names of an erased family in texts that belong to somebody else: patrol notes, incidents, visitors, other children's notes.

No foreign key leads there, so every column of words is searched. A name that somebody else at the school bears too is left
where it stands: nobody can tell whom the text means, and the records of the other would lose theirs.
"""

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.apps import apps
from django.db.models import CharField, EmailField, Field, JSONField, Model, Q, QuerySet, SlugField, TextField, URLField
from django.db.models.functions import Cast

from afterschool.privacy.reach import OURS
from afterschool.school import erasure as school
from afterschool.school.models import ConsentText, Event, Guardian, Student, Teacher, User
from attendance.models import DayFetcher
from enrollment.models import AgreementText, Amendment, PickupPerson, Signature

A_CHILD, AN_ADULT = "某同学", "某人"
FROZEN = {
    Student,
    Guardian,
    Teacher,
    User,
    Event,
    ConsentText,
    AgreementText,
    Signature,
}  # who they are; what was signed
OF_ANOTHER = {"persons", "old_persons"}  # whom another family named: theirs to change
CODES = (EmailField, SlugField, URLField)
Names = dict[str, str]


def names_of(student: Student, people: school.People) -> Names:
    """Return the names and phones to take out, each with what stands there afterwards; without those of somebody else."""
    found = dict.fromkeys(chain(people.words, _fetching(student)), AN_ADULT)
    if student.erased_at is None:
        found[student.name] = A_CHILD
    return {word: instead for word, instead in found.items() if len(word) > 1 and not _borne(word, student, people)}


def shared_names(student: Student, people: school.People) -> list[str]:
    """Return the names of a family that somebody else at the school bears too: they stay in the texts of others."""
    return [word for word in people.words if not word.isdecimal() and _borne(word, student, people)]


def _fetching(student: Student) -> Iterator[str]:
    """Yield names and phones of those who fetched the child: they are on no list of their own."""
    for table, path in ((PickupPerson, "application__student"), (DayFetcher, "student")):
        rows = table._base_manager.filter(**{path: student}).values_list("name", "phone")
        yield from (word for row in rows for word in row if word)
    for persons in Amendment.objects.filter(application__student=student).values_list("persons", "old_persons"):
        for person in chain.from_iterable(one or [] for one in persons):
            yield from (person[key] for key in ("name", "phone") if person.get(key))


def _borne(word: str, student: Student, people: school.People) -> bool:
    """Tell whether a name or phone is that of somebody who stays."""
    named = Q(name=word) | Q(phone=word)
    others: list[QuerySet[Any]] = [
        Student.objects.filter(name=word, erased_at=None).exclude(pk=student.pk),
        Guardian.objects.filter(named).exclude(pk__in=[one.pk for one in people.guardians]),
        Teacher.objects.filter(named),
        PickupPerson.objects.filter(named).exclude(application__student=student),
        DayFetcher.objects.filter(named).exclude(student=student),
    ]
    return any(rows.exists() for rows in others)


def take_out(names: Names) -> int:
    """Put a word in the place of each name in every text of the portal. Return how many texts were changed."""
    if not names:
        return 0
    pattern = re.compile("|".join(re.escape(word) for word in sorted({*names, *_longer(names)}, key=len, reverse=True)))
    return sum(_clean(model, name, field, names, pattern) for model in _tables() for name, field in _texts(model))


def _longer(names: Iterable[str]) -> set[str]:
    """Return names of others in which one of these stands: 王一 is no part of 王一鸣."""
    found: set[str] = set()
    for table in (Student, Guardian, Teacher):
        for word in names:
            found |= set(table._base_manager.filter(name__contains=word).values_list("name", flat=True))
    return found


def _tables() -> Iterator[type[Model]]:
    yield from (model for model in OURS if model not in FROZEN)
    yield apps.get_model("django_tasks_database", "DBTaskResult")


def _texts(model: type[Model]) -> Iterator[tuple[str, Field[Any, Any]]]:
    """Yield the columns that take words: no codes, no keys, nothing that is chosen from a list."""
    for field in model._meta.fields:
        words = isinstance(field, CharField | TextField | JSONField) and not isinstance(field, CODES)
        if words and not (field.choices or field.unique or field.primary_key or field.name in OF_ANOTHER):
            yield field.attname, field


def _clean(model: type[Model], name: str, field: Field[Any, Any], names: Names, pattern: re.Pattern[str]) -> int:
    rows, column = model._base_manager.all(), name
    if isinstance(field, JSONField):
        rows, column = rows.annotate(as_text=Cast(name, TextField())), "as_text"
    wanted = Q()
    for word in names:
        wanted |= Q(**{f"{column}__contains": word})
        if isinstance(field, JSONField):
            wanted |= Q(**{f"{column}__contains": json.dumps(word)[1:-1]})
    changed = 0
    for pk, value in rows.filter(wanted).values_list("pk", name):
        new = _without(value, names, pattern, field.max_length)
        if new != value:
            model._base_manager.filter(pk=pk).update(**{name: new})
            changed += 1
    return changed


def _without(value: Any, names: Names, pattern: re.Pattern[str], most: int | None = None) -> Any:
    """Return a text, or every text of a JSON value, with a word in the place of each name."""
    if isinstance(value, str):
        return pattern.sub(lambda found: names.get(found[0], found[0]), value)[:most]
    if isinstance(value, list):
        return [_without(one, names, pattern) for one in value]
    if isinstance(value, dict):
        return {key: _without(one, names, pattern) for key, one in value.items()}
    return value
