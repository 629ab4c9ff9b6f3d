"""Checks of rooms and their lists: every refusal, what becomes a defect, which rooms are due."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from afterschool.school.enums import RoomKind
from afterschool.school.models import Event, Message, Room
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.checks import Found, add_item, add_list, check_room, report_defect, set_list, switch_item
from attendance.check_defaults import LISTS, install_check_lists
from attendance.check_documents import record_pdf, record_xlsx
from attendance.enums import Answer
from attendance.models import CheckItem, CheckList, CheckResult, Defect, DefectPhoto, SafetyCheck
from attendance.queries.checks import checks_between, closed_rooms, items_of, latest_check, lists_for, rooms_due
from attendance.safety import Due
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(cast) -> Cast:
    """The cast's three classrooms with the lists as they are installed."""
    install_check_lists()
    return cast


def room_of(cast: Cast) -> Room:
    return cast.classes[0].room


def home_list() -> CheckList:
    return CheckList.objects.get(room_kind=RoomKind.HOME)


def picture(name: str = "a.jpg") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), "gray").save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), "image/jpeg")


def check(cast: Cast, *bad: Found, by: str = "duty_leader", rest: bool = True, **changes) -> SafetyCheck:
    """Check the first classroom: the first items are these, the rest are in order."""
    room, one = changes.pop("room", room_of(cast)), changes.pop("check_list", home_list())
    found = dict(zip([item.pk for item in items_of(one)], bad, strict=False))
    values = {"seen": latest_check(room, one)} | changes
    actor = cast.actor(by)
    return check_room(term=cast.term, room=room, check_list=one, found=found, rest_good=rest, by=actor, **values)


def bad(text: str = "插座松动", **changes) -> Found:
    return Found(Answer.BAD, text, **changes)


def code_of(deed) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def test_the_lists_are_set_once_and_then_left_alone(school):
    assert CheckList.objects.count() == len(LISTS)
    home_list().items.all().delete()
    install_check_lists()
    assert not home_list().items.exists()
    assert {kind for _, kind, _, _ in LISTS} == set(RoomKind)


def test_a_check_keeps_each_item_as_it_read_and_makes_a_defect_of_what_is_bad(school):
    made = check(school, Found(Answer.NONE), bad(photo=picture(), closes_room=True), note="放学后查")
    rows = list(made.results.all())
    assert [row.answer for row in rows] == ["none", "bad", *["good"] * (len(rows) - 2)]
    defect = Defect.objects.get()
    assert (defect.text, defect.result, defect.closes_room, defect.owner) == ("插座松动", rows[1], True, None)
    assert DefectPhoto.objects.get().is_picture
    assert closed_rooms() == {room_of(school).pk: [defect]}
    told = Message.objects.get(kind="defect")
    assert told.title.endswith("有 1 处安全隐患，修好以前不用这个场地")
    assert set(told.deliveries.values_list("recipient", flat=True)) == {
        school.office.user_id,
        school.service_centre.user_id,
    }
    event = Event.objects.get(verb="safety.checked")
    assert event.data["defects"] == [defect.pk]


def test_nothing_is_in_order_by_itself(school):
    assert code_of(lambda: check(school, Found(Answer.GOOD), rest=False)) == "unanswered"
    assert not SafetyCheck.objects.exists()
    every = [Found(Answer.GOOD)] * len(items_of(home_list()))
    assert check(school, *every, rest=False).results.count() == len(every)
    assert not Message.objects.exists()


def test_a_defect_needs_words_and_a_photo_that_is_one(school):
    assert code_of(lambda: check(school, bad(" "))) == "defect_words"
    paper = SimpleUploadedFile("a.jpg", b"%PDF-1.7", "image/jpeg")
    assert code_of(lambda: check(school, bad(photo=paper))) == "file_kind"


def test_a_list_is_for_rooms_of_its_kind_and_in_use(school):
    pitch = CheckList.objects.get(room_kind=RoomKind.PITCH)
    assert code_of(lambda: check(school, check_list=pitch)) == "list_wrong"
    Room.objects.filter(pk=room_of(school).pk).update(active=False)
    assert code_of(lambda: check(school, room=Room.objects.get(pk=room_of(school).pk))) == "list_wrong"
    everywhere = add_list(title="防火", room_kind="", every_days=90, by=school.actor("office"))
    other = school.classes[1].room
    assert everywhere not in lists_for(other), "a list without items is no list yet"
    add_item(check_list=everywhere, text="灭火器", by=school.actor("office"))
    assert everywhere in lists_for(other)


def test_a_form_opened_before_another_check_comes_too_late(school):
    seen = latest_check(room_of(school), home_list())
    check(school)
    assert code_of(lambda: check(school, seen=seen)) == "somebody_was_faster"
    assert SafetyCheck.objects.count() == 1


@pytest.mark.parametrize("who", ["teacher", "head_teacher", "gatekeeper", "leading_group", "guardian"])
def test_who_may_not_check(school, who):
    with pytest.raises(PermissionDenied):
        check(school, by=who)


@pytest.mark.parametrize("who", ["office", "service_centre", "grade_leader", "duty_leader"])
def test_who_may_check(school, who):
    assert check(school, by=who).by == getattr(school, who).user


def test_any_of_the_staff_reports_and_only_who_checks_closes_a_room(school):
    room, term = room_of(school), school.term
    plain = report_defect(term=term, room=room, found=bad(closes_room=True), by=school.actor("teacher"))
    closing = report_defect(term=term, room=room, found=bad(closes_room=True), by=school.actor("grade_leader"))
    assert (plain.closes_room, closing.closes_room) == (False, True)
    with pytest.raises(PermissionDenied):
        report_defect(term=term, room=room, found=bad(), by=school.actor("guardian"))
    assert code_of(lambda: report_defect(term=term, room=room, found=bad(""), by=school.actor("teacher"))) == (
        "defect_words"
    )


def test_rooms_are_due_from_their_last_check_on(school):
    assert [line.due for line in rooms_due().waiting] == [Due.NEVER] * 3
    check(school, bad())
    seen = rooms_due()
    assert (len(seen.waiting), [line.room for line in seen.rest]) == (2, [room_of(school)])
    assert seen.rest[0].open_defects == 1
    with clock.frozen(NOW + timedelta(days=31)):
        seen = rooms_due()
        line = next(one for one in seen.waiting if one.room == room_of(school))
    assert (line.word, line.tone, seen.overdue) == ("过期 1 天", "act", 3)
    with clock.frozen(NOW + timedelta(days=28)):
        assert rooms_due().waiting[-1].word == "快到期"


class TestLists:
    def test_the_office_adds_switches_and_sets_and_earlier_checks_stay(self, school):
        office, one = school.actor("office"), home_list()
        before = check(school)
        item = items_of(one)[0]
        switch_item(item=item, active=False, by=office)
        added = add_item(check_list=one, text="窗帘牢固", by=office)
        set_list(check_list=one, every_days=14, active=True, by=office)
        one.refresh_from_db()
        assert (items_of(one)[-1], item in items_of(one), one.every_days) == (added, False, 14)
        assert before.results.first().text == item.text
        assert CheckResult.objects.filter(item=added).count() == 0
        set_list(check_list=one, every_days=14, active=False, by=office)
        assert one not in lists_for(room_of(school))

    @pytest.mark.parametrize(
        ("values", "code"),
        [
            ({"title": " "}, "title_missing"),
            ({"title": "普通教室安全检查"}, "title_taken"),
            ({"room_kind": "moon"}, "kind_wrong"),
            ({"every_days": 0}, "days_wrong"),
            ({"every_days": 366}, "days_wrong"),
        ],
    )
    def test_a_list_that_makes_no_sense_is_refused(self, school, values, code):
        usual = {"title": "防火", "room_kind": "", "every_days": 30}
        assert code_of(lambda: add_list(by=school.actor("office"), **(usual | values))) == code

    def test_items_that_make_no_sense_are_refused(self, school):
        office, one = school.actor("office"), home_list()
        item = items_of(one)[0]
        assert code_of(lambda: add_item(check_list=one, text=" ", by=office)) == "item_missing"
        assert code_of(lambda: add_item(check_list=one, text=item.text, by=office)) == "item_taken"
        assert code_of(lambda: switch_item(item=item, active=True, by=office)) == "somebody_was_faster"
        assert code_of(lambda: set_list(check_list=one, every_days=0, active=True, by=office)) == "days_wrong"

    def test_only_the_office_changes_lists(self, school):
        leader, one = school.actor("duty_leader"), home_list()
        item = CheckItem.objects.filter(check_list=one).first()
        for deed in (
            lambda: add_list(title="x", room_kind="", every_days=1, by=leader),
            lambda: set_list(check_list=one, every_days=1, active=True, by=leader),
            lambda: add_item(check_list=one, text="x", by=leader),
            lambda: switch_item(item=item, active=False, by=leader),
        ):
            with pytest.raises(PermissionDenied):
                deed()


def test_the_papers_hold_checks_and_defects_and_no_formula(school):
    check(school, bad("=1+1"), note="@x")
    params = {"term": school.term.pk, "first": "2026-09-01", "last": "2026-09-30"}
    actor = school.actor("leading_group")
    book = load_workbook(BytesIO(record_xlsx(params, actor, print)))
    assert book.sheetnames == ["检查", "隐患"]
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value in ("=1+1", "@x")]
    assert [cell.data_type for cell in cells] == ["s", "s"]
    text = PdfReader(BytesIO(record_pdf(params, actor, print))).pages[0].extract_text()
    assert "检查 1 次，发现隐患 1 处" in text
    empty = params | {"first": "2026-10-01", "last": "2026-10-31"}
    assert "没有检查" in PdfReader(BytesIO(record_pdf(empty, actor, print))).pages[0].extract_text()
    for build in (record_pdf, record_xlsx):
        with pytest.raises(PermissionDenied):
            build(params, school.actor("teacher"), print)


@pytest.mark.parametrize("many", [1, 3])
def test_the_record_costs_the_same_for_one_check_and_for_three(school, django_assert_num_queries, many):
    for number in range(many):
        check(school, bad(f"第{number}处"))
    with django_assert_num_queries(3):
        assert len(checks_between(school.term, TODAY, TODAY)) == many
    with django_assert_num_queries(4):
        rooms_due()
