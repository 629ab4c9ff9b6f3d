"""A teacher's sheet of a month or the term, what it rests on, and the objection to it."""

from datetime import datetime, time, timedelta

import pytest
from django.urls import reverse

from afterschool.school.models import Event, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.enums import BreachState, RuleKind, Verdict
from attendance.models import AttendanceRule, Breach, Flag, FlagDecision, FlagRecord, RollCall
from evaluation.actions.objections import answer, object_to
from evaluation.actions.periods import score_period
from evaluation.actions.sheets import Scores
from evaluation.enums import FactCode, Occasion, SheetState
from evaluation.models import Feedback, LineFact, PatrolRound, PatrolVisit, ScoreSheet
from evaluation.month import Month, WholeTerm
from evaluation.queries import periods
from evaluation.queries.teacher_facts import facts_of, proposals_for
from evaluation.sheet_pages import sheet_pdf
from scheduling.models import Duty
from tests.cast import NOW, ROLES, TODAY, make_teacher

SEPTEMBER = Month(2026, 9)
EVENING = datetime.combine(TODAY, time(18), tzinfo=clock.SHANGHAI)


def score(cast, points, who="leading_group", *, final=True, seen="", period=SEPTEMBER, teacher=None, **more):
    return score_period(
        term=cast.term,
        teacher=teacher or cast.teacher,
        period=period,
        scores=Scores(points, **more),
        final=final,
        seen=seen,
        by=cast.actor(who),
    )


def code_of(call, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value.code


def proposals(cast, items, who="leading_group", **more):
    return proposals_for(
        cast.actor(who), items[0].rubric, cast.term, cast.teacher, first=SEPTEMBER.first, last=SEPTEMBER.last, **more
    )


@pytest.fixture
def reasons(teacher_items):
    """A word beside every item, so that points may differ from any proposal."""
    return {item.pk: "另有记录" for item in teacher_items}


@pytest.fixture
def visit(afternoon):
    """A patrol that found disorder, nothing planned, and a count that differs."""
    patrol = PatrolRound.objects.create(term=afternoon.term, date=TODAY, teacher=afternoon.duty_leader, started_at=NOW)
    return PatrolVisit.objects.create(
        round=patrol, session=afternoon.session, at=NOW, expected=6, counted=5, order="poor", doing="nothing"
    )


def test_a_month_has_one_sheet_whoever_writes_it(afternoon, full, reasons):
    first = score(afternoon, {min(full): 9}, final=False)
    seen = periods.stamp_of(first)
    assert code_of(score, afternoon, full, "office", notes=reasons) == "somebody_was_faster"
    with clock.frozen(NOW + timedelta(minutes=5)):
        sheet = score(afternoon, full, "office", seen=seen, notes=reasons)
    assert (sheet.pk, sheet.scored_by) == (first.pk, afternoon.office.user)
    assert code_of(score, afternoon, full, notes=reasons, seen=periods.stamp_of(sheet)) == "final"
    assert Message.objects.get().deliveries.get().recipient == afternoon.teacher.user
    assert Event.objects.filter(verb__startswith="score_sheet").count() == 2
    term = WholeTerm(afternoon.term.starts_on, afternoon.term.ends_on)
    assert score(afternoon, full, period=term, notes=reasons).occasion == Occasion.TERM


def test_who_scores_a_month_and_nobody_oneself(afternoon, full, reasons):
    term = WholeTerm(afternoon.term.starts_on, afternoon.term.ends_on)
    assert code_of(score, afternoon, full, "duty_leader") == "not_yours"
    assert code_of(score, afternoon, full, "teacher") == "not_yours"
    assert code_of(score, afternoon, full, "grade_leader", period=term) == "not_yours"
    assert code_of(score, afternoon, full, period=Month(2026, 10)) == "not_yet"
    assert code_of(score, afternoon, full, teacher=afternoon.other_teacher) == "not_yours"  # no turn in the month
    assert score(afternoon, full, "grade_leader", notes=reasons).is_final
    Duty.objects.update(teacher=afternoon.office)
    assert code_of(score, afternoon, full, "office", teacher=afternoon.office) == "own_sheet"
    afternoon.group.grade = 2
    afternoon.group.save()
    assert code_of(score, afternoon, full, "grade_leader", teacher=afternoon.office) == "not_yours"


def test_records_propose_and_the_score_keeps_them(afternoon, visit, teacher_items, full, reasons):
    found = proposals(afternoon, teacher_items)
    on_order, on_content, on_count, on_families = (teacher_items[n].pk for n in (1, 2, 4, 5))
    assert found[on_order].points == 15
    assert found[on_content].points == 12  # nothing was planned, and the week has no plan
    assert found[on_count].points == 5
    assert (found[on_families].points, found[on_families].heaps) == (10, ())  # has no class
    assert code_of(score, afternoon, full) == "no_reason"
    sheet = score(afternoon, full, notes=reasons)
    line = sheet.lines.get(item=on_count)
    assert (line.points, line.proposed) == (10, 5)
    fact = LineFact.objects.get(line=line)
    assert (fact.code, fact.record_id, fact.date, fact.points) == (FactCode.COUNT, visit.pk, TODAY, 5)


def test_following_the_proposals_needs_no_word(afternoon, visit, teacher_items, full):
    found = proposals(afternoon, teacher_items)
    given = full | {key: proposal.points for key, proposal in found.items()}
    assert score(afternoon, given).is_final


def test_an_accepted_explanation_lowers_nothing(afternoon, visit, teacher_items):
    visit.explanation_state = "accepted"
    visit.save()
    assert teacher_items[4].pk not in proposals(afternoon, teacher_items)


def test_an_upheld_complaint_counts_and_one_that_did_not_stand_does_not(afternoon, teacher_items):
    row = Feedback.objects.create(
        term=afternoon.term, kind="complaint", text="放学太乱", user=afternoon.guardian.user, student=afternoon.students[0],
        sent_on=TODAY, sent_at=NOW, teacher=afternoon.teacher, finding="not_upheld",
    )  # fmt: skip
    course = teacher_items[6].pk
    assert course not in proposals(afternoon, teacher_items)
    Feedback.objects.filter(pk=row.pk).update(finding="upheld")
    assert proposals(afternoon, teacher_items)[course].points == 15


def absent(cast):
    with clock.frozen(EVENING):
        return [
            fact
            for fact in facts_of(cast.actor("office"), cast.term, cast.teacher, first=TODAY, last=TODAY)
            if fact.code == FactCode.ABSENT
        ]


def test_an_absence_counts_until_a_decision_excuses_it(afternoon):
    duty = Duty.objects.get()
    assert absent(afternoon) == []  # nothing says that the session was held
    by = afternoon.office.user
    RollCall.objects.create(session=afternoon.session, opened_by=by, opened_at=NOW, closed_by=by, closed_at=NOW)
    assert [fact.record for fact in absent(afternoon)] == [duty.pk]
    rule = AttendanceRule.objects.create(term=afternoon.term, kind=RuleKind.ABSENT, count=1, window="occasion")
    flag = Flag.objects.create(
        term=afternoon.term, rule=rule, teacher=afternoon.teacher, first_day=TODAY, last_day=TODAY, raised_at=NOW
    )
    FlagRecord.objects.create(flag=flag, duty=duty, kind=RuleKind.ABSENT)
    decided = {"flag": flag, "reason": "家里有急事", "by": afternoon.office.user, "at": NOW}
    FlagDecision.objects.create(**decided, verdict=Verdict.TRUANT)
    assert absent(afternoon)
    FlagDecision.objects.create(**decided, verdict=Verdict.EXCUSED, on_appeal=True)
    assert absent(afternoon) == []


def test_a_breach_is_told_to_those_who_may_see_it(afternoon, teacher_items):
    breach = Breach.objects.create(
        term=afternoon.term, teacher=afternoon.teacher, kind="phone", seen_at=NOW, place="教室", evidence="看手机",
        state=BreachState.CONFIRMED, recorded_by=afternoon.duty_leader.user, recorded_at=NOW,
        confirmed_by=afternoon.office.user, confirmed_at=NOW,
    )  # fmt: skip
    key = teacher_items[3].pk
    assert proposals(afternoon, teacher_items, "office")[key].points == 0
    assert key not in proposals(afternoon, teacher_items, "grade_leader")
    breach.state = BreachState.RECORDED
    Breach.objects.filter(pk=breach.pk).update(state="recorded", confirmed_by=None, confirmed_at=None)
    assert key not in proposals(afternoon, teacher_items, "office")


def test_pages_open_to_those_who_score_periods(afternoon, login):
    for who in ROLES:
        client = login(who)
        scores = {"office", "leading_group", "grade_leader"}
        for period in ("2026-09", "term"):
            status = client.get(reverse("evaluation:teacher-period", args=[period])).status_code
            assert status == (200 if who in scores else 403), (who, period)
            page = reverse("evaluation:teacher-period-sheet", args=[period, afternoon.teacher.pk])
            wants = 200 if who in scores - ({"grade_leader"} if period == "term" else set()) else 404
            assert client.get(page).status_code == (wants if who in scores else 403), (who, period)
    assert login("office").get(reverse("evaluation:teacher-period", args=["2026-10"])).status_code == 404


def test_the_form_shows_proposals_fills_nothing_in_and_asks_why(afternoon, login, visit, teacher_items, full):
    client = login("leading_group")
    url = reverse("evaluation:teacher-period-sheet", args=["2026-09", afternoon.teacher.pk])
    text = client.get(url).content.decode()
    assert "巡视：混乱 1 次（9月21日" in text
    assert text.count('value="" autocomplete="off" aria-label="第') == len(teacher_items)
    data = {f"t-{pk}": points for pk, points in full.items()} | {"act": "final", "seen": ""}
    save = reverse("evaluation:teacher-period-save", args=["2026-09", afternoon.teacher.pk])
    page = client.post(save, data)
    assert page.status_code == 422
    assert page.content.decode().count("请写一句为什么。</p>") >= 3
    assert not ScoreSheet.objects.exists()
    done = client.post(save, data | {f"t-{pk}-note": "另有记录" for pk in full})
    sheet = ScoreSheet.objects.get()
    assert done.url == reverse("evaluation:teacher-sheet", args=[sheet.pk])
    assert client.get(url).url == done.url
    assert "本站建议 15 分" in client.get(done.url).content.decode()


def test_the_list_goes_by_staff_number_and_takes_as_many_queries_for_more(
    afternoon, login, full, reasons, django_assert_num_queries
):
    score(afternoon, full, notes=reasons)
    client, url = login("office"), reverse("evaluation:teacher-period", args=["2026-09"])
    client.get(url)
    with django_assert_num_queries(7):
        client.get(url)
    others = [make_teacher(number, f"老师{number}") for number in (30, 20)]
    for teacher in others:
        Duty.objects.filter(session=afternoon.session).update(active=False)
        Duty.objects.create(session=afternoon.session, teacher=teacher)
    with django_assert_num_queries(7):
        client.get(url)


def test_a_teacher_objects_and_another_than_the_scorer_answers(afternoon, login, full, reasons):
    sheet = score(afternoon, full, "leading_group", notes=reasons)
    assert code_of(object_to, sheet=sheet, text="不对", by=afternoon.actor("other_teacher")) == "not_yours"
    assert code_of(object_to, sheet=sheet, text=" ", by=afternoon.actor("teacher")) == "no_text"
    row = object_to(sheet=sheet, text="第二项：那天换了场地。", by=afternoon.actor("teacher"))
    assert code_of(object_to, sheet=sheet, text="又", by=afternoon.actor("teacher")) == "already"
    told = Message.objects.get(kind="score_sheet.objected")
    assert {one.recipient for one in told.deliveries.all()} == {afternoon.office.user}  # not the scorer
    for who, sees in [("office", True), ("leading_group", False), ("grade_leader", False)]:
        page = login(who).get(reverse("evaluation:teachers")).content.decode()
        assert ("待答复的异议" in page) == sees, who
    for who in ("leading_group", "teacher", "duty_leader"):
        assert code_of(answer, objection=row, uphold=True, text="改", by=afternoon.actor(who)) == "not_yours"
    assert code_of(answer, objection=row, uphold=True, text="", by=afternoon.actor("office")) == "no_text"
    answer(objection=row, uphold=True, text="核实过，请改。", by=afternoon.actor("office"))
    sheet.refresh_from_db()
    assert sheet.state == SheetState.DRAFT
    assert (
        code_of(answer, objection=row, uphold=False, text="又", by=afternoon.actor("office")) == "somebody_was_faster"
    )
    assert code_of(object_to, sheet=sheet, text="再", by=afternoon.actor("teacher")) == "not_final"
    assert score(afternoon, full | {min(full): 9}, seen=periods.stamp_of(sheet), notes=reasons).is_final


def test_an_objection_goes_through_the_pages(afternoon, login, full, reasons):
    sheet = score(afternoon, full, "leading_group", notes=reasons)
    page = reverse("evaluation:teacher-sheet", args=[sheet.pk])
    teacher = login("teacher")
    assert "提出异议" in teacher.get(page).content.decode()
    teacher.post(reverse("evaluation:teacher-sheet-object", args=[sheet.pk]), {"text": "第一项打低了。"})
    assert "第一项打低了。" in teacher.get(page).content.decode()
    row = sheet.objections.get()
    url = reverse("evaluation:objection-answer", args=[row.pk])
    assert "由评价人以外的" in login("leading_group").get(page).content.decode()
    office = login("office")
    office.post(url, {"text": "看过记录"})
    assert "请选采纳还是维持" in office.get(page).content.decode()
    office.post(url, {"verdict": "dismissed", "text": "记录无误，维持。"})
    row.refresh_from_db()
    assert row.state == "dismissed"
    assert "记录无误，维持。" in login("teacher").get(page).content.decode()
    sheet.refresh_from_db()
    assert sheet.is_final


def test_a_finished_sheet_goes_on_paper_for_those_who_may_read_it(afternoon, login, visit, full, reasons):
    sheet = score(afternoon, full, notes=reasons)
    params = {"sheet": sheet.pk}
    made = sheet_pdf(params, afternoon.actor("teacher"), lambda done: None)
    assert made.startswith(b"%PDF")
    for who in ("other_teacher", "guardian", "gatekeeper"):
        assert code_of(sheet_pdf, params, afternoon.actor(who), lambda done: None) == "not_yours"
    assert login("teacher").post(reverse("evaluation:sheet-paper", args=[sheet.pk])).status_code == 302
    assert login("other_teacher").post(reverse("evaluation:sheet-paper", args=[sheet.pk])).status_code == 404
