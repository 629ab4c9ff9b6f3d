"""What parents write: named or not, answered, looked into, upheld or not, closed."""

import json
from datetime import time, timedelta

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from afterschool.school.access import SYSTEM
from afterschool.school.models import Event, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import feedback as actions
from evaluation.enums import FeedbackKind
from evaluation.models import Feedback
from evaluation.queries import feedback as queries
from tests.cast import TODAY

pytestmark = pytest.mark.django_db
WORDS = "放学时队伍走得太快，孩子跟不上"


@pytest.fixture
def school(afternoon):
    return afternoon


def write(cast, *, kind="complaint", named=True, who="guardian", **more):
    return actions.write(term=cast.term, kind=kind, text=WORDS, named=named, by=cast.actor(who), **more)


def test_a_named_message_goes_to_the_office_and_its_answer_comes_back(school):
    row, code = write(school, student=school.students[0])
    assert code == ""
    assert Message.objects.get(kind="feedback.written").deliveries.get().recipient == school.office.user
    actions.answer(row, text="谢谢，已请带班老师放慢。", by=school.actor("office"))
    told = Message.objects.get(kind="feedback.answered")
    assert told.deliveries.get().recipient == school.guardian.user
    assert WORDS not in told.title + told.body
    actions.write_again(row, text="今天好多了", by=school.actor("guardian"))
    row.refresh_from_db()
    assert row.state == "new", "a new word waits for an answer"


def everything_of(row):
    """All rows of all tables that hold an account of the guardian, or the guardian's words, beside the message itself."""
    found = []
    for model in apps.get_models():
        for one in model._base_manager.all():
            for field in model._meta.fields:
                value = getattr(one, field.attname)
                text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
                if isinstance(field, models.CharField | models.TextField | models.JSONField) and WORDS in text:
                    found.append((model._meta.label, one.pk))
    return found


def test_nothing_leads_from_an_unnamed_message_to_its_writer(school):
    before = {
        label: set(apps.get_model(label)._base_manager.values_list("pk", flat=True))
        for label in ("school.Event", "school.Message", "school.Delivery")
    }
    row, code = write(school, named=False, student=school.students[0])
    row.refresh_from_db()
    assert (row.user, row.student, row.sent_at, row.sent_on) == (None, None, None, TODAY)
    assert everything_of(row) == [("evaluation.Feedback", row.pk)]
    actions.write_again(row, text="还有一句")
    for label, pks in before.items():
        assert set(apps.get_model(label)._base_manager.values_list("pk", flat=True)) == pks, "no row has a time of day"
    assert row.pk > 2**20, "drawn, not counted: its place beside named ones tells nothing"
    assert code
    assert code not in json.dumps([list(map(str, Feedback.objects.values_list().get(pk=row.pk)))])


def test_of_unnamed_messages_the_office_hears_once_the_morning_after(school):
    write(school, named=False)
    write(school, kind="praise", named=True)
    office = school.office.user

    def told_at(moment):
        with clock.frozen(moment):
            actions.tell_of_unnamed(school.term, by=SYSTEM)
        return [message.title for message in Message.objects.filter(kind=actions.UNNAMED, deliveries__recipient=office)]

    next_day = TODAY + timedelta(days=1)
    assert told_at(clock.at(TODAY, time(20))) == [], "not on the day itself: that would tell when"
    assert told_at(clock.at(next_day, time(7))) == []
    assert told_at(clock.at(next_day, time(8))) == ["有 1 条不留名的话等答复"]
    assert len(told_at(clock.at(next_day, time(9)))) == 1
    actions.answer(Feedback.objects.get(user=None), text="谢谢。", by=school.actor("office"))
    assert len(told_at(clock.at(next_day + timedelta(days=1), time(8)))) == 1, "nothing waits any more"


def test_the_same_words_twice_running_are_one_word(school):
    row, _ = write(school)
    for _ in range(2):
        actions.write_again(row, text="还有", by=school.actor("guardian"))
        actions.write_again(row, text="还有\r\n", by=school.actor("guardian"))
    for _ in range(2):
        actions.answer(row, text="谢谢。", by=school.actor("office"))
    assert [reply.text for reply in row.replies.all()] == ["还有", "谢谢。"]
    assert Message.objects.filter(kind="feedback.answered").count() == 1


def test_a_line_end_is_one_letter_as_the_browser_counts(school):
    lines = "\r\n".join(["字" * 9] * 100)  # 999 as the browser counts, 1098 as it sends
    row, _ = actions.write(term=school.term, kind="praise", text=lines, named=True, by=school.actor("guardian"))
    assert len(row.text) == 999


def test_what_was_typed_is_kept_when_it_is_refused(school, login):
    row, _ = write(school, kind="question")
    actions.answer(row, text="谢谢。", by=school.actor("office"))
    actions.close(row, by=school.actor("office"))
    page = login("office").post(reverse("evaluation:feedback-answer", args=[row.pk]), {"text": WORDS + "另"})
    assert "已经办结" in page.content.decode()
    assert WORDS + "另" in page.content.decode()
    mine = login("guardian").post(reverse("evaluation:my-feedback", args=[row.pk]), {"text": "长" * 30})
    assert "已经办结" in mine.content.decode()
    assert "长" * 30 in mine.content.decode()


def test_a_second_tap_is_the_same_message(school, login):
    client, url = login("guardian"), reverse("evaluation:feedback-write")
    code = client.get(url).context["form"]["code"].value()
    unnamed = {"kind": "complaint", "text": WORDS, "named": "no", "code": code}
    for _ in range(2):
        assert code in client.post(url, unnamed).content.decode()
    assert Feedback.objects.count() == 1
    other = client.post(url, unnamed | {"text": "另一件事"})
    assert code not in other.content.decode(), "one code leads to one message"
    made_up = client.post(url, unnamed | {"text": "第三件事", "code": "AAAA"})
    assert len(made_up.context["code"]) == len(code)
    named = {"kind": "praise", "text": WORDS, "named": "yes"}
    assert client.post(url, named)["Location"] == client.post(url, named)["Location"]
    assert Feedback.objects.count() == 4


def test_the_code_alone_leads_to_the_answer(school):
    row, code = write(school, named=False)
    assert queries.by_hash(actions.hash_code(code.lower().replace("-", " "))) == row
    assert queries.by_hash(actions.hash_code("AAAA-AAAA-AAAA")) is None
    assert queries.by_hash("") is None
    actions.answer(row, text="收到。", by=school.actor("office"))
    assert not Message.objects.filter(kind="feedback.answered").exists(), "nobody to tell"
    actions.write_again(row, text="谢谢")
    assert row.replies.filter(from_school=False, by=None).count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "x"}, "no_kind"),
        ({"text": "  "}, "no_text"),
        ({"text": "长" * 1001}, "too_long"),
    ],
)
def test_what_can_not_be_written(school, changes, code):
    values = {"term": school.term, "kind": "praise", "text": WORDS, "named": True, "by": school.actor("guardian")}
    with pytest.raises(Refused, match=code):
        actions.write(**(values | changes))


def test_only_about_the_own_child_its_groups_and_their_teachers(school):
    for more, code in (
        ({"student": school.students[1]}, "not_your_child"),
        ({"teacher": school.other_teacher}, "not_there"),
    ):
        with pytest.raises(Refused, match=code):
            write(school, **more)
    row, _ = write(school, teacher=school.teacher, group=school.group)
    assert row.teacher == school.teacher
    with pytest.raises(Refused, match="not_yours"):
        write(school, who="teacher")


def test_only_what_was_upheld_may_support_a_score(school):
    row, _ = write(school, teacher=school.teacher)
    span = (school.term, school.teacher, TODAY, TODAY)
    assert queries.upheld(*span) == []
    actions.assign(row, owner=school.grade_leader, by=school.actor("office"))
    actions.find(row, upheld=True, found="问过三位家长，确有其事。", by=school.actor("grade_leader"))
    assert queries.upheld(*span) == [], "who looks into it writes what was found; others say whether it stands"
    actions.find(row, upheld=True, found="问过三位家长，确有其事。", by=school.actor("office"))
    assert queries.upheld(*span) == [row]
    told = Message.objects.get(kind="feedback.upheld")
    assert told.deliveries.get().recipient == school.teacher.user
    assert WORDS not in told.body
    actions.find(row, upheld=False, found="再查，是校门口施工。", by=school.actor("leading_group"))
    assert queries.upheld(*span) == []
    taken_back = Message.objects.get(kind="feedback.not_upheld")
    assert taken_back.deliveries.get().recipient == school.teacher.user, (
        "who was told that it stood hears that it doesn't"
    )


def test_nobody_handles_what_is_about_oneself(school):
    from scheduling.models import Duty

    Duty.objects.create(session=school.session, teacher=school.office, active=False)
    Duty.objects.filter(session=school.session).update(active=False)
    Duty.objects.create(session=school.session, teacher=school.office)
    row, _ = write(school, teacher=school.office)
    assert row not in queries.desk(school.actor("office"), school.term)
    assert row in queries.desk(school.actor("leading_group"), school.term)
    with pytest.raises(Refused, match="about_oneself"):
        actions.assign(row, owner=school.office, by=school.actor("office"))
    for act in (
        lambda by: actions.find(row, upheld=False, found="没有", by=by),
        lambda by: actions.answer(row, text="没有", by=by),
    ):
        with pytest.raises(Refused, match="about_oneself"):
            act(school.actor("office"))


def test_who_is_not_asked_to_look_into_it_does_not_see_it(school):
    row, _ = write(school)
    for who in ("teacher", "grade_leader", "duty_leader", "head_teacher"):
        assert row not in queries.desk(school.actor(who), school.term)
        with pytest.raises(Refused, match="not_yours"):
            actions.find(row, upheld=None, found="x", by=school.actor(who))
        with pytest.raises(Refused, match="not_yours"):
            actions.answer(row, text="x", by=school.actor(who))


@pytest.mark.parametrize("kind", FeedbackKind.values)
def test_closing_needs_an_answer_and_for_praise_and_complaints_a_finding(school, kind):
    row, _ = write(school, kind=kind)
    office = school.actor("office")
    with pytest.raises(Refused, match="not_answered"):
        actions.close(row, by=office)
    actions.answer(row, text="好的。", by=office)
    if kind in ("praise", "complaint"):
        with pytest.raises(Refused, match="finding_open"):
            actions.close(row, by=office)
        actions.find(row, upheld=True, found="属实", by=office)
    actions.close(row, by=office)
    with pytest.raises(Refused, match="somebody_was_faster"):
        actions.close(row, by=office)
    for act in (
        lambda: actions.write_again(row, text="还有", by=school.actor("guardian")),
        lambda: actions.answer(row, text="还有", by=office),
        lambda: actions.assign(row, owner=None, by=office),
        lambda: actions.find(row, upheld=False, found="再查", by=office),
    ):
        with pytest.raises(Refused, match="closed"):
            act()


def test_the_parents_pages(school, login):
    client = login("guardian")
    page = client.post(reverse("evaluation:feedback-write"), {"kind": "praise", "named": "yes"}).content.decode()
    assert "请写内容。" in page
    assert "checked" in page, "what was chosen is kept"
    client.post(reverse("evaluation:feedback-write"), {"kind": "praise", "text": WORDS, "named": "yes"})
    row = Feedback.objects.get()
    assert WORDS in client.get(reverse("evaluation:my-feedback", args=[row.pk])).content.decode()
    page = client.post(
        reverse("evaluation:feedback-write"), {"kind": "complaint", "text": WORDS, "named": "no"}
    ).content.decode()
    code = page.split('class="code-big">')[1].split("<")[0]
    address = reverse("evaluation:feedback-by-code")
    assert WORDS in client.post(address, {"code": code}).content.decode()
    client.post(address, {"code": code, "text": "还有一句"})
    assert "还有一句" in client.post(address, {"code": code}).content.decode()
    assert "没有找到" in client.post(address, {"code": "ABCD"}).content.decode()
    assert "没有找到" not in client.get(address).content.decode()


def test_the_desk_asks_the_same_number_of_questions_for_one_and_for_many(school, login, django_assert_num_queries):
    client = login("office")
    for _ in range(3):
        with django_assert_num_queries(6):
            client.get(reverse("evaluation:feedback"))
        write(school, named=False, teacher=school.teacher)


def test_the_desk(school, login):
    row, _ = write(school, teacher=school.teacher)
    client = login("office")
    one = reverse("evaluation:feedback-one", args=[row.pk])
    assert WORDS in client.get(one).content.decode()
    client.post(reverse("evaluation:feedback-assign", args=[row.pk]), {"owner": school.grade_leader.pk})
    client.post(reverse("evaluation:feedback-answer", args=[row.pk]), {"text": "在了解。"})
    client.post(reverse("evaluation:feedback-find", args=[row.pk]), {"found": "属实", "upheld": "yes"})
    client.post(reverse("evaluation:feedback-close", args=[row.pk]))
    row.refresh_from_db()
    assert (row.owner, row.finding, row.state) == (school.grade_leader, "upheld", "closed")
    page = client.get(reverse("evaluation:feedback") + "?state=closed").content.decode()
    assert "已办结" in page
    assert Event.objects.filter(verb="feedback.seen", subject_id=row.pk).exists()
