"""Incidents and drills: what is open now, the list of a term, and one of them with its timeline."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import CharField, Count, QuerySet, Value

from afterschool.school.access import Actor
from afterschool.school.enums import SessionState
from afterschool.school.models import Event, Teacher, Term
from afterschool.school.templatetags.school import hm
from afterschool.support import clock
from attendance.emergency import REPORTS
from attendance.enums import IncidentCategory, IncidentKind, IncidentState, ReportBy
from attendance.models import BureauReport, Confirmation, HeadCount, Incident, IncidentEntry, IncidentFile
from scheduling.models import Duty

OPEN = [IncidentState.ALARM, IncidentState.RUNNING]
DRILL_MARK = "【演练】"
SEEN = "incident_seen"
ALL_COUNTED = "incident.all_counted"
Rows = Iterable[tuple[str, int, str, str]]


def open_now(day: date, teacher: Teacher) -> QuerySet[Incident, tuple[str, int, str, str]]:
    """Ask what is open, for the head of every staff page: (real or drill, number, place, category)."""
    return Incident.objects.filter(state__in=OPEN).order_by().values_list("kind", "pk", "place", "category")


def seen_by(day: date, teacher: Teacher) -> QuerySet[Confirmation, tuple[str, int, str, str]]:
    """Ask which of the open incidents a person has confirmed."""
    nothing = Value("", output_field=CharField())
    rows = Confirmation.objects.filter(teacher=teacher, incident__state__in=OPEN).order_by()
    return rows.values_list(Value(SEEN), "incident", nothing, nothing)


@dataclass(frozen=True)
class Bar:
    """One open incident as the head of a page says it."""

    pk: int
    kind: IncidentKind
    category: IncidentCategory
    place: str
    seen: bool

    @property
    def drill(self) -> bool:
        return self.kind == IncidentKind.DRILL

    @property
    def words(self) -> str:
        return f"{DRILL_MARK if self.drill else ''}{self.category.label}，{self.place}"


def bars_from(rows: Rows) -> list[Bar]:
    """Return the open incidents among what was asked beside, the real ones first, the newest first."""
    kinds = set(IncidentKind.values)
    seen = {number for word, number, _, _ in rows if word == SEEN}
    found = [
        Bar(number, IncidentKind(word), IncidentCategory(category), place, number in seen)
        for word, number, place, category in rows
        if word in kinds
    ]
    return sorted(found, key=lambda bar: (bar.drill, -bar.pk))


def mark_of(bars: Iterable[Bar]) -> str:
    """Return what changes when the head of the page does."""
    return "-".join(f"{bar.pk}{'s' if bar.seen else ''}" for bar in bars)


def title_of(incident: Incident) -> str:
    """Return an incident in a line, a drill marked as such."""
    mark = DRILL_MARK if incident.kind == IncidentKind.DRILL else ""
    return f"{mark}{incident.get_category_display()}，{incident.place}"


def incidents_of(term: Term) -> QuerySet[Incident]:
    """Return the incidents and drills of a term, the newest first."""
    return Incident.objects.filter(term=term).select_related("alarm_by", "started_by", "ended_by", "term")


@dataclass(frozen=True)
class Line:
    """One incident in the list of a term: how long it took until all children were counted."""

    incident: Incident
    counted_at: datetime | None

    @property
    def minutes(self) -> int | None:
        """Whole minutes from the alarm until every holder had counted; begun ones count."""
        if self.counted_at is None:
            return None
        return max(1, -int(-(self.counted_at - self.incident.alarm_at).total_seconds() // 60))


def lines(term: Term) -> list[Line]:
    """Return the list of a term: two queries."""
    rows = list(incidents_of(term))
    counted = all_counted_at(rows)
    return [Line(row, counted.get(row.pk)) for row in rows]


def all_counted_at(incidents: Iterable[Incident]) -> dict[int, datetime]:
    """Return when every holder had counted for the first time: one query."""
    keys = [one.pk for one in incidents]
    events = Event.objects.filter(verb=ALL_COUNTED, subject="incident", subject_id__in=keys).order_by("-at", "-pk")
    return dict(events.values_list("subject_id", "at"))


def entries_of(incident: Incident) -> list[IncidentEntry]:
    """Return the timeline: one query."""
    return list(incident.entries.select_related("by").order_by("at", "pk"))


@dataclass(frozen=True)
class ReportSlot:
    """One of the two reports: made by whom, told to whom, when; or missing."""

    by_post: ReportBy
    made: list[BureauReport]


def reports_of(incident: Incident) -> list[ReportSlot]:
    """Return both reports, made or missing: one query."""
    rows = list(incident.reports.select_related("by"))
    return [ReportSlot(ReportBy(post), [row for row in rows if row.by_post == post]) for post in REPORTS]


def confirmations_of(incident: Incident) -> list[Confirmation]:
    """Return who confirmed, in time: one query."""
    return list(incident.confirmations.select_related("teacher").order_by("at", "pk"))


def files_of(incident: Incident) -> list[IncidentFile]:
    """Return the papers and photos of an incident: one query."""
    return list(IncidentFile.objects.filter(incident=incident).select_related("by"))


def staff_to_confirm() -> QuerySet[Teacher]:
    """Return every member of staff in service."""
    return Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")


def staff_counts(incident: Incident) -> tuple[int, int]:
    """Return how many of the staff have confirmed, and how many there are: two queries."""
    seen = incident.confirmations.filter(teacher__active=True).aggregate(n=Count("pk"))["n"]
    return seen, staff_to_confirm().count()


USUAL_PLACES = ("校门口", "操场", "楼梯、走廊", "食堂")


def rooms_of(actor: Actor) -> list[str]:
    """Return where a person is on duty today, the session that runs now first: one query."""
    now = clock.now().time()
    duties = Duty.objects.filter(
        teacher=actor.teacher, active=True, session__date=clock.today(), session__room__isnull=False
    ).exclude(session__state=SessionState.CANCELLED)
    rows = list(duties.values_list("session__room__name", "session__starts_at", "session__ends_at"))
    rows.sort(key=lambda row: (not row[1] <= now <= row[2], row[1]))
    return list(dict.fromkeys(name for name, _, _ in rows))


@dataclass(frozen=True)
class FinalCount:
    """The last count of one holder, for the record."""

    count: HeadCount
    times: int


def final_counts(incident: Incident) -> list[FinalCount]:
    """Return the last count of each holder in the order of counting, and how often each counted: one query."""
    rows = list(HeadCount.objects.filter(incident=incident).select_related("holder", "by").order_by("at", "pk"))
    last = {row.holder_id: row for row in rows}
    times = Counter(row.holder_id for row in rows)
    return [FinalCount(row, times[row.holder_id]) for row in sorted(last.values(), key=lambda row: (row.at, row.pk))]


def draft_of(incident: Incident, entries: Iterable[IncidentEntry]) -> str:
    """Return a text for the report to begin with: what the timeline says, and what a person has to add."""
    lines = [f"{hm(entry.at)} {entry.by.name}：{entry.text}" for entry in entries]
    return "\n".join([*lines, "", "人员情况：", "财产情况：", "家长告知情况："])
