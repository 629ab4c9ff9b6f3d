"""The roll on paper: the sheet with its instructions, and typing it in."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from pypdf import PdfReader

from afterschool.school.models import Event, Paper, SchoolDay
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, roll_calls
from attendance.actions.roll_papers import enter_paper
from attendance.enums import LeaveSource, MarkState
from attendance.models import ChildDay, RollCall
from attendance.roll_documents import roll_sheets_pdf
from tests.attendance.test_roll_call_pages import fill, url
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
CALLED_AT = NOW.replace(hour=15, minute=20)


def sheet(cast, **changes):
    return {child.pk: MarkState.PRESENT for child in cast.students[:6]} | {
        cast.students[int(name[1:])].pk: state for name, state in changes.items()
    }


def enter(cast, marks, *, who="teacher", **more):
    values = {"at": CALLED_AT, "called_by": cast.teacher} | more
    return enter_paper(session=cast.session, marks=marks, by=cast.actor(who), **values)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages)


def test_what_was_called_on_paper_stands_as_if_it_had_been_called_then(afternoon):
    roll = enter(afternoon, sheet(afternoon, _0=MarkState.LATE, _1=MarkState.ABSENT), who="duty_leader")
    assert (roll.from_paper, roll.opened_by, roll.opened_at) == (True, afternoon.teacher.user, CALLED_AT)
    assert (roll.closed_by, roll.closed_at) == (afternoon.duty_leader.user, NOW)
    marks = list(roll.marks.order_by("student").values_list("state", "device_id", "device_at"))
    assert marks[:2] == [("late", "paper", CALLED_AT), ("absent", "paper", CALLED_AT)]
    states = ChildDay.objects.order_by("student").values_list("state", flat=True)
    assert list(states) == ["group", "missing", *["group"] * 4]
    assert Event.objects.get(verb="roll_call.paper").data["teacher"] == afternoon.teacher.pk


def test_what_was_called_on_the_page_before_the_power_went_stays(afternoon):
    roll = roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))
    wish = roll_calls.Wish(afternoon.students[0].pk, MarkState.NOT_CALLED, MarkState.LATE)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("teacher"))
    done = enter(afternoon, sheet(afternoon))
    assert (done.pk, done.opened_at) == (roll.pk, NOW)
    assert done.marks.get(student=afternoon.students[0]).state == MarkState.LATE
    assert RollCall.objects.get().from_paper


def test_a_sheet_with_a_gap_writes_nothing(afternoon):
    marks = sheet(afternoon)
    del marks[afternoon.students[3].pk]
    with pytest.raises(Refused, match="not_all_called"):
        enter(afternoon, marks)
    assert not RollCall.objects.exists()


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bad_time", {"at": NOW + timedelta(minutes=1)}),
        ("bad_time", {"at": NOW.replace(hour=14, minute=14)}),
        ("bad_time", {"at": CALLED_AT - timedelta(days=1)}),
        ("not_yours", {"who": "other_teacher"}),
        ("not_yours", {"who": "leading_group"}),
    ],
)
def test_what_cannot_be_is_refused(afternoon, code, changes):
    with pytest.raises(Refused, match=code):
        enter(afternoon, sheet(afternoon), **changes)


def test_a_finished_roll_takes_no_paper(afternoon):
    enter(afternoon, sheet(afternoon))
    with pytest.raises(Refused, match="already_closed"):
        enter(afternoon, sheet(afternoon))


def test_later_the_office_alone_with_a_reason(afternoon):
    with clock.frozen(NOW + timedelta(days=2)):
        with pytest.raises(Refused, match="too_late"):
            enter(afternoon, sheet(afternoon), reason="停电")
        with pytest.raises(Refused, match="no_reason"):
            enter(afternoon, sheet(afternoon), who="office")
        roll = enter(afternoon, sheet(afternoon), who="office", reason="停电，第二天才通")
    assert roll.from_paper
    assert Event.objects.get(verb="roll_call.paper").note.text == "停电，第二天才通"


def test_the_page_takes_it_in_and_keeps_what_was_typed(afternoon, login):
    client, address = login("teacher"), url("roll-call-paper-enter", afternoon)
    ids = [child.pk for child in afternoon.students[:6]]
    page = client.get(url("roll-call-paper", afternoon)).content.decode()
    places = [page.index(f'name="m-{pk}"') for pk in ids]
    assert places == sorted(places)
    typed = {"teacher": afternoon.teacher.pk, f"m-{ids[0]}": "late", "all": ",".join(map(str, ids))}
    page = client.post(address, typed | {"at": "15:20"}).content.decode()
    assert "还有 5 人没点名" in page
    assert f'id="p{ids[0]}late" value="late" checked' in page
    assert "请写纸上的点名时间" in client.post(address, typed | {"rest": "1"}).content.decode()
    page = client.post(address, typed | {"at": "15:20", "rest": "1"}, follow=True).content.decode()
    assert ("纸质点名册已录入" in page, "纸质点名册补录" in page) == (True, True)
    assert RollCall.objects.get().marks.filter(state="present").count() == 5
    assert "已经完成" in client.get(url("roll-call-paper", afternoon), follow=True).content.decode()


def test_the_sheet_has_the_pages_order_leave_ticked_and_instructions(afternoon):
    fill(afternoon, 45)
    leaves.ask_leave(
        term=afternoon.term,
        student=afternoon.students[1],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.PAPER,
        by=afternoon.actor("office"),
    )
    pdf = roll_sheets_pdf({"session": afternoon.session.pk}, afternoon.actor("teacher"), lambda percent: None)
    text = text_of(pdf)
    assert len(PdfReader(BytesIO(pdf)).pages) == 1
    assert [text.index(child.name) for child in afternoon.students[:6]] == sorted(
        text.index(child.name) for child in afternoon.students[:6]
    )
    assert text.count("√") == 1
    assert all(words in text for words in ("纸质假条", "应到 45 人", "按纸质点名册补录"))


def test_the_office_gets_the_whole_day_in_one_file_and_a_stranger_nothing(afternoon, login):
    SchoolDay.objects.filter(date=TODAY).update(runs_weekday=1)
    text = text_of(roll_sheets_pdf({"day": TODAY.isoformat()}, afternoon.actor("office"), lambda percent: None))
    assert "一（1）班服务班点名册" in text
    for who, params in (
        ("other_teacher", {"session": afternoon.session.pk}),
        ("other_teacher", {"day": TODAY.isoformat()}),
    ):
        with pytest.raises(Refused):
            roll_sheets_pdf(params, afternoon.actor(who), lambda percent: None)
    login("office").post(reverse("attendance:sessions-print"), {"day": "2026-09-21"})
    assert Paper.objects.get().params == {"day": "2026-09-21"}
