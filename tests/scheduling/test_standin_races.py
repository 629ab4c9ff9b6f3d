"""Two people decide about one duty at the same moment: one wins, the other reads so, and one teacher has the duty."""

import os
from datetime import timedelta

import pytest

from afterschool.school.access import actor_for
from afterschool.school.enums import Resource
from afterschool.school.models import Event, Occupancy, Teacher, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import standins
from scheduling.enums import SubstitutionState
from scheduling.models import Duty, Substitution
from tests.cast import TODAY
from tests.races import LATER, at_once, won
from tests.scheduling.standing_in import duty_of, fresh, publish

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("ROUNDS", "4"))
S = SubstitutionState


@pytest.fixture
def rounds(cast):
    """As many duties of grade 2 to come as there are rounds, each on a day of its own."""
    publish(cast)
    days = sorted(
        Duty.objects.filter(session__group__grade=2, session__date__gt=TODAY, active=True)
        .values_list("session__date", flat=True)
        .distinct()
    )
    return [duty_of(day, grade=2) for day in days[:ROUNDS]]


def others(duty: Duty) -> list[Teacher]:
    rows = Teacher.objects.filter(grade=2, roles__role="teacher").exclude(pk=duty.teacher_id)
    return list(rows.select_related("user").order_by("pk"))


def actor_of(teacher: Teacher):
    return actor_for(User.objects.select_related("teacher", "guardian").get(pk=teacher.user_id))


def one_holds(duty: Duty) -> Teacher:
    """Check that the session has one active duty and one teacher who is taken by it; return who."""
    active = Duty.objects.filter(session=duty.session, active=True)
    assert active.count() == 1
    teacher = active.select_related("teacher").get().teacher
    taken = Occupancy.objects.filter(session=duty.session, kind=Resource.TEACHER).values_list("resource_id", flat=True)
    assert set(taken) == {teacher.pk}
    return teacher


def test_the_clock_of_a_race_stands_before_the_duties():
    assert clock.at(TODAY, LATER.time()) > LATER + timedelta(days=1)


def test_two_who_confirm_the_same_at_once(cast, rounds):
    office, leader = cast.actor("office"), actor_of(cast.office)
    for duty in rounds:
        one = standins.ask_stand_ins(duty=duty, teachers=others(duty)[:1], by=office)[0]
        standins.accept(one=fresh(one), by=actor_of(one.teacher))
        first, second = fresh(one), fresh(one)
        brought = at_once(
            lambda first=first: standins.confirm(one=first, by=office),
            lambda second=second: standins.confirm(one=second, by=leader),
        )
        assert sorted(won(brought)) == [False, True]
        assert one_holds(duty) == one.teacher
        verbs = Event.objects.filter(subject="substitution", subject_id=one.pk, verb="substitution.confirmed")
        assert verbs.count() == 1


def test_two_who_say_yes_for_the_same_duty_at_once(cast, rounds):
    for duty in rounds:
        asked = standins.ask_stand_ins(duty=duty, teachers=others(duty), by=cast.actor("office"))
        rows = [(fresh(one), actor_of(one.teacher)) for one in asked]
        brought = at_once(*[lambda one=one, by=by: standins.accept(one=one, by=by) for one, by in rows])
        assert sorted(won(brought)) == [False, True]
        states = sorted(Substitution.objects.filter(duty=duty).values_list("state", flat=True))
        assert states == [S.ACCEPTED, S.ASKED]


def test_two_who_put_different_people_there_at_once(cast, rounds):
    office = cast.actor("office")
    for duty in rounds:
        seen = [(duty_of(duty.session.date, grade=2), person) for person in others(duty)]
        brought = at_once(
            *[
                lambda d=d, person=person: standins.place_stand_in(duty=d, teacher=person, reason="急事", by=office)
                for d, person in seen
            ]
        )
        wins = [not isinstance(one, Refused) for one in brought]
        assert {one.code for one in brought if isinstance(one, Refused)} <= {"already_taken", "somebody_was_faster"}
        assert sorted(wins) == [False, True]
        assert one_holds(duty) == seen[wins.index(True)][1]
