"""A teacher's result of the term: what it is made of, what overrules it, and that a person decides."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from afterschool.school.models import Message, Session
from afterschool.support.refusal import Refused
from attendance.enums import BreachState, RuleKind, Verdict
from attendance.models import AttendanceRule, Breach, Flag, FlagDecision
from evaluation.actions.results import decide, follow_proposals
from evaluation.enums import Occasion, SheetState
from evaluation.models import RubricBand, ScoreLine, ScoreSheet, TermResult
from evaluation.queries.results import overview
from evaluation.result_documents import results_pdf, results_xlsx
from evaluation.rubric import Band, band_of, below, by_shares, places, points_of_term, too_few
from scheduling.models import Duty
from tests.cast import NOW, ROLES, TODAY, make_teacher

SHARES = [Band("优", share=4), Band("良", share=4), Band("达标", share=2)]
SCALE = [Band("优秀", 90), Band("良好", 80), Band("合格", 60), Band("不合格", 0)]
PAGE_QUERIES = 13


def sheet(cast, items, occasion, points, *, date=TODAY, teacher=None):
    made = ScoreSheet.objects.create(
        term=cast.term, rubric=items[0].rubric, occasion=occasion, teacher=teacher or cast.teacher, date=date,
        session=cast.session if occasion == Occasion.VISIT else None, state=SheetState.FINAL,
        scored_by=cast.duty_leader.user, scored_at=NOW,
    )  # fmt: skip
    rest = 100 - points
    for item in items:
        off = min(rest, item.points)
        rest -= off
        ScoreLine.objects.create(sheet=made, item=item, limit=item.points, points=item.points - off)
    return made


def case(cast):
    return overview(cast.term, cast.teacher).of(cast.teacher)


def give(cast, band, who="office", *, reason="", seen=0, teacher=None):
    return decide(
        term=cast.term, teacher=teacher or cast.teacher, band=band, reason=reason, seen=seen, by=cast.actor(who)
    )


def code_of(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        give(*args, **kwargs)
    return caught.value.code


def breach(cast, state=BreachState.CONFIRMED):
    done = {"confirmed_by": cast.office.user, "confirmed_at": NOW} if state == BreachState.CONFIRMED else {}
    return Breach.objects.create(
        term=cast.term, teacher=cast.teacher, kind="phone", seen_at=NOW, place="教室", evidence="看手机", state=state,
        recorded_by=cast.duty_leader.user, recorded_at=NOW, **done,
    )  # fmt: skip


def test_a_terms_points_follow_the_stated_rule():
    visits, months = [Decimal(90), Decimal(95)], [Decimal(80), Decimal(81), Decimal(81)]
    assert points_of_term(visits, months, Decimal(70)) == (Decimal(70), "term")
    assert points_of_term(visits, months, None) == (Decimal("80.67"), "months")
    assert points_of_term(visits, [], None) == (Decimal("92.50"), "visits")
    assert points_of_term([], [], None) == (None, "")


def test_grades_begin_at_their_points_and_the_lowest_has_none_below():
    assert [band_of(SCALE, Decimal(points)).name for points in (100, 90, "89.99", 60, 0)] == [
        "优秀", "优秀", "良好", "合格", "不合格"
    ]  # fmt: skip
    assert below(SCALE, SCALE[0]) == SCALE[1]
    assert below(SCALE, SCALE[3]) == SCALE[3]


def names(points):
    return [by_shares(SHARES, dict(enumerate(points)))[n].band.name for n in range(len(points))]


def test_shares_part_nobody_with_the_same_points():
    assert names([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) == ["优"] * 4 + ["良"] * 4 + ["达标"] * 2
    assert names([5, 9, 9, 9, 9, 9, 4, 3, 2, 1]) == ["良"] + ["优"] * 5 + ["良"] * 2 + ["达标"] * 2
    assert names([9] * 10) == ["优"] * 10
    assert [by_shares(SHARES, {1: 9, 2: 9, 3: 8, 4: 1, 5: 1})[key].tied for key in (1, 3, 4)] == [0, 0, 2]
    assert by_shares(SCALE, {1: 9}) == by_shares(SHARES, {}) == {}


def test_few_people_share_as_far_as_they_go():
    assert [names(range(n, 0, -1)) for n in (1, 2, 3)] == [["优"], ["优", "良"], ["优", "良", "达标"]]
    assert [too_few(SHARES, n) for n in (0, 1, 4, 5, 10)] == [False, True, True, False, False]
    assert not too_few(SCALE, 1)


@given(st.lists(st.integers(0, 100), min_size=1, max_size=40))
def test_more_points_never_bring_a_lower_grade(points):
    order = [band.name for band in SHARES]
    found = by_shares(SHARES, dict(enumerate(points)))
    for one, own in enumerate(points):
        for other, theirs in enumerate(points):
            if own >= theirs:
                assert order.index(found[one].band.name) <= order.index(found[other].band.name)
    if len(set(points)) == len(points):
        assert Counter(placed.band.name for placed in found.values()) == Counter(places(SHARES, len(points)))


def test_a_result_is_made_of_finished_sheets_and_says_so(afternoon, teacher_items):
    assert case(afternoon).proposed == ""
    assert code_of(afternoon, "优秀") == "no_sheets"
    visit = sheet(afternoon, teacher_items, Occasion.VISIT, 95)
    assert case(afternoon).proposed == "优秀"
    month = sheet(afternoon, teacher_items, Occasion.MONTH, 85)
    row = give(afternoon, "良好")
    assert (row.version, row.points, row.band) == (1, Decimal(85), "良好")
    assert row.make_up["rule"] == "months"
    assert set(row.make_up["sheets"]) == {str(visit.pk), str(month.pk)}
    assert Message.objects.get(kind="term_result.decided").deliveries.get().recipient == afternoon.teacher.user


def test_a_person_may_differ_and_says_why_and_a_change_is_a_new_version(afternoon, teacher_items):
    sheet(afternoon, teacher_items, Occasion.TERM, 85)
    assert code_of(afternoon, "优秀") == "no_reason"
    assert code_of(afternoon, "神") == "unknown_band"
    give(afternoon, "优秀", reason="带队获奖。")
    assert code_of(afternoon, "良好") == "somebody_was_faster"
    assert code_of(afternoon, "良好", seen=1) == "no_reason"
    give(afternoon, "良好", seen=1, reason="核实后改。")
    assert [(row.version, row.band) for row in TermResult.objects.order_by("version")] == [(1, "优秀"), (2, "良好")]


def test_a_confirmed_breach_makes_it_unqualified_whatever_the_points(afternoon, teacher_items):
    sheet(afternoon, teacher_items, Occasion.TERM, 100)
    breach(afternoon, BreachState.RECORDED)
    assert case(afternoon).proposed == "优秀"
    row = breach(afternoon)
    found = case(afternoon)
    assert (found.unqualified, found.proposed, found.points, found.breaches) == (True, "不合格", 100, [row.pk])
    assert code_of(afternoon, "优秀") == "no_reason"
    assert give(afternoon, "不合格").unqualified


def test_a_decision_on_attendance_lowers_the_grade_until_the_appeal(afternoon, teacher_items):
    sheet(afternoon, teacher_items, Occasion.TERM, 95)
    rule = AttendanceRule.objects.create(term=afternoon.term, kind=RuleKind.ABSENT, count=1, window="occasion")
    flag = Flag.objects.create(
        term=afternoon.term, rule=rule, teacher=afternoon.teacher, first_day=TODAY, last_day=TODAY, raised_at=NOW
    )
    said = {"flag": flag, "reason": "没有说明", "by": afternoon.office.user, "at": NOW}
    FlagDecision.objects.create(**said, verdict=Verdict.TRUANT, downgrades=True)
    assert case(afternoon).proposed == "良好"
    assert give(afternoon, "良好").downgraded
    FlagDecision.objects.create(**said, verdict=Verdict.EXCUSED, on_appeal=True)
    assert case(afternoon).proposed == "优秀"


def shares(rubric):
    RubricBand.objects.all().delete()
    for n, band in enumerate(SHARES, 1):
        RubricBand.objects.create(rubric=rubric, position=n, name=band.name, share=band.share)


def another_day(session, days):
    found = Session.objects.get(pk=session.pk)
    found.pk, found._state.adding, found.date = None, True, session.date + timedelta(days=days)
    found.save()
    return found


def crowd(cast, items, points):
    """Give the term's only turns to as many teachers, each with a sheet of the term."""
    people = [cast.teacher] + [make_teacher(40 + n, f"老师{n}") for n in range(1, len(points))]
    Duty.objects.update(active=False)
    for day, (teacher, own) in enumerate(zip(people, points, strict=True), 1):
        Duty.objects.create(session=another_day(cast.session, day), teacher=teacher)
        sheet(cast, items, Occasion.TERM, own, teacher=teacher)
    return people


def test_grades_by_shares_are_proposed_among_all_who_have_points(afternoon, login, teacher_items):
    shares(teacher_items[0].rubric)
    people = crowd(afternoon, teacher_items, [95, 94, 93, 90, 90, 88, 85, 80, 75, 70])
    found = overview(afternoon.term)
    assert [found.of(one).proposed for one in people] == ["优"] * 5 + ["良"] * 3 + ["达标"] * 2
    assert [found.of(one).notices for one in people[3:6]] == [["2 人同分跨线"], ["2 人同分跨线"], []]
    assert found.shares == [("优", 0, 4), ("良", 0, 4), ("达标", 0, 2)]
    assert case(afternoon).choices == ["优", "良", "达标", "不合格"]
    assert code_of(afternoon, "良") == "no_reason"
    assert give(afternoon, "优").make_up["proposed"] == "优"
    assert overview(afternoon.term).given == {"优": 1}
    page = login("office").get(reverse("evaluation:results")).content.decode()
    assert "等第按比例 4:4:2，在有得分的 10 人里算" in page


def test_who_is_unqualified_takes_no_place_from_the_others(afternoon, teacher_items):
    shares(teacher_items[0].rubric)
    people = crowd(afternoon, teacher_items, [100, 90, 80, 70, 60, 50])
    breach(afternoon)
    found = overview(afternoon.term)
    assert [found.of(one).proposed for one in people] == ["不合格", "优", "优", "良", "良", "达标"]
    assert (found.shared, found.unscored, found.too_few) == (5, 0, False)


def test_nobody_decides_the_own_result_and_few_decide_at_all(afternoon, login, teacher_items):
    sheet(afternoon, teacher_items, Occasion.TERM, 95)
    for who in ("teacher", "grade_leader", "duty_leader"):
        assert code_of(afternoon, "优秀", who) == "not_yours"
    assert code_of(afternoon, "优秀", teacher=afternoon.office) == "own_result"
    for who in ROLES:
        status = login(who).get(reverse("evaluation:results")).status_code
        assert status == (200 if who in {"office", "leading_group"} else 403), who


def test_all_without_a_remark_are_decided_at_once(afternoon, login, teacher_items):
    shares(teacher_items[0].rubric)
    people = crowd(afternoon, teacher_items, [100, 90, 90, 80, 70])
    Duty.objects.create(session=another_day(afternoon.session, 8), teacher=afternoon.office)
    sheet(afternoon, teacher_items, Occasion.TERM, 60, teacher=afternoon.office)
    breach(afternoon)
    office, url = login("office"), reverse("evaluation:results-follow")
    assert "没有要注意的 4 人按建议定" in office.get(reverse("evaluation:results")).content.decode()
    office.post(url, {"seen": "3"})
    assert not TermResult.objects.exists()
    office.post(url, {"seen": "4"})
    assert dict(TermResult.objects.values_list("teacher__name", "band")) == dict(
        zip([one.name for one in people[1:]], ["优", "优", "良", "良"], strict=True)
    )
    assert "没有可以一起定的人" in office.post(url, {"seen": "4"}, follow=True).content.decode()
    with pytest.raises(Refused):
        follow_proposals(term=afternoon.term, seen=0, by=afternoon.actor("duty_leader"))


def test_the_list_is_printed_without_the_readers_own_line(afternoon, login, teacher_items):
    shares(teacher_items[0].rubric)
    crowd(afternoon, teacher_items, [95, 85])
    Duty.objects.create(session=another_day(afternoon.session, 9), teacher=afternoon.office)
    by, params = afternoon.actor("office"), {"term": afternoon.term.pk}
    rows = load_workbook(BytesIO(results_xlsx(params, by, print)))["学期结果"].iter_rows(values_only=True)
    found = [[row[0], *row[5:8]] for row in rows if str(row[0]).startswith("T")]
    assert found == [["T004", 95, "优", None], ["T041", 85, "良", None]]
    assert results_pdf(params, by, print).startswith(b"%PDF")
    with pytest.raises(Refused):
        results_pdf(params, afternoon.actor("duty_leader"), print)
    office, url = login("office"), reverse("evaluation:results-paper")
    assert office.post(url, {"form": "xlsx"}).url.startswith("/papers/")
    assert office.post(url, {"form": "doc"}).status_code == 404


def test_a_result_is_decided_on_its_page_and_read_by_the_teacher(afternoon, login, teacher_items):
    sheet(afternoon, teacher_items, Occasion.TERM, 85)
    office, url = login("office"), reverse("evaluation:result-decide", args=[afternoon.teacher.pk])
    assert "学期评价表的得分" in office.get(reverse("evaluation:result", args=[afternoon.teacher.pk])).content.decode()
    answer = office.post(url, {"band": "优秀", "seen": "0"})
    assert answer.status_code == 422
    assert "请写明原因" in answer.content.decode()
    assert office.post(url, {"band": "良好", "seen": "0"}).url == reverse("evaluation:results")
    assert "良好" in login("teacher").get(reverse("evaluation:my-sheets")).content.decode()
    assert "85" in login("teacher").get(reverse("evaluation:my-sheets")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_three(
    afternoon, login, teacher_items, count, django_assert_num_queries
):
    teachers = [afternoon.teacher] + [make_teacher(40 - n, f"老师{n}") for n in range(count - 1)]
    for teacher in teachers:
        Duty.objects.update(active=False)
        Duty.objects.create(session=afternoon.session, teacher=teacher)
        sheet(afternoon, teacher_items, Occasion.TERM, 90, teacher=teacher)
    client, url = login("office"), reverse("evaluation:results")
    client.get(url)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(url)
