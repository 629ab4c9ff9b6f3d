"""Terms that are over: which, and what happened to them."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from afterschool.school.models import Event, Term, User
from afterschool.support import clock

VERBS = {
    "term.closed": "结束归档",
    "term.reopened": "重新打开",
    "term.forgotten": "文字按规定清除",
    "term.archive_asked": "做归档文件",
    "term.archive_fetched": "取走归档文件",
}


@dataclass(frozen=True)
class Line:
    """One thing that happened to a term: when, what, by whom, with its words."""

    at: datetime
    what: str
    who: str
    words: str


def past_terms() -> QuerySet[Term]:
    """Return the terms that are over or closed, the newest first."""
    return Term.objects.filter(Q(closed_at__isnull=False) | Q(ends_on__lt=clock.today())).order_by("-starts_on")


def history_of(term: Term) -> list[Line]:
    """Return when a term was closed and opened again, newest first: two queries."""
    rows = Event.objects.filter(subject="term", subject_id=term.pk, verb__in=VERBS).select_related("note")
    found = list(rows.order_by("-pk"))
    names = dict(User.objects.filter(pk__in={row.by_id for row in found if row.by_id}).values_list("pk", "name"))
    return [Line(row.at, VERBS[row.verb], names.get(row.by_id or 0, "系统"), _words(row)) for row in found]


def _words(row: Event) -> str:
    if (left := sum(row.data.get("open", {}).values())) > 0:
        return f"当时还有 {left} 件没有办完"
    note = getattr(row, "note", None)
    return note.text if note else ""
