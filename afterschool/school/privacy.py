"""What each app says of the personal data it keeps: the words of the family's page, of the copy and of erasure.

Every app has a `personal.py` with `KINDS` (which data, why, who sees it, how long), `sections` (one child's rows for the copy)
and `DEEDS` (what history says was done with a child's data), and an `erasure.py` with `erase`. The shell (`afterschool/privacy`)
puts them together; a house test holds that no table of people is left undescribed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.db.models import QuerySet

from afterschool.school.models import Guardian, Student, Term
from afterschool.support import clock

Scope = dict[str, Any]
GONE = "（已删除）"
WHOLE_TERM = "学期结束后 {years} 年"
NAMELESS_LATER = "孩子离校 {years} 年后去掉姓名，只剩数字"
WITH_CHILD = "孩子在校期间；离校 {years} 年后去掉姓名"


@dataclass(frozen=True)
class Kind:
    """One kind of data. `kept` may hold {years}, the term's `keep_years`. `stays` says what outlives erasure, and why."""

    key: str
    title: str
    what: str
    why: str
    seen_by: str
    kept: str
    models: tuple[str, ...]
    stays: str = ""  # empty: everything goes
    of_family: bool = True

    def kept_for(self, years: int) -> str:
        """Return how long it is kept, in words."""
        return self.kept.format(years=years)


class Did(models.TextChoices):
    """What was done with a child's data."""

    LOOK = "look", "看"
    CHANGE = "change", "改"
    ASK = "ask", "同意和要求"
    FILE = "file", "要文件"
    ERASE = "erase", "删"


Deeds = Mapping[str, tuple[Did, str]]  # by the word of history: which kind, and what was done in words


@dataclass(frozen=True)
class Section:
    """One table of a child's copy: rows of plain text under their headings."""

    kind: str
    title: str
    headings: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Reader:
    """The guardian whom a copy is for: only this person's own phone stands in it."""

    guardian: Guardian
    student: Student


def nameless(student_id: int) -> str:
    """Return what stands in place of an erased child's name."""
    return f"已删除 #{student_id}"


def scope_of(*, student: Student | None = None, term: Term | None = None) -> Scope:
    """Return which rows are meant: one child's, or those of a whole term that is long over."""
    if (student is None) == (term is None):
        raise ValueError("one child or one term")
    return {"student": student} if student is not None else {"term": term}


def within(path: str, scope: Scope) -> Scope:
    """Return the same rows as seen from a table that reaches them by this path."""
    return {f"{path}__{name}": value for name, value in scope.items()}


def blank(rows: QuerySet[Any], *names: str) -> None:
    """Put `GONE` in the place of words in these columns; what is empty stays empty."""
    for name in names:
        rows.exclude(**{name: ""}).update(**{name: GONE})


def without(value: Any, words: Iterable[str], instead: str) -> Any:
    """Return JSON in which every text that holds one of these words is replaced as a whole."""
    if isinstance(value, str):
        return instead if any(word and word in value for word in words) else value
    if isinstance(value, list):
        return [without(one, words, instead) for one in value]
    if isinstance(value, dict):
        return {key: without(one, words, instead) for key, one in value.items()}
    return value


def day(value: date | None) -> str:
    """Return a date as the copy writes it, empty where there is none."""
    return f"{value:%Y-%m-%d}" if value else ""


def moment(value: datetime | None) -> str:
    """Return an instant as the copy writes it, in the school's time."""
    return f"{value.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if value else ""
