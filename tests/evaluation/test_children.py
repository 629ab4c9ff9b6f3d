"""A month of a group's children on one page, and what a parent sees of it."""

from datetime import date

import pytest
from django.urls import reverse

from afterschool.school.models import Event, Guardianship, Message, Placement, Student
from afterschool.support.refusal import Refused
from evaluation.actions.sheets import Scores, reopen, save_month
from evaluation.enums import SheetState
from evaluation.models import RubricItem, ScoreSheet
from evaluation.month import Month, month_of, months_between, read_month
from evaluation.queries import children
from tests.cast import ROLES

SEPTEMBER = Month(2026, 9)
PAGE_QUERIES = 18  # seven of them for the records behind the proposals
SAVE_QUERIES = 46


def save(cast, scores, who="teacher", *, finish=False, seen=None, month=SEPTEMBER):
    return save_month(group=cast.group, month=month, scores=scores, finish=finish, seen=seen, by=cast.actor(who))


def refused(*args, **kwargs):
    with pytest.raises(Refused) as caught:
        save(*args, **kwargs)
    return caught.value.code


def url(cast, name="children-group", month="2026-09"):
    return reverse(f"evaluation:{name}", args=[cast.group.pk, month])


def typed(students, items, points=20):
    return {f"s{student.pk}-{item.pk}": points for student in students for item in items}


def test_months_know_their_ends():
    assert Month(2024, 2).last == date(2024, 2, 29)
    assert Month(2026, 12).next == Month(2027, 1)
    assert [m.code for m in months_between(date(2026, 11, 30), date(2027, 1, 1))] == ["2026-11", "2026-12", "2027-01"]
    assert read_month("2026-09") == month_of(date(2026, 9, 30)) == SEPTEMBER
    assert read_month("2026-13") is read_month("") is read_month(None) is None


def test_a_page_is_saved_whole_and_complete_rows_are_finished(afternoon, full_child):
    first, second, third = (student.pk for student in afternoon.students[:3])
    part = {min(full_child): 12}
    scores = {first: Scores(full_child, comment="写作业专注。"), second: Scores(part), third: Scores({})}
    assert save(afternoon, scores, finish=True) == (2, 1)
    assert ScoreSheet.objects.get(student_id=first).state == SheetState.FINAL
    assert ScoreSheet.objects.get(student_id=second).state == SheetState.DRAFT
    assert not ScoreSheet.objects.filter(student_id=third).exists()
    assert Event.objects.filter(verb__startswith="score_sheet").count() == 2
    assert {d.recipient for d in Message.objects.get().deliveries.all()} == {afternoon.guardian.user}


def test_saving_the_same_again_writes_nothing(afternoon, full_child):
    scores = {afternoon.students[0].pk: Scores(full_child)}
    assert save(afternoon, scores) == (1, 0)
    assert save(afternoon, scores) == (0, 0)
    assert save(afternoon, {afternoon.students[0].pk: Scores({})}) == (1, 0)
    assert ScoreSheet.objects.get().lines.count() == 0


def test_a_finished_sheet_is_left_alone(afternoon, full_child):
    key = afternoon.students[0].pk
    save(afternoon, {key: Scores(full_child)}, finish=True)
    assert save(afternoon, {key: Scores({})}) == (0, 0)
    assert ScoreSheet.objects.get().lines.count() == 5


def test_what_another_saved_meanwhile_is_not_lost(afternoon, full_child):
    seen = children.fingerprint(children.rows(afternoon.group, SEPTEMBER))
    save(afternoon, {afternoon.students[0].pk: Scores(full_child)}, seen=seen)
    assert refused(afternoon, {afternoon.students[0].pk: Scores({})}, seen=seen) == "somebody_was_faster"


def test_a_page_is_refused_with_a_code(afternoon, full_child):
    key = afternoon.students[0].pk
    assert refused(afternoon, {key: Scores(full_child)}, "other_teacher") == "not_yours"
    assert refused(afternoon, {key: Scores(full_child)}, "guardian") == "not_yours"
    assert refused(afternoon, {key: Scores(full_child)}, "office", month=Month(2026, 10)) == "not_yet"
    assert refused(afternoon, {key: Scores({min(full_child): 21})}) == "over_limit"


def test_points_for_a_child_of_another_group_are_not_written(afternoon, full_child):
    assert save(afternoon, {afternoon.students[7].pk: Scores(full_child)}) == (0, 0)


def test_the_page_opens_to_the_groups_own_teachers(afternoon, login):
    for who in ROLES:
        status = login(who).get(url(afternoon)).status_code
        may_ask = {"teacher", "office"}
        asks = {"head_teacher", "other_head_teacher", "other_teacher", "grade_leader"}
        assert status == (200 if who in may_ask else 404 if who in asks else 403), who
    assert login("other_teacher").post(url(afternoon, "children-save"), {}).status_code == 404
    assert login("teacher").get(url(afternoon, month="2026-10")).status_code == 404
    assert login("teacher").get(url(afternoon, month="nonsense")).status_code == 404


def test_the_only_group_opens_at_once(afternoon, login):
    assert login("teacher").get(reverse("evaluation:children")).url == url(afternoon)
    assert "没有要您评价" in login("other_teacher").get(reverse("evaluation:children")).content.decode()


def test_the_page_is_in_order_of_the_register_and_begins_empty(afternoon, login, student_items, full_child):
    save(afternoon, {afternoon.students[3].pk: Scores(full_child)})
    text = login("teacher").get(url(afternoon)).content.decode()
    places = [text.index(f">{student.name}</th>") for student in afternoon.students[:6]]
    assert places == sorted(places)
    assert all(item.text in text for item in student_items)


def test_full_points_are_given_to_unmarked_rows_only(afternoon, login, student_items):
    first, second = afternoon.students[:2]
    data = {f"s{first.pk}-{student_items[0].pk}": 15, "act": "fill"}
    assert login("teacher").post(url(afternoon, "children-save"), data).status_code == 302
    assert [line.points for line in ScoreSheet.objects.get(student=first).lines.all()] == [15]
    assert [line.points for line in ScoreSheet.objects.get(student=second).lines.all()] == [20] * 5
    assert not ScoreSheet.objects.filter(state=SheetState.FINAL).exists()


def test_a_slip_loses_nothing(afternoon, login, student_items):
    data = typed(afternoon.students[:6], student_items) | {f"s{afternoon.students[0].pk}-{student_items[0].pk}": "21"}
    data |= {f"s{afternoon.students[1].pk}-comment": "爱看书", "act": "final"}
    page = login("teacher").post(url(afternoon, "children-save"), data)
    assert page.status_code == 422
    text = page.content.decode()
    assert "填 0 到 20 的整数。" in text
    assert 'value="21"' in text
    assert "爱看书" in text
    assert not ScoreSheet.objects.exists()


def test_a_stale_page_keeps_what_was_typed(afternoon, login, student_items):
    data = typed(afternoon.students[:1], student_items, 7) | {"seen": "old", "act": "draft"}
    page = login("teacher").post(url(afternoon, "children-save"), data)
    assert page.status_code == 409
    assert page.content.decode().count('value="7"') == 5


def test_what_two_people_wrote_stands_side_by_side_and_nothing_is_wiped_out(afternoon, login, student_items):
    one, two, three = afternoon.students[:3]
    client, first = login("teacher"), student_items[0].pk
    fresh = {"seen": children.fingerprint(children.rows(afternoon.group, SEPTEMBER)), "act": "draft"}
    client.post(
        url(afternoon, "children-save"), fresh | typed([one, two], student_items) | {f"s{one.pk}-comment": "乖"}
    )
    stale = fresh | {f"s{one.pk}-{first}": "15", f"s{one.pk}-comment": "静", f"s{three.pk}-{first}": "9"}
    page = client.post(url(afternoon, "children-save"), stale)
    text = page.content.decode()
    assert page.status_code == 409
    assert "已存的是 20。" in text
    assert "已存的是：乖" in text
    assert text.count('value="20"') == 9
    assert text.count('value="15"') == text.count('value="9"') == 1


def test_a_page_sent_twice_is_kept_once_and_says_so(afternoon, login, student_items):
    seen = children.fingerprint(children.rows(afternoon.group, SEPTEMBER))
    data = typed(afternoon.students[:2], student_items) | {"seen": seen, "act": "final"}
    client = login("teacher")
    assert [client.post(url(afternoon, "children-save"), data).status_code for _ in range(2)] == [302, 302]
    assert ScoreSheet.objects.filter(state=SheetState.FINAL).count() == 2


@pytest.mark.parametrize("count", [1, 45])
def test_the_page_takes_as_many_queries_for_one_as_for_45(
    afternoon, login, full_child, count, django_assert_num_queries, django_assert_max_num_queries
):
    Placement.objects.filter(student__in=afternoon.students[count:6]).delete()
    for number in range(7, count + 1):
        student = Student.objects.create(name="名字", school_class=afternoon.classes[0], number=number)
        Placement.objects.create(
            term=afternoon.term,
            student=student,
            group=afternoon.group,
            weekdays="12345",
            starts_on=afternoon.term.service_starts_on,
        )
    students = list(children.children_of(afternoon.group, SEPTEMBER))
    save(afternoon, {student.pk: Scores(full_child) for student in students})
    client = login("teacher")
    with django_assert_num_queries(PAGE_QUERIES):
        assert client.get(url(afternoon)).status_code == 200
    with django_assert_max_num_queries(SAVE_QUERIES):
        client.post(
            url(afternoon, "children-save"),
            typed(students, [RubricItem(pk=pk) for pk in full_child], 19) | {"act": "final"},
        )
    assert ScoreSheet.objects.filter(state=SheetState.FINAL).count() == count


def test_a_parent_sees_the_own_childs_finished_sheet_only(afternoon, login, full_child):
    mine, other = afternoon.students[:2]
    save(afternoon, {mine.pk: Scores(full_child, comment="进步很大。"), other.pk: Scores(full_child, comment="别家")})
    page = reverse("evaluation:child-sheet", args=[mine.pk])
    assert "进步很大" not in login("guardian").get(page).content.decode()
    save(afternoon, {mine.pk: Scores(full_child, comment="进步很大。"), other.pk: Scores(full_child)}, finish=True)
    for address in (page, reverse("evaluation:child-sheets")):
        text = login("guardian").get(address).content.decode()
        assert "进步很大" in text
        assert "别家" not in text
        assert other.name not in text
    assert login("other_guardian").get(page).status_code == 404
    assert login("teacher").get(page).status_code == 403
    Guardianship.objects.filter(guardian=afternoon.guardian).update(acts=False)
    assert login("guardian").get(page).status_code == 404


def test_the_office_opens_a_childs_sheet_again(afternoon, login, full_child):
    save(afternoon, {afternoon.students[0].pk: Scores(full_child)}, finish=True)
    sheet = ScoreSheet.objects.get()
    page = reverse("evaluation:children-sheet", args=[sheet.pk])
    assert login("teacher").get(page).status_code == 200
    assert login("other_teacher").get(page).status_code == 404
    again = reverse("evaluation:children-sheet-reopen", args=[sheet.pk])
    assert login("teacher").post(again, {"reason": "改"}).status_code == 403
    assert login("office").post(again, {"reason": ""}).url == page
    assert login("office").post(again, {"reason": "打错一项"}).status_code == 302
    sheet.refresh_from_db()
    assert sheet.state == SheetState.DRAFT
    with pytest.raises(Refused):
        reopen(sheet=sheet, reason="又", by=afternoon.actor("office"))
