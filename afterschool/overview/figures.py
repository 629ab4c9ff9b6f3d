"""A figure and the records behind it are one and the same question, asked once for a number and once for a list."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from afterschool.overview.ask import TERM, TODAY, WEEK, Ask

ALWAYS = frozenset({TODAY, WEEK, TERM})
LATER = frozenset({WEEK, TERM})
ONLY_TODAY = frozenset({TODAY})
ONLY_TERM = frozenset({TERM})


@dataclass(frozen=True)
class Line:
    """One record in a list: what it is, more about it, and where it is kept (nowhere this person may go: nothing)."""

    text: str
    hint: str = ""
    url: str = ""
    tone: str = ""
    word: str = ""


def everything(ask: Ask) -> Q:
    """Let every row of a source count."""
    return Q()


def having(condition: Q) -> Callable[[Ask], Q]:
    """Let the rows count that meet a fixed condition."""
    return lambda ask: condition


@dataclass(frozen=True)
class Figure:
    """One number: the rows of its source that meet `where`. `main` is set large, `alarm` red where it is not nought."""

    key: str
    word: str
    where: Callable[[Ask], Q] = everything
    spans: frozenset[str] = ALWAYS
    main: bool = False
    alarm: bool = False
    note: str = ""


@dataclass(frozen=True)
class Source:
    """Rows of one table in the scope and the days that are asked for, the figures over them, and a row as a line.

    `order` is that of the register or of time, never of a figure. `known` finds the rows of some figures by rules that a
    database can't count, as their ids.
    """

    key: str
    rows: Callable[[Ask], QuerySet[Any]]
    figures: tuple[Figure, ...]
    line: Callable[[Any, Ask], Line]
    related: tuple[str, ...] = ()
    order: tuple[str, ...] = ("pk",)
    seen: Callable[[Ask], bool] = lambda ask: True
    dress: Callable[[QuerySet[Any], Ask], QuerySet[Any]] = lambda rows, ask: rows
    known: Callable[[Ask], dict[str, list[int]]] | None = None

    def asked(self, ask: Ask) -> list[Figure]:
        """Return the figures that belong to this question."""
        return [one for one in self.figures if ask.span.code in one.spans] if self.seen(ask) else []

    def behind(self, figure: Figure, ask: Ask) -> QuerySet[Any]:
        """Return the records behind one figure, in order."""
        rows = self.rows(ask)
        if self.known is not None:
            rows = rows.filter(pk__in=self.known(ask)[figure.key])
        else:
            rows = rows.filter(figure.where(ask))
        return self.dress(rows.select_related(*self.related), ask).order_by(*self.order)


@dataclass(frozen=True)
class Part:
    """Figures that stand together under one heading."""

    title: str
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Counted:
    """A figure with its number and the address of its records."""

    figure: Figure
    number: int
    url: str


@dataclass(frozen=True)
class Shown:
    """A part of the page."""

    title: str
    counted: list[Counted] = field(default_factory=list)


def figures_of(sources: Iterable[Source]) -> dict[str, tuple[Source, Figure]]:
    """Return all figures by key, each with its source."""
    return {figure.key: (source, figure) for source in sources for figure in source.figures}
