"""All figures of a page in one question: each table is counted once, and the counts come back as one row a table."""

from collections.abc import Iterable
from typing import Any

from django.db.models import CharField, Count, IntegerField, QuerySet, Value
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import Counted, Figure, Shown, Source
from afterschool.overview.sources import PARTS


def numbers(ask: Ask) -> dict[str, int]:
    """Return each figure of the question with its number: one query, and one for teachers' turns."""
    sources = [source for part in PARTS for source in part.sources if source.asked(ask)]
    found: dict[str, int] = {}
    for source in sources:
        if source.known is not None:
            known = source.known(ask)
            found |= {figure.key: len(known[figure.key]) for figure in source.asked(ask)}
    return found | _counted([source for source in sources if source.known is None], ask)


def _counted(sources: list[Source], ask: Ask) -> dict[str, int]:
    width = max((len(source.asked(ask)) for source in sources), default=0)
    questions = [_row(source, ask, width) for source in sources]
    if not questions:
        return {}
    first, *others = questions
    rows = {row[0]: row[1:] for row in (first.union(*others, all=True) if others else first)}
    return {
        figure.key: rows.get(source.key, (0,) * width)[place]
        for source in sources
        for place, figure in enumerate(source.asked(ask))
    }


def _row(source: Source, ask: Ask, width: int) -> QuerySet[Any, Any]:
    """Count one table: its key, a number for each figure, and noughts up to the width of the widest."""
    figures = source.asked(ask)
    counts: dict[str, Count | Value] = {
        f"n{place}": Count("pk", filter=figure.where(ask)) if figure.where(ask) else Count("pk")
        for place, figure in enumerate(figures)
    }
    counts |= {f"n{place}": Value(0, IntegerField()) for place in range(len(figures), width)}
    rows = source.rows(ask).order_by().annotate(of=Value(source.key, CharField())).values("of").annotate(**counts)
    return rows.values_list("of", *(f"n{place}" for place in range(width)))


def page_of(ask: Ask) -> list[Shown]:
    """Return the page part by part, without the parts that have nothing for this question."""
    found = numbers(ask)
    parts = [Shown(part.title, list(_part(part.sources, ask, found))) for part in PARTS]
    return [part for part in parts if part.counted]


def _part(sources: Iterable[Source], ask: Ask, found: dict[str, int]) -> Iterable[Counted]:
    for source in sources:
        for figure in source.asked(ask):
            yield Counted(figure, found[figure.key], address(figure, ask))


def address(figure: Figure, ask: Ask) -> str:
    """Return where the records behind a figure are listed."""
    return f"{reverse('overview:records', args=[figure.key])}?{ask.query}"
