"""Questions that every page asks: their SQL is built once a process, and after that only the values differ.

Django builds the SQL of a queryset anew each time, which for a wide model costs more than the database needs to answer. A
prepared question is a function that returns a queryset; the decorator gives back the rows instead:

    @prepared
    def _account(pk: int) -> QuerySet[User]:
        return User.objects.select_related("teacher", "guardian").filter(pk=pk, is_active=True)

    rows = _account(17)  # a list

The arguments are values that only stand in filters: a number, a text, a date, a time, an enum, a model's instance, None,
or a collection of them (of related rows: `student__pk__in`). The function may not look at them: it sees placeholders.
A dataclass, such as the person who asks, comes as it is with placeholders in its fields; a frozenset of an enum in it, the
roles of a person, stays, so that the scopes of `access` and `queries` can decide by it; its tuples, kept to be shown, are
left out.
Rows, `select_related`, annotations, `values_list` and prefetches are Django's own. Each shape (which arguments are None,
how long a collection is, which roles) is built once. What day it is must be an argument: within, the clock refuses.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import reduce, wraps
from operator import getitem
from typing import Any, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Model, QuerySet

from afterschool.support import clock

P = ParamSpec("P")
Row = TypeVar("Row")
WORD = re.compile(r"[a-z_.]+")
LONGEST = 16  # a longer collection is asked for as Django does: its SQL would be kept for one use


class Placeholder(Expression):
    """Where a value of the caller goes."""

    def __init__(self, place: tuple[Any, ...]) -> None:
        super().__init__()
        self.place = place

    @property
    def pk(self) -> "Placeholder":
        return self

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", (self,)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "Placeholder":
        return self


class _Built:
    """A question with its SQL: enough to ask it again without building anything."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        compiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.params = _with_words(*compiler.as_sql())
        self.converted = set(compiler.get_converters([one for one, *_ in compiler.select]))
        compiler.connection = None  # each thread has its own
        self.queryset, self.compiler = queryset, compiler

    def ask(self, values: list[Any]) -> list[Any]:
        queryset = _twin(self.queryset)
        connection = connections[queryset.db]
        adapted = tuple(
            _adapted(reduce(getitem, p.place, values), connection) if isinstance(p, Placeholder) else p
            for p in self.params
        )
        compiler = _twin(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (self.sql, adapted)
        # Most columns are taken as the database gives them; which ones, is known since the question was built.
        converters = compiler.get_converters
        compiler.get_converters = lambda columns: converters(
            [one if number in self.converted else None for number, one in enumerate(columns)]
        )
        queryset._query = _twin(self.queryset.query)
        queryset._query.get_compiler = lambda *args, **kwargs: compiler
        queryset._result_cache = None
        return list(queryset)


def prepared(question: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """Let a question be built once and asked often; it returns a list of rows."""
    built: dict[Any, _Built] = {}

    @wraps(question)
    def ask(*args: Any) -> list[Any]:
        values = [_plain(value) for value in args]
        shape = tuple([_shape(value) for value in values])
        found = built.get(shape)
        if found is None:
            if any(_is_long(value) for value in values):
                return list(question(*args))  # type: ignore[call-arg]
            places = [_places(arg, value, (n,)) for n, (arg, value) in enumerate(zip(args, values, strict=True))]
            try:
                with clock.stopped():
                    found = built[shape] = _Built(question(*places))  # type: ignore[call-arg]
            except EmptyResultSet:
                return []
        return found.ask(values)

    return cast(Callable[P, list[Row]], ask)


def _with_words(sql: str, params: Iterable[Any]) -> tuple[str, list[Any]]:
    """Write the question's own words, such as states, into its SQL.

    SQLite plans a question anew each time it binds a value that a partial index asks about, which takes longer than the
    answer; written out, the plan stays.
    """
    values, bound = iter(params), []

    def put(mark: re.Match[str]) -> str:
        if mark[0] == "%%":
            return "%%"
        value = next(values)
        if isinstance(value, str) and WORD.fullmatch(value):
            return f"'{value}'"
        bound.append(value)
        return "%s"

    return re.sub("%%|%s", put, sql), bound


def _twin(one: Any) -> Any:
    """Return a shallow copy without asking the object how: a queryset would run."""
    twin = object.__new__(type(one))
    twin.__dict__.update(one.__dict__)
    return twin


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value.__class__):  # a lazy one says what it stands for
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _field(one) for name, one in held.items() if not isinstance(one, tuple)}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _field(value: Any) -> Any:
    decides = isinstance(value, frozenset) and all(isinstance(one, Enum) for one in value)
    return value if decides else _plain(value)


def _shape(value: Any) -> Any:
    """Return what a value changes in the SQL: nothing but being None, the number of values, what stays as it is."""
    if isinstance(value, dict):
        return tuple([_shape(one) for one in value.values()])
    if isinstance(value, frozenset):
        return value
    return len(value) if isinstance(value, list) else "none" if value is None else "one"


def _is_long(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_is_long(one) for one in value.values())
    return isinstance(value, list) and len(value) > LONGEST


def _places(arg: Any, value: Any, place: tuple[Any, ...]) -> Any:
    if value is None or isinstance(value, frozenset):
        return value
    if isinstance(value, dict):
        held = {name: _places(getattr(arg, name), one, (*place, name)) for name, one in value.items()}
        return arg.__class__(**held)
    if isinstance(value, list):
        return [Placeholder((*place, n)) for n in range(len(value))]
    return Placeholder(place)


def _adapted(value: Any, connection: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return connection.ops.adapt_timefield_value(value) if isinstance(value, time) else value
