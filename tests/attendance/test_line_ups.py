"""The line-up: expected by the names, counted by who lines the class up, compared with the roll for both."""

import pytest
from django.urls import reverse

from afterschool.school.models import Event
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls
from attendance.actions.days import ensure_day
from attendance.actions.line_ups import count_line_up
from attendance.actions.roll_calls import Wish
from attendance.enums import LeaveSource, MarkState
from attendance.models import LeaveRequest, LineUp
from attendance.queries.line_ups import line_ups_of, lines_for
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    """Child 5 is on leave: five are expected in line."""
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    LeaveRequest.objects.create(
        term=afternoon.term,
        student=afternoon.students[5],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.PAPER,
        asked_by=afternoon.office.user,
        asked_at=NOW,
    )
    return afternoon


def count(cast: Cast, counted: int, *, by: str = "head_teacher", **what: object) -> LineUp:
    values = {"term": cast.term, "school_class": cast.classes[0], "counted": counted} | what
    return count_line_up(**values, by=cast.actor(by))


def take_roll(cast: Cast, absent: int | None = None) -> None:
    by = cast.actor("teacher")
    roll = roll_calls.begin(session=cast.session, by=by)
    if absent is not None:
        wish = Wish(cast.students[absent].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
        roll_calls.mark(roll_call=roll, wishes=[wish], by=by)
    roll_calls.rest_present(roll_call=roll, by=by)


def test_who_is_on_leave_is_not_expected_in_line(day: Cast) -> None:
    row = count(day, 5)
    assert (row.expected, row.counted, row.by) == (5, 5, day.head_teacher.user)


def test_a_count_that_differs_says_why_and_a_mend_keeps_the_old_one(day: Cast) -> None:
    with pytest.raises(Refused, match="no_note"):
        count(day, 4)
    count(day, 4, note="一人在医务室")
    with pytest.raises(Refused, match="somebody_was_faster"):
        count(day, 5)
    with pytest.raises(Refused, match="somebody_was_faster"):
        count(day, 5, seen=3)
    count(day, 5, seen=4)
    assert LineUp.objects.get().counted == 5
    assert Event.objects.get(verb="line_up.mended").data == {"from": 4, "to": 5, "expected": 5}


@pytest.mark.parametrize("name", ["teacher", "duty_leader", "office"])
def test_the_last_teacher_or_a_leader_may_count_too(day: Cast, name: str) -> None:
    count(day, 5, by=name)


@pytest.mark.parametrize("name", ["other_head_teacher", "other_teacher", "grade_leader", "gatekeeper", "guardian"])
def test_nobody_else_counts(day: Cast, name: str) -> None:
    with pytest.raises(Refused, match="not_yours"):
        count(day, 5, by=name)


def test_a_class_nobody_of_which_comes_is_not_counted(day: Cast) -> None:
    with pytest.raises(Refused, match="nobody_expected"):
        count(day, 0, by="office", school_class=day.classes[2])


def test_the_difference_is_known_when_the_roll_is_called(day: Cast) -> None:
    count(day, 5)
    line = line_ups_of(day.session)[0]
    assert (line.difference, line.word) == (0, "已清点")
    take_roll(day, absent=0)
    line = line_ups_of(day.session)[0]
    assert (line.here, line.difference, line.word) == (4, 1, "点名少 1 人")


def test_both_are_shown_the_difference(day: Cast, login) -> None:
    count(day, 5)
    take_roll(day, absent=0)
    assert "点名少 1 人" in login("head_teacher").get(reverse("home")).content.decode()
    assert "点名少 1 人" in login("head_teacher").get(reverse("attendance:line-ups")).content.decode()
    page = login("teacher").get(reverse("attendance:hand-over", args=[day.session.pk])).content.decode()
    assert "点名少 1 人" in page


def test_when_they_agree_nothing_is_red(day: Cast, login) -> None:
    count(day, 5)
    take_roll(day)
    page = login("duty_leader").get(reverse("attendance:line-ups")).content.decode()
    assert "与点名一致" in page
    assert 'class="alarm"' not in page


def test_counting_on_the_page(day: Cast, login) -> None:
    url = reverse("attendance:line-up", args=[day.classes[0].pk])
    client = login("head_teacher")
    page = client.get(url).content.decode()
    assert "王一" in page
    assert "杨六" not in page  # on leave
    page = client.post(url, {"counted": "4", "note": ""}).content.decode()
    assert "应到 5 人，实点 4 人：请写明谁不在、为什么。" in page
    client.post(url, {"counted": "4", "note": "一人去排练"})
    page = client.post(url, {"counted": "5", "note": "", "seen": "4"}, follow=True).content.decode()
    assert "实点 5 人，已记下" in page
    assert login("other_head_teacher").get(url).status_code == 404


def test_who_sees_which_classes(day: Cast) -> None:
    for name, classes in [("head_teacher", 1), ("other_head_teacher", 0), ("teacher", 1), ("duty_leader", 1)]:
        assert len(lines_for(day.actor(name), TODAY)) == classes


def test_the_page_takes_constant_queries(day: Cast, login, django_assert_num_queries) -> None:
    count(day, 5)
    client = login("duty_leader")
    with django_assert_num_queries(8):
        client.get(reverse("attendance:line-ups"))
