"""Who applied, who has a place in a group or a club."""

from django.db.models import Q, QuerySet
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import LATER, ONLY_TERM, ONLY_TODAY, Figure, Line, Source, having
from afterschool.overview.sources.lines import by_class, moment_word, name_of
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, StudentState
from afterschool.school.models import Group, Placement, Student
from afterschool.support import clock
from afterschool.support.weekdays import show
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.queries import APPLIED
from scheduling.enums import ClubState
from scheduling.models import Club
from scheduling.queries.grouping import unplaced

ENROLLED = Q(student__state=StudentState.ENROLLED)
NOW = ONLY_TODAY | ONLY_TERM


def applications(ask: Ask) -> QuerySet[Application]:
    """The applications that stand or are on their way, of children at the school; a draft is the family's own business."""
    return Application.objects.filter(ENROLLED, ask.scope.of_student(), term=ask.term, state__in=APPLIED)


def _handed_in(ask: Ask) -> Q:
    return Q(submitted_at__range=ask.span.moments)


def _application_line(row: Application, ask: Ask) -> Line:
    own = ask.actor.is_office or row.student.school_class_id in ask.actor.class_ids
    url = reverse("enrollment:application", args=[row.pk]) if own else ""
    state = ApplicationState(row.state)
    hint = f"{moment_word(row.submitted_at)} 提交" if row.submitted_at else ""
    return Line(name_of(row.student), hint, url, state.tone, str(state.label))


APPLICATIONS = Source(
    key="applications",
    rows=applications,
    figures=(
        Figure("applied", "已申请", spans=ONLY_TERM, main=True),
        Figure("handed-in", "新交的申请", _handed_in, frozenset({"today", "week"}), main=True),
        Figure("class-waits", "待班级审核", having(Q(state=ApplicationState.SUBMITTED))),
        Figure("school-waits", "待学校批准", having(Q(state=ApplicationState.CLASS_APPROVED))),
        Figure("returned", "退回补正", having(Q(state=ApplicationState.RETURNED)), ONLY_TERM),
        Figure("approved", "已通过", having(Q(state=ApplicationState.SCHOOL_APPROVED)), ONLY_TERM),
    ),
    line=_application_line,
    related=("student__school_class",),
    order=by_class(),
)


def _standing() -> Q:
    today = clock.today()
    return Q(starts_on__lte=today) & (Q(ends_on__isnull=True) | Q(ends_on__gte=today))


def places(ask: Ask) -> QuerySet[Placement]:
    """The places in service groups that stand today."""
    rows = Placement.objects.filter(_standing(), ENROLLED, term=ask.term, kind=PlacementKind.SERVICE)
    return rows.filter(ask.scope.of_student())


def _place_line(row: Placement, ask: Ask) -> Line:
    url = ""
    if ask.actor.is_office or row.group.grade in ask.actor.grades:
        url = reverse("scheduling:group", args=[row.group_id])
    elif row.student.school_class_id in ask.actor.class_ids:
        url = reverse("school:student", args=[row.student_id])
    return Line(name_of(row.student), f"{row.group.name}　{show(row.weekdays)}", url)


PLACES = Source(
    key="places",
    rows=places,
    figures=(Figure("placed", "在服务班", spans=NOW),),
    line=_place_line,
    related=("student__school_class", "group"),
    order=by_class(),
)


def not_placed(ask: Ask) -> QuerySet[Student]:
    """The children approved without a place in a service group."""
    return unplaced(ask.term).filter(ask.scope.of_student(""))


def _unplaced_line(row: Student, ask: Ask) -> Line:
    own = not ask.actor.is_office and row.school_class_id in ask.actor.class_ids
    url = reverse("school:student", args=[row.pk]) if own else reverse("scheduling:groups")
    return Line(name_of(row), "已通过，还没有服务班", url)


UNPLACED = Source(
    key="unplaced",
    rows=not_placed,
    figures=(Figure("unplaced", "还没有服务班", spans=NOW),),
    line=_unplaced_line,
    related=("school_class",),
    order=("school_class__grade", "school_class__number", "number", "pk"),
)


def groups(ask: Ask) -> QuerySet[Group]:
    """The service groups that stand today."""
    return Group.objects.filter(_standing(), ask.scope.of_group(""), term=ask.term, kind__in=SERVICE_GROUPS)


def _group_line(row: Group, ask: Ask) -> Line:
    return Line(row.name, row.room.name if row.room else "地点待定", reverse("scheduling:group", args=[row.pk]))


GROUPS = Source(
    key="groups",
    rows=groups,
    figures=(Figure("groups", "服务班", spans=ONLY_TERM),),
    line=_group_line,
    related=("room",),
    order=("grade", "order", "pk"),
    seen=lambda ask: not ask.scope.is_class,
)


def clubs(ask: Ask) -> QuerySet[Club]:
    """The clubs that are approved, and those that wait for it."""
    return Club.objects.filter(term=ask.term)


def _club_line(row: Club, ask: Ask) -> Line:
    hint = f"{row.teacher.name}　{show(row.weekdays)}　{row.taken} 人，最多 {row.largest} 人"
    state = ClubState(row.state)
    return Line(row.name, hint, reverse("scheduling:club", args=[row.pk]), state.tone, str(state.label))


CLUBS = Source(
    key="clubs",
    rows=clubs,
    figures=(
        Figure("clubs", "社团", having(Q(state=ClubState.APPROVED)), ONLY_TERM),
        Figure("clubs-asked", "社团待审批", having(Q(state=ClubState.PROPOSED)), ONLY_TODAY | LATER),
    ),
    line=_club_line,
    related=("teacher",),
    order=("kind", "name", "pk"),
    seen=lambda ask: ask.scope.is_school,
)


def members(ask: Ask) -> QuerySet[Placement]:
    """The places in clubs that stand today."""
    rows = Placement.objects.filter(_standing(), ENROLLED, term=ask.term, kind=PlacementKind.CLUB)
    return rows.filter(ask.scope.of_student())


def _member_line(row: Placement, ask: Ask) -> Line:
    url = reverse("scheduling:club", args=[row.group.club.pk]) if hasattr(row.group, "club") else ""
    return Line(name_of(row.student), f"{row.group.name}　{show(row.weekdays)}", url)


MEMBERS = Source(
    key="members",
    rows=members,
    figures=(Figure("members", "参加社团人次", spans=ONLY_TERM),),
    line=_member_line,
    related=("student__school_class", "group__club"),
    order=by_class(),
)
