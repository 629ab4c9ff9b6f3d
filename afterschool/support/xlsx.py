"""The one door to Excel. Text never becomes a formula, control characters are dropped, lists can be styled for print."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Literal
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FONT = "Calibri"  # that of the other cells
LEFT = ("text", "date", "time")
PORTRAIT = 95  # wider lists, in characters, are printed on their side
ColumnKind = Literal["text", "number", "money", "tenths", "hundredths", "percent", "share", "date", "time"]
FORMATS = {  # "_ ": a number keeps away from the text beside it
    "text": "@",
    "number": "0_ ",
    "money": "#,##0.00_ ",
    "tenths": "0.0_ ",
    "hundredths": "0.00_ ",
    "percent": "0%_ ",
    "share": "0.0%_ ",
    "date": 'yyyy"年"m"月"d"日"',
    "time": "hh:mm",
}


@dataclass(frozen=True)
class Column:
    """One column of a list: the same definition serves page, Excel and PDF."""

    heading: str
    get: Callable[[Any], Any]
    kind: ColumnKind = "text"
    width: int = 12


@dataclass(frozen=True)
class Sheet:
    """One worksheet: a title line, the columns, the rows, and a foot of totals if wanted."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    foot: Sequence[Any] | None = None


def clean(value: Any) -> Any:
    """Return a cell value that Excel can't take for anything but itself."""
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def put(sheet: Worksheet, row: int, column: int, value: Any, kind: ColumnKind = "text") -> None:
    """Write one cell. A text stays a text, also when it begins with "=" or looks like a number."""
    cell = sheet.cell(row=row, column=column)
    cell.value = clean(value)
    if isinstance(value, str):
        cell.data_type = "s"
        cell.number_format = FORMATS["text"]
    else:
        cell.number_format = FORMATS[kind]
        if kind == "date":
            cell.alignment = Alignment(horizontal="left")


def safe_name(name: str) -> str:
    """Return a worksheet name that Excel accepts."""
    return re.sub(r"[\[\]:*?/\\]", " ", name)[:31] or "表"


def _wide(text: str) -> int:
    """Return how many columns of a typewriter a text takes: a Chinese letter takes two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _wrap(sheet: Worksheet, line: int, columns: Sequence[Column]) -> None:
    """Break the texts of a row that are longer than their column, and let all its cells begin at the top."""
    cells = [sheet.cell(line, index) for index in range(1, len(columns) + 1)]
    long = {
        cell.coordinate
        for cell, column in zip(cells, columns, strict=True)
        if isinstance(cell.value, str) and (_wide(cell.value) > column.width or "\n" in cell.value)
    }
    for cell in cells if long else ():
        side = cell.alignment.horizontal
        cell.alignment = Alignment(horizontal=side, wrap_text=cell.coordinate in long, vertical="top")


def _write_heads(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """Write the headings, those of numbers over their numbers, as many lines high as the longest needs."""
    thin, lines = Side(style="thin"), 1
    for index, column in enumerate(columns, 1):
        head = sheet.cell(2, index, clean(column.heading))
        head.font = Font(name=FONT, bold=True, size=11)
        side = "left" if column.kind in LEFT else "right"
        head.alignment = Alignment(horizontal=side, wrap_text=True, vertical="center")
        head.border = Border(top=thin, bottom=thin)
        sheet.column_dimensions[get_column_letter(index)].width = column.width
        lines = max(lines, -(-_wide(column.heading) // max(2, column.width - 1)))
    sheet.row_dimensions[1].height = 24
    sheet.row_dimensions[2].height = 4 + 15 * lines


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """Return an .xlsx of these sheets: bold heads, frozen under the heading, A4 with repeated heads and page numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for wanted in sheets:
        sheet = book.create_sheet(safe_name(wanted.name))
        sheet.cell(1, 1, clean(wanted.title)).font = Font(name=FONT, bold=True, size=14)
        _write_heads(sheet, wanted.columns)
        line = 2
        for line, row in enumerate(wanted.rows, 3):
            for index, column in enumerate(wanted.columns, 1):
                put(sheet, line, index, column.get(row), column.kind)
            _wrap(sheet, line, wanted.columns)
        if wanted.foot is not None:
            for index, value in enumerate(wanted.foot, 1):
                put(sheet, line + 1, index, value, wanted.columns[index - 1].kind)
                sheet.cell(line + 1, index).font = Font(name=FONT, bold=True, size=11)
        sheet.freeze_panes = "A3"
        sheet.print_title_rows = "1:2"
        sheet.print_options.gridLines = True
        sheet.oddFooter.center.text = "第 &P 页，共 &N 页"
        sheet.page_setup.paperSize = 9
        if sum(column.width for column in wanted.columns) > PORTRAIT:
            sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToWidth = 1
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    out = BytesIO()
    book.save(out)
    return out.getvalue()
