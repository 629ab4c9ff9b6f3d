"""Erasure: afterwards no table holds the child's or the sole guardian's name, phone or words."""

import json
from datetime import date, datetime, timedelta

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import models

from afterschool.privacy.erasing import erase_child, forget_what_is_due
from afterschool.school import papers
from afterschool.school.access import SYSTEM
from afterschool.school.enums import JobState
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import (
    Event,
    EventNote,
    Guardian,
    Guardianship,
    Message,
    Paper,
    Placement,
    RosterImport,
    Student,
    User,
)
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from afterschool.support.refusal import Refused
from attendance.enums import CustodyState
from attendance.models import CallNote, ChildDay, Handover, HandoverNote, LeaveRequest, Mark
from enrollment.models import (
    AgreementText,
    Amendment,
    Application,
    CareRecord,
    Charge,
    Needs,
    Payment,
    PaymentImport,
    PickupPerson,
    RightsRequest,
    Signature,
)
from evaluation.models import RubricItem, ScoreLine, ScoreSheet
from tests.cast import NOW, TODAY, Cast
from tests.house.world import build_world

pytestmark = pytest.mark.django_db
SECRET = "只有这家人才有的话"


@pytest.fixture
def school(cast) -> Cast:
    """The whole world, with words about the second child in every place that takes some; its mother has no other child."""
    build_world(cast)
    child, mother = cast.students[1], cast.other_guardian
    User.objects.filter(pk=mother.user_id).update(email="hewen@example.com")
    application = Application.objects.get(student=child)
    Application.objects.filter(pk=application.pk).update(
        state="returned", reason=SECRET, answer=SECRET, signed_name=mother.name, submitted_at=NOW
    )
    Needs.objects.create(application=application, text=SECRET)
    PickupPerson.objects.create(application=application, name=mother.name, relation="mother", phone=mother.phone)
    Amendment.objects.create(
        application=application,
        starts_on=TODAY,
        old_weekdays="12345",
        weekdays="1",
        old_may_go_alone=False,
        may_go_alone=False,
        persons=[{"name": mother.name, "phone": mother.phone}],
        old_persons=[{"name": mother.name, "phone": mother.phone}],
        state="declined",
        reason=SECRET,
        asked_by=mother.user,
        asked_at=NOW,
        decided_by=cast.office.user,
        decided_at=NOW,
    )
    _signature(cast, application)
    _money(cast, child)
    _days(cast, child)
    sheet = ScoreSheet.objects.filter(student__isnull=False).first()
    mine = ScoreSheet.objects.create(
        term=cast.term, rubric=sheet.rubric, occasion="month", student=child, date=date(2026, 8, 31), comment=SECRET,
        scored_by=cast.teacher.user, scored_at=NOW,
    )  # fmt: skip
    item = RubricItem.objects.filter(rubric=sheet.rubric).first()
    ScoreLine.objects.create(sheet=mine, item=item, limit=item.points, points=1, note=SECRET)
    CareRecord.objects.create(
        term=cast.term, student=child, category_id=_category(), recorded_by=cast.office.user, recorded_at=NOW
    )
    _words(cast, child)
    return cast


def _category() -> int:
    from enrollment.models import CareCategory

    return CareCategory.objects.order_by("pk").values_list("pk", flat=True)[0]


def _signature(cast: Cast, application: Application) -> None:
    text = AgreementText.objects.create(
        term=cast.term, version=9, title="协议", body="正文", published_at=NOW, changed_at=NOW
    )
    signature = Signature(
        application=application,
        text=text,
        method="drawn",
        guardian=cast.other_guardian,
        signed_name=cast.other_guardian.name,
        child_name=cast.students[1].name,
        class_name="一（1）班",
        strokes="[[[1,2],[300,300]]]",
        content_hash="0" * 64,
        signed_at=NOW,
    )
    signature.pdf.save("signed.pdf", ContentFile(b"%PDF"), save=False)
    signature.save()


def _money(cast: Cast, child: Student) -> None:
    span = {"starts_on": TODAY, "ends_on": TODAY}
    Charge.objects.create(term=cast.term, student=child, label="九月", amount=100, issued_at=NOW, **span)
    Payment.objects.create(term=cast.term, student=child, amount=100, paid_on=TODAY, reference="E1", recorded_at=NOW)
    PaymentImport.objects.create(
        term=cast.term, filename="财务.xlsx", state="checked", uploaded_by=cast.office.user, uploaded_at=NOW,
        report={"rows": [{"name": child.name, "amount": "100"}]},
    )  # fmt: skip


def _days(cast: Cast, child: Student) -> None:
    row = ChildDay.objects.get(student=child, date=TODAY)
    link = Handover.objects.create(
        child_day=row, number=9, from_state="expected", to_state="group", to_holder=cast.teacher, by=cast.teacher.user,
        at=NOW, released_to=cast.other_guardian,
    )  # fmt: skip
    HandoverNote.objects.create(handover=link, text=f"{cast.other_guardian.name}来过")
    CallNote.objects.create(
        child_day=row, guardian=cast.other_guardian, outcome="reached", text=SECRET, by=cast.teacher.user, at=NOW
    )
    LeaveRequest.objects.create(
        term=cast.term, student=child, first_day=TODAY, last_day=TODAY, reason=SECRET, source="guardian",
        asked_by=cast.other_guardian.user, asked_at=NOW,
    )  # fmt: skip


def _words(cast: Cast, child: Student) -> None:
    mother, by = cast.other_guardian, cast.actor("office")
    Guardianship.objects.filter(student=child).update(ban_note=SECRET)
    record("student.renamed", subject=child, by=by, student_id=child.pk, note=f"旧名 → {child.name}")
    tell([cast.head_teacher.user], kind="x", title=f"{child.name}的事", body=SECRET, student=child, by=by)
    tell([cast.duty_leader.user], kind="x", title=f"{child.name}、刘四未到", by=by)
    RightsRequest.objects.filter(student=child).update(text=SECRET)
    RosterImport.objects.update(report={"warning_list": [{"reason": f"{child.name}重名", "value": mother.phone}]})
    paper = Paper.objects.create(
        kind="child_copy_pdf", title=f"{child.name}的资料副本", params={"student": child.pk}, requested_by=mother.user,
        state=JobState.DONE,
    )  # fmt: skip
    paper.file.save("copy.pdf", ContentFile(b"%PDF"))


def leave_the_group(cast: Cast, child: Student) -> None:
    """Take the child out, as a family does the day before."""
    Placement.objects.filter(student=child).update(ends_on=TODAY - timedelta(days=1))
    ChildDay.objects.filter(student=child, date=TODAY).update(state=CustodyState.FETCHED, holder=None)


def found_in_any_table(words: list[str]) -> list[str]:
    """Walk all tables of the portal, every text and JSON in them."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        fields = [
            f for f in model._meta.fields if isinstance(f, models.CharField | models.TextField | models.JSONField)
        ]
        for row in model._base_manager.all():
            for field in fields:
                value = getattr(row, field.attname)
                text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
                found += [f"{model._meta.label}.{field.name}: {word}" for word in words if word in text]
    return found


def test_afterwards_no_table_holds_name_phone_or_words(school):
    child, mother = school.students[1], school.other_guardian
    words = [child.name, mother.name, mother.phone, "hewen@example.com", SECRET, child.pinyin or "he wen"]
    words = [word for word in words if word]
    before = {line.split(":")[0] for line in found_in_any_table(words)}
    assert len(before) > 25, "the fixture has words everywhere"
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert found_in_any_table(words) == []


def test_what_must_stay_stays_without_a_name(school):
    child = school.students[1]
    leave_the_group(school, child)
    events, marks = Event.objects.count(), Mark.objects.filter(student=child).count()
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    child.refresh_from_db()
    assert (child.name, child.state, child.school_class, child.number) == (f"已删除 #{child.pk}", "left", None, None)
    assert child.erased_at == NOW
    assert Event.objects.count() >= events, "history keeps ids and codes"
    assert Mark.objects.filter(student=child).count() == marks > 0
    assert Handover.objects.get(child_day__student=child, number=9).released_to is None
    assert Payment.objects.get(student=child).amount == 100
    assert Application.objects.get(student=child).guardian is None
    signature = Signature.objects.get(text__version=9)
    assert (bool(signature.pdf), signature.strokes) == (True, ""), "sealed until the term is over for long"
    assert signature.erased_at == NOW
    assert RightsRequest.objects.get(student=child).state == "done"


def test_the_account_of_the_sole_guardian_is_closed(school, client):
    child, mother = school.students[1], school.other_guardian
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert not client.login(username=mother.phone, password="qinghe-2026")
    assert not User.objects.filter(pk=mother.user_id, is_active=True).exists()


def test_a_guardian_with_another_child_stays_and_is_told_without_the_name(school):
    child = school.students[0]
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    mother = Guardian.objects.get(pk=school.guardian.pk)
    assert (mother.name, mother.phone) == (school.guardian.name, school.guardian.phone)
    assert [link.student for link in mother.links.all()] == [school.students[6]]
    told = Message.objects.get(kind="rights.erased")
    assert child.name not in told.title + told.body
    assert found_in_any_table([child.name, "花生过敏"]) == []


def test_a_teacher_who_is_a_mother_keeps_the_teachers_account(school):
    child = school.students[1]
    Guardian.objects.filter(pk=school.other_guardian.pk).update(user=school.teacher.user)
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert User.objects.get(pk=school.teacher.user_id).is_active


def test_erasing_again_changes_nothing_but_what_came_since(school):
    child = school.students[1]
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    child.refresh_from_db()
    record("x.done", subject=child, by=SYSTEM, student_id=child.pk, note=SECRET)
    with clock.frozen(NOW + timedelta(days=1)):
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert not EventNote.objects.filter(text=SECRET).exists()
    assert Student.objects.get(pk=child.pk).erased_at == NOW


def test_a_crash_in_the_middle_leaves_everything_as_it_was(school, monkeypatch):
    child = school.students[1]
    leave_the_group(school, child)
    monkeypatch.setattr("afterschool.school.erasure.erase_people", lambda *args: 1 / 0)
    before = len(found_in_any_table([child.name]))
    with pytest.raises(ZeroDivisionError):
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert len(found_in_any_table([child.name])) == before


def test_files_about_the_child_go(school, django_capture_on_commit_callbacks):
    child = school.students[1]
    leave_the_group(school, child)
    file = Paper.objects.get(kind="child_copy_pdf").file
    with django_capture_on_commit_callbacks(execute=True):
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    assert not file.storage.exists(file.name)


def a_paper(kind: str, params: dict[str, object], by: User, state: str = JobState.DONE) -> Paper:
    made = Paper.objects.create(kind=kind, params=params, title="一份", requested_by=by, state=state)
    made.file.save(f"{made.pk}.pdf", ContentFile(b"%PDF"))
    return made


def test_lists_in_which_the_child_may_stand_go_and_others_stay(school, login):
    child, office = school.students[1], school.office.user
    leave_the_group(school, child)
    own, other = child.school_class_id, school.classes[1].pk
    assert own != other
    gone = [
        a_paper("agreement-copies", {"class": own, "term": school.term.pk}, office),
        a_paper("fees_list", {"term": school.term.pk}, office),
        a_paper("fees_statements", {"class": own, "term": school.term.pk}, office, JobState.RUNNING),
    ]
    stay = [
        a_paper("agreement-copies", {"class": other, "term": school.term.pk}, office),
        a_paper("fees_statements", {"student": school.students[0].pk}, office),
        a_paper("enrollment-figures", {"term": school.term.pk}, office),
        a_paper("fees_list", {"term": school.term.pk}, office, JobState.QUEUED),
    ]
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    left = set(Paper.objects.values_list("pk", flat=True))
    assert left.isdisjoint(paper.pk for paper in gone)
    assert {paper.pk for paper in stay} <= left


def test_a_paper_removed_while_it_was_being_made_leaves_no_file(cast, monkeypatch):
    made = Paper.objects.create(kind="slips", title="一份", requested_by=cast.office.user)

    def build(params, by, progress):
        Paper.objects.filter(pk=made.pk).delete()
        return b"%PDF"

    monkeypatch.setitem(papers.KINDS, "slips", papers.Kind(build, "pdf", 7))
    papers.make_paper.call(str(made.pk))
    storage = Paper._meta.get_field("file").storage
    kept = storage.listdir(made.requested_at.strftime("papers/%Y/%m"))[1]
    assert f"{made.pk}.pdf" not in kept


def test_a_day_that_was_never_ended_holds_the_erasure(school):
    child = school.students[1]
    leave_the_group(school, child)
    ChildDay.objects.filter(student=child, date=TODAY).update(
        date=TODAY - timedelta(days=3), state=CustodyState.EXPECTED
    )
    with pytest.raises(Refused, match="still_here") as refused:
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    day = TODAY - timedelta(days=3)
    assert f"{day.month}月{day.day}日" in refused.value.sentence


def test_the_second_of_two_who_erase_is_told_so(school):
    child = school.students[1]
    leave_the_group(school, child)
    erase_child(student=child, typed=child.name, by=school.actor("office"))
    with pytest.raises(Refused, match="erased_already"):
        erase_child(student=child, typed=child.name, by=school.actor("office"))


@pytest.mark.parametrize("who", ["head_teacher", "guardian", "leading_group"])
def test_only_the_office_erases(school, who):
    with pytest.raises(Refused, match="not_yours"):
        erase_child(student=school.students[1], typed=school.students[1].name, by=school.actor(who))


def test_the_name_must_be_typed(school):
    leave_the_group(school, school.students[1])
    with pytest.raises(Refused, match="wrong_name"):
        erase_child(student=school.students[1], typed="张三", by=school.actor("office"))


def test_a_child_in_a_group_or_at_school_today_is_not_erased(school):
    child = school.students[1]
    with pytest.raises(Refused, match="still_here"):
        erase_child(student=child, typed=child.name, by=school.actor("office"))
    Placement.objects.filter(student=child).update(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="still_here"):
        erase_child(student=child, typed=child.name, by=school.actor("office"))


def test_the_page_says_what_goes_and_what_stays(school, login):
    child = school.students[1]
    page = login("office").get(f"/privacy/students/{child.pk}/erasure/").content.decode()
    assert "现在还不能删" in page
    leave_the_group(school, child)
    page = login("office").get(f"/privacy/students/{child.pk}/erasure/").content.decode()
    assert "财务账目要按规定保存" in page
    done = login("office").post(f"/privacy/students/{child.pk}/erase/", {"name": child.name})
    assert done.status_code == 302
    assert child.name not in login("office").get(f"/privacy/students/{child.pk}/erasure/").content.decode()


# What time makes forget


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 8, tzinfo=SHANGHAI)


def test_health_is_forgotten_when_the_term_ends(school):
    forget_what_is_due(by=SYSTEM)
    assert Needs.objects.exists()
    with clock.frozen(at(2027, 1, 23)):
        forget_what_is_due(by=SYSTEM)
    assert not Needs.objects.exists()


def test_a_terms_words_are_forgotten_after_its_years_and_only_once(school):
    with clock.frozen(at(2030, 1, 22)):
        assert forget_what_is_due(by=SYSTEM) == 0
    with clock.frozen(at(2030, 1, 23)):
        assert forget_what_is_due(by=SYSTEM) == 1
        assert forget_what_is_due(by=SYSTEM) == 0
    assert not any("Application" in line or "Handover" in line for line in found_in_any_table([SECRET]))
    assert not Signature.objects.get(text__version=9).pdf
    assert Student.objects.get(pk=school.students[1].pk).name == school.students[1].name, "still at school"


def test_a_child_who_left_long_ago_is_forgotten(school):
    from afterschool.school.actions.people import mark_left

    child = school.students[1]
    leave_the_group(school, child)
    mark_left(student=child, by=school.actor("office"))
    with clock.frozen(at(2029, 9, 21)):
        forget_what_is_due(by=SYSTEM)
    assert Student.objects.get(pk=child.pk).erased_at is None
    with clock.frozen(at(2029, 9, 22)):
        forget_what_is_due(by=SYSTEM)
    assert found_in_any_table([child.name, school.other_guardian.phone]) == []
