"""A teacher's sheet of one visit."""

from datetime import timedelta

import pytest
from django.urls import reverse

from afterschool.school.enums import SessionState
from afterschool.school.models import Event, EventNote, Message, Session
from afterschool.support.refusal import Refused
from evaluation.actions.rubrics import ItemDraft, new_version
from evaluation.actions.sheets import Scores, reopen, score_visit
from evaluation.enums import RubricKind, SheetState
from evaluation.models import Rubric, ScoreSheet
from scheduling.models import Duty
from tests.cast import NAMES, ROLES, TODAY


def score(cast, points, who="duty_leader", *, final=True, **more):
    return score_visit(session=cast.session, scores=Scores(points, **more), final=final, by=cast.actor(who))


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        score(*args, **kwargs)
    return caught.value.code


def test_a_finished_sheet_is_told_to_the_teacher(afternoon, full):
    sheet = score(afternoon, full, comment="学生专注。")
    assert sheet.teacher == afternoon.teacher
    assert sum(line.points for line in sheet.lines.all()) == 100
    assert Message.objects.get().deliveries.get().recipient == afternoon.teacher.user
    assert Event.objects.get(verb="score_sheet.finished").subject_id == sheet.pk


def test_a_draft_can_be_changed_and_a_final_sheet_not(afternoon, full):
    first = full | {min(full): 3}
    sheet = score(afternoon, {min(full): 3}, final=False)
    assert sheet.lines.count() == 1
    score(afternoon, first)
    sheet.refresh_from_db()
    assert sheet.state == SheetState.FINAL
    assert ScoreSheet.objects.count() == 1
    assert refused(afternoon, full) == "final"
    assert Event.objects.get(verb="score_sheet.finished").data["old"] == {str(min(full)): 3}


def test_a_point_taken_back_leaves_the_draft(afternoon, full):
    score(afternoon, full, final=False)
    sheet = score(afternoon, {min(full): 1}, final=False)
    assert [line.points for line in sheet.lines.all()] == [1]


def test_a_sheet_is_refused_with_a_code(afternoon, full):
    assert refused(afternoon, {min(full): 1}) == "incomplete"
    assert refused(afternoon, {min(full): 11}, final=False) == "over_limit"
    assert refused(afternoon, {0: 1}, final=False) == "unknown_item"
    assert refused(afternoon, full, "teacher") == "not_yours"
    assert refused(afternoon, full, "guardian") == "not_yours"
    Duty.objects.update(teacher=afternoon.duty_leader)
    assert refused(afternoon, full) == "own_duty"
    Duty.objects.all().delete()
    assert refused(afternoon, full) == "no_teacher"
    Session.objects.update(date=TODAY + timedelta(days=1))
    afternoon.session.refresh_from_db()
    assert refused(afternoon, full) == "not_yet"
    afternoon.session.state = SessionState.CANCELLED
    assert refused(afternoon, full) == "cancelled"


def test_a_grade_leader_scores_the_own_grade_only(afternoon, full):
    score(afternoon, full, "grade_leader")
    afternoon.group.grade = 2
    afternoon.group.save()
    assert refused(afternoon, full, "grade_leader") == "not_yours"


def test_only_the_office_opens_a_sheet_again_and_says_why(afternoon, full):
    sheet = score(afternoon, full)
    for who, reason, code in [("duty_leader", "笔误", "not_yours"), ("office", " ", "no_reason")]:
        with pytest.raises(Refused) as caught:
            reopen(sheet=sheet, reason=reason, by=afternoon.actor(who))
        assert caught.value.code == code
    reopen(sheet=sheet, reason="分数填错", by=afternoon.actor("office"))
    assert EventNote.objects.get().text == "分数填错"
    score(afternoon, full | {min(full): 0})
    with pytest.raises(Refused) as caught:
        reopen(sheet=ScoreSheet(pk=0), reason="没有", by=afternoon.actor("office"))
    assert caught.value.code == "somebody_was_faster"


def test_pages_of_teachers_open_to_scorers_only(afternoon, login):
    scorers = {"grade_leader", "duty_leader", "leading_group", "office"}
    for who in ROLES:
        client = login(who)
        for name, args in [("teachers", []), ("teacher-visit", [afternoon.session.pk])]:
            status = client.get(reverse(f"evaluation:{name}", args=args)).status_code
            assert status == (200 if who in scorers else 403), (who, name)


def test_a_grade_leader_finds_no_session_of_another_grade(afternoon, login):
    afternoon.group.grade = 2
    afternoon.group.save()
    client = login("grade_leader")
    assert client.get(reverse("evaluation:teacher-visit", args=[afternoon.session.pk])).status_code == 404
    assert afternoon.group.name not in client.get(reverse("evaluation:teachers")).content.decode()


def test_a_teacher_sees_own_finished_sheets_and_no_others(afternoon, login, full):
    sheet = score(afternoon, full, final=False)
    url = reverse("evaluation:teacher-sheet", args=[sheet.pk])
    assert login("teacher").get(url).status_code == 404
    score(afternoon, full)
    assert login("teacher").get(url).status_code == 200
    assert "100" in login("teacher").get(reverse("evaluation:my-sheets")).content.decode()
    assert login("other_teacher").get(url).status_code == 404
    assert login("duty_leader").get(url).status_code == 200
    assert login("guardian").get(url).status_code == 403
    assert login("other_teacher").post(reverse("evaluation:teacher-sheet-reopen", args=[sheet.pk])).status_code == 403


def test_the_form_keeps_what_was_typed(afternoon, login, teacher_items):
    client = login("duty_leader")
    url = reverse("evaluation:teacher-visit-save", args=[afternoon.session.pk])
    key = teacher_items[0].pk
    page = client.post(url, {f"t-{key}": "11", "t-comment": "很好", "act": "final"})
    assert page.status_code == 422
    text = page.content.decode()
    assert "填 0 到 10 的整数。" in text
    assert 'value="11"' in text
    assert "很好" in text
    page = client.post(url, {f"t-{key}": "9", f"t-{key}-note": "晚到", "act": "final"})
    assert page.status_code == 422
    assert "还有 6 项没有打分" in page.content.decode()
    assert not ScoreSheet.objects.exists()
    every = {f"t-{item.pk}": item.points for item in teacher_items}
    assert client.post(url, every | {"act": "draft"}).status_code == 302
    assert client.post(url, every | {"act": "final"}).status_code == 302
    assert ScoreSheet.objects.get().state == SheetState.FINAL
    done = client.get(reverse("evaluation:teacher-visit", args=[afternoon.session.pk]))
    assert done.url == reverse("evaluation:teacher-sheet", args=[ScoreSheet.objects.get().pk])


def test_a_version_that_comes_while_one_scores_loses_nothing(afternoon, login, teacher_items):
    client, url = login("duty_leader"), reverse("evaluation:teacher-visit-save", args=[afternoon.session.pk])
    typed = {f"t-{item.pk}": item.points for item in teacher_items}
    typed |= {"rubric": teacher_items[0].rubric_id, "seen": "", "act": "draft"}
    new_version(
        kind=RubricKind.TEACHER, title="新的", items=[ItemDraft("一", "二", 100)], bands=[], seen=1,
        by=afternoon.actor("office"),
    )  # fmt: skip
    assert client.post(url, typed).status_code == 302
    sheet = ScoreSheet.objects.get()
    assert (sheet.rubric, sheet.lines.count()) == (teacher_items[0].rubric, len(teacher_items))
    first = teacher_items[0]
    again = client.post(url, typed | {f"t-{first.pk}": first.points - 1, f"t-{teacher_items[1].pk}": ""})  # another tab
    assert again.status_code == 409
    assert f"已存的是 {first.points}。" in again.content.decode()
    assert [row["raw"] for row in again.context["rows"]][:2] == [str(first.points - 1), str(teacher_items[1].points)]
    assert sheet.lines.get(item=first).points == first.points
    newer = {"rubric": Rubric.objects.get(kind="teacher", active=True).pk, "act": "draft"}
    client.post(url, newer)
    assert sheet.lines.count() == len(teacher_items)


def test_a_finished_sheet_sent_twice_leads_to_the_sheet(afternoon, login, teacher_items):
    client, url = login("duty_leader"), reverse("evaluation:teacher-visit-save", args=[afternoon.session.pk])
    typed = {f"t-{item.pk}": item.points for item in teacher_items} | {"act": "final"}
    typed |= {f"t-{item.pk}-note": "看过" for item in teacher_items}
    first = client.post(url, typed)
    assert (
        first.url
        == client.post(url, typed).url
        == reverse("evaluation:teacher-sheet", args=[ScoreSheet.objects.get().pk])
    )


def test_the_form_begins_empty_and_shows_the_hints(afternoon, login, teacher_items):
    text = login("duty_leader").get(reverse("evaluation:teacher-visit", args=[afternoon.session.pk])).content.decode()
    assert all(item.text in text for item in teacher_items)
    assert text.count('value="" autocomplete="off" aria-label="第') == 7
    assert text.count("这一项印的是过失") == 2


@pytest.mark.parametrize("sessions", [1, 3])
def test_the_list_takes_as_many_queries_for_one_as_for_three(
    afternoon, login, full, sessions, django_assert_num_queries
):
    for number in range(1, sessions):
        afternoon.group.pk = None
        afternoon.group.name = NAMES[number]
        afternoon.group.save()
        afternoon.session.pk = None
        afternoon.session.group = afternoon.group
        afternoon.session.save()
        Duty.objects.create(session=afternoon.session, teacher=afternoon.teacher)
        score(afternoon, full)
    client = login("duty_leader")
    if sessions == 1:
        score(afternoon, full)
    with django_assert_num_queries(9):
        assert client.get(reverse("evaluation:teachers")).status_code == 200


def test_the_rubrics_are_open_to_staff(afternoon, login):
    assert "深受家长、学生好评" in login("teacher").get(reverse("evaluation:rubrics")).content.decode()
    assert login("guardian").get(reverse("evaluation:rubrics")).status_code == 403
