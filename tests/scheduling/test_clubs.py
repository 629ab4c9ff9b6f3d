"""A club's life: proposed, returned, approved against the rule, changed, closed; what can't be kept and why."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.enums import ActivityKind, GroupKind, Resource, SessionState
from afterschool.school.models import Delivery, Event, Group, Message, Occupancy, Placement, Session
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.club_changes import change_club, remove_member, reserve_place
from scheduling.actions.club_checks import Draft, ShareWish
from scheduling.actions.club_places import take_place
from scheduling.actions.clubs import (
    approve_club,
    close_club,
    decline_club,
    draft_of,
    edit_proposal,
    propose_club,
    return_club,
    set_clubs_per_teacher,
)
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.sessions import make_sessions
from scheduling.club_workflow import MOVES, Move, Who, moves, step
from scheduling.enums import ClubKind, ClubState, PlaceSource, PlaceState
from scheduling.models import Club, ClubPlace, ClubShare, Duty, Sitting
from tests.cast import TODAY, Cast
from tests.scheduling.applied import approve
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club, make_room
from tests.scheduling.test_club_places import counters_agree


@pytest.fixture
def arranged(cast: Cast) -> Cast:
    with clock.frozen(BEFORE):
        arrange(cast)
        approve(cast, *cast.students, weekdays="12345")
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


@pytest.fixture
def office(cast):
    return cast.actor("office")


def draft(cast, **changes):
    values = {
        "name": "围棋",
        "kind": ClubKind.SCHOOL,
        "activity": ActivityKind.WIDER,
        "description": "学规则，下对局。",
        "content": "每次讲一个定式，再两两对局。",
        "teacher": cast.other_teacher,
        "weekdays": "2",
        "largest": 10,
        "shares": (ShareWish(grade=1), ShareWish(grade=2)),
    }
    return Draft(**(values | changes))


def proposed(cast, **changes):
    return propose_club(term=cast.term, draft=draft(cast, **changes), by=cast.actor("other_teacher"))


def approved(cast, **changes):
    club = propose_club(term=cast.term, draft=draft(cast, **changes), by=cast.actor("office"))
    return approve_club(club=club, seen=club.proposed_at, by_own_teacher=True, no_lessons=True, by=cast.actor("office"))


def code(act, *args, **values):
    with pytest.raises(Refused) as caught:
        act(*args, **values)
    assert caught.value.sentence.endswith("。")
    return caught.value.code


def test_the_table_says_every_step():
    known = {(state, move): step(state, move) for state, move in product(ClubState, Move)}
    assert {key for key, found in known.items() if found} == set(MOVES)
    assert moves(ClubState.APPROVED, frozenset({Who.TEACHER})) == {Move.RESERVE}
    assert moves(ClubState.PROPOSED, frozenset({Who.PROPOSER})) == {Move.EDIT}
    assert not moves(ClubState.CLOSED, frozenset(Who))


def test_a_teacher_proposes_is_returned_and_answers(arranged, office):
    club = proposed(arranged)
    assert (club.state, club.group_id) == (ClubState.PROPOSED, None)
    return_club(club=club, reason="请写每周内容", by=office)
    assert club.state == ClubState.RETURNED
    told = Message.objects.get(kind="club.decided")
    assert (told.title, told.body) == ("社团“围棋”退回修改", "请写每周内容")
    teacher = arranged.actor("other_teacher")
    edit_proposal(club=club, draft=draft(arranged, content="第 1 周规则，第 2 周定式。"), by=teacher)
    club.refresh_from_db()
    assert (club.state, club.content) == (ClubState.PROPOSED, "第 1 周规则，第 2 周定式。")
    assert code(return_club, club=club, reason=" ", by=office) == "no_reason"
    decline_club(club=club, reason="和同类社团重复", by=office)
    assert code(edit_proposal, club=club, draft=draft(arranged), by=teacher) == "wrong_state"


def test_a_teacher_proposes_for_nobody_else_and_decides_nothing(arranged, office):
    teacher = arranged.actor("teacher")
    assert code(propose_club, term=arranged.term, draft=draft(arranged), by=teacher) == "not_own"
    club = proposed(arranged)
    with pytest.raises(PermissionDenied):
        edit_proposal(club=club, draft=draft(arranged, teacher=arranged.teacher), by=teacher)
    for act in (approve_club, return_club, decline_club):
        values = (
            {"seen": club.proposed_at, "by_own_teacher": True, "no_lessons": True}
            if act is approve_club
            else {"reason": "否"}
        )
        with pytest.raises(PermissionDenied):
            act(club=club, by=arranged.actor("other_teacher"), **values)
    with pytest.raises(PermissionDenied):
        propose_club(term=arranged.term, draft=draft(arranged), by=arranged.actor("guardian"))


def test_approval_wants_both_points_over_the_text_that_was_read(arranged, office):
    club = proposed(arranged)
    seen = club.proposed_at
    for ticks in ((True, False), (False, True), (False, False)):
        values = {"seen": seen, "by_own_teacher": ticks[0], "no_lessons": ticks[1], "by": office}
        assert code(approve_club, club=club, **values) == "rule_not_confirmed"
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        edit_proposal(club=club, draft=draft(arranged, content="请某机构来上课"), by=arranged.actor("other_teacher"))
    values = {"seen": seen, "by_own_teacher": True, "no_lessons": True, "by": office}
    assert code(approve_club, club=club, **values) == "somebody_was_faster"
    approve_club(club=club, **values | {"seen": club.proposed_at})
    assert (club.group.kind, club.group.name, club.group.starts_on) == (GroupKind.CLUB, "围棋", TODAY)
    assert club.decided_by == arranged.office.user
    assert code(approve_club, club=club, **values) == "wrong_state"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": " "}, "no_name"),
        ({"content": " "}, "no_content"),
        ({"weekdays": ""}, "no_weekday"),
        ({"weekdays": "6"}, "weekday_not_served"),
        ({"shares": ()}, "no_grade"),
        ({"smallest": 11}, "sizes"),
        ({"nth": 2}, "no_slot"),
        ({"kind": ClubKind.CLASS, "shares": (ShareWish(grade=2), ShareWish(grade=3))}, "slots_differ"),
    ],
)
def test_what_a_club_must_have(arranged, changes, expected):
    assert code(proposed, arranged, **changes) == expected


def test_hours_that_differ_are_named(arranged):
    with pytest.raises(Refused) as caught:
        proposed(arranged, kind=ClubKind.CLASS, shares=(ShareWish(grade=2), ShareWish(grade=3)))
    assert "周二二年级是 16:10—17:10，三年级是 17:10—17:55" in caught.value.sentence


def test_a_room_too_small_or_a_name_twice_is_refused(arranged):
    room = make_room("琴房")
    room.capacity = 8
    room.save()
    assert code(proposed, arranged, room=room) == "room_small"
    proposed(arranged)
    assert code(proposed, arranged, weekdays="3") == "name_taken"


def test_nobody_leads_more_clubs_than_the_school_allows(arranged, office):
    set_clubs_per_teacher(term=arranged.term, most=1, by=office)
    proposed(arranged)
    assert code(proposed, arranged, name="象棋", weekdays="3") == "too_many_clubs"
    set_clubs_per_teacher(term=arranged.term, most=0, by=office)
    proposed(arranged, name="象棋", weekdays="3")


def test_teacher_and_room_are_in_one_place_at_a_time(arranged, office):
    room = make_room("音乐教室")
    approved(arranged, name="合唱", room=room)
    assert code(proposed, arranged, name="舞蹈", weekdays="12") == "teacher_busy"
    other = {"name": "舞蹈", "teacher": arranged.teacher}
    assert code(approved, arranged, **other, room=room) == "room_taken"
    assert code(approved, arranged, **other, room=arranged.classes[0].room) == "room_taken"
    approved(arranged, **other, room=room, weekdays="4")


def test_the_published_rota_counts_for_the_teacher(arranged, office):
    with clock.frozen(BEFORE):
        rota = propose_rota(term=arranged.term, by=office)
        accept_rota(rota=rota, by=office)
    turn = rota.turns.filter(teacher=arranged.teacher).first()
    with pytest.raises(Refused) as caught:
        approved(arranged, teacher=arranged.teacher, weekdays=str(turn.weekday))
    assert caught.value.code == "teacher_busy"
    assert turn.group.name in caught.value.sentence


def take(cast, club, number=0):
    return take_place(
        club=club,
        student=cast.students[number],
        source=PlaceSource.DRAW,
        starts_on=TODAY + timedelta(days=1),
        by=cast.actor("office"),
    )


def test_a_closed_club_ends_tomorrow_and_says_why(arranged, office):
    room = make_room("音乐教室")
    club = approved(arranged, room=room, weekdays="12")
    place = take_place(club=club, student=arranged.students[0], source=PlaceSource.DRAW, starts_on=TODAY, by=office)
    assert close_club(club=club, reason="教师调离", by=office) == 1
    place.refresh_from_db()
    assert (place.state, place.placement.ends_on) == (PlaceState.LEFT, TODAY)
    states = dict(Session.objects.filter(group=club.group).values_list("date", "state"))
    assert {state for day, state in states.items() if day > TODAY} == {SessionState.CANCELLED}
    assert states[TODAY] == SessionState.PLANNED
    assert not Occupancy.objects.filter(kind=Resource.ROOM, resource_id=room.pk, date__gt=TODAY).exists()
    told = Message.objects.get(kind="club.changed")
    assert (told.title, told.body) == ("社团“围棋”从明天起停办", "教师调离")
    assert Delivery.objects.filter(message=told, recipient=arranged.guardian.user).exists()
    assert code(close_club, club=club, reason="又", by=office) == "wrong_state"
    approved(arranged, room=room)
    counters_agree()


def test_a_change_moves_children_hours_teacher_and_room(arranged, office):
    club = approved(arranged, shares=(ShareWish(grade=1, places=5), ShareWish(school_class=arranged.classes[0])))
    take(arranged, club)
    room = make_room("科学教室")
    change = replace(
        draft_of(club),
        name="围棋队",
        weekdays="4",
        room=room,
        teacher=arranged.teacher,
        shares=(ShareWish(grade=1, places=3), ShareWish(grade=2)),
    )
    change_club(club=club, draft=change, confirmed=False, by=office)
    place = ClubPlace.objects.get()
    assert (place.placement.weekdays, place.class_share) == ("4", None)
    assert set(Sitting.objects.values_list("weekday", flat=True)) == {4}
    assert Placement.objects.filter(group=club.group).count() == 1
    coming = Session.objects.filter(group=club.group, state=SessionState.PLANNED)
    assert {(s.date.isoweekday(), s.room_id) for s in coming} >= {(4, room.pk)}
    assert not coming.filter(date__week_day=3).exists()
    assert set(Duty.objects.filter(session__in=coming, active=True).values_list("teacher", flat=True)) == {
        arranged.teacher.pk
    }
    assert Group.objects.get(pk=club.group_id).name == "围棋队"
    assert "改在周四" in Message.objects.get(kind="club.changed").body
    assert set(ClubShare.objects.values_list("grade", "taken")) == {(1, 1), (2, 0)}
    counters_agree()


def test_what_a_change_may_not_do_to_those_inside(arranged, office):
    club = approved(arranged)
    take(arranged, club)
    take(arranged, club, 1)
    now = draft_of(club)

    def change(**values):
        change_club(club=club, draft=replace(now, **values), confirmed=False, by=office)

    assert code(change, largest=1) == "below_taken"
    assert code(change, shares=(ShareWish(grade=1, places=1),)) == "below_taken"
    assert code(change, shares=(ShareWish(grade=2),)) == "grade_has_children"
    assert code(change, content="请某机构来上") == "rule_not_confirmed"
    arranged.students[0].applications.update(weekdays="2")
    assert code(change, weekdays="24") == "weekday_not_attended"
    other = approved(arranged, name="合唱", teacher=arranged.teacher, weekdays="3")
    arranged.students[0].applications.update(weekdays="12345")
    take(arranged, other)
    assert code(change, weekdays="3") == "clubs_clash"
    with pytest.raises(PermissionDenied):
        change_club(club=club, draft=now, confirmed=True, by=arranged.actor("other_teacher"))
    counters_agree()


def test_reserved_members_come_and_go_by_the_school(arranged, office):
    club = approved(arranged)
    teacher = arranged.actor("other_teacher")
    place = reserve_place(club=club, student=arranged.students[0], by=teacher, note="校队")
    assert (place.source, place.note) == (PlaceSource.RESERVED, "校队")
    drawn = take(arranged, club, 1)
    with pytest.raises(PermissionDenied):
        remove_member(place=drawn, reason="不来", by=teacher)
    with pytest.raises(PermissionDenied):
        reserve_place(club=club, student=arranged.students[2], by=arranged.actor("head_teacher"))
    assert code(remove_member, place=place, reason=" ", by=teacher) == "no_reason"
    remove_member(place=place, reason="退出校队", by=teacher)
    remove_member(place=drawn, reason="家长要求", by=office)
    assert Club.objects.get(pk=club.pk).taken == 0
    assert Event.objects.filter(verb="club.member_removed").count() == 2
    counters_agree()


def test_helpers_never_name_the_teacher_twice(arranged):
    club = make_club(arranged, "书法")
    edit = propose_club(
        term=arranged.term,
        draft=draft(arranged, name="国画", weekdays="3", helpers=(arranged.other_teacher, arranged.teacher)),
        by=arranged.actor("office"),
    )
    assert [helper.teacher for helper in edit.helpers.all()] == [arranged.teacher]
    assert club.helpers.count() == 0
