"""What families ask: correction, erasure, a copy; who answers; who looked."""

import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from afterschool.management.commands.tick import tick
from afterschool.privacy.copies import FORMATS, ask_copy
from afterschool.school.enums import ImportState, JobState
from afterschool.school.models import Event, Message, Paper, RosterImport
from afterschool.support.refusal import Refused
from enrollment.actions import rights
from enrollment.enums import RightsKind, RightsState
from enrollment.models import RightsRequest
from tests.cast import NOW, make_guardian
from tests.house.world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(cast):
    return build_world(cast)


def asked(world, name="correction") -> RightsRequest:
    return RightsRequest.objects.select_related("student__school_class__head_teacher").get(pk=world.things[name]["pk"])


def test_a_correction_reaches_class_and_office_and_comes_back(cast):
    made = rights.ask(student=cast.students[0], kind=RightsKind.CORRECT, text=" 学号错了 ", by=cast.actor("guardian"))
    told = Message.objects.get(kind="rights.asked")
    assert set(told.deliveries.values_list("recipient", flat=True)) == {cast.head_teacher.user_id, cast.office.user_id}
    rights.answer(request=made, done=True, words="改成 1 号了", by=cast.actor("head_teacher"))
    made.refresh_from_db()
    assert (made.state, made.answer, made.text) == (RightsState.DONE, "改成 1 号了", "学号错了")
    assert Message.objects.get(kind="rights.answered").deliveries.get().recipient == cast.guardian.user


@pytest.mark.parametrize(
    ("who", "kind", "text", "code"),
    [
        ("other_guardian", "correct", "x", "not_yours"),
        ("head_teacher", "erase", "", "not_yours"),
        ("guardian", "correct", "  ", "no_text"),
        ("guardian", "correct", "长" * 301, "too_long"),
    ],
)
def test_what_cannot_be_asked_is_refused(cast, who, kind, text, code):
    with pytest.raises(Refused, match=code):
        rights.ask(student=cast.students[0], kind=RightsKind(kind), text=text, by=cast.actor(who))


def test_the_same_is_asked_once_until_it_is_answered(world):
    with pytest.raises(Refused, match="asked_already"):
        rights.ask(student=world.cast.students[0], kind=RightsKind.CORRECT, text="x", by=world.cast.actor("guardian"))
    rights.answer(request=asked(world), done=False, words="名册里就是这样", by=world.cast.actor("office"))
    rights.ask(student=world.cast.students[0], kind=RightsKind.CORRECT, text="x", by=world.cast.actor("guardian"))


@pytest.mark.parametrize(
    ("name", "who", "done", "words", "code"),
    [
        ("correction", "other_head_teacher", True, "", "not_yours"),
        ("correction", "guardian", True, "", "not_yours"),
        ("correction", "head_teacher", False, " ", "no_reason"),
        ("correction", "office", True, "长" * 301, "too_long"),
        ("erasure_asked", "head_teacher", False, "x", "not_yours"),
        ("erasure_asked", "office", True, "", "erase_first"),
    ],
)
def test_who_may_not_answer_or_not_so_is_refused(world, name, who, done, words, code):
    with pytest.raises(Refused, match=code):
        rights.answer(request=asked(world, name), done=done, words=words, by=world.cast.actor(who))


def test_two_who_answer_at_once_do_not_both_get_through(world):
    first, second = asked(world), asked(world)
    rights.answer(request=first, done=True, words="", by=world.cast.actor("office"))
    with pytest.raises(Refused, match="somebody_was_faster"):
        rights.answer(request=second, done=False, words="不改", by=world.cast.actor("head_teacher"))


def test_what_was_typed_is_kept_where_it_is_refused(world, login):
    page = login("office").post(f"/privacy/requests/{asked(world).pk}/answer/", {"answer": "长" * 301})
    assert "长长长" in page.content.decode()


def test_a_family_whose_child_has_left_still_asks(cast):
    cast.students[0].state = "left"
    cast.students[0].school_class = cast.students[0].number = None
    cast.students[0].save()
    client = Client()
    client.force_login(cast.guardian.user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    assert cast.students[0].name in client.get("/privacy/my/").content.decode()


# A copy


def copy_of(cast, form, who="guardian", child=0) -> bytes:
    wanted = FORMATS[form]
    return wanted.build({"student": cast.students[child].pk}, cast.actor(who), lambda percent: None)


def test_a_copy_in_json_has_all_of_the_child_and_nothing_of_others(world):
    cast = world.cast
    make_guardian(77, "罗二伯", cast.students[0], account=False)
    text = copy_of(cast, "json").decode()
    values = json.loads(text)
    assert values["child"] == cast.students[0].name
    titles = {table["title"] for table in values["tables"]}
    assert {"孩子", "申请", "点名", "请假", "评价", "知情同意", "谁看过孩子的资料", "账单"} <= titles
    assert "花生过敏" in text
    assert "罗二伯" in text, "whom the register shows this family, by name"
    assert "13900000077" not in text, "but not their phone"
    assert cast.guardian.phone in text, "the own phone"
    for other in (*cast.students[1:6], *cast.students[7:]):
        assert other.name not in text


def test_a_copy_in_excel_has_a_sheet_for_each_table(world):
    book = load_workbook(BytesIO(copy_of(world.cast, "xlsx")))
    assert "孩子" in book.sheetnames
    assert "写给老师的说明" in book.sheetnames
    assert book["写给老师的说明"]["B3"].value == "花生过敏"


def test_a_copy_to_read_says_why_each_is_kept(world):
    reader = PdfReader(BytesIO(copy_of(world.cast, "pdf")))
    text = "".join(page.extract_text() for page in reader.pages)
    assert "为什么留" in text
    assert world.cast.students[0].name in text


@pytest.mark.parametrize("who", ["other_guardian", "head_teacher", "office"])
def test_only_a_guardian_who_acts_gets_a_copy(world, who):
    with pytest.raises(Refused, match="not_yours"):
        copy_of(world.cast, "json", who)
    with pytest.raises(Refused, match="not_yours"):
        ask_copy(student=world.cast.students[0], form="json", by=world.cast.actor(who))


def test_a_guardian_who_was_banned_meanwhile_gets_none(world):
    world.cast.guardian.links.update(acts=False, may_fetch=False, banned=True)
    with pytest.raises(Refused, match="not_yours"):
        copy_of(world.cast, "pdf")


def test_asking_for_a_copy_is_on_record_and_made_by_the_worker(world, login, django_capture_on_commit_callbacks):
    child = world.cast.students[0]
    with django_capture_on_commit_callbacks():
        answer = login("guardian").post(f"/privacy/children/{child.pk}/copy/", {"form": "xlsx"})
    paper = Paper.objects.get(kind="child_copy_xlsx")
    assert answer["Location"] == f"/papers/{paper.pk}/"
    assert Event.objects.get(verb="copy.asked").student_id == child.pk


# Looks


def test_who_looked_stands_on_the_offices_page_and_the_role_in_the_copy(world, login):
    cast = world.cast
    child = cast.students[0]
    login("head_teacher").get(f"/students/{child.pk}/")
    login("office").get(f"/enrollment/students/{child.pk}/care/")
    page = login("office").get(f"/privacy/students/{child.pk}/looks/").content.decode()
    assert cast.head_teacher.name in page
    assert "关爱类别" in page
    values = json.loads(copy_of(cast, "json"))
    looks = next(table["rows"] for table in values["tables"] if table["title"] == "谁看过孩子的资料")
    assert {(look["看了什么"], look["岗位"]) for look in looks} >= {
        ("孩子的资料", "班主任"),
        ("关爱类别", "课程教学中心"),
    }
    assert cast.head_teacher.name not in json.dumps(looks, ensure_ascii=False)


# What goes by itself


def test_papers_with_codes_or_a_childs_data_go_after_a_week(cast, django_capture_on_commit_callbacks):
    made = {}
    for kind, days in (("slips", 8), ("child_copy_pdf", 8), ("slips", 6), ("rota", 8)):
        paper = Paper.objects.create(kind=kind, title=kind, requested_by=cast.office.user, state=JobState.DONE)
        paper.file.save("x.pdf", ContentFile(b"%PDF"))
        Paper.objects.filter(pk=paper.pk).update(requested_at=timezone.now() - timedelta(days=days))
        made[kind, days] = paper
    with django_capture_on_commit_callbacks(execute=True):
        tick()
    assert set(Paper.objects.values_list("pk", flat=True)) == {made["slips", 6].pk, made["rota", 8].pk}
    gone = made["slips", 8].file
    assert not gone.storage.exists(gone.name)


def test_rosters_that_nobody_took_up_go(cast, django_capture_on_commit_callbacks):
    for state, days in ((ImportState.REFUSED, 8), (ImportState.REFUSED, 6), (ImportState.CHECKED, 31)):
        brought = RosterImport(
            school_year=2026,
            filename=f"{state}{days}",
            uploaded_by=cast.office.user,
            uploaded_at=NOW - timedelta(days=days),
            state=state,
            report={"error_list": [{"value": "王一"}]},
        )
        brought.file.save("x.bin", ContentFile(b"x"), save=False)
        brought.save()
    with django_capture_on_commit_callbacks(execute=True):
        tick()
    left = RosterImport.objects.exclude(file="")
    assert [one.filename for one in left] == ["refused6"]
    assert RosterImport.objects.filter(state=ImportState.DISCARDED, report={}).count() == 2


def test_a_refused_request_says_why_beside_its_field(world, login):
    child = world.cast.students[6]  # the first has one that waits
    page = login("guardian").post(f"/privacy/children/{child.pk}/correct/", {"text": "长" * 301}).content.decode()
    assert f'id="fix{child.pk}_error"' in page
    assert "长" * 301 in page
    assert f'id="del{child.pk}_error"' not in page
