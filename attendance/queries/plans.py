"""Week plans: whose stand how, who writes them, when they are due. Read by the pages, the evening's reminder and the evaluation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, GroupKind, SessionState
from afterschool.school.models import Group, Placement, SchoolDay, Session, Student, Term
from afterschool.support import clock
from attendance import access
from attendance.enums import PlanState
from attendance.models import PlanLine, WeekPlan
from attendance.planning import WEEK, due_date, monday_of, teaching_words
from attendance.queries.settings import afternoon
from scheduling.enums import SlotKind
from scheduling.models import Duty

LEARNING = (SlotKind.STUDY, SlotKind.QUESTIONS)
DELIVERED = (PlanState.HANDED_IN, PlanState.SEEN)


@dataclass(frozen=True)
class PlanRow:
    """One group's plan of a week, as a leader or one of its teachers sees it. No plan: nobody has begun one."""

    group: Group
    monday: date
    due: date
    plan: WeekPlan | None = None
    teachers: list[str] = field(default_factory=list)

    @property
    def state(self) -> PlanState:
        return PlanState(self.plan.state) if self.plan else PlanState.DRAFT

    @property
    def delivered(self) -> bool:
        return self.state in DELIVERED

    @property
    def late(self) -> bool:
        """Tell whether the plan came after its day, or that day is over without one."""
        if self.plan is not None and self.plan.handed_in_at is not None:
            return handed_in_on(self.plan) > self.due
        return clock.today() > self.due

    @property
    def tone(self) -> str:
        return "act" if self.state == PlanState.DRAFT and self.late else self.state.tone

    @property
    def word(self) -> str:
        if self.state != PlanState.DRAFT:
            return str(self.state.label)
        return "过期未交" if self.late else str(self.state.label)

    @property
    def hints(self) -> list[str]:
        """Return the words of learning time that look like a lesson (of lines loaded with the plan)."""
        lines = self.plan.lines.all() if self.plan else ()
        return list(dict.fromkeys(word for line in lines for word in hint_of(line)))


def handed_in_on(plan: WeekPlan) -> date:
    """Return the school's date on which a plan was first handed in."""
    return plan.handed_in_at.astimezone(clock.SHANGHAI).date() if plan.handed_in_at else date.max


def hint_of(line: PlanLine) -> list[str]:
    """Return the words of a line that look like a lesson; none outside learning time."""
    return teaching_words(line.content) if line.kind in LEARNING else []


def service_days(term: Term, monday: date) -> list[date]:
    """Return the days with service of a week and of the week before: what a due date is made of."""
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__range=(monday - WEEK, monday + WEEK))
    return list(days.order_by("date").values_list("date", flat=True))


def due_of(term: Term, monday: date) -> date:
    """Return when the plans of a week are due: two queries."""
    return due_date(monday, weekday=afternoon(term).plan_due_weekday, days=service_days(term, monday))


def monday_from(text: str) -> date:
    """Return the Monday that an address names, or 404."""
    try:
        monday = date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if monday != monday_of(monday):
        raise Http404
    return monday


def week_sessions(monday: date) -> QuerySet[Session]:
    """Return the sessions that stand in a week."""
    return Session.objects.filter(date__range=(monday, monday + timedelta(days=6)), state=SessionState.PLANNED)


def groups_for(actor: Actor, term: Term, monday: date) -> QuerySet[Group]:
    """Return the groups that meet in a week and whose plan this person may see, by grade; clubs last."""
    meeting = Group.objects.filter(term=term, pk__in=week_sessions(monday).filter(term=term).values("group"))
    return meeting.filter(access.plan_scope(actor, monday)).order_by(F("grade").asc(nulls_last=True), "order", "name")


def group_of(actor: Actor, term: Term | None, pk: int, monday: date) -> Group:
    """Return a group whose plan of that week this person may see, or 404."""
    planned = Q(pk__in=WeekPlan.objects.filter(monday=monday).values("group"))
    meets = Q(pk__in=week_sessions(monday).values("group"))
    rows = Group.objects.filter(access.plan_scope(actor, monday), planned | meets, term=term, pk=pk)
    found = rows.select_related("term", "club").first()
    if found is None:
        raise Http404
    return found


def teachers_of_week(groups: Iterable[int], monday: date) -> dict[int, list[str]]:
    """Return who has a turn in these groups in a week, in order of days: one query."""
    duties = Duty.objects.filter(session__in=week_sessions(monday).filter(group__in=list(groups)), active=True)
    found: dict[int, list[str]] = defaultdict(list)
    for group_id, name in duties.order_by("session__date", "pk").values_list("session__group_id", "teacher__name"):
        if name not in found[group_id]:
            found[group_id].append(name)
    return found


def rows_of_week(actor: Actor, term: Term, monday: date, *, grade: int | None = None) -> list[PlanRow]:
    """Return the plans of a week in the person's scope, with lines: six queries, whatever the number of groups."""
    groups = list(groups_for(actor, term, monday))
    if grade is not None:
        groups = [group for group in groups if group.grade == grade]
    return _rows(term, groups, monday)


def _rows(term: Term, groups: list[Group], monday: date) -> list[PlanRow]:
    lines = Prefetch("lines", PlanLine.objects.order_by("date", "position"))
    plans = WeekPlan.objects.filter(group__in=groups, monday=monday).select_related("handed_in_by", "seen_by")
    by_group = {plan.group_id: plan for plan in plans.prefetch_related(lines)}
    names, due = teachers_of_week([group.pk for group in groups], monday), due_of(term, monday)
    return [PlanRow(group, monday, due, by_group.get(group.pk), names.get(group.pk, [])) for group in groups]


def checkable(actor: Actor, rows: Iterable[PlanRow]) -> set[int]:
    """Return the plans of these rows that this person may look through now: handed in, and by somebody else. One query."""
    waiting = [
        row.plan
        for row in rows
        if row.plan and row.state == PlanState.HANDED_IN and row.plan.handed_in_by_id != actor.user_id
    ]
    groups = Group.objects.filter(access.check_scope(actor), pk__in=[plan.group_id for plan in waiting])
    may = set(groups.values_list("pk", flat=True))
    return {plan.pk for plan in waiting if plan.group_id in may}


def plan_for(actor: Actor, term: Term | None, pk: int) -> WeekPlan:
    """Return a plan that this person may see, or 404."""
    plan = WeekPlan.objects.filter(pk=pk, term=term).select_related("group", "term", "written_by", "seen_by").first()
    if plan is None:
        raise Http404
    group_of(actor, term, plan.group_id, plan.monday)
    return plan


def mine(actor: Actor, term: Term, monday: date) -> list[PlanRow]:
    """Return the plans of a week that this person writes."""
    if actor.teacher is None:
        return []
    own = Actor(user=actor.user, teacher=actor.teacher)
    return _rows(term, list(groups_for(own, term, monday)), monday)


def plan_in_time(group: Group, monday: date) -> bool:
    """Tell whether a group's plan of a week was handed in by its day; a plan sent back later was still in time."""
    plan = WeekPlan.objects.filter(group=group, monday=monday).first()
    return plan is not None and handed_in_on(plan) <= due_of(group.term, monday)


@dataclass(frozen=True)
class Share:
    """Of how many sessions whose roll was taken the day is noted, and how many of them went as planned."""

    held: int
    noted: int
    as_planned: int


def share_with_note(sessions: QuerySet[Session]) -> Share:
    """Count the notes of these sessions; those whose roll nobody took are left out. One query."""
    held = sessions.filter(roll_call__closed_at__isnull=False).order_by()
    return Share(
        **held.aggregate(
            held=Count("pk", distinct=True),
            noted=Count("pk", filter=Q(day_note__isnull=False), distinct=True),
            as_planned=Count("pk", filter=Q(day_note__followed="yes"), distinct=True),
        )
    )


def week_of_child(student: Student, monday: date, day: date) -> WeekPlan | None:
    """Return what the child's group does this week, as far as it was handed in: aim and titles are for the family."""
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), student=student, starts_on__lte=day
    )
    plans = WeekPlan.objects.filter(monday=monday, state__in=DELIVERED, group__in=places.values("group"))
    return plans.exclude(group__kind=GroupKind.CLUB).select_related("group").first()


def titles_of(plan: WeekPlan) -> list[str]:
    """Return what happens in a week by name, each once, in order of the day; what a bracket adds is left out."""
    titles = plan.lines.order_by("position", "date").values_list("title", flat=True)
    return list(dict.fromkeys(title.split("（")[0] for title in titles))
