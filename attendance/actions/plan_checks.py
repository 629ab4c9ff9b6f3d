"""Looking through week plans: seen with the word that learning time is no group teaching, or sent back; and the reminder."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import Note, tell, tell_many
from afterschool.school.models import Group, Message, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance import access
from attendance.enums import PlanState
from attendance.models import WeekPlan
from attendance.planning import MOVES, WEEK, Move, monday_of
from attendance.queries.plans import DELIVERED, due_of, week_sessions
from scheduling.models import Duty

REMINDER = "plan.reminder"
REMIND_FROM = time(12, 0)


def _need(plan: WeekPlan, move: Move, by: Actor) -> PlanState:
    if by.user is None or not access.may_check_plan(by, plan.group):
        raise PermissionDenied
    if plan.handed_in_by_id == by.user_id:
        raise Refused("own_plan", "自己交的计划请别人来看：年级组长的由课程教学中心看。")
    after = MOVES.get((PlanState(plan.state), move))
    if after is None:
        raise somebody_was_faster()
    return after


def _move(plan: WeekPlan, seen_at: datetime, after: PlanState, *, by: Actor, remark: str, clean: bool | None) -> None:
    rows = WeekPlan.objects.filter(pk=plan.pk, state=plan.state, written_at=seen_at)
    done = {"seen_by": by.user, "seen_at": clock.now(), "no_group_teaching": clean, "remark": remark}
    if rows.update(state=after, **done) != 1:
        raise somebody_was_faster()


@transaction.atomic
def see_plans(*, plans: Sequence[tuple[WeekPlan, datetime]], by: Actor) -> int:
    """Accept plans, each as it was read (`written_at` as the page showed it): their learning time is no group teaching.

    All or none. Refused: nothing_chosen, own_plan, somebody_was_faster.
    """
    if not plans:
        raise Refused("nothing_chosen", "请先在看过的计划前打勾。")
    for plan, seen_at in plans:
        _move(plan, seen_at, _need(plan, Move.SEE, by), by=by, remark="", clean=True)
    record_many(event("week_plan.seen", subject=plan, by=by, term_id=plan.term_id) for plan, _ in plans)
    return len(plans)


@transaction.atomic
def return_plan(*, plan: WeekPlan, seen_at: datetime, remark: str, group_teaching: bool, by: Actor) -> None:
    """Send a plan back with a word; `group_teaching`: because learning time reads like group teaching. The writers are told.

    Refused: remark_missing, own_plan, somebody_was_faster.
    """
    remark = remark.strip()[:200]
    if not remark:
        raise Refused("remark_missing", "请写一句要改什么。")
    clean = False if group_teaching else None
    _move(plan, seen_at, _need(plan, Move.RETURN, by), by=by, remark=remark, clean=clean)
    record(
        "week_plan.returned",
        subject=plan,
        by=by,
        term_id=plan.term_id,
        data={"group_teaching": group_teaching},
        note=remark,
    )
    tell(
        writers_of([plan.group], plan.monday).get(plan.group_id, []),
        kind="plan.returned",
        title=f"{plan.group.name}的周计划请修改",
        body=remark,
        url=reverse("attendance:plan", args=[plan.group_id, plan.monday.isoformat()]),
        term=plan.term,
        by=by,
    )


def writers_of(groups: Sequence[Group], monday: date) -> dict[int, list[int]]:
    """Return the accounts of those who write these groups' plans of a week: one query."""
    turns = Duty.objects.filter(
        session__in=week_sessions(monday).filter(group__in=groups), active=True, teacher__user__isnull=False
    )
    found: dict[int, set[int]] = defaultdict(set)
    for group_id, user_id in turns.order_by().values_list("session__group_id", "teacher__user_id"):
        if user_id is not None:
            found[group_id].add(user_id)
    return {group_id: sorted(users) for group_id, users in found.items()}


def remind_of_plans(*, term: Term, by: Actor) -> int:
    """On the day a week's plans are due, from noon, tell those who have not handed in; return how many. Each week once."""
    now = clock.now()
    if now.time() < REMIND_FROM:
        return 0
    this = monday_of(now.date())
    due = [monday for monday in (this, this + WEEK) if due_of(term, monday) == now.date()]
    return sum(_remind(term, monday, by) for monday in due)


@transaction.atomic
def _remind(term: Term, monday: date, by: Actor) -> int:
    list(Term.objects.select_for_update().filter(pk=term.pk))  # two ticks at once: the second finds it told
    today = clock.at(clock.today(), time.min)
    told = Message.objects.filter(term=term, kind=REMINDER, created_at__range=(today, today + timedelta(days=1)))
    if told.exists():
        return 0
    done = WeekPlan.objects.filter(monday=monday, state__in=DELIVERED).values("group")
    groups = list(Group.objects.filter(term=term, pk__in=week_sessions(monday).values("group")).exclude(pk__in=done))
    names = {group.pk: group.name for group in groups}
    missing: dict[int, list[str]] = defaultdict(list)
    for group_id, users in writers_of(groups, monday).items():
        for user in users:
            missing[user].append(names[group_id])
    tell_many(
        (
            Note(
                [user],
                "plan.reminder",
                "今天要交周计划",
                term_id=term.pk,
                body=f"还没交的：{'、'.join(sorted(own))}。{monday.month}月{monday.day}日起的一周。",
                url=reverse("attendance:plans-mine"),
            )
            for user, own in sorted(missing.items())
        ),
        by=by,
    )
    return len(missing)
