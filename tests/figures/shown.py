"""What a reader sees: the tables of a page or paper, and the cells of a workbook as Excel shows them."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from openpyxl import load_workbook

Table = list[list[str]]


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self.cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.cell = []

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self.cell is not None:
            self.tables[-1][-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)


def tables(html: str) -> list[Table]:
    """Return the tables of a page, row by row, as texts."""
    parser = _Tables()
    parser.feed(html)
    return parser.tables


def table_with(html: str, *heads: str) -> Table:
    """Return the one table that has these headings, without its head."""
    found = [table for table in tables(html) if table and set(heads) <= set(table[0])]
    assert len(found) == 1, (heads, [table[:1] for table in tables(html)])
    return found[0][1:]


def sheets(content: bytes) -> dict[str, Table]:
    """Return the worksheets of a workbook under their heads, each cell as Excel shows it."""
    return {
        sheet.title: [[_shown(cell) for cell in row] for row in sheet.iter_rows(min_row=3)]
        for sheet in load_workbook(BytesIO(content))
    }


def records(content: bytes) -> list[dict[str, str]]:
    """Return the rows of a workbook's first sheet by their headings."""
    sheet = load_workbook(BytesIO(content)).worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    return [dict(zip(heads, (_shown(cell) for cell in row), strict=True)) for row in sheet.iter_rows(min_row=3)]


def _shown(cell: Any) -> str:
    value, form = cell.value, cell.number_format.removesuffix("_ ")
    if value is None:
        return ""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    places = len(form.rstrip("%").partition(".")[2])
    number = (Decimal(repr(value)) * (100 if "%" in form else 1)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{number:,}" + "%" * ("%" in form) if "," in form else f"{number}" + "%" * ("%" in form)


def columns(rows: Table, *places: int) -> Table:
    """Return some columns of a table, a dash as an empty cell."""
    return [[row[place].replace("—", "") for place in places] for row in rows]
