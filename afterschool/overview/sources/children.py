"""Where the children of a day are, and what the closed roll calls say of a week or a term."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterschool.overview.ask import TERM, Ask
from afterschool.overview.figures import LATER, ONLY_TODAY, Figure, Line, Source, having
from afterschool.overview.sources.lines import by_class, child_url, day_of, day_word, name_of
from afterschool.school.enums import SERVICE_GROUPS
from attendance.enums import HERE, IN_CARE, CustodyState, MarkState
from attendance.models import ChildDay, Handover, Mark

GONE = (CustodyState.FETCHED, CustodyState.ALONE)


def days(ask: Ask) -> QuerySet[ChildDay]:
    """The children of the days; a grade's are those of its groups, a pass without a group those of its class."""
    rows = ChildDay.objects.filter(term=ask.term, date__range=ask.span.days)
    scope = ask.scope
    if scope.grade is None:
        return rows.filter(scope.of_student())
    return rows.filter(scope.of_group("session__group") | (Q(session__isnull=True) & scope.of_student()))


def _was(state: CustodyState, ask: Ask) -> Q:
    """Tell whether a standing link of the day's chain led to a state: asked child by child, for a term all at once."""
    undone = Handover.objects.filter(undoes=OuterRef("pk"))
    links = Handover.objects.filter(to_state=state, undoes__isnull=True).exclude(from_state=state)
    standing = links.filter(~Exists(undone))
    if ask.span.code == TERM:
        return Q(pk__in=standing.filter(child_day__term=ask.term).values("child_day"))
    return Q(Exists(standing.filter(child_day=OuterRef("pk"))))


def _day_line(row: ChildDay, ask: Ask) -> Line:
    where = row.session.group.name if row.session else ""
    holder = f"，{row.holder.name}负责" if row.holder else ""
    hint = f"{where}{holder}" if ask.span.first == ask.span.last else f"{day_word(row.date)}　{where}"
    state = CustodyState(row.state)
    return Line(name_of(row.student), hint, child_url(ask, row.student, row.pk), state.tone, str(state.label))


DAYS = Source(
    key="days",
    rows=days,
    figures=(
        Figure("here", "在校", having(Q(state__in=IN_CARE)), ONLY_TODAY, main=True),
        Figure("due", "应到", spans=ONLY_TODAY),
        Figure("missing", "未到", having(Q(state=CustodyState.MISSING)), ONLY_TODAY, alarm=True),
        Figure("awaited", "待到班", having(Q(state=CustodyState.EXPECTED)), ONLY_TODAY),
        Figure("away", "不来", having(Q(state=CustodyState.AWAY)), ONLY_TODAY),
        Figure("gone", "已交接离校", having(Q(state__in=GONE)), ONLY_TODAY),
        Figure("kept-late", "延时托管中", having(Q(state=CustodyState.LATE)), ONLY_TODAY),
        Figure("fetched", "已交接离校", having(Q(state__in=GONE)), LATER),
        Figure("late-care", "去过延时托管", lambda ask: _was(CustodyState.LATE, ask)),
        Figure("searched", "未到追查", lambda ask: _was(CustodyState.MISSING, ask)),
    ),
    line=_day_line,
    related=("student__school_class", "session__group", "holder"),
    order=("-date", *by_class()),
)


def marks(ask: Ask) -> QuerySet[Mark]:
    """What the closed roll calls of service groups say: clubs take their own."""
    rows = Mark.objects.filter(
        roll_call__session__term=ask.term,
        roll_call__session__date__range=ask.span.days,
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        roll_call__closed_at__isnull=False,
    )
    return rows.filter(ask.scope.of_group("roll_call__session__group", "student"))


def _mark_line(row: Any, ask: Ask) -> Line:
    session, state = row.roll_call.session, MarkState(row.state)
    hint = f"{day_word(session.date)}　{session.group.name}"
    return Line(name_of(row.student), hint, child_url(ask, row.student, row.child_day), state.tone, str(state.label))


MARKS = Source(
    key="marks",
    rows=marks,
    figures=(
        Figure("came", "到班人次", having(Q(state__in=HERE)), LATER, main=True),
        Figure("expected", "应到人次", spans=LATER),
        Figure("late", "迟到人次", having(Q(state=MarkState.LATE)), LATER),
        Figure("on-leave", "请假人次", having(Q(state=MarkState.LEAVE)), LATER),
        Figure("absent", "未到人次", having(Q(state=MarkState.ABSENT)), LATER),
    ),
    line=_mark_line,
    related=("student__school_class", "roll_call__session__group"),
    order=("-roll_call__session__date", *by_class()),
    dress=lambda rows, ask: rows.annotate(child_day=day_of("roll_call__session__date")),
)
