"""Proposing, accepting, moving by hand, rooms."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.enums import DayKind, DaySource, GroupKind, Resource, StudentState
from afterschool.school.models import (
    Delivery,
    Event,
    EventNote,
    Group,
    Message,
    Occupancy,
    Placement,
    Room,
    SchoolDay,
    Session,
    Student,
)
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.models import Application
from scheduling.actions.grouping import accept_grouping, propose_groups, set_group_room
from scheduling.actions.moves import move_child
from scheduling.actions.sessions import make_sessions
from scheduling.defaults import install_timetables
from scheduling.enums import GroupingState
from scheduling.models import Grouping
from scheduling.queries.grouping import changes, current_grouping
from tests.scheduling.applied import approve


@pytest.fixture
def office(cast):
    return cast.actor("office")


@pytest.fixture
def proposed(cast, office):
    """Class 1-1 with 6 of 6, class 1-2 with 2 of 6, class 2-1 with 1 of 4."""
    approve(cast, *cast.students[:8], cast.students[12])
    return propose_groups(term=cast.term, by=office)


@pytest.fixture
def accepted(cast, office, proposed):
    accept_grouping(grouping=proposed, by=office)
    return {group.name: group for group in Group.objects.all()}


def test_proposal_is_kept_with_ids_and_numbers_only(cast, proposed):
    assert proposed.state == GroupingState.DRAFT
    first, second = proposed.result["grades"]
    assert [g["name"] for g in first["groups"]] == ["一（1）班服务班", "一（2）混合班"]
    assert first["groups"][0]["parts"][0]["children"] == [s.pk for s in cast.students[:6]]
    assert second["groups"][0]["flags"] == ["below_share"]
    assert all(student.name not in str(proposed.result) for student in cast.students)
    assert Event.objects.get(verb="grouping.proposed").data == {"children": 9}


@pytest.mark.parametrize("person", ["guardian", "head_teacher", "teacher", "grade_leader", "leading_group"])
def test_only_the_office_groups(cast, person):
    with pytest.raises(PermissionDenied):
        propose_groups(term=cast.term, by=cast.actor(person))


def test_nobody_approved_is_said(cast, office):
    with pytest.raises(Refused) as refused:
        propose_groups(term=cast.term, by=office)
    assert refused.value.code == "nobody_approved"


def test_a_child_who_left_school_is_not_placed(cast, office):
    approve(cast, *cast.students[:2])
    Student.objects.filter(pk=cast.students[0].pk).update(state=StudentState.LEFT)
    kept = propose_groups(term=cast.term, by=office)
    assert kept.result["grades"][0]["groups"][0]["parts"][0]["children"] == [cast.students[1].pk]


def test_a_new_proposal_replaces_the_draft_and_tells_what_changed(cast, office, proposed):
    approve(cast, cast.students[8])
    Application.objects.filter(student=cast.students[12]).delete()
    again = propose_groups(term=cast.term, by=office)
    proposed.refresh_from_db()
    assert proposed.state == GroupingState.SUPERSEDED
    assert current_grouping(cast.term) == again
    one, two = changes(again, proposed)
    assert one.joined == [cast.students[6 + 2].pk]
    assert one.opened == ["一（2）班服务班"]
    assert two.left == [cast.students[12].pk]
    assert two.closed == ["二（1）混合班"]


def test_accepting_makes_groups_places_history_and_messages(cast, accepted):
    assert {g.kind for g in accepted.values()} == {GroupKind.STANDALONE, GroupKind.MIXED}
    place = Placement.objects.get(student=cast.students[0])
    assert place.weekdays == "135"
    assert place.starts_on == date(2026, 9, 21)
    assert place.group.reason == "全班6人，参加6人，达到二分之一，独立编班"
    assert place.group.room == cast.classes[0].room
    assert Placement.objects.count() == 9
    assert Event.objects.filter(verb="placement.made").count() == 9
    to_mother = Delivery.objects.filter(recipient=cast.guardian.user).values_list("message__student_id", flat=True)
    assert set(to_mother) == {cast.students[0].pk, cast.students[6].pk}
    assert "9月21日" in Message.objects.filter(student=cast.students[0]).get().body


def test_accepting_asks_the_same_number_of_queries_for_any_number_of_children(
    cast, office, django_assert_max_num_queries
):
    approve(cast, *cast.students)
    kept = propose_groups(term=cast.term, by=office)
    with django_assert_max_num_queries(24):
        accept_grouping(grouping=kept, by=office)


def test_a_stale_draft_is_not_accepted(cast, office, proposed):
    approve(cast, cast.students[9])
    with pytest.raises(Refused) as refused:
        accept_grouping(grouping=proposed, by=office)
    assert refused.value.code == "input_changed"
    assert not Group.objects.exists()


def test_a_changed_cap_makes_the_draft_stale(cast, office, proposed):
    proposed.term.cap = 3
    proposed.term.save()
    with pytest.raises(Refused) as refused:
        accept_grouping(grouping=proposed, by=office)
    assert refused.value.code == "input_changed"


def test_only_the_first_of_two_accepts(cast, office, proposed):
    seen_by_second = Grouping.objects.get(pk=proposed.pk)
    accept_grouping(grouping=proposed, by=office)
    with pytest.raises(Refused) as refused:
        accept_grouping(grouping=seen_by_second, by=office)
    assert refused.value.code == "already_accepted"
    with pytest.raises(Refused) as refused:
        propose_groups(term=cast.term, by=office)
    assert refused.value.code == "already_accepted"


def test_a_superseded_draft_is_not_accepted(cast, office, proposed):
    propose_groups(term=cast.term, by=office)
    proposed.refresh_from_db()
    with pytest.raises(Refused) as refused:
        accept_grouping(grouping=proposed, by=office)
    assert refused.value.code == "somebody_was_faster"


def test_a_move_ends_one_place_and_begins_another_tomorrow(cast, office, accepted):
    child = cast.students[6]
    move_child(student=child, to_group=accepted["一（1）班服务班"], by=office, reason="和姐姐一起")
    old = Placement.objects.filter(student=child).order_by("starts_on")
    assert [(p.starts_on, p.ends_on) for p in old] == [
        (date(2026, 9, 21), date(2026, 9, 21)),
        (date(2026, 9, 22), None),
    ]
    moved = Event.objects.get(verb="placement.moved")
    assert moved.data["from"] == accepted["一（2）混合班"].pk
    assert EventNote.objects.get(event=moved).text == "和姐姐一起"
    assert "姐姐" not in str(moved.data)


def test_a_place_that_never_began_leaves_no_row(cast, office, accepted):
    child, first, other = cast.students[6], accepted["一（2）混合班"], accepted["一（1）班服务班"]
    move_child(student=child, to_group=other, by=office, reason="试")
    move_child(student=child, to_group=first, by=office, reason="改回")
    assert Placement.objects.get(student=child, ends_on=None).group == first
    assert Placement.objects.filter(student=child).count() == 2


@pytest.mark.parametrize(
    ("code", "cap", "child", "group"),
    [
        ("over_cap", 6, 6, "一（1）班服务班"),
        ("other_class", 45, 6, "一（1）班服务班"),
        ("other_grade", 45, 6, "二（1）混合班"),
    ],
)
def test_what_the_rule_forbids_needs_a_reason(cast, office, accepted, code, cap, child, group):
    to_group = accepted[group]
    to_group.term.cap = cap
    with pytest.raises(Refused) as refused:
        move_child(student=cast.students[child], to_group=to_group, by=office)
    assert refused.value.code == code
    move_child(student=cast.students[child], to_group=to_group, by=office, reason="家长要求")
    assert Placement.objects.get(student=cast.students[child], ends_on=None).group == to_group


def test_a_child_approved_later_gets_a_first_place(cast, office, accepted):
    late = cast.students[9]
    with pytest.raises(Refused) as refused:
        move_child(student=late, to_group=accepted["一（2）混合班"], by=office)
    assert refused.value.code == "not_approved"
    approve(cast, late, weekdays="24")
    assert move_child(student=late, to_group=accepted["一（2）混合班"], by=office).weekdays == "24"
    with pytest.raises(Refused) as refused:
        move_child(student=late, to_group=accepted["一（2）混合班"], by=office)
    assert refused.value.code == "same_group"


def test_two_groups_never_share_a_room(cast, office, accepted):
    group = accepted["一（2）混合班"]
    with pytest.raises(Refused) as refused:
        set_group_room(group=group, room=cast.classes[0].room, by=office)
    assert refused.value.code == "room_taken"
    hall = Room.objects.create(name="阅览室")
    set_group_room(group=group, room=hall, by=office)
    group.refresh_from_db()
    assert group.room == hall
    set_group_room(group=group, room=None, by=office)
    assert Event.objects.filter(verb="group.room_set").count() == 2


def test_a_room_takes_no_more_than_it_holds(cast, office, accepted):
    group = accepted["一（2）混合班"]
    small = Room.objects.create(name="小教室", capacity=1)
    with pytest.raises(Refused) as refused:
        set_group_room(group=group, room=small, by=office)
    assert refused.value.code == "room_too_small"


def test_sessions_to_come_follow_the_group_to_its_new_room(afternoon):
    tomorrow = clock.today() + timedelta(days=1)
    SchoolDay.objects.create(
        term=afternoon.term, date=tomorrow, kind=DayKind.SERVICE, runs_weekday=2, source=DaySource.CALENDAR
    )
    install_timetables(afternoon.term, by=afternoon.actor("office"))
    make_sessions(term=afternoon.term, by=afternoon.actor("office"))
    hall = Room.objects.create(name="阅览室", capacity=60)
    set_group_room(group=afternoon.group, room=hall, by=afternoon.actor("office"))
    assert Session.objects.get(group=afternoon.group, date=tomorrow).room == hall
    assert Occupancy.objects.filter(session__date=tomorrow, kind=Resource.ROOM, resource_id=hall.pk).exists()
