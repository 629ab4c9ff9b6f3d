"""Papers of scheduling: the duty rota and the timetables for the wall."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.papers import Progress
from afterschool.support import clock, pdf, xlsx
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import pack, show
from scheduling.hours import Hours, hours_on
from scheduling.queries import rota as queries
from scheduling.queries.patrol import PostWeek, patrol_week
from scheduling.queries.sessions import hours_of_term
from scheduling.queries.timetables import tables_of_term


def register() -> None:
    """Make the papers of the rota and the timetables known."""
    papers.register("rota", rota_pdf, suffix="pdf")
    papers.register("rota-xlsx", rota_xlsx, suffix="xlsx")
    papers.register("timetable", timetable_pdf, suffix="pdf")


@dataclass(frozen=True)
class Sheet:
    """The printed rota of one grade band."""

    title: str
    hours: str
    dismissals: str
    grades: list[queries.GradeWeek]

    @property
    def open_turns(self) -> list[str]:
        """The turns that nobody has, for the foot of the sheet."""
        return [turn for grade in self.grades for turn in grade.open_turns]


def bands_of_week(term: Term, week: queries.Week) -> list[Sheet]:
    """Return the week's rota cut by grade band, each with its hours."""
    hours = hours_of_term(term)
    sheets = []
    for band in term.bands.order_by("first_grade"):
        grades = [g for g in week.grades if g.grade in band.grades]
        if not grades:
            continue
        spans = _spans(hours.get(band.first_grade, []), week)
        out = "、".join(sorted({span.split("—")[1] for span in spans}))
        sheets.append(Sheet(str(band), _said(spans), out, grades))
    clubs = [g for g in week.grades if not g.grade]
    return [*sheets, Sheet("社团", "", "", clubs)] if clubs else sheets


def _spans(tables: list[Hours], week: queries.Week) -> dict[str, str]:
    """Return the hours of the days of a week, each with the weekdays that have them: Friday may be earlier."""
    spans: dict[str, str] = {}
    for column in week.columns:
        weekday = column.weekday or column.date.isoweekday()
        if table := hours_on(tables, weekday=weekday, day=column.date):
            span = f"{table.starts_at:%H:%M}—{table.dismissal:%H:%M}"
            spans[span] = pack(spans.get(span, "") + str(column.date.isoweekday()))
    return spans


def _said(spans: dict[str, str]) -> str:
    if len(spans) == 1:
        return next(iter(spans))
    return "，".join(f"{show(days)} {span}" for span, days in spans.items())


def patrol_of_week(term: Term, week: queries.Week) -> list[PostWeek]:
    """Return who patrols on the days of the week, printed under each sheet."""
    return patrol_week(term, [(column.date, column.weekday) for column in week.columns])


def _week(params: dict[str, Any], by: Actor) -> tuple[Term, queries.Week]:
    if not by.is_staff:
        raise PermissionDenied
    term = Term.objects.get(pk=params["term"])
    current = queries.accepted_rota(term)
    if current is None:
        raise Refused("no_rota", "还没有发布的值班表。")
    return term, queries.week_of(term, current, date.fromisoformat(params["week"]), actor=by)


def rota_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the duty rota of one week, A4 landscape, a sheet per grade band."""
    term, week = _week(params, by)
    progress(20)
    context = {
        "school": School.objects.get(pk=1),
        "term": term,
        "week": week,
        "sheets": bands_of_week(term, week),
        "patrol": patrol_of_week(term, week),
        "made_on": clock.today(),
    }
    return pdf.render("documents/rota.html", context)


def rota_xlsx(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Write the duty rota of one week, a worksheet per grade."""
    _, week = _week(params, by)
    progress(20)
    sheets = []
    for grade in week.grades:
        columns = [
            xlsx.Column("服务班" if grade.grade else "社团", lambda line: line.label, width=20),
            xlsx.Column("地点", lambda line: line.place, width=16),
            xlsx.Column("人数", lambda line: line.size, "number", 8),
        ]
        for number, column in enumerate(week.columns):
            heading = f"{_weekday(column.date)} {column.date.month}月{column.date.day}日"
            columns.append(xlsx.Column(heading, _cell_getter(number), width=14))
        heading = f"{grade.name}值班安排表　第 {week.number} 周"
        sheets.append(xlsx.Sheet(grade.name, heading, columns, grade.all_lines))
    return xlsx.workbook(sheets)


def _weekday(day: date) -> str:
    return "周" + "一二三四五六日"[day.weekday()]


def _cell_getter(number: int) -> Any:
    def get(line: queries.Line) -> str:
        cell = line.cells[number]
        if not cell.meets:
            return "—"
        name = cell.teacher.name if cell.teacher else "暂缺"
        return f"{name}（代{cell.instead_of.name}）" if cell.instead_of else name

    return get


def timetable_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the timetables of a term for the wall, a page per band: what runs today or later, in type to be read from afar.

    `band`: one band alone. Refused with `no_timetables`.
    """
    term = Term.objects.get(pk=params["term"])
    bands = [row for row in tables_of_term(term, by) if row.shown and params.get("band") in (None, row.band.pk)]
    if not bands:
        raise Refused("no_timetables", "还没有课表，请课程教学中心先写好课表。")
    progress(20)
    bands.sort(key=lambda row: row.band.first_grade)
    context = {"school": School.objects.get(pk=1), "term": term, "bands": bands, "today": clock.today()}
    return pdf.render("documents/timetable.html", context)
