from datetime import time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from afterschool.school.models import Event, Message, Paper
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import training as acts
from scheduling.actions.training import Audience
from scheduling.enums import Attended, RotaState, TrainingKind, TrainingState
from scheduling.models import Rota, Training, TrainingClass, TrainingPerson
from scheduling.queries.training import missed, untrained
from scheduling.training_documents import list_pdf, list_xlsx, sheet_pdf
from tests.cast import NOW, ROLES, TODAY

pytestmark = pytest.mark.django_db
HOURS = {"starts_at": time(13, 0), "ends_at": time(14, 30)}


def plan(cast, *names, kind=TrainingKind.STAFF, by="office", classes=(), **values) -> Training:
    common = {"title": "岗前培训", "date": TODAY, "place": "报告厅", "required": kind == TrainingKind.STAFF} | HOURS
    audience = Audience([getattr(cast, name) for name in names], [], list(classes))
    return acts.plan_training(term=cast.term, kind=kind, values=common | values, audience=audience, by=cast.actor(by))


def row(training, teacher) -> TrainingPerson:
    return TrainingPerson.objects.get(training=training, teacher=teacher)


def told(kind: str = "training") -> list[tuple[str, set[str]]]:
    found = Message.objects.filter(kind=kind).order_by("pk")
    return [(m.title, {d.recipient.name for d in m.deliveries.all()}) for m in found]


def test_who_is_invited_is_told_when_and_where(cast):
    plan(cast, "teacher", "other_teacher")
    assert told() == [("岗前培训：岗前培训", {"陈立言", "温岚"})]
    assert Message.objects.get().body == "9月21日 13:00—14:30，报告厅。"


def test_a_meeting_needs_somebody_and_hours_in_order(cast):
    with pytest.raises(Refused, match="nobody_invited"):
        plan(cast)
    with pytest.raises(Refused, match="training_invalid"):
        plan(cast, "teacher", ends_at=time(12, 0))
    with pytest.raises(Refused, match="training_invalid"):
        plan(cast, "teacher", ends_at=None)


def test_a_grade_leader_plans_the_grades_own_research_and_nothing_else(cast):
    training = plan(cast, "teacher", kind=TrainingKind.GRADE, by="grade_leader")
    acts.mark(training=training, states={}, rest_present=True, by=cast.actor("grade_leader"))
    with pytest.raises(Refused, match="not_your_grade"):
        plan(cast, "other_teacher", kind=TrainingKind.GRADE, by="grade_leader")
    audience = Audience([cast.other_teacher])
    with pytest.raises(Refused, match="not_your_grade"):
        acts.invite(training=training, audience=audience, by=cast.actor("grade_leader"))
    with pytest.raises(PermissionDenied):
        plan(cast, "teacher", by="grade_leader")
    with pytest.raises(PermissionDenied):
        plan(cast, "teacher", kind=TrainingKind.GRADE, by="teacher")


def test_another_hour_is_told_another_word_of_the_content_is_not(cast):
    training = plan(cast, "teacher")
    acts.change_training(training=training, values={"content": "安全要点"}, by=cast.actor("office"))
    assert len(told()) == 1
    changed = acts.change_training(training=training, values={"place": "会议室"}, by=cast.actor("office"))
    assert changed == ["place"]
    assert told()[1] == ("培训改了时间或地点：岗前培训", {"陈立言"})


def test_nobody_is_invited_twice(cast):
    training = plan(cast, "teacher")
    audience = Audience([cast.teacher, cast.other_teacher])
    assert acts.invite(training=training, audience=audience, by=cast.actor("office")) == 1
    assert acts.invite(training=training, audience=audience, by=cast.actor("office")) == 0
    assert told()[1:] == [("岗前培训：岗前培训", {"温岚"})]
    acts.uninvite(person=row(training, cast.teacher), by=cast.actor("office"))
    assert TrainingPerson.objects.count() == 1


def test_who_missed_it_is_marked_and_the_rest_was_there(cast):
    training = plan(cast, "teacher", "other_teacher", "head_teacher")
    states = {row(training, cast.teacher).pk: Attended.EXCUSED}
    office = cast.actor("office")
    with pytest.raises(Refused, match="people_open"):
        acts.close_training(training=training, by=office)
    assert acts.mark(training=training, states=states, rest_present=True, by=office) == 3
    assert acts.mark(training=training, states=states, rest_present=True, by=office) == 0
    acts.close_training(training=training, by=office)
    training.refresh_from_db()
    assert (training.state, training.closed_by) == (TrainingState.HELD, cast.office.user)
    assert missed(training) == [cast.teacher]
    assert cast.teacher.pk in untrained(cast.term)
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.close_training(training=training, by=office)
    acts.mark(training=training, states={row(training, cast.teacher).pk: Attended.PRESENT}, by=office)  # a correction
    assert cast.teacher.pk not in untrained(cast.term)
    last = Event.objects.filter(verb="training.marked").last()
    assert [(c["old"], c["new"]) for c in last.data["changed"]] == [("excused", "present")]
    with pytest.raises(Refused, match="not_planned"):
        acts.change_training(training=training, values={"place": "别处"}, by=office)
    with pytest.raises(Refused, match="not_planned"):
        acts.uninvite(person=row(training, cast.teacher), by=office)
    with pytest.raises(Refused, match="not_planned"):
        acts.invite(training=training, audience=Audience([cast.gatekeeper]), by=office)


def test_nothing_is_marked_before_its_day(cast):
    training = plan(cast, "teacher", date=TODAY + timedelta(days=1))
    for act in (
        lambda: acts.mark(training=training, states={}, rest_present=True, by=cast.actor("office")),
        lambda: acts.close_training(training=training, by=cast.actor("office")),
    ):
        with pytest.raises(Refused, match="too_early"):
            act()
    with pytest.raises(PermissionDenied):
        acts.mark(training=training, states={}, by=cast.actor("teacher"))


def test_calling_off_needs_a_reason_and_tells(cast):
    training = plan(cast, "teacher")
    with pytest.raises(Refused, match="reason_missing"):
        acts.cancel_training(training=training, reason="", by=cast.actor("office"))
    acts.cancel_training(training=training, reason="台风", by=cast.actor("office"))
    assert told()[1] == ("取消：岗前培训（台风）", {"陈立言"})
    with pytest.raises(Refused, match="somebody_was_faster"):
        acts.cancel_training(training=training, reason="台风", by=cast.actor("office"))
    with pytest.raises(Refused, match="cancelled"):
        acts.mark(training=training, states={}, rest_present=True, by=cast.actor("office"))


def test_a_make_up_is_planned_for_those_who_missed(cast, login):
    training = plan(cast, "teacher", "other_teacher")
    acts.mark(
        training=training,
        states={row(training, cast.teacher).pk: Attended.ABSENT},
        rest_present=True,
        by=cast.actor("office"),
    )
    acts.close_training(training=training, by=cast.actor("office"))
    client, address = login("office"), reverse("scheduling:training-new", args=["staff"])
    html = client.get(address, {"makes_up": training.pk}).content.decode()
    assert f'<option value="{cast.teacher.pk}" selected' in html
    body = {"title": "补训", "date": "2026-09-21", "people": [cast.teacher.pk], "makes_up": training.pk}
    assert client.post(address, body).status_code == 302
    again = Training.objects.get(title="补训")
    assert again.makes_up == training
    client.post(reverse("scheduling:training-mark", args=[again.pk]), {"rest": "1", "close": "1"})
    assert cast.teacher.pk not in untrained(cast.term)
    assert missed(training) == []


def test_a_talk_is_told_class_by_class(cast):
    training = plan(cast, kind=TrainingKind.SAFETY, classes=cast.classes)
    assert told()[0][1] == {"周敏", "孟平"}
    first = TrainingClass.objects.get(school_class=cast.classes[0])
    acts.tell_class(row=first, reached=6, by=cast.actor("head_teacher"))
    with pytest.raises(PermissionDenied):
        acts.tell_class(row=first, reached=6, by=cast.actor("other_head_teacher"))
    with pytest.raises(Refused, match="classes_open"):
        acts.close_training(training=training, by=cast.actor("office"))
    for other in TrainingClass.objects.exclude(pk=first.pk):
        acts.tell_class(row=other, reached=5, by=cast.actor("office"))
    acts.close_training(training=training, by=cast.actor("office"))
    later = TrainingClass.objects.select_related("training").get(pk=first.pk)
    with clock.frozen(clock.now() - timedelta(days=1)), pytest.raises(Refused, match="too_early"):
        acts.tell_class(row=later, reached=6, by=cast.actor("head_teacher"))


@pytest.mark.parametrize("who", ROLES)
def test_only_those_concerned_see_a_meeting(cast, login, who):
    training = plan(cast, "teacher", kind=TrainingKind.SUBJECT, title="怎样辅导作业")
    client = login(who)
    seen = client.get(reverse("scheduling:training", args=[training.pk])).status_code == 200
    assert seen == (who in {"teacher", "office"})
    listed = client.get(reverse("scheduling:trainings"))
    assert (listed.status_code == 200 and "怎样辅导作业" in listed.content.decode()) == seen


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_asks_the_same_for_one_and_for_three(cast, login, django_assert_num_queries, number):
    for _ in range(number):
        plan(cast, "teacher", "other_teacher")
    client = login("office")
    with django_assert_num_queries(8):
        assert client.get(reverse("scheduling:trainings")).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_marking_asks_the_same_for_one_and_for_three(cast, login, django_assert_num_queries, number):
    training = plan(cast, *["teacher", "other_teacher", "head_teacher"][:number])
    client = login("office")
    with django_assert_num_queries(7):
        assert "其余都到了" in client.get(reverse("scheduling:training", args=[training.pk])).content.decode()


def test_the_pages_plan_mark_change_and_cancel(cast, login):
    client = login("office")
    address = reverse("scheduling:training-new", args=["staff"])
    wrong = client.post(address, {"title": "岗前培训", "date": "2026-09-21", "starts_at": "14:00", "ends_at": "13:00"})
    assert "结束要晚于开始" in wrong.content.decode()
    assert "14:00" in wrong.content.decode()
    nobody = client.post(address, {"title": "岗前培训", "date": "2026-09-21"})
    assert "请选择参加的人" in nobody.content.decode()
    client.post(address, {"title": "岗前培训", "date": "2026-09-21", "everybody": "on", "required": "on"})
    training = Training.objects.get()
    assert (training.required, training.people.count()) == (True, 4)
    page = reverse("scheduling:training", args=[training.pk])
    body = {"title": "岗前培训", "date": "2026-09-21", "place": "报告厅", "people": [cast.gatekeeper.pk]}
    edited = client.post(reverse("scheduling:training-edit", args=[training.pk]), body, follow=True)
    assert "新请了 1 位" in edited.content.decode()
    person = row(training, cast.gatekeeper)
    client.post(reverse("scheduling:training-person-remove", args=[person.pk]))
    marked = {f"s-{row(training, cast.teacher).pk}": "absent", "s-x": "absent", "close": "1"}
    refused = client.post(reverse("scheduling:training-mark", args=[training.pk]), marked, follow=True)
    assert "还有 3 人没有登记" in refused.content.decode()
    client.post(reverse("scheduling:training-mark", args=[training.pk]), {"rest": "1", "close": "1"})
    html = client.get(page).content.decode()
    assert "值班表上注明“未参加岗前培训”" not in html  # no longer required: the form was saved without the tick
    assert "1 人没参加" in html
    for form in ("sheet", "list", "xlsx"):
        assert client.post(reverse("scheduling:training-paper", args=[training.pk]), {"form": form}).status_code == 302
    kinds = set(Paper.objects.values_list("kind", flat=True))
    assert kinds == {"training-sheet", "training-list", "training-list-xlsx"}


def test_a_head_teacher_registers_the_own_class(cast, login):
    training = plan(cast, kind=TrainingKind.FAMILY, classes=cast.classes)
    client = login("head_teacher")
    html = client.get(reverse("scheduling:training", args=[training.pk])).content.decode()
    assert "一（1）班" in html
    assert "一（2）班" not in html
    own = TrainingClass.objects.get(school_class=cast.classes[0])
    address = reverse("scheduling:training-class-told", args=[own.pk])
    assert "请写人数" in client.post(address, {"reached": "很多"}, follow=True).content.decode()
    client.post(address, {"reached": "6"})
    own.refresh_from_db()
    assert (own.reached, own.done_by) == (6, cast.head_teacher.user)
    foreign = TrainingClass.objects.get(school_class=cast.classes[1])
    assert (
        client.post(reverse("scheduling:training-class-told", args=[foreign.pk]), {"reached": "6"}).status_code == 404
    )


@pytest.mark.parametrize("kind", [TrainingKind.STAFF, TrainingKind.SAFETY])
def test_the_papers_are_made_for_who_runs_it(cast, kind):
    classes = cast.classes if kind == TrainingKind.SAFETY else ()
    training = plan(
        cast, *([] if classes else ["teacher", "other_teacher", "head_teacher"]), kind=kind, classes=classes
    )
    params, office = {"training": training.pk}, cast.actor("office")
    assert sheet_pdf(params, office, lambda percent: None)[:4] == b"%PDF"
    assert list_pdf(params, office, lambda percent: None)[:4] == b"%PDF"
    assert list_xlsx(params, office, lambda percent: None)[:2] == b"PK"
    with pytest.raises(PermissionDenied):
        sheet_pdf(params, cast.actor("teacher"), lambda percent: None)


def test_the_rota_page_names_who_is_untrained_to_the_office_alone(cast, login):
    training = plan(cast, "teacher")
    acts.mark(training=training, states={row(training, cast.teacher).pk: Attended.ABSENT}, by=cast.actor("office"))
    acts.close_training(training=training, by=cast.actor("office"))
    decided = {"state": RotaState.ACCEPTED, "decided_at": NOW, "decided_by": cast.office.user}
    Rota.objects.create(term=cast.term, starts_on=TODAY, made_at=NOW, **decided)
    assert "没有参加上岗前的培训" in login("office").get(reverse("scheduling:rota")).content.decode()
    assert "没有参加上岗前的培训" not in login("teacher").get(reverse("scheduling:rota")).content.decode()


def test_a_meeting_whose_day_is_over_waits_for_its_list_on_both_pages(cast, login):
    training = plan(cast, "teacher", date=TODAY - timedelta(days=1))
    client = login("office")
    for page in (reverse("scheduling:trainings"), reverse("scheduling:training", args=[training.pk])):
        shown = client.get(page).content.decode()
        assert "待登记</" in shown
        assert "已安排</" not in shown
