"""Random days with several children and persons: whatever is tried, no child is ever lost between two lists."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import settings
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

from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import close_day, ensure_day
from attendance.actions.release import correct, end_session, take_over
from attendance.custody import ENDS, HELD, State
from attendance.defaults import install_late_care
from attendance.enums import CallOutcome
from attendance.models import ChildDay, ClosedDay, Handover, LateCarePlace
from tests.cast import NOW, TODAY, build_cast, place_group

PEOPLE = ["teacher", "other_teacher", "head_teacher", "duty_leader", "service_centre", "gatekeeper", "office"]


class Afternoon(RuleBasedStateMachine):
    """One afternoon of six children."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        with clock.frozen(self.now):
            self.cast = build_cast()
            place_group(self.cast)
            install_late_care(self.cast.term)
            self.place = LateCarePlace.objects.order_by("order")[0]
            self.people = {name: self.cast.actor(name) for name in PEOPLE}
            ensure_day(self.cast.term, TODAY, self.people["office"])
        self.seen: dict[int, list[tuple]] = {}
        self.stale: list[ChildDay] = []

    def rows(self) -> list[ChildDay]:
        return list(ChildDay.objects.select_related("term", "session", "student").order_by("pk"))

    @rule(
        who=st.sampled_from(PEOPLE),
        which=st.sets(st.integers(0, 5), min_size=1, max_size=4),
        to=st.sampled_from(State),
        word=st.sampled_from(["", "妈妈说的"]),
        named=st.booleans(),
    )
    def try_to_move(self, who: str, which: set[int], to: State, word: str, named: bool) -> None:
        rows = [row for n, row in enumerate(self.rows()) if n in which]
        before = {row.pk: (row.state, row.links) for row in rows}
        guardian = self.cast.guardian if named else None
        moves = [
            MoveRequest(row, to, released_to=guardian, note=word, reason="test" if word else "", place=self.place.name)
            for row in rows
        ]
        with clock.frozen(self.now):
            try:
                move_many(moves, by=self.people[who])
            except Refused:
                now = {row.pk: (row.state, row.links) for row in self.rows() if row.pk in before}
                assert now == before, "a refusal leaves all as they were"
            else:
                assert all(row.links == before[row.pk][1] + 1 for row in self.rows() if row.pk in before)

    @rule(to=st.sampled_from([State.GROUP, State.FETCHED]))
    def all_at_once(self, to: State) -> None:
        with clock.frozen(self.now):
            for row in self.rows():
                try:
                    move_many([MoveRequest(row, to, released_to=self.cast.guardian)], by=self.people["teacher"])
                except Refused:
                    continue

    @rule(which=st.integers(0, 5))
    def remember_a_page(self, which: int) -> None:
        self.stale = [self.rows()[which]]

    @precondition(lambda self: getattr(self, "stale", None))
    @rule(to=st.sampled_from(State), who=st.sampled_from(PEOPLE))
    def replay_an_old_page(self, to: State, who: str) -> None:
        old = self.stale[0]
        now = ChildDay.objects.get(pk=old.pk)
        if now.links == old.links:
            return
        with clock.frozen(self.now), pytest.raises(Refused) as refused:
            move_many([MoveRequest(old, to, released_to=self.cast.guardian, note="x")], by=self.people[who])
        assert refused.value.code == "somebody_was_faster"

    @rule(which=st.integers(0, 5), reached=st.booleans())
    def call(self, which: int, reached: bool) -> None:
        outcome = CallOutcome.REACHED if reached else CallOutcome.NOT_REACHED
        with clock.frozen(self.now):
            note_call(self.rows()[which], outcome=outcome, text="外婆", by=self.people["teacher"])

    @rule(which=st.integers(0, 5), who=st.sampled_from(PEOPLE))
    def correct_one(self, which: int, who: str) -> None:
        with clock.frozen(self.now):
            try:
                correct(self.rows()[which], note="点错了", by=self.people[who])
            except Refused:
                return

    @rule()
    def take_over(self) -> None:
        with clock.frozen(self.now):
            take_over(self.cast.session, by=self.people["teacher"])

    @rule()
    def end(self) -> None:
        with clock.frozen(self.now):
            try:
                end_session(self.cast.session, by=self.people["teacher"])
            except Refused:
                return

    @rule()
    def close(self) -> None:
        may = all(row.state in ENDS for row in self.rows()) and not ClosedDay.objects.exists()
        with clock.frozen(self.now):
            try:
                close_day(self.cast.term, TODAY, by=self.people["duty_leader"])
            except Refused:
                assert not may
            else:
                assert may

    @rule(minutes=st.sampled_from([1, 15, 60]))
    def time_passes(self, minutes: int) -> None:
        self.now = min(self.now + timedelta(minutes=minutes), NOW.replace(hour=21))

    @invariant()
    def each_child_is_in_exactly_one_place(self) -> None:
        if not hasattr(self, "cast"):
            return
        rows = self.rows()
        assert len(rows) == 6
        chains: dict[int, list[Handover]] = {row.pk: [] for row in rows}
        for link in Handover.objects.order_by("child_day", "number"):
            chains[link.child_day_id].append(link)
        for row in rows:
            chain = chains[row.pk]
            assert [link.number for link in chain] == list(range(1, row.links + 1))
            for earlier, later in pairwise(chain):
                assert later.from_state == earlier.to_state
                assert later.from_holder_id == earlier.to_holder_id
            assert (chain[-1].to_state, chain[-1].to_holder_id) == (row.state, row.holder_id)
            assert (row.holder_id is None) == (row.state in ENDS)
            assert row.state not in HELD or row.holder_id is not None
            told = [(link.number, link.from_state, link.to_state, link.by_id, link.at) for link in chain]
            assert told[: len(self.seen.get(row.pk, []))] == self.seen.get(row.pk, []), "a link was changed"
            self.seen[row.pk] = told
        if ClosedDay.objects.exists():
            assert all(row.state in ENDS for row in rows)


class TestAfternoons(TransactionTestCase):
    def test_no_child_is_ever_lost(self) -> None:
        from django.db import transaction

        class Machine(Afternoon):
            def __init__(self) -> None:
                super().__init__()
                self.block = transaction.atomic()
                self.block.__enter__()

            def teardown(self) -> None:
                transaction.set_rollback(True)
                self.block.__exit__(None, None, None)

        run_state_machine_as_test(Machine, settings=settings(max_examples=8, stateful_step_count=25, deadline=None))
