"""Two guardians speak for one child at the same moment: one word stands, the other reads who was first."""

import os
from datetime import time, timedelta

import pytest

from afterschool.school.models import Guardianship
from afterschool.support.refusal import Refused
from attendance.actions import fetchers, leaves, pickups
from attendance.enums import ChangeKind, LeaveSource
from attendance.models import DayFetcher, LeaveRequest, PickupChange
from tests.cast import TODAY
from tests.races import at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("ROUNDS", "4"))
GUARDIAN = LeaveSource.GUARDIAN


def one_stands(both: list[object], code: str) -> bool:
    """Tell whether one of two deeds was done, and the other refused with this code."""
    return sorted(one.code if isinstance(one, Refused) else "" for one in both) == ["", code]


@pytest.fixture
def family(afternoon):
    """The other guardian acts for the first child too; return both as actors."""
    Guardianship.objects.create(guardian=afternoon.other_guardian, student=afternoon.students[0], relation="father")
    return [afternoon.actor(name) for name in ("guardian", "other_guardian")]


@pytest.fixture
def child(afternoon):
    return afternoon.students[0]


def test_leave_of_overlapping_days_is_asked_once(afternoon, family, child):
    for number in range(ROUNDS):
        first = TODAY + timedelta(days=number * 7)

        def ask(by, begins, first=first):
            return leaves.ask_leave(
                term=afternoon.term,
                student=child,
                first_day=begins,
                last_day=first + timedelta(days=2),
                source=GUARDIAN,
                by=by,
            )

        both = at_once(
            lambda first=first: ask(family[0], first), lambda first=first: ask(family[1], first + timedelta(1))
        )
        assert one_stands(both, "already_asked")
    assert LeaveRequest.objects.count() == ROUNDS


def test_the_same_person_is_named_once(afternoon, family, child):
    someone = fetchers.Someone("周小慧", "姑姑", "13912340001")

    def name(by):
        return fetchers.name_fetcher(
            term=afternoon.term,
            student=child,
            someone=someone,
            first_day=TODAY,
            last_day=TODAY,
            source=GUARDIAN,
            by=by,
        )

    assert one_stands(at_once(lambda: name(family[0]), lambda: name(family[1])), "already_named")
    assert DayFetcher.objects.count() == 1


def test_early_and_late_do_not_stand_side_by_side(afternoon, family, child):
    def ask(by, kind, at):
        wish = pickups.Wish(TODAY, kind, at)
        return pickups.ask_pickup_change(term=afternoon.term, student=child, wish=wish, source=GUARDIAN, by=by)

    both = at_once(
        lambda: ask(family[0], ChangeKind.EARLY, time(16, 30)),
        lambda: ask(family[1], ChangeKind.LATE, time(18, 0)),
    )
    assert one_stands(both, "already_asked")
    assert PickupChange.objects.count() == 1


def test_a_leave_is_taken_back_once(afternoon, family, child):
    leave = leaves.ask_leave(
        term=afternoon.term, student=child, first_day=TODAY, last_day=TODAY, source=GUARDIAN, by=family[0]
    )
    fresh = LeaveRequest.objects.select_related("student__school_class__head_teacher", "term")
    rows = [fresh.get(pk=leave.pk), fresh.get(pk=leave.pk)]
    both = at_once(
        lambda: leaves.cancel_leave(leave=rows[0], by=family[0]),
        lambda: leaves.cancel_leave(leave=rows[1], by=family[1]),
    )
    assert one_stands(both, "somebody_was_faster")
