"""Questions that every page asks: their SQL is built once a process, and after that only the values differ.

Django builds the SQL of a queryset anew each time, which for a wide model costs more than the database needs to answer. A
prepared question is a function that returns a queryset; the decorator gives back the rows instead:

    @prepared
    def _account(pk: int) -> QuerySet[User]:
        return User.objects.select_related("teacher", "guardian").filter(pk=pk, is_active=True)

    rows = _account(17)  # a list

The arguments are values that only stand in filters: a number, a text, a date, a time, an enum, a model's instance, None,
or a collection of them (of related rows: `student__pk__in`). The function may not look at them: it sees placeholders.
Rows, `select_related`, annotations, `values_list` and prefetches are Django's own. Each shape (which arguments are None,
how long a collection is) is built once.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from enum import Enum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, Model, QuerySet

P = ParamSpec("P")
Row = TypeVar("Row")
LONGEST = 16  # a longer collection is asked for as Django does: its SQL would be kept for one use


class Placeholder(Expression):
    """Where a value of the caller goes."""

    def __init__(self, place: tuple[int, ...]) -> None:
        super().__init__()
        self.place = place

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", (self,)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "Placeholder":
        return self


class _Built:
    """A question with its SQL: enough to ask it again without building anything."""

    def __init__(self, queryset: QuerySet[Any]) -> None:
        compiler = queryset.query.get_compiler(queryset.db)
        self.sql, self.params = compiler.as_sql()
        compiler.connection = None  # each thread has its own
        self.queryset, self.compiler = queryset, compiler

    def ask(self, values: Callable[[Placeholder], Any]) -> list[Any]:
        queryset = _twin(self.queryset)
        connection = connections[queryset.db]
        adapted = tuple(_adapted(values(p), connection) if isinstance(p, Placeholder) else p for p in self.params)
        compiler = _twin(self.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda *args, **kwargs: (self.sql, adapted)
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
        shape = tuple(_shape(value) for value in values)
        found = built.get(shape)
        if found is None:
            if any(isinstance(one, int) and not 0 < one <= LONGEST for one in shape):
                return list(question(*args))  # type: ignore[call-arg]
            places = [_places(value, number) for number, value in enumerate(values)]
            try:
                found = built[shape] = _Built(question(*places))  # type: ignore[call-arg]
            except EmptyResultSet:
                return []
        return found.ask(lambda p: values[p.place[0]] if len(p.place) == 1 else values[p.place[0]][p.place[1]])

    return cast(Callable[P, list[Row]], ask)


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
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value


def _shape(value: Any) -> Any:
    """Return what a value changes in the SQL: nothing but being None, or the number of values."""
    return len(value) if isinstance(value, list) else "none" if value is None else "one"


def _places(value: Any, number: int) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [Placeholder((number, n)) for n in range(len(value))]
    return Placeholder((number,))


def _adapted(value: Any, connection: Any) -> Any:
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return connection.ops.adapt_timefield_value(value) if isinstance(value, time) else value
