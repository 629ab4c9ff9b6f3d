"""Random weeks with several writers and checkers: a plan moves as the table says, and no word of a colleague is lost."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import plan_checks, plans
from attendance.actions.plans import Change, Written
from attendance.enums import PlanState
from attendance.models import PlanLine, WeekPlan
from attendance.planning import BY_CHECKER, MOVES, Move
from attendance.queries.plan_page import moves_for
from tests.attendance.planned import MONDAY, week_of
from tests.cast import NOW, build_cast, place_group

WRITERS = ["teacher", "other_teacher"]
PEOPLE = [*WRITERS, "head_teacher", "grade_leader", "duty_leader", "office"]
DAYS = st.integers(0, 4)


class Week(RuleBasedStateMachine):
    """One group's plan of one week, without a timetable: a line a day."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        with clock.frozen(NOW):
            self.cast = build_cast()
            place_group(self.cast)
            week_of(self.cast, MONDAY)
            self.people = {name: self.cast.actor(name) for name in PEOPLE}
        self.seen: dict[str, dict[int, str]] = {name: {} for name in WRITERS}
        self.last: dict[int, str] = {}
        self.state = PlanState.DRAFT

    def plan(self) -> WeekPlan | None:
        return WeekPlan.objects.select_related("group", "term").first()

    def tried(self, move: Move, who: str, act) -> bool:
        """Do something; tell whether it was done. What was offered is done, what was not is refused."""
        self.now += timedelta(minutes=1)
        plan = self.plan()
        offered = move in moves_for(self.people[who], self.cast.group, MONDAY, plan)
        with clock.frozen(self.now):
            try:
                act()
            except (Refused, PermissionDenied):
                assert not (offered and move is Move.WRITE)
                return False
        assert offered, f"{who} could {move} without being offered it"
        before = PlanState(plan.state) if plan else PlanState.DRAFT
        self.state = MOVES[before, move]
        return True

    @rule(who=st.sampled_from(WRITERS))
    def open_the_page(self, who: str) -> None:
        rows = PlanLine.objects.values_list("date", "content")
        self.seen[who] = {(day - MONDAY).days: content for day, content in rows}

    @rule(who=st.sampled_from(PEOPLE), days=st.sets(DAYS, min_size=1), word=st.sampled_from(["作业", "看书", "画画"]))
    def write(self, who: str, days: set[int], word: str) -> None:
        seen = self.seen.get(who, {})
        lines = {(MONDAY + timedelta(days=n), 1): Change(seen.get(n, ""), f"{word}{who}") for n in days}
        before = dict(self.last)
        saved = []

        def act() -> None:
            written = Written(lines)
            saved.append(plans.write_plan(group=self.cast.group, monday=MONDAY, written=written, by=self.people[who]))

        if not self.tried(Move.WRITE, who, act):
            return
        for n in days:
            place = (MONDAY + timedelta(days=n), 1)
            mine = lines[place]
            if mine.was == mine.content:
                continue  # untouched
            if before.get(n, "") not in (mine.was, mine.content):
                assert saved[0].others[place] == before[n], "a colleague's words stay, and are shown"
            else:
                self.last[n] = mine.content
        self.open_the_page(who)

    @rule(who=st.sampled_from(PEOPLE))
    def hand_in(self, who: str) -> None:
        by, plan = self.people[who], self.plan()
        if plan is None:
            return
        if self.tried(Move.HAND_IN, who, lambda: plans.hand_in(plan=plan, by=by)):
            assert set(self.last) == set(range(5)), "every day says something"

    @rule(who=st.sampled_from(PEOPLE))
    def take_back(self, who: str) -> None:
        plan = self.plan()
        if plan is not None:
            self.tried(Move.TAKE_BACK, who, lambda: plans.take_back(plan=plan, by=self.people[who]))

    @rule(who=st.sampled_from(PEOPLE))
    def accept(self, who: str) -> None:
        plan = self.plan()
        if plan is not None:
            chosen = [(plan, plan.written_at)]
            self.tried(Move.SEE, who, lambda: plan_checks.see_plans(plans=chosen, by=self.people[who]))

    @rule(who=st.sampled_from(PEOPLE), remark=st.sampled_from(["", "写具体些"]))
    def send_back(self, who: str, remark: str) -> None:
        plan = self.plan()
        if plan is None:
            return

        def act() -> None:
            plan_checks.return_plan(
                plan=plan, seen_at=plan.written_at, remark=remark, group_teaching=False, by=self.people[who]
            )

        self.tried(Move.RETURN, who, act)

    @invariant()
    def the_plan_is_where_the_table_says(self) -> None:
        plan = self.plan() if hasattr(self, "cast") else None
        if plan is None:
            return
        assert plan.state == self.state
        assert {(day - MONDAY).days: text for day, text in PlanLine.objects.values_list("date", "content") if text} == {
            n: text for n, text in self.last.items() if text
        }
        offered = {name: moves_for(self.people[name], self.cast.group, MONDAY, plan) for name in PEOPLE}
        assert not any(moves & BY_CHECKER for name, moves in offered.items() if name not in ("grade_leader", "office"))
        assert not any(moves - BY_CHECKER for name, moves in offered.items() if name not in WRITERS)


class TestWeek(TransactionTestCase):
    def test_whatever_is_tried(self) -> None:
        class Machine(Week):
            def __init__(self) -> None:
                super().__init__()
                self.block = transaction.atomic()
                self.block.__enter__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)

        run_state_machine_as_test(Machine, settings=settings(max_examples=10, stateful_step_count=25, deadline=None))
