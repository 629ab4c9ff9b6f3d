"""From an uploaded file to text cells: .xlsx, .xls, or CSV (one file, or several in a zip; UTF-8 or GBK).

Files come from strangers' hands: what they unpack to is measured before it is parsed, and each way of being wrong has its
own sentence.
"""

import csv
import io
import zipfile
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, ZipError

from afterschool.school.importing import packed
from afterschool.school.importing.cells import text_of
from afterschool.school.importing.sheets import ABOUT, SHEETS
from afterschool.support.refusal import Refused

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 200
WANTED = frozenset(kind.name for kind in SHEETS) | {ABOUT}


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands: rows of text cells from row 1, and where cells are merged or hold an error value."""

    name: str
    rows: list[list[str]]
    merged: tuple[tuple[int, int, int, int], ...] = ()  # first row, first column, last row, last column, from 0


@dataclass(frozen=True)
class Book:
    """A file that was read."""

    grids: dict[str, Grid] = field(default_factory=dict)
    found: tuple[str, ...] = ()


def read(filename: str, content: bytes, wanted: frozenset[str] | None = WANTED) -> Book:
    """Return the wanted sheets of a file, or with None all. Refused, with the reason, when it can't be read at all."""
    if not content:
        raise Refused("empty_file", "这个文件是空的。")
    if len(content) > MOST_BYTES:
        raise Refused("too_big", "文件超过 20 MB。表格不该这么大，请去掉图片和多余的表再上传。")
    if content.startswith(b"%PDF"):
        raise Refused("not_a_workbook", "这是 PDF 文件，不是表格。请上传 Excel 工作簿（.xlsx）。")
    if content.startswith(b"PK"):
        return _read_zip(content, wanted)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        return _read_workbook(content, {}, wanted)
    if PurePath(filename).suffix.lower() == ".csv":
        return _read_csvs({PurePath(filename).stem: content}, wanted)
    raise Refused("not_a_workbook", "这不是 Excel 工作簿，也不是 CSV。请用本页下载的模板填写，存成 .xlsx 再上传。")


def _read_zip(content: bytes, wanted: frozenset[str] | None) -> Book:
    """Look into a zip before anything unpacks it: a workbook, a bundle of CSV files, or something else."""
    with packed.opened(content) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" in names:
            errors = packed.inspect_workbook(archive, MOST_ROWS, MOST_COLUMNS, wanted)
            return _read_workbook(content, errors, wanted)
        if "word/document.xml" in names:
            raise Refused("not_a_workbook", "这是 Word 文档。请上传 Excel 工作簿（.xlsx）。")
        if "xl/workbook.bin" in names or "content.xml" in names:
            raise Refused("other_format", "请在 Excel 或 WPS 里另存为“Excel 工作簿（.xlsx）”再上传。")
        return _read_csvs(packed.csv_files(archive), wanted)


def _is_wanted(name: str, wanted: frozenset[str] | None) -> bool:
    return wanted is None or name.strip() in wanted


def _read_workbook(
    content: bytes, errors: dict[str, dict[tuple[int, int], str]], wanted: frozenset[str] | None
) -> Book:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = {name: _grid(book, name, errors.get(name, {})) for name in book.sheet_names if _is_wanted(name, wanted)}
    except PasswordError as error:
        raise Refused("password", "文件设了打开密码，请去掉密码再上传。") from error
    except (CalamineError, ZipError, zipfile.BadZipFile) as error:
        raise Refused("damaged", "文件打不开，可能已损坏。请在 Excel 里打开，另存一份再上传。") from error
    return Book({name.strip(): grid for name, grid in grids.items()}, tuple(book.sheet_names))


def _grid(book: CalamineWorkbook, name: str, errors: dict[tuple[int, int], str]) -> Grid:
    sheet = book.get_sheet_by_name(name)
    if sheet.total_height > MOST_ROWS + packed.HEAD_ROWS:
        raise packed.too_many_rows(name, sheet.total_height, MOST_ROWS)
    values: list[list[Any]] = sheet.to_python(skip_empty_area=False)
    rows = [[text_of(value) for value in row] for row in values]
    for (row, column), text in errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    merged = tuple((*first, *last) for first, last in (sheet.merged_cell_ranges or []))
    return Grid(name.strip(), rows, merged)


def _read_csvs(files: dict[str, bytes], wanted: frozenset[str] | None) -> Book:
    if not files:
        raise Refused("nothing_inside", "压缩包里没有 CSV 文件。每张表存成一个 CSV，名字同表名，如 学生.csv。")
    grids = {name: Grid(name, _csv_rows(name, data)) for name, data in files.items() if _is_wanted(name, wanted)}
    return Book(grids, tuple(files))


def _csv_rows(name: str, data: bytes) -> list[list[str]]:
    text = _decoded(name, data)
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([text_of(cell) for cell in row])
            if len(rows) > MOST_ROWS + packed.HEAD_ROWS:
                raise packed.too_many_rows(name, len(rows), MOST_ROWS)
    except csv.Error as error:
        raise Refused("damaged", f"“{name}.csv”第 {len(rows) + 1} 行读不出来，引号可能没有配对。") from error
    return rows


def _decoded(name: str, data: bytes) -> str:
    encodings = ["utf-16"] if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("encoding", f"“{name}.csv”的文字编码认不出来，请存成 UTF-8 或 GBK。")
