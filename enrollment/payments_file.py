"""The finance office's file of payments: found by its headings in any order, read row by row, each bad cell named.

The reading of workbooks and CSV files is the roster's own (`school/importing`).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from afterschool.school.importing.cells import BadCell, class_number, grade, person_name, plain, pupil_number, short
from afterschool.school.importing.packed import HEAD_ROWS
from afterschool.school.importing.reading import Grid, read
from afterschool.school.importing.roster import Checked, Problem
from afterschool.school.importing.sheets import EXAMPLE, REMARK, Field, SheetKind
from afterschool.school.importing.tables import Line, Table
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import put

CLASS, NUMBER, NAME, AMOUNT, DAY, REFERENCE = "班级", "学号", "姓名", "金额", "日期", "流水号"
PAYMENTS = SheetKind(
    "缴费记录",
    (
        Field(CLASS, required=False, note="如 一（1）班、1-1、一年级1班", example="一（1）班"),
        Field(NUMBER, required=False, note="班内学号（座号）", example=1, width=8),
        Field(NAME, required=False, note="有班级和学号时用来核对；没有时按姓名找", example="张小明", width=14),
        Field(AMOUNT, note="元，最多两位小数；退费写负数", example=180, width=12),
        Field(DAY, note="如 2026-09-05 或 2026年9月5日", example="2026-09-05", width=14),
        Field(REFERENCE, note="每一笔一个，不能重复；同一份文件再传不会登记两次", example="20260905-0001", width=24),
    ),
)
ALIASES = {
    CLASS: ["所在班级", "行政班", "班级名称"],
    NUMBER: ["座号", "班内学号", "学生学号"],
    NAME: ["学生姓名", "学生", "孩子姓名"],
    AMOUNT: ["金额（元）", "金额(元)", "缴费金额", "实收金额", "实缴金额", "收款金额", "交费金额", "已交"],
    DAY: ["缴费日期", "交费日期", "收款日期", "交易日期", "缴费时间", "交易时间"],
    REFERENCE: ["交易流水号", "订单号", "交易号", "票据号", "单号", "凭证号"],
}
KNOWN = {alias: heading for heading, aliases in ALIASES.items() for alias in [heading, *aliases]}
TOTALS = {"合计", "总计", "小计", "共计", "本页合计", "本页小计"}
MOST = Decimal("99999999.99")
CENT = Decimal("0.01")
_CLASS = re.compile(r"(.+?)(?:年级|[（(]|[-－—.])\s*[（(]?(\d{1,2})[)）]?班?")
_ROUGH = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")
_DATE = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})日?(?:[T\s].*)?")


@dataclass(frozen=True)
class Row:
    """One row as it stands: where, and what could be read of it."""

    sheet: str
    row: int
    class_key: tuple[int, int] | None
    number: int | None
    name: str
    amount: Decimal
    paid_on: date
    reference: str


@dataclass(frozen=True)
class PaymentsFile:
    """What was read of a file, and what was wrong with it."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def class_key(text: str) -> tuple[int, int]:
    """Return (grade, number) from "一（1）班", "1-1" or "一年级1班"."""
    found = _CLASS.fullmatch(plain(text).replace(" ", ""))
    if found is None:
        raise BadCell("班级要写成“一（1）班”")
    return grade(found[1]), class_number(found[2])


def amount(text: str) -> Decimal:
    """Return yuan with at most two decimals, not nothing; below nothing: paid back."""
    bare = re.sub(r"[¥￥,，\s元]", "", plain(text)).replace("－", "-").replace("−", "-")
    if not re.fullmatch(r"-?\d{1,12}(\.\d{1,20})?", bare):
        raise BadCell("金额要写数字，例如 180 或 180.50")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        raise BadCell("金额要写数字，例如 180 或 180.50") from None
    rounded = value.quantize(CENT)
    if abs(value - rounded) > Decimal("0.0000001"):  # a spreadsheet's sum may be off in the far decimals
        raise BadCell("金额最多两位小数")
    if not rounded:
        raise BadCell("金额不能是 0")
    if abs(rounded) > MOST:
        raise BadCell("金额太大")
    return rounded


def day(text: str) -> date:
    """Return a date that has been."""
    found = _DATE.fullmatch(plain(text))
    try:
        value = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        value = None
    if value is None:
        raise BadCell("日期要写成 2026-09-05")
    if value > clock.today():
        raise BadCell("日期还没到")
    return value


def reference(text: str) -> str:
    """Return what tells one payment from another; refuse a long number that a spreadsheet has made a rough one."""
    if _ROUGH.fullmatch(text):
        raise BadCell("数字太长，Excel 只留了约数。请把这一列设成“文本”，重新导出")
    return short(text, 60)


def read_payments(filename: str, content: bytes) -> PaymentsFile:
    """Return the rows of all sheets with the headings. Refused with `no_headings` where no sheet has them."""
    book = read(filename, content, wanted=None)
    checked = Checked()
    rows: list[Row] = []
    found = 0
    for name, grid in book.grids.items():
        table = Table(replace_name(PAYMENTS, name), _with_known_headings(grid), Checked())
        if not table.usable or not ({NAME, NUMBER} & set(table.columns)):
            continue
        found += 1
        checked.errors += table.checked.errors  # merged cells
        table.checked = checked
        rows += [row for line in table.lines() if not _is_total(line) and (row := _row(name, line)) is not None]
    if not found:
        raise Refused("no_headings", _missing(book.grids.values()))
    return PaymentsFile(rows, checked.errors)


def _missing(grids: Iterable[Grid]) -> str:
    """Return what the sheet that comes nearest lacks."""
    heads = [{text for row in _with_known_headings(g).rows[:HEAD_ROWS] for text in row} for g in grids]
    best = max(heads, key=lambda head: len(head & set(KNOWN)), default=set())
    lacking = [word for word in (AMOUNT, DAY, REFERENCE) if word not in best]
    if len(lacking) == len([AMOUNT, DAY, REFERENCE]):
        words = "、".join(lacking)
        return f"没有找到列名。要有 {words}，还要有班级和学号，或者姓名。可以下载模板对照。"
    if not {NAME, NUMBER} & best:
        lacking.append(f"{NUMBER}或{NAME}")
    return f"少了这几列：{'、'.join(lacking)}。补上再传，可以下载模板对照。"


def replace_name(kind: SheetKind, name: str) -> SheetKind:
    """Return the kind under the name of the sheet at hand, so that slips are named where they stand."""
    return replace(kind, name=name)


def _with_known_headings(grid: Grid) -> Grid:
    rows = [list(row) for row in grid.rows]
    for row in rows[:HEAD_ROWS]:
        for place, text in enumerate(row):
            word = "".join(text.split()).rstrip("*＊")
            row[place] = KNOWN.get(word, text)
    return Grid(grid.name, rows, grid.merged)


def _is_total(line: Line) -> bool:
    """Tell whether this is the line of sums below a list: a word for a sum, and no reference."""
    words = {line.cells.get(heading, "").replace(" ", "").rstrip("：:") for heading in (CLASS, NUMBER, NAME)}
    return bool(words & TOTALS) and not line.cells.get(REFERENCE)


def _row(sheet: str, line: Line) -> Row | None:
    in_class = line.optional(CLASS, class_key, None)
    number = line.optional(NUMBER, pupil_number, None)
    name = line.optional(NAME, person_name, "")
    money, on, ref = line.get(AMOUNT, amount), line.get(DAY, day), line.get(REFERENCE, reference)
    if line.good and not name and (in_class is None or number is None):
        line.fault("who", NAME, "看不出是谁：要有班级和学号，或者姓名")
    if not line.good or money is None or on is None or ref is None:
        return None
    return Row(sheet, line.row, in_class, number, name, money, on, ref)


def blank_workbook() -> bytes:
    """Return the template: headings with notes, one example row that is passed over."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = PAYMENTS.name
    fields = [*PAYMENTS.fields, Field(REMARK, required=False, example=f"{EXAMPLE}行，导入时忽略", width=22)]
    for column, one in enumerate(fields, 1):
        put(sheet, 1, column, one.heading + ("*" if one.required else ""))
        head = sheet.cell(1, column)
        head.font = Font(bold=True)
        if one.note:
            head.comment = Comment(one.note, "课后服务")
        put(sheet, 2, column, one.example, "number")
        sheet.cell(2, column).font = Font(italic=True, color="FF767676")
        sheet.column_dimensions[get_column_letter(column)].width = one.width
    sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def as_date(text: str) -> date:
    """Return a date kept as text."""
    return datetime.fromisoformat(text).date()
