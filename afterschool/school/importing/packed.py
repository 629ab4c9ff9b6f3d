"""Looking into a zip (an .xlsx is one) before a parser unpacks it: how much it really holds, and how far its cells reach.

A sheet with one stray cell in the last row would make a parser ask for memory for a million rows; an error value (#N/A)
would come out of it as an empty cell. Both are found here, in the sheet's own text.
"""

import html
import io
import re
import zipfile
from pathlib import PurePosixPath

from afterschool.support.refusal import Refused

MOST_UNPACKED = 150 * 1024 * 1024
MOST_FILES = 500
HEAD_ROWS = 10  # titles and headings above the rows
_CELL = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>/]*>\s*<(?!/)')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>.*?<(?:\w+:)?v>([^<]{1,20})<', re.S
)
_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")


def too_many_rows(name: str, rows: int, most: int) -> Refused:
    """The sentence for a sheet that goes on too far."""
    return Refused(
        "too_many_rows",
        f"“{name}”表到第 {rows} 行还有内容，一张表最多 {most} 行。请删去多余的行（也看看表的最下面）再上传。",
    )


def opened(content: bytes) -> zipfile.ZipFile:
    """Return the archive after unpacking it once within bounds; refused when it is damaged, locked or a bomb."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = archive.infolist()
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("password", "文件设了密码，请去掉密码再上传。")
        if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise Refused("bomb", "文件展开后太大。请用本页下载的模板填写。")
        if archive.testzip() is not None:  # an entry that says less than it holds fails its checksum
            raise zipfile.BadZipFile
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Refused("damaged", "文件打不开，可能没有传完整。请在 Excel 里打开，另存一份再上传。") from error
    except Refused:
        raise
    except Exception as error:  # zlib.error, lzma.LZMAError: whatever a broken stream raises
        raise Refused("damaged", "文件打不开，可能没有传完整。请在 Excel 里打开，另存一份再上传。") from error
    return archive


def inspect_workbook(
    archive: zipfile.ZipFile, most_rows: int, most_columns: int, wanted: frozenset[str] | None
) -> dict[str, dict[tuple[int, int], str]]:
    """Return the error values of each wanted sheet by (row, column) from 0. Refused when cells reach too far."""
    errors = {}
    for name, path in _sheet_paths(archive).items():
        text = archive.read(path)
        cells = [(int(row), column_index(letters)) for letters, row in _CELL.findall(text)]
        if cells and (last := max(row for row, _ in cells)) > most_rows + HEAD_ROWS:
            raise too_many_rows(name, last, most_rows)
        if cells and max(column for _, column in cells) >= most_columns:
            raise Refused("too_many_columns", f"“{name}”表的列太多，最多 {most_columns} 列。请删去右边多余的内容。")
        if (wanted is None or name.strip() in wanted) and b't="e"' in text:
            errors[name] = {
                (int(row) - 1, column_index(letters)): value.decode("utf-8", "replace")
                for letters, row, value in _ERROR.findall(text)
            }
    return errors


def column_index(letters: bytes) -> int:
    """Return 0 for A, 26 for AA."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return html.unescape(found[1]) if found else ""


def _sheet_paths(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return where each sheet's cells are kept."""
    names = set(archive.namelist())
    relations = {}
    if "xl/_rels/workbook.xml.rels" in names:
        rels = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        for tag in _RELATION.findall(rels):
            target = _attribute(tag, "Target")
            relations[_attribute(tag, "Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    sheets = {}
    for tag in _SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8", "replace")):
        path = relations.get(_attribute(tag, "r:id") or _attribute(tag, "id"), "")
        if path in names:
            sheets[_attribute(tag, "name")] = path
    listed = set(sheets.values())
    extra = {path: path for path in names if path.startswith("xl/worksheets/") and path.endswith(".xml")}
    return sheets | {path: path for path in extra if path not in listed}


def csv_files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    """Return the CSV files of a bundle by the name of their table."""
    found = {}
    for entry in archive.infolist():
        path = PurePosixPath(entry_name(entry))
        if path.suffix.lower() == ".csv" and not path.name.startswith(".") and "__MACOSX" not in path.parts:
            found[path.stem] = archive.read(entry)
    return found


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Windows packs Chinese names in GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gbk")
    except UnicodeError:
        return entry.filename


def bundle(files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """Return one file for one or several: several CSV files are packed together, under the name of the first."""
    if len(files) == 1:
        return files[0]
    if not files or any(PurePosixPath(name).suffix.lower() != ".csv" for name, _ in files):
        raise Refused("several_files", "一次只能上传一个工作簿；只有 CSV 可以几个一起上传。")
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return f"{files[0][0]} 等 {len(files)} 个.zip", out.getvalue()
