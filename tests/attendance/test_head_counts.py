"""Counting the children: the sums are those of the chain, and who has not counted is known."""

from datetime import timedelta

import pytest

from afterschool.school.models import Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.head_counts import count_children
from attendance.actions.incidents import confirm
from attendance.emergency import Standing
from attendance.enums import OPEN, CustodyState, Party, VisitorPaper
from attendance.models import ChildDay, HeadCount, Visitor
from attendance.queries import incident_board as board
from attendance.queries.emergency import standing_of
from attendance.queries.incidents import all_counted_at, entries_of, lines
from tests.attendance.incident_helpers import DRILL, alarmed, hold, in_hands, post
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    in_hands(afternoon)
    return afternoon


def own(cast: Cast, holder: str = "teacher") -> list[int]:
    return [child.pk for child in board.held_by(getattr(cast, holder).pk, TODAY)]


def count(cast: Cast, incident, holder: str = "teacher", *, lost: int = 0, by: str = "", minutes: int = 1) -> HeadCount:
    children = own(cast, holder)
    with clock.frozen(NOW + timedelta(minutes=minutes)):
        return count_children(
            incident=incident,
            holder=getattr(cast, holder),
            seen=children,
            not_found=children[:lost],
            place="操场",
            by=cast.actor(by or holder),
        )


def code(cast: Cast, incident, **values) -> str:
    given = {"holder": cast.teacher, "seen": own(cast), "by": cast.actor("teacher")}
    with pytest.raises(Refused) as refused:
        count_children(incident=incident, **(given | values))
    return refused.value.code


def read(cast: Cast, incident, who: str = "duty_leader") -> board.Board:
    actor = cast.actor(who)
    return board.read(actor, incident, standing_of(actor, cast.term))


def test_the_sums_of_the_board_are_those_of_the_chain(day):
    incident = alarmed(day)
    found = read(day, incident)
    assert found.expected == ChildDay.objects.filter(date=TODAY, state__in=OPEN).count() == 7
    assert [(row.name, row.expected) for row in found.rows] == [("陈立言", 4), ("赵师傅", 1)]
    assert (found.unheld, found.missing, found.found) == (1, 1, 0)
    count(day, incident, lost=1)
    found = read(day, incident)
    assert (found.found, found.not_found_number, found.uncounted_children) == (3, 1, 1)
    assert found.found + found.not_found_number + found.uncounted_children + found.unheld + found.missing == 7


def test_each_holder_counts_the_own(day):
    incident = alarmed(day)
    made = count(day, incident)
    assert (made.expected, made.counted, made.at) == (4, 4, NOW + timedelta(minutes=1))
    assert code(day, incident, by=day.actor("other_teacher")) == "not_yours"
    assert code(day, incident, holder=day.other_teacher, seen=[], by=day.actor("other_teacher")) == "nobody_to_count"
    assert count(day, incident, "gatekeeper", by="office").by == day.office.user


def test_a_list_that_is_no_longer_true_is_refused(day):
    incident, children = alarmed(day), own(day)
    hold(day, [7], "teacher")
    assert code(day, incident, seen=children) == "list_changed"
    assert code(day, incident, not_found=[0]) == "list_changed"
    assert not HeadCount.objects.exists()


def test_counting_again_is_a_new_row_and_the_last_one_holds(day):
    incident = alarmed(day)
    count(day, incident, lost=2)
    assert read(day, incident).rows[-1].standing == Standing.SHORT
    count(day, incident, minutes=3)
    found = read(day, incident)
    assert HeadCount.objects.count() == 2
    assert (found.not_found_number, found.not_found, found.found) == (0, [], 4)


def test_who_comes_after_the_count_must_be_counted_and_who_leaves_need_not(day):
    incident = alarmed(day)
    count(day, incident)
    ChildDay.objects.filter(pk=own(day)[0]).update(state=CustodyState.FETCHED, holder=None)
    assert [(row.expected, row.standing) for row in read(day, incident).rows if row.name == "陈立言"] == [
        (3, Standing.FULL)
    ]
    ChildDay.objects.filter(holder=day.gatekeeper).update(holder=day.teacher, since=NOW + timedelta(minutes=2))
    assert [(row.expected, row.standing) for row in read(day, incident).rows] == [(4, Standing.AGAIN)]


def test_a_child_not_found_is_on_the_board_until_somebody_else_answers_for_it(day):
    incident = alarmed(day)
    count(day, incident, lost=1)
    lost = read(day, incident).not_found[0]
    later = NOW + timedelta(minutes=5)
    ChildDay.objects.filter(pk=lost.pk).update(holder=day.gatekeeper, state=CustodyState.STAFF, since=later)
    found = read(day, incident)
    assert found.not_found == []
    assert found.not_found_number == 0
    assert {row.name: row.standing for row in found.rows} == {"陈立言": Standing.FULL, "赵师傅": Standing.OPEN}


def test_a_count_does_not_move_the_chain(day):
    before = list(ChildDay.objects.order_by("pk").values_list("state", "holder", "links"))
    count(day, alarmed(day), lost=2)
    assert list(ChildDay.objects.order_by("pk").values_list("state", "holder", "links")) == before


@pytest.mark.parametrize(
    ("who", "not_found", "missing"),
    [
        ("duty_leader", 1, 1),
        ("leading_group", 1, 1),
        ("office", 1, 1),
        ("head_teacher", 1, 1),
        ("teacher", 1, 1),
        ("other_head_teacher", 0, 0),
        ("other_teacher", 0, 0),
        ("gatekeeper", 0, 0),
        ("service_centre", 0, 0),
        ("grade_leader", 0, 0),
    ],
)
def test_names_are_for_those_in_charge_the_class_and_the_holder(day, who, not_found, missing):
    incident = alarmed(day)
    count(day, incident, lost=1)
    found = read(day, incident, who)
    assert (len(found.not_found), len(found.missing_children)) == (not_found, missing)
    assert (found.not_found_number, found.missing) == (1, 1)


def test_leaders_and_the_head_teacher_are_told_who_was_not_found(day):
    post(day, Party.HEAD, "service_centre", "other_teacher")
    incident = alarmed(day, DRILL)
    count(day, incident, lost=1)
    message = Message.objects.get(kind="incident.not_found")
    assert message.title.startswith("【演练】清点没找到 ")
    reached = {row.recipient.teacher.name for row in message.deliveries.select_related("recipient__teacher")}
    assert reached == {"方副校长", "钟校长", "柳主任", "温岚", "周敏"}
    assert [entry.text for entry in entries_of(incident)][-1] == "陈立言清点：应有 4 人，1 人没找到。"


def test_the_moment_when_all_have_counted_is_kept_once(day):
    incident = alarmed(day, DRILL)
    count(day, incident, minutes=2)
    assert all_counted_at([incident]) == {}
    count(day, incident, "gatekeeper", minutes=4)
    count(day, incident, minutes=6)
    assert all_counted_at([incident]) == {incident.pk: NOW + timedelta(minutes=4)}
    assert [line.minutes for line in lines(day.term)] == [4]
    texts = [entry.text for entry in entries_of(incident)]
    assert texts.count("全部清点完毕：2 人负责，应有 5 人，点到 5 人。") == 1


def test_visitors_in_the_building_are_on_the_board(day):
    incident = alarmed(day)
    common = {"term": day.term, "date": TODAY, "paper": VisitorPaper.IDENTITY, "visits_other": "总务处"}
    inside = {"in_at": NOW, "in_by": day.gatekeeper.user, "persons": 3}
    Visitor.objects.create(name="来访甲", **common, **inside)
    Visitor.objects.create(name="来访乙", **common, **inside, out_at=NOW, out_by=day.gatekeeper.user)
    assert read(day, incident).visitors == 3


def test_who_has_not_confirmed_is_listed_with_the_phone(day):
    incident = alarmed(day)
    confirm(incident=incident, teacher=day.teacher, by=day.actor("teacher"))
    found = read(day, incident)
    assert (found.confirmed, found.staff) == (2, 10)
    assert day.teacher not in found.unconfirmed
    assert all(one.phone for one in found.unconfirmed)


def test_the_version_changes_with_what_the_board_shows(day):
    incident = alarmed(day)
    seen = [board.version(incident)]
    count(day, incident)
    seen.append(board.version(incident))
    confirm(incident=incident, teacher=day.teacher, by=day.actor("teacher"))
    seen.append(board.version(incident))
    assert board.version(incident) == seen[-1]
    with clock.frozen(NOW + timedelta(minutes=1)):
        seen.append(board.version(incident))
    assert len(set(seen)) == 4


@pytest.mark.parametrize("holders", [1, 3])
def test_the_board_asks_the_same_for_one_holder_and_for_three(day, django_assert_num_queries, holders):
    hold(day, [7], "other_teacher") if holders == 3 else None
    hold(day, [8], "head_teacher") if holders == 3 else None
    incident = alarmed(day)
    count(day, incident, lost=holders)
    actor = day.actor("duty_leader")
    standing = standing_of(actor, day.term)
    with django_assert_num_queries(8):
        board.read(actor, incident, standing)
    with django_assert_num_queries(1):
        board.version(incident)
