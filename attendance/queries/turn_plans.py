"""What the home pages say of week plans, asked within the questions they ask anyway."""

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery

from afterschool.school.enums import GroupKind
from afterschool.school.models import Placement
from attendance.enums import PlanState
from attendance.models import DayNote, WeekPlan
from attendance.planning import WEEK, monday_of
from attendance.queries.plans import DELIVERED
from scheduling.models import Duty


@dataclass(frozen=True)
class TurnPlans:
    """How the plan of a turn's group stands, this week's and the next, and whether the day is noted."""

    monday: date
    this: PlanState
    next: PlanState
    noted: bool

    @property
    def next_monday(self) -> date:
        return self.monday + WEEK


def with_plans(duties: QuerySet[Duty], day: date) -> QuerySet[Duty]:
    """Give each turn the state of its group's plan of the day's week and of the next, and whether its day is noted."""
    plans = WeekPlan.objects.filter(group=OuterRef("session__group"))
    return duties.annotate(
        plan_state=Subquery(plans.filter(monday=monday_of(day)).values("state")[:1]),
        next_plan_state=Subquery(plans.filter(monday=monday_of(day) + WEEK).values("state")[:1]),
        day_noted=Subquery(DayNote.objects.filter(session=OuterRef("session")).values("followed")[:1]),
    )


def plans_of(duty: Duty, day: date) -> TurnPlans:
    """Return what `with_plans` brought with a turn."""
    return TurnPlans(
        monday_of(day),
        PlanState(getattr(duty, "plan_state", None) or PlanState.DRAFT),
        PlanState(getattr(duty, "next_plan_state", None) or PlanState.DRAFT),
        bool(getattr(duty, "day_noted", None)),
    )


def aim_of_week(monday: date, day: date) -> Subquery:
    """Return what the group of a child does this week, for a row with a `student`: of plans that were handed in."""
    placed = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=day), student=OuterRef(OuterRef("student")), starts_on__lte=day
    )
    plans = WeekPlan.objects.filter(monday=monday, state__in=DELIVERED, group__in=placed.values("group"))
    return Subquery(plans.exclude(group__kind=GroupKind.CLUB).exclude(aim="").order_by("pk").values("aim")[:1])
