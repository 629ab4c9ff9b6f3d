"""Places that follow the applications: ended, given new weekdays, never lost."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.actions.people import mark_left
from afterschool.school.models import Event, Group, Placement
from afterschool.support.refusal import Refused
from attendance.actions.days import ensure_day
from attendance.models import ChildDay
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions.grouping import accept_grouping, propose_groups
from scheduling.actions.moves import move_child
from scheduling.actions.places import end_places, renew_weekdays
from scheduling.queries.grouping import loose
from tests.cast import TODAY, place_group
from tests.scheduling.applied import approve

GROUPS = reverse("scheduling:groups")


@pytest.fixture
def office(cast):
    return cast.actor("office")


@pytest.fixture
def accepted(cast, office):
    approve(cast, *cast.students[:8])
    accept_grouping(grouping=propose_groups(term=cast.term, by=office), by=office)
    return {group.name: group for group in Group.objects.all()}


def withdraw(child):
    Application.objects.filter(student=child).update(state=ApplicationState.WITHDRAWN)


def test_withdrawn_and_left_children_free_their_places_from_tomorrow(cast, office, accepted):
    withdraw(cast.students[0])
    mark_left(student=cast.students[1], by=office)
    idle = loose(cast.term).idle
    assert {place.student_id for place in idle} == {cast.students[0].pk, cast.students[1].pk}
    assert end_places(term=cast.term, places=[place.pk for place in idle], by=office) == 2
    ended = Placement.objects.filter(student__in=cast.students[:2])
    assert {place.ends_on for place in ended} == {date(2026, 9, 21)}
    assert not loose(cast.term).any
    events = Event.objects.filter(verb="placement.ended")
    assert {event.student_id for event in events} == {cast.students[0].pk, cast.students[1].pk}


def test_today_stays_as_it_was(cast, office):
    place_group(cast)
    child = cast.students[0]
    ensure_day(cast.term, TODAY, office)
    before = ChildDay.objects.filter(student=child).values().first()
    withdraw(child)
    end_places(term=cast.term, places=[p.pk for p in loose(cast.term).idle if p.student_id == child.pk], by=office)
    assert ChildDay.objects.filter(student=child).values().first() == before


def test_who_takes_part_keeps_the_place(cast, office, accepted):
    place = Placement.objects.get(student=cast.students[0])
    with pytest.raises(Refused) as refused:
        end_places(term=cast.term, places=[place.pk], by=office)
    assert refused.value.code == "somebody_was_faster"
    with pytest.raises(Refused) as refused:
        end_places(term=cast.term, places=[], by=office)
    assert refused.value.code == "nothing_chosen"


def test_a_place_that_never_began_goes_without_a_row(cast, office, accepted):
    child = cast.students[6]
    move_child(student=child, to_group=accepted["一（1）班服务班"], by=office, reason="试")
    withdraw(child)
    end_places(term=cast.term, places=[place.pk for place in loose(cast.term).idle], by=office)
    assert [place.ends_on for place in Placement.objects.filter(student=child)] == [TODAY]


def test_new_weekdays_begin_tomorrow(cast, office, accepted):
    child = cast.students[0]
    Application.objects.filter(student=child).update(weekdays="24")
    (place,) = loose(cast.term).shifted
    assert renew_weekdays(term=cast.term, places=[place.pk], by=office) == 1
    old, new = Placement.objects.filter(student=child).order_by("starts_on")
    assert (old.weekdays, old.ends_on) == ("135", TODAY)
    assert (new.weekdays, new.starts_on, new.ends_on) == ("24", TODAY + timedelta(days=1), None)
    assert not loose(cast.term).any


@pytest.mark.parametrize("person", ["head_teacher", "teacher", "grade_leader", "leading_group", "guardian"])
def test_only_the_office_ends_places(cast, login, accepted, person):
    withdraw(cast.students[0])
    place = Placement.objects.get(student=cast.students[0])
    with pytest.raises(PermissionDenied):
        end_places(term=cast.term, places=[place.pk], by=cast.actor(person))
    client = login(person)
    assert client.post(reverse("scheduling:groups-places-end"), {"place": place.pk}).status_code == 403
    assert client.post(reverse("scheduling:groups-weekdays-follow"), {"place": place.pk}).status_code == 403


def test_the_office_is_told_at_home_and_ends_them_on_the_page(cast, login, accepted):
    withdraw(cast.students[0])
    approve(cast, cast.students[9])
    Application.objects.filter(student=cast.students[2]).update(weekdays="24")
    client = login("office")
    home = client.get(reverse("home")).content.decode()
    assert "不再参加的孩子" in home
    assert "编入服务班" in home
    page = client.get(GROUPS).content.decode()
    assert "结束 1 人在服务班的位置" in page
    assert "周一、三、五 → 周二、四" in page
    place = Placement.objects.get(student=cast.students[0])
    group = client.get(reverse("scheduling:group", args=[place.group_id])).content.decode()
    assert "不再参加" in group
    answer = client.post(reverse("scheduling:groups-places-end"), {"place": [place.pk]}, follow=True)
    assert "1人从明天起不在服务班里" in answer.content.decode()
    again = client.post(reverse("scheduling:groups-places-end"), {"place": [place.pk]}, follow=True)
    assert "刚才已有人处理过" in again.content.decode()
    changed = Placement.objects.get(student=cast.students[2])
    answer = client.post(reverse("scheduling:groups-weekdays-follow"), {"place": [changed.pk]}, follow=True)
    assert "1人从明天起按新的星期参加" in answer.content.decode()
