"""A set-up file beside the present term: what stands in both, what only in one, in words."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from afterschool.school.models import Term
from afterschool.setup.file import SetupFile, of_term
from afterschool.setup.parts import PARTS
from afterschool.setup.parts.tables import Row, Table, plain
from afterschool.support.weekdays import show

SHOWN = 40
YES_NO = {True: "是", False: "否"}


@dataclass(frozen=True)
class Difference:
    """One part: lines that stand here alone, and in the file alone. `missing`: the file doesn't hold this part."""

    key: str
    word: str
    here: list[str]
    there: list[str]
    missing: bool = False

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        return not (self.here or self.there or self.missing)


def differences(term: Term | None, file: SetupFile) -> list[Difference]:
    """Return every part with what differs; without a term all of the file is new."""
    values = of_term(term).values if term is not None else {}
    found = []
    for key, part in PARTS.items():
        rows = values.get(key, []), file.values.get(key, [])
        apart = all(
            len(one) == 1 for one in rows
        )  # one row on each side: its values one by one, only those that differ
        here, there = (lines(part.table, one, apart=apart) for one in rows)
        gone, new = [one for one in here if one not in there], [one for one in there if one not in here]
        missing = key not in file.values
        found.append(Difference(key, part.word, [] if missing else gone[:SHOWN], new[:SHOWN], missing))
    return found


def lines(table: Table, rows: list[Row], place: str = "", *, apart: bool = False) -> list[str]:
    """Return the rows in words, a line for each (`apart`: for each of its values), what hangs on a row after it."""
    said = []
    for row in rows:
        words = [f"{_label(table, name)} {_said(table, name, row[name])}" for name in (*table.fields, *table.codes)]
        said += words if apart else [place + "，".join(words)]
        first = table.fields[0]
        for key, inner in table.inside.items():
            said += lines(inner, row[key], f"{place}{_label(table, first)} {_said(table, first, row[first])} · ")
    return said


def _column(table: Table, name: str) -> models.Field[Any, Any]:
    column = table.model._meta.get_field(name)
    assert isinstance(column, models.Field)  # noqa: S101 (a column, not a relation)
    return column


def _label(table: Table, name: str) -> str:
    label = str(_column(table, name).verbose_name)
    return "类别" if name in table.codes else label


def _said(table: Table, name: str, value: Any) -> str:
    choices = dict(_column(table, name).flatchoices)
    if isinstance(value, bool):
        return YES_NO[value]
    if value in (None, ""):
        return "（空）"
    if "weekdays" in name:
        return show(str(value))
    text = str(choices.get(value, plain(value)))
    return text if len(text) <= 60 else f"{text[:60]}……（共 {len(text)} 字）"
