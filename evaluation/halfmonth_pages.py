"""A half-monthly report as a table for page, PDF and Excel, and the form of its columns."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.naming import grade_name
from afterschool.school.papers import Progress
from afterschool.support import pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.xlsx import Column as XlsxColumn
from afterschool.support.xlsx import Sheet
from evaluation.enums import PaperState
from evaluation.halfmonth import BY_KEY, COLUMNS, Row, Span, Value, difference, own_key, shown
from evaluation.models import FigureColumn, HalfMonth
from evaluation.queries import halfmonth as queries
from evaluation.queries.halfmonth import Figures, Head

KINDS = {"pdf": "half-month", "xlsx": "half-month-xlsx"}
XLSX_KINDS = {"percent": "share", "money": "money", "hours": "hundredths", "number": "number", "text": "text"}
NEW_COLUMNS = 2  # empty lines at the foot of the form


@dataclass(frozen=True)
class Cell:
    """One cell: what it says, what changed since the last report, and for the school's own column where it is typed."""

    text: str
    change: str = ""
    field: str = ""
    label: str = ""
    value: Value | str = None


@dataclass(frozen=True)
class TableRow:
    """One grade, or the school."""

    name: str
    cells: list[Cell]
    is_school: bool = False


@dataclass(frozen=True)
class Table:
    """A whole report: columns, rows, the school last, and as of when children count."""

    heads: list[Head]
    rows: list[TableRow]
    figures: Figures
    before: HalfMonth | None
    has_own: bool = field(default=False)


def title_of(report: HalfMonth) -> str:
    """Return 9月15日双减数据（9月7日—9月15日）, with its version from the second on."""
    version = f"，第 {report.version} 版" if report.version > 1 else ""
    first, last, due = report.first_day, report.last_day, report.due_on
    return f"{due.month}月{due.day}日双减数据（{first.month}月{first.day}日—{last.month}月{last.day}日{version}）"


def heads_of(report: HalfMonth) -> list[Head]:
    """Return the columns of a report: as sent, or as the term has them now."""
    if report.state == PaperState.DRAFT:
        return queries.heads(report.term)
    return [Head(column["id"], column["key"], column["title"]) for column in report.columns]


def figures_of(report: HalfMonth) -> Figures:
    """Return the numbers of a report: as sent, or counted now."""
    if report.state == PaperState.DRAFT:
        return queries.figures(report.term, Span(report.due_on, report.first_day, report.last_day))
    return queries.from_data(report.figures)


def table_of(report: HalfMonth) -> Table:
    """Return a report as a table beside the one sent before."""
    heads, figures, before = heads_of(report), figures_of(report), queries.last_before(report)
    old = queries.from_data(before.figures) if before else None
    rows = [
        TableRow(
            grade_name(grade) if grade else "不分年级",
            _cells(report, heads, row, old.grades.get(grade) if old else None, str(grade)),
        )
        for grade, row in figures.grades.items()
        if grade or row.teachers or row.outside or row.sessions or row.fee  # else its people stand in the sum alone
    ]
    rows.append(
        TableRow("全校", _cells(report, heads, figures.school, old.school if old else None, ""), is_school=True)
    )
    return Table(heads, rows, figures, before, has_own=any(not head.key for head in heads))


def _cells(report: HalfMonth, heads: Sequence[Head], row: Row, old: Row | None, grade: str) -> list[Cell]:
    cells = []
    for head in heads:
        if not head.key:
            text = report.typed.get(str(head.id), {}).get(grade, "")
            cells.append(Cell(text, field=f"own-{head.id}-{grade}", label=head.title, value=text))
            continue
        column = BY_KEY[head.key]
        value = column.get(row)
        change = difference(column.kind, value, column.get(old)) if old else ""
        cells.append(Cell(shown(column.kind, value), change, value=value))
    return cells


def _asked(params: dict[str, Any], by: Actor) -> HalfMonth:
    report = HalfMonth.objects.filter(pk=int(params.get("report", 0))).select_related("term", "sent_by").first()
    if report is None:
        raise Refused("no_report", "没有这一份数据。")
    if not queries.may_read(by):
        raise Refused("not_yours", "您不能查看双减数据。")
    return report


def report_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set a report on A4."""
    report = _asked(params, by)
    progress(30)
    values = {
        "report": report,
        "title": title_of(report),
        "table": table_of(report),
        "school": School.objects.get(pk=1),
    }
    return pdf.render("documents/half_month.html", values)


def report_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Return a report as a workbook: numbers as numbers."""
    report = _asked(params, by)
    progress(30)
    table = table_of(report)
    columns = [XlsxColumn("年级", lambda row: row.name, width=12)]
    columns += [
        XlsxColumn(head.title, _getter(place), XLSX_KINDS[head.kind], 12)  # type: ignore[arg-type]
        for place, head in enumerate(table.heads)
    ]
    *grades, school = table.rows
    foot = [school.name, *(cell.value for cell in school.cells)]
    return xlsx.workbook([Sheet("双减数据", title_of(report), columns, grades, foot)])


def _getter(place: int) -> Any:
    return lambda row: row.cells[place].value


@dataclass(frozen=True)
class ColumnRow:
    """One line of the form of columns."""

    key: str
    title: str
    active: bool
    order: str = ""

    @property
    def own(self) -> bool:
        return self.key not in BY_KEY

    @property
    def empty(self) -> bool:
        return self.own and not self.title.strip()

    @property
    def usual(self) -> str:
        return "本校自己填" if self.own else BY_KEY[self.key].title

    @property
    def as_set(self) -> tuple[str, str, bool]:
        return self.key, self.title, self.active


def columns_form(term: Term) -> list[ColumnRow]:
    """Return the columns as they are set, those of the portal that are off, and room for the school's own."""
    standing = list(FigureColumn.objects.filter(term=term))
    rows = [ColumnRow(row.key or own_key(row.pk), row.title, row.active) for row in standing]
    known = {row.key for row in rows}
    rows += [
        ColumnRow(column.key, column.title, column.usual and not standing)
        for column in COLUMNS
        if column.key not in known
    ]
    rows += [ColumnRow("", "", active=True)] * NEW_COLUMNS
    return [ColumnRow(row.key, row.title, row.active, str(place)) for place, row in enumerate(rows, 1)]


def read_columns(data: QueryDict) -> list[ColumnRow]:
    """Read the form: lines in the order that was typed; a line whose order is no number stays where it was."""
    count = data.get("lines", "0")
    rows = []
    for place in range(1, (min(int(count), 60) if count.isdecimal() else 0) + 1):
        key = data.get(f"key-{place}", "")
        row = ColumnRow(
            key,
            data.get(f"title-{place}", ""),
            f"on-{place}" in data,
            data.get(f"order-{place}", ""),
        )
        rows.append((int(row.order) if row.order.isdecimal() else place, place, row))
    return [row for _, _, row in sorted(rows, key=lambda one: one[:2])]
