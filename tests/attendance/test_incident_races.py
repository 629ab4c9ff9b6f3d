"""Two people at one moment: one alarm, one start, and the last count is known to be the last."""

import pytest

from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.head_counts import count_children
from attendance.actions.incidents import raise_alarm, start_plan
from attendance.models import Incident
from attendance.queries.incident_board import held_by
from attendance.queries.incidents import all_counted_at, entries_of
from tests.attendance.incident_helpers import FIRE, alarmed, in_hands
from tests.cast import NOW, TODAY, Cast
from tests.races import Deed, at_once

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    in_hands(afternoon)
    return afternoon


def now(deed: Deed) -> Deed:
    """Let a deed happen this afternoon."""

    def done() -> object:
        with clock.frozen(NOW):
            return deed()

    return done


def refusals(brought: list[object]) -> list[str]:
    return [one.code for one in brought if isinstance(one, Refused)]


def test_a_double_tap_is_one_alarm(day):
    who = [day.actor("teacher"), day.actor("teacher")]
    brought = at_once(*[now(lambda by=by: raise_alarm(term=day.term, alarm=FIRE, by=by)) for by in who])
    assert refusals(brought) == ["already_raised"]
    assert Incident.objects.count() == 1


def test_two_leaders_start_the_plan_once(day):
    incident = alarmed(day)
    who = [day.actor("duty_leader"), day.actor("leading_group")]
    seen = [Incident.objects.select_related("term").get(pk=incident.pk) for _ in who]
    deeds = [now(lambda one=one, by=by: start_plan(incident=one, by=by)) for one, by in zip(seen, who, strict=True)]
    assert refusals(at_once(*deeds)) == ["somebody_was_faster"]
    assert [entry.text for entry in entries_of(incident)].count("启动应急预案。") == 1


def test_of_the_last_two_who_count_one_is_the_last(day):
    incident = alarmed(day)
    holders = [day.teacher, day.gatekeeper]
    children = {holder.pk: [child.pk for child in held_by(holder.pk, TODAY)] for holder in holders}
    who = {day.teacher.pk: day.actor("teacher"), day.gatekeeper.pk: day.actor("gatekeeper")}
    deeds = [
        now(
            lambda holder=holder: count_children(
                incident=incident, holder=holder, seen=children[holder.pk], by=who[holder.pk]
            )
        )
        for holder in holders
    ]
    assert refusals(at_once(*deeds)) == []
    assert set(all_counted_at([incident])) == {incident.pk}
    assert sum(entry.text.startswith("全部清点完毕") for entry in entries_of(incident)) == 1
