"""Random afternoons with several children and persons: whatever is tried, no child is ever lost between two lists.

Some 30 days by default; `DAYS=3000` plays as many (see docs/rules/custody.md for what was found).
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TransactionTestCase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from afterschool.school.models import Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import offers, roll_calls, search
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import close_day
from attendance.actions.passes import decide_pass
from attendance.actions.release import correct, end_session, take_over
from attendance.actions.roll_calls import Wish
from attendance.custody import ENDS, HELD, State
from attendance.enums import CallOutcome, MarkState, OfferState, PassState
from attendance.models import (
    ChildDay,
    ClosedDay,
    Handover,
    HandoverOffer,
    Mark,
    OfferChild,
    Pass,
    RollCall,
)
from attendance.queries import board
from scheduling.models import Duty
from tests.attendance.afternoon_world import PEOPLE, World, check_chain
from tests.cast import NOW, TODAY

DAYS = int(os.environ.get("DAYS", "30"))
STEPS = 30
person = st.sampled_from(PEOPLE)
some = st.sets(st.integers(0, 7), min_size=1, max_size=4)
one = st.integers(0, 7)
place_of = st.sampled_from(["own", "club", "third", "none"])


class Afternoon(RuleBasedStateMachine):
    world: World

    @initialize(called=st.booleans(), minutes=st.sampled_from([0, 0, 90, 110]))
    def begin(self, called: bool, minutes: int) -> None:
        self.now = NOW + timedelta(minutes=minutes)
        self.cast, self.people = self.world.cast, self.world.people
        self.seen: dict[int, list[tuple]] = {}
        self.stale: list[ChildDay] = []
        self.stale_offer: HandoverOffer | None = None
        self.lists = self.passes = False
        if called:
            self.the_rest_are_present("own")

    def rows(self) -> list[ChildDay]:
        return list(ChildDay.objects.select_related("term", "session", "student").order_by("pk"))

    def chosen(self, which: set[int]) -> list[ChildDay]:
        return [row for n, row in enumerate(self.rows()) if n in which]

    def session(self, word: str) -> Session | None:
        return {"own": self.cast.session, "club": self.world.club, "third": self.world.third, "none": None}[word]

    def attempt(self, act: Callable[[], object]) -> str:
        """Do it if it is allowed; a refusal leaves every child as it was. Return the code of the refusal."""
        before = {row.pk: (row.state, row.links) for row in self.rows()}
        with clock.frozen(self.now):
            try:
                act()
            except Refused as refused:
                now = {row.pk: (row.state, row.links) for row in self.rows()}
                assert {pk: now[pk] for pk in before} == before, "a refusal leaves all as they were"
                return refused.code
        return ""

    # single moves, by pages of now and of earlier

    @rule(
        who=person,
        which=some,
        to=st.sampled_from(State),
        at=place_of,
        word=st.sampled_from(["", "妈妈说的"]),
        named=st.booleans(),
        decided=st.booleans(),
    )
    def try_to_move(self, who: str, which: set[int], to: State, at: str, word: str, named: bool, decided: bool) -> None:
        moves = [
            MoveRequest(
                row,
                to,
                holder=self.people[who].teacher,
                at_session=self.session(at),
                released_to=self.cast.guardian if named else None,
                note=word,
                reason="decision" if decided else "test" if word else "",
                decided_by=self.cast.duty_leader if decided else None,
                place=self.world.place.name,
            )
            for row in self.chosen(which)
        ]
        if moves:
            self.attempt(lambda: move_many(moves, by=self.people[who]))

    @rule(to=st.sampled_from([State.GROUP, State.FETCHED]))
    def each_by_the_teacher(self, to: State) -> None:
        for row in self.rows():
            guardian = self.cast.guardian
            self.attempt(
                lambda row=row, g=guardian: move_many([MoveRequest(row, to, released_to=g)], by=self.people["teacher"])
            )

    @rule(which=one)
    def remember_a_page(self, which: int) -> None:
        self.stale = self.chosen({which})

    @precondition(lambda self: getattr(self, "stale", None))
    @rule(to=st.sampled_from(State), who=person)
    def replay_an_old_page(self, to: State, who: str) -> None:
        old = self.stale[0]
        if ChildDay.objects.get(pk=old.pk).links == old.links:
            return
        with clock.frozen(self.now), pytest.raises(Refused) as refused:
            move_many([MoveRequest(old, to, released_to=self.cast.guardian, note="x")], by=self.people[who])
        assert refused.value.code == "somebody_was_faster"

    @rule(which=one, first=st.sampled_from(State), second=st.sampled_from(State), who=person, other=person)
    def two_act_on_the_same_page(self, which: int, first: State, second: State, who: str, other: str) -> None:
        pages = [self.chosen({which}) for _ in range(2)]
        if not pages[0]:
            return
        moves = [
            MoveRequest(page[0], to, holder=self.people[name].teacher, place="办公室", note="妈妈", reason="test")
            for page, to, name in zip(pages, (first, second), (who, other), strict=True)
        ]
        won = self.attempt(lambda: move_many([moves[0]], by=self.people[who])) == ""
        code = self.attempt(lambda: move_many([moves[1]], by=self.people[other]))
        assert not won or code == "somebody_was_faster"

    # lists

    @rule(which=some, at=place_of, who=person, to=st.sampled_from(["nurse", "head_teacher"]), right=st.booleans())
    def offer(self, which: set[int], at: str, who: str, to: str, right: bool) -> None:
        rows, before = self.chosen(which), HandoverOffer.objects.count()
        if right and rows:
            rows = [row for row in rows if row.holder_id == rows[0].holder_id]
            who = self.name_of(rows[0].holder_id) or who
        receiver = getattr(self.cast, to) if at == "none" else None
        code = self.attempt(
            lambda: offers.offer(
                rows, to_session=self.session(at), receiver=receiver, place="医务室", reason="头疼", by=self.people[who]
            )
        )
        assert HandoverOffer.objects.count() == before + (code == "")

    @rule(at=place_of, who=st.sampled_from(["teacher", "club_teacher", "nurse"]))
    def offer_all_that_one_holds(self, at: str, who: str) -> None:
        by = self.people[who]
        held = [row for row in self.rows() if by.teacher and row.holder_id == by.teacher.pk and row.state in HELD]
        due = {row.student_id for row in held} & {child.pk for child in self.cast.students[:4]}
        rows = [row for row in held if at != "club" or row.student_id in due]
        nurse = self.cast.nurse if at == "none" else None  # type: ignore[attr-defined]
        self.attempt(
            lambda: offers.offer(
                rows, to_session=self.session(at), receiver=nurse, place="医务室", reason="排练", by=by
            )
        )

    def waiting(self) -> HandoverOffer | None:
        rows = HandoverOffer.objects.filter(state=OfferState.WAITING).select_related(
            "giver", "to_session__group", "term"
        )
        return rows.order_by("pk").first()

    def name_of(self, teacher: int | None) -> str:
        return next((name for name in PEOPLE if self.people[name].teacher.pk == teacher), "")  # type: ignore[union-attr]

    def receiver_of(self, made: HandoverOffer) -> int | None:
        if made.to_session_id is None:
            return made.receiver_id
        return Duty.objects.get(session=made.to_session_id, active=True).teacher_id

    @rule(
        at=st.sampled_from(["club", "own", "third", "none"]), who=st.sampled_from(["teacher", "club_teacher", "nurse"])
    )
    def hand_over(self, at: str, who: str) -> None:
        self.offer_all_that_one_holds(at, who)
        self.accept(who, right=True, absent=set())

    @precondition(lambda self: getattr(self, "lists", False))
    @rule(who=person, right=st.booleans(), absent=some)
    def accept(self, who: str, right: bool, absent: set[int]) -> None:
        made = self.waiting()
        if made is None:
            return
        if right:
            who = self.name_of(self.receiver_of(made))
        missing = [row.pk for row in self.chosen(absent)] if len(absent) > 2 else []
        code = self.attempt(lambda: offers.accept(made, not_received=missing, by=self.people[who]))
        if not code:
            assert who == self.name_of(self.receiver_of(made))
            taken = [row.child_day for row in made.children.filter(taken=True).select_related("child_day")]
            assert all(day.holder_id != made.giver_id and day.pk not in missing for day in taken)

    @precondition(lambda self: getattr(self, "lists", False))
    @rule(who=person, how=st.sampled_from(["object", "withdraw"]))
    def end_a_list(self, who: str, how: str) -> None:
        made = self.waiting()
        if made is not None:
            by = self.people[who]
            acts = {
                "object": lambda: offers.object_to(made, objection="没开门", by=by),
                "withdraw": lambda: offers.withdraw(made, by=by),
            }
            self.attempt(acts[how])

    @precondition(lambda self: getattr(self, "lists", False))
    @rule()
    def remember_a_list(self) -> None:
        self.stale_offer = self.waiting()

    @precondition(lambda self: getattr(self, "stale_offer", None))
    @rule()
    def answer_an_old_list(self) -> None:
        made = self.stale_offer
        assert made is not None
        if HandoverOffer.objects.get(pk=made.pk).state == OfferState.WAITING:
            return
        who = self.name_of(self.receiver_of(made))
        assert self.attempt(lambda: offers.accept(made, by=self.people[who])) == "somebody_was_faster"

    # roll calls and passes

    def roll(self, at: str) -> RollCall:
        session = self.session(at)
        by = self.people["teacher" if at == "own" else "club_teacher"]
        return roll_calls.begin(session=session, by=by)

    @rule(at=st.sampled_from(["own", "club"]), which=one, state=st.sampled_from(MarkState))
    def mark(self, at: str, which: int, state: MarkState) -> None:
        def act() -> None:
            roll = self.roll(at)
            marks = list(Mark.objects.filter(roll_call=roll).order_by("student"))
            row = marks[which % len(marks)]
            by = self.people["teacher" if at == "own" else "club_teacher"]
            roll_calls.mark(roll_call=roll, wishes=[Wish(row.student_id, MarkState(row.state), state)], by=by)

        self.attempt(act)

    @rule(at=st.sampled_from(["own", "club"]))
    def the_rest_are_present(self, at: str) -> None:
        by = self.people["teacher" if at == "own" else "club_teacher"]
        self.attempt(lambda: roll_calls.rest_present(roll_call=self.roll(at), by=by))

    @rule(at=st.sampled_from(["own", "club"]), which=st.integers(6, 7))
    def take_in(self, at: str, which: int) -> None:
        by = self.people["teacher" if at == "own" else "club_teacher"]
        self.attempt(lambda: roll_calls.take_in(roll_call=self.roll(at), student=self.cast.students[which], by=by))

    @precondition(lambda self: getattr(self, "passes", False))
    @rule(who=st.sampled_from(["teacher", "other_head_teacher", "duty_leader"]), accept=st.booleans())
    def answer_a_pass(self, who: str, accept: bool) -> None:
        row = Pass.objects.select_related("child_day__student", "child_day__holder", "child_day__term").first()
        if row is not None:
            self.attempt(lambda: decide_pass(row, accept=accept, answer="没有报名", by=self.people[who]))

    # the rest of an afternoon

    @rule(which=one, reached=st.booleans())
    def call(self, which: int, reached: bool) -> None:
        outcome = CallOutcome.REACHED if reached else CallOutcome.NOT_REACHED
        for row in self.chosen({which}):
            self.attempt(lambda row=row: note_call(row, outcome=outcome, text="外婆", by=self.people["teacher"]))

    @rule(which=one, who=person)
    def correct_one(self, which: int, who: str) -> None:
        for row in self.chosen({which}):
            self.attempt(lambda row=row: correct(row, note="点错了", by=self.people[who]))

    @rule(which=one, who=person, to=st.sampled_from([State.GROUP, State.STAFF, State.AWAY]))
    def settle(self, which: int, who: str, to: State) -> None:
        for row in self.chosen({which}):
            self.attempt(lambda row=row: search.settle(child_day=row, to=to, by=self.people[who], place="操场"))

    @rule(which=one, who=person)
    def tell(self, which: int, who: str) -> None:
        for row in self.chosen({which}):
            self.attempt(lambda row=row: search.tell_guardians(row, by=self.people[who]))
        with clock.frozen(self.now):
            search.escalate(self.cast.term)

    @rule(who=st.sampled_from(["teacher", "third_teacher"]))
    def take_over(self, who: str) -> None:
        session = self.cast.session if who == "teacher" else self.world.third
        self.attempt(lambda: take_over(session, by=self.people[who]))

    @rule()
    def close(self) -> None:
        self.attempt(lambda: end_session(self.cast.session, by=self.people["teacher"]))
        waits = Pass.objects.filter(state=PassState.WAITING).exists()
        may = all(row.state in ENDS for row in self.rows()) and not ClosedDay.objects.exists() and not waits
        code = self.attempt(lambda: close_day(self.cast.term, TODAY, by=self.people["duty_leader"]))
        assert may == (code == "")

    @rule(minutes=st.sampled_from([1, 15, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), NOW.replace(hour=21))

    # what always holds

    @invariant()
    def each_child_is_in_exactly_one_place(self) -> None:
        if not hasattr(self, "cast"):
            return
        rows = self.rows()
        chains: dict[int, list[Handover]] = {row.pk: [] for row in rows}
        for link in Handover.objects.order_by("child_day", "number"):
            chains[link.child_day_id].append(link)
        for row in rows:
            chain = chains[row.pk]
            check_chain(row, chain)
            told = [(link.number, link.from_state, link.to_state, link.by_id, link.at) for link in chain]
            assert told[: len(self.seen.get(row.pk, []))] == self.seen.get(row.pk, []), "a link was changed"
            self.seen[row.pk] = told
        if ClosedDay.objects.exists():
            assert all(row.state in ENDS for row in rows)

    @invariant()
    def the_giver_answers_while_a_list_waits(self) -> None:
        if not hasattr(self, "cast"):
            return
        self.lists = HandoverOffer.objects.filter(state=OfferState.WAITING).exists()
        self.passes = Pass.objects.exists()
        for row in OfferChild.objects.select_related("offer", "child_day"):
            if row.taken is None:
                assert row.offer.state == OfferState.WAITING
                assert row.child_day.links == row.links
                assert row.child_day.holder_id == row.offer.giver_id
        for made in HandoverOffer.objects.filter(state=OfferState.WAITING):
            assert made.children.filter(taken=None).exists(), "a list on which nobody waits is answered"

    @invariant()
    def the_board_says_the_same(self) -> None:
        if not hasattr(self, "cast"):
            return
        with clock.frozen(self.now):
            found = board.read(self.people["duty_leader"], self.cast.term, TODAY)
        rows = self.rows()
        assert found.counts == Counter(row.state for row in rows)
        assert sum((line.states for line in found.groups), Counter()) == found.counts
        assert {row.pk for row in found.missing} == {row.pk for row in rows if row.state == State.MISSING}
        waits = OfferChild.objects.filter(taken=None, offer__to_session__isnull=False).count()
        assert sum(line.offered for line in found.groups) == waits


class TestAfternoons(TransactionTestCase):
    def test_no_child_is_ever_lost(self) -> None:
        with transaction.atomic():
            world = World()

            class Machine(Afternoon):
                def __init__(self) -> None:
                    super().__init__()
                    self.block = transaction.atomic()
                    self.block.__enter__()

                def teardown(self) -> None:
                    transaction.set_rollback(True)
                    self.block.__exit__(None, None, None)

            Machine.world = world
            checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
            run_state_machine_as_test(
                Machine,
                settings=settings(
                    max_examples=DAYS, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks
                ),
            )
            transaction.set_rollback(True)
