"""One sheet's cells under its headings: finds the headings, walks the rows, and collects what is wrong with a cell."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from afterschool.school.importing.cells import BadCell, grade_and_class
from afterschool.school.importing.packed import HEAD_ROWS
from afterschool.school.importing.reading import Grid
from afterschool.school.importing.roster import Checked, Problem
from afterschool.school.importing.sheets import CLASS_NUMBER, EXAMPLE, GRADE, REMARK, WHOLE_CLASS, SheetKind

Value = TypeVar("Value")
LONGEST_QUOTE = 30


def letter(column: int) -> str:
    """Return "A" for 0, "AA" for 26."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


@dataclass
class Line:
    """One row of a sheet. A cell that can't be understood is reported and read as None."""

    table: "Table"
    row: int  # from 1, as Excel counts
    cells: dict[str, str]
    good: bool = True

    def get(self, heading: str, parse: Callable[[str], Value]) -> Value | None:
        """Return the value of a cell that must be filled."""
        text = self.cells.get(heading, "")
        if not text:
            self.fault("blank", heading, "没有填")
            return None
        return self._parsed(heading, text, parse)

    def optional(self, heading: str, parse: Callable[[str], Value], default: Value) -> Value:
        """Return the value of a cell that may stay empty."""
        text = self.cells.get(heading, "")
        if not text:
            return default
        value = self._parsed(heading, text, parse)
        return default if value is None else value

    def _parsed(self, heading: str, text: str, parse: Callable[[str], Value]) -> Value | None:
        try:
            return parse(text)
        except BadCell as bad:
            self.fault("bad_cell", heading, str(bad))
            return None

    def fault(self, code: str, heading: str, reason: str) -> None:
        """Report an error of this row."""
        self.good = False
        self.table.checked.errors.append(self._problem(code, heading, reason))

    def warn(self, code: str, heading: str, reason: str) -> None:
        """Report something to look at."""
        self.table.checked.warnings.append(self._problem(code, heading, reason))

    def _problem(self, code: str, heading: str, reason: str) -> Problem:
        column = self.table.columns.get(heading)
        quote = "".join(char if char.isprintable() else "□" for char in self.cells.get(heading, "")[:LONGEST_QUOTE])
        place = letter(column) if column is not None else ""
        return Problem(code, self.table.kind.name, reason, self.row, place, heading, quote)


class Table:
    """A sheet under its headings."""

    def __init__(self, kind: SheetKind, grid: Grid, checked: Checked) -> None:
        self.kind = kind
        self.grid = grid
        self.checked = checked
        self.head, self.columns = self._find_headings()
        missing = [heading for heading in kind.required if heading not in self.columns]
        self.usable = not missing
        if missing:
            self._complain("missing_column", self._missing_words(missing))
        self._look_at_merged()

    def _find_headings(self) -> tuple[int, dict[str, int]]:
        """The row with the most known headings among the first ten is the head."""
        best: tuple[int, dict[str, int]] = (0, {})
        for index, row in enumerate(self.grid.rows[:HEAD_ROWS]):
            words = ["".join(text.split()).rstrip("*＊") for text in row]
            columns: dict[str, int] = {}
            for column, word in enumerate(words):
                if word in self.kind.headings or word == REMARK:
                    columns.setdefault(word, column)
            if WHOLE_CLASS in words and CLASS_NUMBER in self.kind.headings and CLASS_NUMBER not in columns:
                columns[CLASS_NUMBER] = words.index(WHOLE_CLASS)
                columns.setdefault(GRADE, columns[CLASS_NUMBER])
            if len(set(columns.values())) > len(set(best[1].values())):
                best = (index, columns)
        return best

    def _missing_words(self, missing: list[str]) -> str:
        found = [text for text in (self.grid.rows[self.head] if self.grid.rows else []) if text][:12]
        words = f"缺少列：{'、'.join(missing)}。"
        return words + (f"找到的列是：{'、'.join(text[:12] for text in found)}。" if found else "这张表是空的。")

    def _look_at_merged(self) -> None:
        for first_row, first, last_row, last in self.grid.merged:
            if last_row > self.head and self.usable:
                area = f"{letter(first)}{first_row + 1}:{letter(last)}{last_row + 1}"
                reason = f"{area} 是合并的单元格。请取消合并，每一行都写全。"
                self.checked.errors.append(
                    Problem("merged", self.kind.name, reason, max(first_row, self.head + 1) + 1, letter(first))
                )

    def _complain(self, code: str, reason: str) -> None:
        self.checked.errors.append(Problem(code, self.kind.name, reason))

    def lines(self) -> Iterator[Line]:
        """Yield the rows with something in them; blank rows and example rows are passed over, and end nothing."""
        if not self.usable:
            return
        for index in range(self.head + 1, len(self.grid.rows)):
            row = self.grid.rows[index]
            cells = {heading: row[column] for heading, column in self.columns.items() if column < len(row)}
            if GRADE in cells and self.columns[GRADE] == self.columns[CLASS_NUMBER]:
                cells[GRADE], cells[CLASS_NUMBER] = grade_and_class(cells[GRADE])
            if any(text for heading, text in cells.items() if heading != REMARK) and not cells.get(
                REMARK, ""
            ).startswith(EXAMPLE):
                yield Line(self, index + 1, cells)
