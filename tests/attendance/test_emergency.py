"""The rule of emergencies: who may do what in which state, and what is still open; random incidents."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from attendance.emergency import (
    COUNTED,
    DUTIES,
    OPEN,
    REPORTS,
    RULES,
    Act,
    Count,
    Holder,
    Standing,
    State,
    Who,
    judge,
    latest,
    standing,
    still_open,
    uncounted,
)
from attendance.enums import IncidentState, Party, ReportBy
from tests.cast import NOW

MINUTES = st.integers(0, 60).map(lambda n: NOW + timedelta(minutes=n))
HOLDERS = st.builds(Holder, st.integers(1, 6), st.integers(1, 45), MINUTES)
COUNTS = st.builds(
    lambda expected, lost, at: Count(expected, max(0, expected - lost), at),
    st.integers(1, 45),
    st.integers(0, 3),
    MINUTES,
)
LEADS = {Who.STAFF, Who.LEADER, Who.IN_CHARGE}
OFFICE = {Who.STAFF, Who.IN_CHARGE}


def test_the_rule_and_the_tables_know_the_same_words():
    assert set(State) == set(IncidentState.values)
    assert list(REPORTS) == ReportBy.values
    assert list(DUTIES) == Party.values
    assert set(RULES) == set(Act)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("who", [{one} for one in Who])
def test_an_act_stands_for_those_of_its_line_in_its_states_alone(act, state, who):
    verdict = judge(act, state, who)
    assert verdict.stands == (bool(RULES[act].who & who) and state in RULES[act].states)
    assert verdict.stands or verdict.sentence.endswith("。")


@pytest.mark.parametrize(
    ("act", "state", "who", "code"),
    [
        (Act.START, State.ALARM, OFFICE, "not_yours"),
        (Act.START, State.ALARM, LEADS, ""),
        (Act.START, State.RUNNING, LEADS, "too_late"),
        (Act.DISMISS, State.RUNNING, LEADS, "too_late"),
        (Act.END, State.ALARM, LEADS, "not_started"),
        (Act.END, State.RUNNING, OFFICE, "not_yours"),
        (Act.CONFIRM, State.OVER, {Who.STAFF}, "too_late"),
        (Act.CONFIRM_FOR, State.ALARM, {Who.STAFF}, "not_yours"),
        (Act.CONFIRM_FOR, State.ALARM, {Who.STAFF, Who.COMMUNICATION}, ""),
        (Act.COUNT, State.RUNNING, {Who.STAFF}, "not_yours"),
        (Act.COUNT, State.ALARM, {Who.STAFF, Who.HOLDER}, ""),
        (Act.COUNT, State.FALSE_ALARM, OFFICE, "too_late"),
        (Act.NOTE, State.OVER, {Who.STAFF}, ""),
        (Act.REPORT_LEADER, State.RUNNING, {Who.STAFF, Who.COMMUNICATION}, "not_yours"),
        (Act.REPORT_COMMUNICATION, State.OVER, LEADS, ""),
        (Act.REPORT_LEADER, State.FALSE_ALARM, LEADS, "too_late"),
        (Act.ATTACH, State.FALSE_ALARM, {Who.STAFF}, "too_late"),
    ],
)
def test_who_may_do_what(act, state, who, code):
    assert judge(act, state, who).code == code


def test_nobody_outside_the_staff_may_do_anything():
    assert {judge(act, state, set()).code for act in Act for state in State} == {"not_yours"}


@given(HOLDERS, st.none() | COUNTS, st.integers(0, 3))
def test_a_holder_has_counted_if_the_count_is_not_older_than_the_last_child(holder, count, lost):
    found = standing(holder, count, lost)
    assert (found in COUNTED) == (count is not None and count.at >= holder.newest)
    if found in COUNTED:
        assert (found == Standing.SHORT) == (lost > 0)


@given(st.lists(st.tuples(st.integers(1, 4), COUNTS)))
def test_the_last_count_of_each_holder_holds(rows):
    found = latest(rows)
    assert set(found) == {holder for holder, _ in rows}
    for holder, count in found.items():
        assert count.at == max(other.at for pk, other in rows if pk == holder)


@given(st.lists(HOLDERS, unique_by=lambda one: one.pk), st.dictionaries(st.integers(1, 6), COUNTS), st.integers(1, 6))
def test_counting_now_leaves_one_fewer_to_count(holders, counts, who):
    before = uncounted(holders, counts)
    after = uncounted(holders, counts | {who: Count(1, 1, NOW + timedelta(hours=2))})
    assert after == [pk for pk in before if pk != who]


@given(st.sets(st.integers(1, 9)), st.sets(st.integers(1, 9)), st.sets(st.sampled_from(REPORTS)))
def test_what_is_open_is_what_nobody_has_done(staff, confirmed, reports):
    found = still_open(staff=sorted(staff), confirmed=confirmed, holders=[], counts={}, reports=reports)
    assert set(found.unconfirmed) == staff - confirmed
    assert set(found.unreported) == set(REPORTS) - reports
    assert found.nothing == (staff <= confirmed and reports == set(REPORTS))


PEOPLE = [{Who.STAFF}, OFFICE, LEADS, {Who.STAFF, Who.COMMUNICATION}, {Who.STAFF, Who.INFORMATION}, set()]


class Incident(RuleBasedStateMachine):
    """Anybody tries anything, children come and go; what stands is written down."""

    @initialize()
    def alarm(self) -> None:
        self.state, self.at = State.ALARM, NOW
        self.held: dict[int, tuple[set[int], datetime]] = {}
        self.counts: dict[int, Count] = {}
        self.moves: list[State] = [State.ALARM]
        self.reports: set[str] = set()

    @rule(act=st.sampled_from([Act.START, Act.DISMISS, Act.END, Act.NOTE, Act.CONFIRM]), who=st.sampled_from(PEOPLE))
    def somebody_acts(self, act, who) -> None:
        self.at += timedelta(minutes=1)
        if judge(act, self.state, who).stands and RULES[act].to is not None:
            assert Who.LEADER in who
            self.state = RULES[act].to
            self.moves.append(self.state)

    @rule(holder=st.integers(1, 3), child=st.integers(1, 9))
    def a_child_comes(self, holder, child) -> None:
        self.at += timedelta(minutes=1)
        for other, (children, newest) in list(self.held.items()):
            self.held[other] = (children - {child}, newest)
        children, _ = self.held.get(holder, (set(), self.at))
        self.held[holder] = (children | {child}, self.at)

    @rule(holder=st.integers(1, 3))
    def the_holder_counts(self, holder) -> None:
        self.at += timedelta(minutes=1)
        children = self.held.get(holder, (set(), self.at))[0]
        if children and judge(Act.COUNT, self.state, {Who.STAFF, Who.HOLDER}).stands:
            self.counts[holder] = Count(len(children), len(children), self.at)

    @precondition(lambda self: self.state != State.FALSE_ALARM)
    @rule(post=st.sampled_from(REPORTS))
    def a_leader_reports(self, post) -> None:
        act = Act.REPORT_LEADER if post == "leader" else Act.REPORT_COMMUNICATION
        assert judge(act, self.state, LEADS).stands
        self.reports.add(post)

    @invariant()
    def an_incident_goes_one_way(self) -> None:
        ways = [[State.ALARM], [State.ALARM, State.RUNNING], [State.ALARM, State.FALSE_ALARM]]
        assert self.moves in [*ways, [State.ALARM, State.RUNNING, State.OVER]]

    @invariant()
    def every_child_is_in_one_line_of_the_board(self) -> None:
        holders = [Holder(pk, len(children), newest) for pk, (children, newest) in self.held.items() if children]
        children = [child for held, _ in self.held.values() for child in held]
        assert sum(one.expected for one in holders) == len(children) == len(set(children))
        open_now = uncounted(holders, self.counts)
        for one in holders:
            counted = one.pk in self.counts and self.counts[one.pk].at >= one.newest
            assert (one.pk in open_now) != counted

    @invariant()
    def after_the_end_only_words_reports_and_papers(self) -> None:
        if self.state not in OPEN:
            still = {act for act in Act if judge(act, self.state, set(Who)).stands}
            assert still <= {Act.NOTE, Act.ATTACH, Act.REPORT_LEADER, Act.REPORT_COMMUNICATION}


TestIncident = Incident.TestCase
