"""Rows of a table as plain values and back: text, numbers, true, false, nothing. What comes back is taken for hostile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from afterschool.support.refusal import Refused

Row = dict[str, Any]
MOST_ROWS, LONGEST = 200, 20_000
FILE_WRONG = "setup_file_wrong"


def plain(value: Any) -> Any:
    """Return a value of a column as JSON can hold it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    return f"{value:.2f}" if isinstance(value, Decimal) else value


def wrong(sentence: str) -> Refused:
    """Return the refusal of a file, with what is wrong in it."""
    return Refused(FILE_WRONG, sentence)


@dataclass(frozen=True)
class Table:
    """Which columns of a table belong to the set-up, by which column a row hangs on its parent, and what hangs on it.

    `codes`: columns that point to a row of another table, kept by that row's code. `empty`: columns that may be empty here,
    though a form asks for them.
    """

    model: type[models.Model]
    fields: tuple[str, ...]
    parent: str = "term"
    inside: Mapping[str, "Table"] = field(default_factory=dict)
    codes: Mapping[str, type[models.Model]] = field(default_factory=dict)
    most: int = MOST_ROWS
    empty: tuple[str, ...] = ()

    def prefetched(self, prefix: str = "") -> list[str]:
        """Return what to fetch beside the rows: a query for each table, whatever the number of rows."""
        below = [name for key, table in self.inside.items() for name in table.prefetched(f"{prefix}{key}__")]
        mine = [f"{prefix}{key}" for key in self.inside] + [f"{prefix}{name}" for name in self.codes]
        return [*mine, *below]

    def dump(self, rows: Any) -> list[Row]:
        """Return these rows, with what hangs on them, in the order of the table."""
        return [self._dump_one(row) for row in rows.prefetch_related(*self.prefetched())]

    def _dump_one(self, row: models.Model) -> Row:
        values = {name: plain(getattr(row, name)) for name in self.fields}
        values |= {name: getattr(row, name).code for name in self.codes}
        for key, table in self.inside.items():
            values[key] = [table._dump_one(one) for one in getattr(row, key).all()]
        return values

    def read(self, data: Any, where: str) -> list[Row]:
        """Return rows of a file with the types of their columns. Refused with `setup_file_wrong`, naming the row and column."""
        if not isinstance(data, list) or len(data) > self.most:
            raise wrong(f"“{where}”要是一张表，最多 {self.most} 行。")
        return [self._read_one(row, f"{where}第 {number} 行") for number, row in enumerate(data, 1)]

    def _read_one(self, row: Any, where: str) -> Row:
        wanted = {*self.fields, *self.codes, *self.inside}
        if not isinstance(row, dict) or set(row) != wanted:
            raise wrong(f"“{where}”缺少内容，或有不认识的内容。")
        values: Row = {name: self._read_value(name, row[name], where) for name in self.fields}
        for name in self.codes:
            if not isinstance(row[name], str):
                raise wrong(f"“{where}”的类别不对。")
            values[name] = row[name][:50]
        return values | {key: table.read(row[key], f"{where}里的表") for key, table in self.inside.items()}

    def _read_value(self, name: str, value: Any, where: str) -> Any:
        column = self.model._meta.get_field(name)
        assert isinstance(column, models.Field)  # noqa: S101 (a column, not a relation)
        label = str(column.verbose_name)
        if not isinstance(value, str | int | bool | None) or (isinstance(value, str) and len(value) > LONGEST):
            raise wrong(f"“{where}”的“{label}”不对。")
        if isinstance(value, str) and "\x00" in value:
            raise wrong(f"“{where}”的“{label}”里有不能用的字符。")
        if isinstance(column, models.CharField | models.TextField) and not isinstance(value, str):
            raise wrong(f"“{where}”的“{label}”要是文字。")
        if value == "" and name in self.empty:
            return value
        try:
            return column.clean(value, None)
        except (ValidationError, ValueError, OverflowError) as error:
            said = error.messages[0] if isinstance(error, ValidationError) else "不对。"
            raise wrong(f"“{where}”的“{label}”：{said}") from error

    def write(self, rows: list[Row], parent: models.Model | None, **more: Any) -> None:
        """Write these rows under their parent. Refused with `setup_file_wrong` where a rule of the table is broken."""
        for row in rows:
            made = self.model(**{name: row[name] for name in self.fields}, **more)
            if parent is not None:
                setattr(made, self.parent, parent)
            for name, model in self.codes.items():
                found = model._default_manager.filter(code=row[name]).first()
                if found is None:
                    raise wrong(f"没有代码是“{row[name]}”的类别。")
                setattr(made, name, found)
            try:
                made.full_clean(exclude=self.empty)
            except ValidationError as error:
                raise wrong(error.messages[0]) from error
            made.save(force_insert=True)
            for key, table in self.inside.items():
                table.write(row[key], made)
