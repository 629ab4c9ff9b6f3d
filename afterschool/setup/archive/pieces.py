"""What stands in a term's archive: every paper with its folder and name, in a fixed order.

Each is made by the function that makes it on its own page, with the rights of the person who asks for the archive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.models import Session, Term
from afterschool.school.papers import KINDS
from afterschool.setup.archive import lists
from enrollment.enums import NoticeState
from enrollment.models import AgreementText, Notice
from evaluation.enums import PaperState, SurveyState
from evaluation.models import AllowanceList, ClassTable, HalfMonth, Survey
from evaluation.money_documents import STATEMENTS, STATEMENTS_XLSX
from evaluation.month import Month, months_between
from evaluation.queries.books import groups_with_books

Build = Callable[[Actor], bytes]
Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Piece:
    """One paper: where it stands in the archive, what it is called, and how it is made."""

    folder: str
    title: str
    suffix: str
    build: Build = field(compare=False)

    @property
    def path(self) -> str:
        """The name in the archive: letters, digits and brackets alone."""
        return f"{self.folder}/{plain(self.title)}.{self.suffix}"


def plain(name: str) -> str:
    """Return a name that every system takes for a file."""
    return "".join(letter if letter.isalnum() or letter in "（）()-—、 " else "_" for letter in name).strip()[:80]


def pieces_of(term: Term) -> list[Piece]:
    """Return all papers of a term, each once, in the order of the index."""
    parts = (_settings, _letters, _children, _rolls, _duties, _books, _reports, _money, _looks)
    return [piece for part in parts for piece in part(term)]


def _of(make: Callable[[Thing], bytes], thing: Thing) -> Build:
    """Return how to make a paper that needs no rights of its own."""
    return lambda by: make(thing)


def _paper(folder: str, title: str, kind: str, params: dict[str, Any]) -> Piece:
    """Return a paper that the portal makes for its own page."""
    made = KINDS[kind]

    def build(by: Actor) -> bytes:
        content = made.build(params, by, lambda percent: None)
        if not isinstance(content, bytes):
            raise TypeError(kind)
        return content

    return Piece(folder, title, made.suffix, build)


def _settings(term: Term) -> Iterator[Piece]:
    folder = "01 学期设置"
    yield Piece(folder, "设置文件", "json", _of(lists.settings_file, term))
    yield Piece(folder, "课表", "pdf", _of(lists.timetables, term))
    yield _paper(folder, "工作一览表", "work-list", {"term": term.pk})
    yield _paper(folder, "工作任务", "work-list-xlsx", {"term": term.pk})


def _letters(term: Term) -> Iterator[Piece]:
    folder = "02 告家长书和协议"
    for number, notice in enumerate(
        Notice.objects.filter(term=term).exclude(state=NoticeState.DRAFT).order_by("pk"), 1
    ):
        yield Piece(folder, f"{number:02} {notice.published_title}", "pdf", _of(lists.letter, notice))
    for text in AgreementText.objects.filter(term=term, published_at__isnull=False).order_by("version"):
        title = f"协议第 {text.version} 版 {text.title}"
        yield Piece(folder, title, "pdf", _of(lists.agreement, text))


def _children(term: Term) -> Iterator[Piece]:
    folder = "03 名单"
    yield Piece(folder, "各班参加的学生", "xlsx", _of(lists.classes, term))
    yield _paper(folder, "服务班名单", "group-list", {"term": term.pk})
    yield _paper(folder, "服务班名单", "group-list-xlsx", {"term": term.pk})
    yield _paper(folder, "社团名单", "club-list-xlsx", {"term": term.pk})


def _rolls(term: Term) -> Iterator[Piece]:
    for group in groups_with_books(term, term.starts_on, term.ends_on):
        yield Piece("04 点名记录", group.name, "xlsx", _of(lists.roll, group))


def _duties(term: Term) -> Iterator[Piece]:
    folder, span = "05 值班", {"first": term.starts_on.isoformat(), "last": term.ends_on.isoformat()}
    for monday in mondays(term):
        title = f"值班表 {monday:%Y-%m-%d}"
        yield _paper(folder, title, "rota-xlsx", {"term": term.pk, "week": monday.isoformat()})
    yield _paper(folder, "调代记录和值班次数", "standin-record-xlsx", {"term": term.pk, "grade": None} | span)
    yield _paper(folder, "巡视安排表", "patrol", {"term": term.pk})


def _books(term: Term) -> Iterator[Piece]:
    for group in groups_with_books(term, term.starts_on, term.ends_on):
        yield Piece("06 工作记载本", group.name, "pdf", _of(lists.book, group))


def _reports(term: Term) -> Iterator[Piece]:
    for month in months(term):
        for kind in ("monthly-report", "monthly-report-xlsx"):
            yield _paper("07 月报", f"{month.code} 月报", kind, {"term": term.pk, "month": month.code})
    for row in HalfMonth.objects.filter(term=term).exclude(state=PaperState.REPLACED).order_by("due_on", "version"):
        for kind in ("half-month", "half-month-xlsx"):
            yield _paper("08 双减数据", f"{row.due_on:%Y-%m-%d} 双减数据", kind, {"report": row.pk})
    tables = ClassTable.objects.filter(term=term).select_related("school_class")
    for table in tables.order_by("due_on", "school_class__grade", "school_class__number"):
        title = f"{table.due_on:%Y-%m-%d} {table.school_class}"
        yield _paper("09 班级学生表", title, "class-table-xlsx", {"table": table.pk})


def _money(term: Term) -> Iterator[Piece]:
    folder = "10 收费和补助"
    yield _paper(folder, "课后服务费", "fees_list", {"term": term.pk})
    yield _paper(folder, "教师工作量证明", STATEMENTS, {"term": term.pk})
    yield _paper(folder, "教师工作量", STATEMENTS_XLSX, {"term": term.pk})
    lists_sent = AllowanceList.objects.filter(term=term).exclude(state=PaperState.REPLACED)
    for row in lists_sent.order_by("month", "version"):
        for kind in ("allowance", "allowance-xlsx"):
            yield _paper(folder, f"{row.month:%Y-%m} 补助清单", kind, {"list": row.pk})


def _looks(term: Term) -> Iterator[Piece]:
    surveys = Survey.objects.filter(term=term).exclude(state=SurveyState.DRAFT).order_by("pk")
    for number, survey in enumerate(surveys, 1):
        for kind in ("survey-results", "survey-results-xlsx"):
            yield _paper("11 问卷结果", f"{number:02} {survey.title}", kind, {"survey": survey.pk})
    for month in months(term):
        span = {"first": month.first.isoformat(), "last": month.last.isoformat()}
        for kind in ("patrols", "patrols-xlsx"):
            yield _paper("12 巡视记录", f"{month.code} 巡视记录", kind, {"term": term.pk} | span)
        yield _paper("13 安全检查", f"{month.code} 安全检查", "safety-checks-xlsx", {"term": term.pk} | span)


def months(term: Term) -> list[Month]:
    """Return the months in which a session was planned."""
    days = _days(term)
    return list(months_between(days[0], days[-1])) if days else []


def mondays(term: Term) -> list[date]:
    """Return the Mondays of the weeks in which a session was planned."""
    return sorted({day - timedelta(days=day.weekday()) for day in _days(term)})


def _days(term: Term) -> list[date]:
    planned = Session.objects.filter(term=term, state=SessionState.PLANNED).order_by("date")
    return list(planned.values_list("date", flat=True).distinct())
