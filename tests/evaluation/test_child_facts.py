"""What the records say of a group's children, for all of them at once."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.school.enums import GroupKind
from afterschool.school.models import Group, Placement
from afterschool.support import clock
from attendance.models import (
    AfternoonSettings,
    ChildDay,
    ChildNote,
    LeaveRequest,
    Mark,
    PickupChange,
    RollCall,
)  # fmt: skip
from evaluation.actions.sheets import Scores, save_month
from evaluation.enums import FactCode, Occasion
from evaluation.models import LineFact, ScoreLine, ScoreSheet
from evaluation.month import Month, WholeTerm
from evaluation.queries.child_facts import facts_of, proposals_for
from tests.cast import NOW, TODAY

SEPTEMBER = Month(2026, 9)


@pytest.fixture
def roll(afternoon):
    by = afternoon.teacher.user
    return RollCall.objects.create(session=afternoon.session, opened_by=by, opened_at=NOW, closed_by=by, closed_at=NOW)


def mark(cast, roll, place, state):
    by = cast.teacher.user
    return Mark.objects.create(roll_call=roll, student=cast.students[place], state=state, marked_by=by, marked_at=NOW)


def leave(cast, source, **more):
    return LeaveRequest.objects.create(
        term=cast.term, student=cast.students[0], first_day=TODAY, last_day=TODAY, source=source,
        asked_by=cast.guardian.user, asked_at=NOW, **more,
    )  # fmt: skip


def codes(cast, place=0):
    pk = cast.students[place].pk
    return [fact.code for fact in facts_of(cast.term, [pk], SEPTEMBER.first, SEPTEMBER.last)[pk]]


def test_late_and_away_without_a_word_are_facts(afternoon, roll):
    late, away = mark(afternoon, roll, 0, "late"), mark(afternoon, roll, 1, "absent")
    mark(afternoon, roll, 2, "present")
    pks = [student.pk for student in afternoon.students[:3]]
    found = facts_of(afternoon.term, pks, SEPTEMBER.first, SEPTEMBER.last)
    assert [(fact.code, fact.record) for fact in found[pks[0]]] == [(FactCode.CHILD_LATE, late.pk)]
    assert [(fact.code, fact.record) for fact in found[pks[1]]] == [(FactCode.NO_LEAVE, away.pk)]
    assert found[pks[2]] == []


@pytest.mark.parametrize("source", ["guardian", "paper", "phone", "office"])
def test_any_word_of_a_guardian_is_a_word_however_late(afternoon, roll, source):
    mark(afternoon, roll, 0, "absent")
    leave(afternoon, source, said_by="" if source == "guardian" else "妈妈")
    assert codes(afternoon) == []
    LeaveRequest.objects.update(cancelled_at=NOW, cancelled_by=afternoon.guardian.user)
    assert codes(afternoon) == [FactCode.NO_LEAVE]


def test_a_school_may_ask_for_paper(afternoon, roll):
    mark(afternoon, roll, 0, "absent")
    leave(afternoon, "guardian")
    AfternoonSettings.objects.create(term=afternoon.term, paper_counts=False)
    assert codes(afternoon) == [FactCode.NO_LEAVE]
    leave(afternoon, "paper", said_by="妈妈")
    assert codes(afternoon) == []


def test_leaving_before_the_end_counts_unless_it_was_asked_for(afternoon):
    day = ChildDay.objects.create(
        term=afternoon.term, student=afternoon.students[0], date=TODAY, session=afternoon.session, state="fetched",
        since=clock.at(TODAY, time(16, 30)),
    )  # fmt: skip
    assert codes(afternoon) == [FactCode.CHILD_LEFT]
    change = PickupChange.objects.create(
        term=afternoon.term, student=afternoon.students[0], date=TODAY, kind="early", time=time(16, 30),
        source="guardian", asked_by=afternoon.guardian.user, asked_at=NOW,
    )  # fmt: skip
    assert codes(afternoon) == []
    change.delete()
    ChildDay.objects.filter(pk=day.pk).update(since=clock.at(TODAY, time(17, 30)))
    assert codes(afternoon) == []


def test_the_teachers_notes_are_facts_and_praise_lowers_nothing(afternoon):
    for kind in ("homework", "order", "club", "praise"):
        ChildNote.objects.create(
            session=afternoon.session, student=afternoon.students[0], kind=kind, text="一句话",
            by=afternoon.teacher.user, at=NOW,
        )  # fmt: skip
    assert set(codes(afternoon)) == {FactCode.HOMEWORK, FactCode.CHILD_ORDER, FactCode.CLUB}


def test_a_child_without_a_club_has_full_points_proposed_there(afternoon, student_items):
    rubric, (first, second) = student_items[0].rubric, (student.pk for student in afternoon.students[:2])
    club = Group.objects.create(
        term=afternoon.term, kind=GroupKind.CLUB, name="合唱", starts_on=afternoon.term.service_starts_on
    )
    Placement.objects.create(
        term=afternoon.term, student_id=second, group=club, kind="club", weekdays="1",
        starts_on=afternoon.term.service_starts_on,
    )  # fmt: skip
    found = proposals_for(rubric, afternoon.term, [first, second], SEPTEMBER)
    assert set(found[first]) == {student_items[3].pk}
    assert found[first][student_items[3].pk].points == 20
    assert found[second] == {}


def test_the_page_shows_records_on_tap_and_leaves_fields_empty(afternoon, roll, login, student_items):
    mark(afternoon, roll, 0, "late")
    url = reverse("evaluation:children-group", args=[afternoon.group.pk, "2026-09"])
    text = login("teacher").get(url).content.decode()
    assert "建议 18" in text
    assert "迟到 1 次（9月21日）" in text
    assert text.count('value="" autocomplete="off" aria-label="') == 6 * 5


def test_a_childs_score_keeps_what_it_rests_on_and_needs_no_word(afternoon, roll, full_child, student_items):
    row = mark(afternoon, roll, 0, "late")
    key, item = afternoon.students[0].pk, student_items[0].pk
    given = {"group": afternoon.group, "month": SEPTEMBER, "seen": None, "by": afternoon.actor("teacher")}
    assert save_month(**given, scores={key: Scores(full_child)}, finish=True) == (1, 1)
    line = ScoreLine.objects.get(sheet__student=key, item=item)
    assert (line.points, line.proposed) == (20, 18)
    fact = LineFact.objects.get(line=line)
    assert (fact.code, fact.record_id, fact.points) == (FactCode.CHILD_LATE, row.pk, 2)


def test_the_terms_sheet_shows_the_months_before_and_has_its_own_comment(afternoon, login, full_child):
    key = afternoon.students[0].pk
    given = {"group": afternoon.group, "seen": None, "by": afternoon.actor("teacher"), "finish": True}
    low = full_child | {min(full_child): 13}
    save_month(**given, month=SEPTEMBER, scores={key: Scores(low, comment="九月很好。")})
    url = reverse("evaluation:children-group", args=[afternoon.group.pk, "term"])
    assert "9月 13 分" in login("teacher").get(url).content.decode()
    term = WholeTerm(afternoon.term.starts_on, afternoon.term.ends_on)
    save_month(**given, month=term, scores={key: Scores(full_child, comment="一个学期都很投入。")})
    assert {sheet.occasion for sheet in ScoreSheet.objects.all()} == {Occasion.MONTH, Occasion.TERM}
    page = login("guardian").get(reverse("evaluation:child-sheets")).content.decode()
    assert page.index("一个学期都很投入。") < page.index("九月很好。")
    assert "整个学期" in page
