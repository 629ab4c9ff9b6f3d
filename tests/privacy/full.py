"""A school with a row in every table, and words in every column that takes some: made from the tables themselves.

A new table or column is in it by itself; so what these tests look for can't be forgotten when the portal grows.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, time
from itertools import count
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Field, ForeignKey, Model

from afterschool.privacy.reach import OURS, leading_to
from afterschool.school.closed_terms import lifted
from afterschool.school.models import Event, Guardian, Student, Teacher, User
from tests.cast import NOW, TODAY

NUMBERS = count(7000)
# What is no word of anybody: codes, digests, names of things, and texts that belong to the school as such.
CODES = {
    "weekdays", "old_weekdays", "service_weekdays", "days_off", "grades", "ticket", "together", "device_id", "digest", "seed",
    "fingerprint", "code", "kind", "verb", "subject", "key", "fact", "link", "url", "public_url", "address", "secret", "days",
    "school_networks", "number", "strokes", "school_name", "term_name",
}  # fmt: skip
SHAPED = {"answers"}  # JSON of a shape of its own
WHO = {Student, Guardian, Teacher, User, Event}


def is_code(field: Field[Any, Any]) -> bool:
    """Tell whether a column holds no words that a person wrote."""
    chosen = bool(field.choices) or field.unique or field.primary_key
    return chosen or field.name in CODES or "hash" in field.name or not field.editable


def word_columns(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the columns of a table that take words."""
    texts = (models.CharField, models.TextField)
    return [field for field in model._meta.fields if isinstance(field, texts) and not is_code(field)]


def a_value(field: Field[Any, Any]) -> Any:
    """Return something that the column takes."""
    if field.choices:
        return next(iter(field.choices))[0]
    if "weekdays" in field.name:
        return "12345"
    if isinstance(field, models.DateTimeField):
        return NOW
    made: list[tuple[type[Field[Any, Any]], Any]] = [
        (models.DateField, TODAY),
        (models.TimeField, time(16)),
        (models.BooleanField, False),
        (models.JSONField, {}),
        (models.FileField, ""),
        (models.TextField, "正文"),
        (models.CharField, f"x{next(NUMBERS)}"[-(field.max_length or 9) :]),
        (models.DecimalField, 1),
        (models.DurationField, datetime.resolution),
    ]
    return next((value for kind, value in made if isinstance(field, kind)), 1)


def make_row(model: type[Model], **links: Any) -> Model:
    """Make one row of a table, whatever it asks for: keys lead to the first row there is."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.name in links or (field.primary_key and not isinstance(field, ForeignKey)):
            continue
        if isinstance(field, ForeignKey):
            if not field.null:
                values[field.name] = field.related_model._base_manager.first() or make_row(field.related_model)
        elif not (field.has_default() or field.null or field.blank):
            values[field.name] = a_value(field)
    return model._base_manager.create(**(values | links))


def complete(target: Model, **others: dict[str, Any]) -> None:
    """Give a child or a term a row in every table that leads to it; `others`: what a table asks besides, by its name."""
    ways = leading_to(type(target))
    for model, path in sorted(ways.items(), key=lambda item: item[1].count("__")):
        if model._base_manager.filter(**{path: target}).exists():
            continue
        first, _, rest = path.partition("__")
        near = model._meta.get_field(first).related_model
        owner = near._base_manager.filter(**{rest: target}).first() if rest else target
        made = make_row(model, **{first: owner, **others.get(model.__name__, {})})
        assert model._base_manager.filter(pk=made.pk, **{path: target}).exists(), model


def stuff(rows: Iterable[Model], words: str, *, but: Collection[str] = SHAPED) -> int:
    """Write words into every column of these rows that takes some, and into their files. Return into how many."""
    with lifted():  # of a closed term, too
        return sum(_stuff(row, words, but) for row in rows)


def _stuff(row: Model, words: str, but: Collection[str]) -> int:
    done = 0
    for field in row._meta.concrete_fields:
        if isinstance(field, models.FileField):
            new: Any = default_storage.save(f"papers/{row._meta.model_name}.bin", ContentFile(words.encode()))
        elif isinstance(field, models.JSONField) and field.name not in but:
            new = [{"name": words, "phone": words}]
        elif field in word_columns(type(row)):
            new = words[: field.max_length]
        else:
            continue
        try:
            with transaction.atomic():
                type(row)._base_manager.filter(pk=row.pk).update(**{field.name: new})
        except DatabaseError:  # in this state of the row the database takes no words there
            continue
        done += 1
    return done


def rows_of(target: Model) -> Iterator[Model]:
    """Yield every row that leads to a child or a term."""
    for model, path in leading_to(type(target)).items():
        yield from model._base_manager.filter(**{path: target}).distinct()


def everything() -> Iterator[Model]:
    """Yield every row of the portal but of those that say who people are."""
    for model in OURS:
        if model not in WHO:
            yield from model._base_manager.all()


def found(words: Iterable[str]) -> set[str]:
    """Look through every column of every table of the database itself. Return where the words stand: table, column, word."""
    spelled = {word: {word, json.dumps(word)[1:-1]} for word in words}
    places = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            names = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for name, value in zip(names, row, strict=True):
                    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                    places |= {
                        f"{table}.{name}: {word}" for word, ways in spelled.items() if any(w in text for w in ways)
                    }
    return places


def files_with(words: str, under: str = "") -> list[str]:
    """Return the kept files in which these words stand."""
    folders, files = default_storage.listdir(under)
    inside = [name for folder in folders for name in files_with(words, f"{under}{folder}/")]
    for name in files:
        with default_storage.open(f"{under}{name}") as file:
            inside += [f"{under}{name}"] * (words.encode() in file.read())
    return inside
