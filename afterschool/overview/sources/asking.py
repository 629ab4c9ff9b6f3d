"""Class tables to confirm, messages of parents that wait, questionnaires."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import ALWAYS, LATER, ONLY_TERM, Figure, Line, Source, having
from afterschool.overview.sources.lines import day_word, moment_word
from afterschool.support import clock
from evaluation.enums import ClassTableState, FeedbackState, SurveyState
from evaluation.models import ClassTable, Feedback, Survey
from evaluation.queries import class_tables
from evaluation.queries.feedback import desk
from evaluation.queries.surveys import stage, surveys_of


def tables(ask: Ask) -> QuerySet[ClassTable]:
    """The class tables that this person may see."""
    rows = class_tables.tables(ask.actor, ask.term)
    return rows.filter(_own(ask))


def _own(ask: Ask) -> Q:
    if ask.scope.school_class is not None:
        return Q(school_class=ask.scope.school_class)
    return Q(school_class__grade=ask.scope.grade) if ask.scope.grade is not None else Q()


def _table_line(row: ClassTable, ask: Ask) -> Line:
    state = ClassTableState(row.state)
    url = reverse("evaluation:class-table", args=[row.pk])
    return Line(str(row.school_class), f"{day_word(row.due_on)}的表", url, row.tone, str(state.label))


TABLES = Source(
    key="tables",
    rows=tables,
    figures=(
        Figure("tables-open", "待确认", having(Q(state=ClassTableState.OPEN)), ALWAYS),
        Figure("tables-confirmed", "已确认", lambda ask: Q(confirmed_at__range=ask.span.moments), ALWAYS),
    ),
    line=_table_line,
    related=("school_class",),
    order=("-due_on", "school_class__grade", "school_class__number", "pk"),
)


def messages(ask: Ask) -> QuerySet[Feedback]:
    """The messages of parents that this person may see: all for the office, else those to be looked into."""
    return desk(ask.actor, ask.term)


def _message_line(row: Feedback, ask: Ask) -> Line:
    state = FeedbackState(row.state)
    url = reverse("evaluation:feedback-one", args=[row.pk])
    return Line(str(row.get_kind_display()), day_word(row.sent_on), url, state.tone, str(state.label))


FEEDBACK = Source(
    key="feedback",
    rows=messages,
    figures=(
        Figure("words-wait", "家长的话待答复", having(Q(state=FeedbackState.NEW))),
        Figure("words-came", "收到家长的话", lambda ask: Q(sent_on__range=ask.span.days), LATER),
    ),
    line=_message_line,
    order=("-sent_on", "pk"),
    seen=lambda ask: ask.scope.is_school,
)


def surveys(ask: Ask) -> QuerySet[Survey]:
    """The questionnaires of the term, for who may read them."""
    return surveys_of(ask.actor, ask.term)


def _going_on(ask: Ask) -> Q:
    now = clock.now()
    return Q(state=SurveyState.OPEN, opens_at__lte=now, closes_at__gt=now)


def _over(ask: Ask) -> Q:
    return Q(state=SurveyState.CLOSED) | Q(state=SurveyState.OPEN, closes_at__lte=clock.now())


def _survey_line(row: Survey, ask: Ask) -> Line:
    hint = f"到 {moment_word(row.closes_at)}" if row.closes_at else ""
    return Line(row.title, hint, reverse("evaluation:survey-results", args=[row.pk]), *stage(row, clock.now()))


SURVEYS = Source(
    key="surveys",
    rows=surveys,
    figures=(
        Figure("surveys-open", "进行中的问卷", _going_on),
        Figure("surveys-over", "已结束的问卷", _over, ONLY_TERM),
        Figure("surveys-content", "满意度问卷", lambda ask: _over(ask) & Q(satisfaction=True), ONLY_TERM),
    ),
    line=_survey_line,
    order=("-asked_at", "pk"),
    seen=lambda ask: ask.scope.is_school,
)
