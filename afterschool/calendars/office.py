"""The school's own calendar, for the office: what is out of the common, and the dates of the term."""

from collections.abc import Iterator

from afterschool.calendars.values import Entry, Span
from afterschool.support.clock import SHANGHAI
from scheduling.models import Training
from scheduling.queries.calendar import cell_of


def entries(span: Span) -> list[Entry]:
    """Return days off and cancelled, moved days, the term's dates and its trainings: two queries."""
    return [*_days(span), *_term(span), *_trainings(span)]


def _days(span: Span) -> Iterator[Entry]:
    for day in span.days().values():
        cell = cell_of(day)
        if cell.special:
            title = f"{cell.word}：{day.note}" if day.note and cell.word else (day.note or cell.word)
            yield Entry(f"day-{day.date}", day.date, title, title, state=cell.word, tone=cell.tone)


def _term(span: Span) -> Iterator[Entry]:
    term = span.term
    dates = {
        "starts": (term.starts_on, "开学"),
        "opens": (term.applications_open_at.astimezone(SHANGHAI).date(), "课后服务申请开始"),
        "closes": (term.applications_close_at.astimezone(SHANGHAI).date(), "课后服务申请截止"),
        "service": (term.service_starts_on, "课后服务第一天"),
        "ends": (term.ends_on, "学期结束"),
    }
    for key, (day, title) in dates.items():
        if span.first <= day <= span.last:
            yield Entry(f"term-{term.pk}-{key}", day, title, title)


def _trainings(span: Span) -> Iterator[Entry]:
    for row in Training.objects.filter(term=span.term, date__range=(span.first, span.last)):
        title = f"{row.get_kind_display()}：{row.title}"
        yield Entry(
            f"school-training-{row.pk}",
            row.date,
            title,
            title,
            row.starts_at,
            row.ends_at,
            row.place,
            row.place,
            cancelled=row.state == "cancelled",
            state="已取消" if row.state == "cancelled" else "",
            tone="refused",
        )
