"""Roll calls taken of those due, and what the patrols counted."""

from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import Figure, Line, Source, having
from afterschool.overview.sources.lines import day_word, moment_word
from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.school.models import Placement, Session
from afterschool.support import clock
from evaluation.enums import ExplanationState
from evaluation.models import PatrolVisit
from evaluation.queries.patrol import visits_for
from scheduling.models import Duty


def sessions(ask: Ask) -> QuerySet[Session]:
    """The sessions of service groups that have begun; a class's are those of groups with children of it."""
    now = clock.now()
    begun = Q(date__lt=now.date()) | Q(date=now.date(), starts_at__lte=now.time())
    rows = Session.objects.filter(
        begun,
        term=ask.term,
        state=SessionState.PLANNED,
        group__kind__in=SERVICE_GROUPS,
        date__range=ask.span.days,
    )
    if not ask.scope.is_class:
        return rows.filter(ask.scope.of_group("group"))
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=OuterRef("date")),
        ask.scope.of_student(),
        group=OuterRef("group"),
        starts_on__lte=OuterRef("date"),
    )
    return rows.filter(Exists(places))


def _session_line(row: Any, ask: Ask) -> Line:
    roll = getattr(row, "roll_call", None)
    tone, word = ("done", "已完成") if roll and roll.closed_at else ("now", "点名中") if roll else ("first", "还没点名")
    hint = f"{day_word(row.date)} {row.starts_at:%H:%M}　{row.teacher_name or '没有教师'}"
    leads = ask.actor.is_office or row.group.grade in ask.actor.grades
    url = reverse("attendance:roll-call" if leads else "attendance:board-session", args=[row.pk])
    return Line(row.group.name, hint, url, tone, word)


def _with_teacher(rows: QuerySet[Any], ask: Ask) -> QuerySet[Any]:
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return rows.annotate(teacher_name=Subquery(active.values("teacher__name")[:1]))


SESSIONS = Source(
    key="sessions",
    rows=sessions,
    figures=(
        Figure("rolls-taken", "已点名", having(Q(roll_call__closed_at__isnull=False)), main=True),
        Figure("rolls-due", "应点名"),
        Figure("rolls-open", "点名中", having(Q(roll_call__isnull=False, roll_call__closed_at__isnull=True))),
        Figure("rolls-not-begun", "还没点名", having(Q(roll_call__isnull=True))),
    ),
    line=_session_line,
    related=("group", "roll_call"),
    order=("-date", "starts_at", "group__grade", "group__order", "pk"),
    dress=_with_teacher,
)


def visits(ask: Ask) -> QuerySet[PatrolVisit]:
    """The visits of patrols that this person may see."""
    rows = visits_for(ask.actor, ask.term).filter(round__date__range=ask.span.days)
    return rows.filter(ask.scope.of_group("session__group"))


def _visit_line(row: PatrolVisit, ask: Ask) -> Line:
    counted = "没有清点" if row.counted is None else f"应有 {row.expected} 人，清点 {row.counted} 人"
    state = ExplanationState(row.explanation_state)
    shown = (state.tone, str(state.label)) if row.differs else ("", "")
    url = reverse("evaluation:patrol-visit", args=[row.pk])
    return Line(row.session.group.name, f"{moment_word(row.at)}　{counted}", url, *shown)


DIFFERS = Q(counted__isnull=False) & ~Q(counted=F("expected"))
UNEXPLAINED = DIFFERS & ~Q(explanation_state=ExplanationState.ACCEPTED)
VISITS = Source(
    key="visits",
    rows=visits,
    figures=(
        Figure("visited", "巡视班次"),
        Figure("differs", "清点不符", having(DIFFERS)),
        Figure("unexplained", "没有认可的说明", having(UNEXPLAINED)),
    ),
    line=_visit_line,
    related=("session__group", "round__teacher"),
    order=("-at", "pk"),
    seen=lambda ask: not ask.scope.is_class,
)
