"""Letters: written, published once and for all, read, asked for again; hostile text; paper and picture."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from afterschool.school.models import Delivery, Guardianship, Student, User
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.actions import letters as actions
from enrollment.documents.letters import letter_pdf, letter_picture
from enrollment.enums import NoticeKind, NoticeState
from enrollment.letter_text import MOST_CHARACTERS, body_of, copy_text
from enrollment.models import Notice, NoticeReading
from enrollment.queries.letters import own_letters, readers_by_class
from tests.cast import NOW, make_guardian

HOSTILE = """
<script>alert(1)</script><p onclick="x()" style="position:fixed">甲</p><img src=x onerror=alert(1)>
<a href="javascript:alert(1)">乙</a><a href="https://example.com" onmouseover="x()">丙</a>
<iframe src="https://example.com"></iframe><svg><script>x()</script></svg><style>p{display:none}</style>
<table style="width:9999px"><tr><td><table><tr><td>丁</td></tr></table></td></tr></table><form><input name=a></form>
"""


def draft(cast, kind=NoticeKind.LETTER, **changes) -> Notice:
    notice = actions.write_letter(term=cast.term, kind=kind, by=cast.actor("office"))
    if changes:
        save(cast, notice, **changes)
        notice.refresh_from_db()
    return notice


def save(cast, notice, by="office", **changes):
    values = {"title": notice.title, "body": notice.body, "grades": [], "on_board": True, "with_slip": True}
    seen = changes.pop("seen", notice.version)
    actions.save_letter(notice=notice, seen=seen, by=cast.actor(by), **(values | changes))


def published(cast, **changes) -> Notice:
    notice = draft(cast, **changes)
    actions.publish_letter(notice=notice, seen=notice.version, by=cast.actor("office"))
    notice.refresh_from_db()
    return notice


def refused(code):
    return pytest.raises(Refused, match=f"^{code}:")


# Text


def test_what_is_pasted_loses_all_that_could_act():
    text = body_of(HOSTILE)
    for word in (
        "script",
        "onerror",
        "onclick",
        "style",
        "javascript",
        "iframe",
        "svg",
        "img",
        "form",
        "input",
        "9999",
    ):
        assert word not in text
    assert all(word in text for word in "甲乙丙丁")
    assert 'href="https://example.com"' in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("字" * (MOST_CHARACTERS + 1), "too_long"),
        ("<table><tr><td>" * 9000, "too_long"),
        ("<table><tr><td>" * 300 + "甲", "too_deep"),
        ("<ul><li>" * 20 + "甲", "too_deep"),
    ],
    ids=["long", "huge", "tables", "lists"],
)
def test_what_paper_could_not_hold_is_refused(text, code):
    with refused(code):
        body_of(text)


@given(st.text(max_size=200))
def test_cleaning_twice_changes_nothing_and_the_copy_holds_no_markup(text):
    once = body_of(text)
    assert body_of(once) == once
    copied = copy_text("题", once, "校", "日")
    assert "<script" not in copied or "&lt;script" in once


def test_the_copy_for_the_account_keeps_numbers_and_cells():
    body = (
        "<h3>一</h3><p>甲<br>乙</p><ol><li><p>丙</p></li><li>丁</li></ol><ul><li>戊</li></ul>"
        "<table><tr><td><p>己</p></td><td>庚</td></tr></table>"
    )
    assert copy_text("题", body, "校", "日").split("\n") == [
        "题", "", "【一】", "甲", "乙", "1. 丙", "2. 丁", "· 戊", "己 | 庚", "", "校", "日",
    ]  # fmt: skip


# Writing and publishing


def test_only_the_office_writes_and_publishes(cast):
    notice = draft(cast)
    for who in ("head_teacher", "guardian", "leading_group"):
        with refused("not_yours"):
            save(cast, notice, by=who)
        with refused("not_yours"):
            actions.publish_letter(notice=notice, seen=0, by=cast.actor(who))


def test_a_draft_that_somebody_else_saved_is_not_overwritten(cast):
    notice = draft(cast)
    save(cast, notice, title="第一位写的")
    with refused("somebody_was_faster"):
        save(cast, notice, title="第二位写的")
    with refused("somebody_was_faster"):
        actions.publish_letter(notice=notice, seen=0, by=cast.actor("office"))
    assert Notice.objects.get(pk=notice.pk).title == "第一位写的"


def test_a_changed_setting_changes_a_draft_and_never_what_was_published(cast, login):
    notice, out = draft(cast), published(cast)
    cast.term.cap = 33
    cast.term.save()
    client = login("office")
    assert "33人" in client.get(reverse("enrollment:letter", args=[notice.pk])).text
    shown = client.get(reverse("enrollment:letter", args=[out.pk])).text
    assert "45人" in shown
    assert "33人" not in shown


def test_what_was_published_is_not_changed_published_or_thrown_away_again(cast, login):
    notice = published(cast)
    office = cast.actor("office")
    for act in (
        lambda: save(cast, notice),
        lambda: actions.publish_letter(notice=notice, seen=notice.version, by=office),
        lambda: actions.discard_letter(notice=notice, by=office),
    ):
        with refused("somebody_was_faster"):
            act()
    answer = login("office").get(reverse("enrollment:letter-edit", args=[notice.pk]))
    assert answer.status_code == 302


def test_each_guardian_with_an_account_is_told_once_with_the_way_to_the_letter(cast):
    notice = published(cast)
    told = Delivery.objects.filter(message__kind="notice.published")
    assert sorted(told.values_list("recipient_id", flat=True)) == sorted(
        [cast.guardian.user_id, cast.other_guardian.user_id]
    )
    assert told.first().message.url == reverse("enrollment:my-letter", args=[notice.key])


def test_a_letter_to_one_grade_reaches_nobody_else(cast):
    notice = published(cast, grades=[2])
    assert not Delivery.objects.filter(message__kind="notice.published").exists()
    assert own_letters(cast.actor("guardian"), cast.term) == []
    with refused("not_yours"):
        actions.read_letter(notice=notice, by=cast.actor("guardian"))


def test_telling_the_whole_school_asks_the_database_no_more_than_telling_two(cast):
    def count() -> int:
        notice = draft(cast)
        with CaptureQueriesContext(connection) as queries:
            actions.publish_letter(notice=notice, seen=0, by=cast.actor("office"))
        return len(queries)

    few = count()
    users = User.objects.bulk_create(User(login=f"p{n}", name=f"家长{n}") for n in range(60))
    for user, student in zip(users, cast.students * 4, strict=False):
        guardian = make_guardian(500 + user.pk, user.name, account=False)
        type(guardian).objects.filter(pk=guardian.pk).update(user=user)
        Guardianship.objects.create(guardian=guardian, student=student)
    assert count() == few <= 20


def test_an_empty_letter_is_not_published(cast):
    notice = draft(cast, kind=NoticeKind.OTHER)
    with refused("empty"):
        actions.publish_letter(notice=notice, seen=0, by=cast.actor("office"))


def test_the_publish_page_names_what_nothing_fills(cast, login):
    notice = draft(cast, body="<p>【申请时问】见【学期名称】</p>")
    page = login("office").get(reverse("enrollment:letter-publish", args=[notice.pk])).text
    assert "【申请时问】" in page
    assert "【学期名称】" not in page


def test_a_form_with_a_slip_keeps_what_was_typed(cast, login):
    notice = draft(cast)
    url = reverse("enrollment:letter-edit", args=[notice.pk])
    page = login("office").post(url, {"version": 7, "title": "新标题", "body": "<p>打好的字</p>"})
    assert page.status_code == 200
    assert "打好的字" in page.text
    assert "别人刚改过" in page.text
    page = login("office").post(url, {"version": 0, "title": "", "body": "<p>打好的字</p>"})
    assert "这里要填" in page.text


# The board


def test_the_board_is_open_to_the_world_and_says_what_was_taken_down(cast, client):
    notice = published(cast)
    hidden, unpublished = published(cast, on_board=False), draft(cast)
    board = client.get(reverse("notices:board")).text
    assert str(notice.key) in board
    assert str(hidden.key) not in board
    page = client.get(reverse("notices:notice", args=[notice.key]))
    assert "作业指导" in page.text
    assert "王一" not in page.text
    for other in (hidden, unpublished):
        assert client.get(reverse("notices:notice", args=[other.key])).status_code == 404
    actions.take_down_letter(notice=notice, by=cast.actor("office"))
    gone = client.get(reverse("notices:notice", args=[notice.key]))
    assert gone.status_code == 410
    assert "撤下" in gone.text
    assert "作业指导" not in gone.text


def test_the_login_page_leads_to_the_board(cast, client):
    assert reverse("notices:board") in client.get(reverse("school:login")).text


# Reading


def test_reading_counts_for_each_own_child_and_for_its_message(cast, login):
    notice = published(cast)
    client = login("guardian")
    home = client.get(reverse("home")).text
    assert reverse("enrollment:my-letter", args=[notice.key]) in home
    client.get(reverse("enrollment:my-letter", args=[notice.key]))
    assert not NoticeReading.objects.exists()  # opened, not read to its end
    client.post(reverse("enrollment:my-letter-read", args=[notice.key]))
    read = NoticeReading.objects.filter(notice=notice)
    assert sorted(read.values_list("student_id", flat=True)) == [cast.students[0].pk, cast.students[6].pk]
    assert not Delivery.objects.filter(recipient=cast.guardian.user, read_at__isnull=True).exists()
    assert actions.read_letter(notice=notice, by=cast.actor("guardian")) == 0


def test_letters_not_read_come_first(cast):
    first, second = published(cast), published(cast, title="第二封")
    actions.read_letter(notice=second, by=cast.actor("guardian"))
    assert [(letter.notice, letter.read) for letter in own_letters(cast.actor("guardian"), cast.term)] == [
        (first, False), (second, True),
    ]  # fmt: skip


def test_a_slip_is_taken_in_by_the_own_class_only_and_once(cast):
    notice, child = published(cast), cast.students[2]
    for who in ("other_head_teacher", "guardian", "teacher"):
        with refused("not_yours"):
            actions.record_slip(notice=notice, student=child, by=cast.actor(who))
    actions.record_slip(notice=notice, student=child, by=cast.actor("head_teacher"))
    with refused("read_already"):
        actions.record_slip(notice=notice, student=child, by=cast.actor("head_teacher"))
    rows = readers_by_class(cast.actor("office"), notice)
    assert [(row.school_class, row.children, row.portal, row.slips) for row in rows] == [
        (cast.classes[0], 6, 0, 1), (cast.classes[1], 6, 0, 0), (cast.classes[2], 4, 0, 0),
    ]  # fmt: skip


def test_classes_stand_in_the_order_of_their_numbers_whatever_they_have_read(cast):
    notice = published(cast)
    actions.read_letter(notice=notice, by=cast.actor("guardian"))
    for child in cast.students[12:]:
        actions.record_slip(notice=notice, student=child, by=cast.actor("office"))
    assert [row.school_class for row in readers_by_class(cast.actor("office"), notice)] == cast.classes
    assert [row.school_class for row in readers_by_class(cast.actor("head_teacher"), notice)] == cast.classes[:1]


def test_a_class_is_reminded_once_a_day_whoever_asks(cast):
    notice, one, two = published(cast), cast.classes[0], cast.classes[1]
    assert actions.remind_of_letter(notice=notice, classes=[one], by=cast.actor("head_teacher")) == 2
    with refused("reminded_today"):
        actions.remind_of_letter(notice=notice, classes=[one], by=cast.actor("head_teacher"))
    assert actions.remind_of_letter(notice=notice, classes=cast.classes, by=cast.actor("office")) == 1  # the rest
    with refused("not_yours"):
        actions.remind_of_letter(notice=notice, classes=[two], by=cast.actor("head_teacher"))
    with clock.frozen(NOW + timedelta(days=1)):
        actions.read_letter(notice=notice, by=cast.actor("guardian"))
        assert actions.remind_of_letter(notice=notice, classes=cast.classes, by=cast.actor("office")) == 1
    with clock.frozen(NOW + timedelta(days=2)):
        actions.read_letter(notice=notice, by=cast.actor("other_guardian"))
        with refused("all_read"):
            actions.remind_of_letter(notice=notice, classes=cast.classes, by=cast.actor("office"))


def test_nobody_is_reminded_of_what_was_taken_down(cast):
    notice = published(cast)
    actions.take_down_letter(notice=notice, by=cast.actor("office"))
    notice.refresh_from_db()
    with refused("not_published"):
        actions.remind_of_letter(notice=notice, classes=cast.classes, by=cast.actor("office"))
    with refused("not_yours"):
        actions.read_letter(notice=notice, by=cast.actor("guardian"))


def test_the_class_page_names_those_who_wait_and_the_schools_page_does_not(cast, login):
    notice = published(cast)
    actions.read_letter(notice=notice, by=cast.actor("guardian"))
    client = login("head_teacher")
    page = client.get(reverse("enrollment:class-letter", args=[notice.pk, cast.classes[0].pk])).text
    assert page.index("张三") < page.index("王一")  # waiting before read
    assert "张三" not in login("office").get(reverse("enrollment:letter-readers", args=[notice.pk])).text


@pytest.mark.parametrize(
    ("who", "name", "most"),
    [("office", "letter-readers", 8), ("head_teacher", "class-letter", 8), ("guardian", "my-letters", 7)],
)
def test_a_page_asks_no_more_for_a_class_of_45(cast, login, who, name, most):
    notice = published(cast)
    args = {"letter-readers": [notice.pk], "class-letter": [notice.pk, cast.classes[0].pk], "my-letters": []}[name]
    client, counts = login(who), []
    for more in ([], range(7, 46)):
        Student.objects.bulk_create(Student(name=f"学生{n}", school_class=cast.classes[0], number=n) for n in more)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(f"enrollment:{name}", args=args)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most


# Former terms


def test_a_former_letter_is_begun_again_with_its_placeholders(cast):
    notice = published(cast, title="老的信", grades=[1])
    new = actions.copy_letter(notice=notice, term=cast.term, by=cast.actor("office"))
    assert (new.state, new.title, new.grades) == (NoticeState.DRAFT, "老的信", "1")
    assert "【申请开始】" in new.body


# Paper


def read_pdf(content: bytes) -> tuple[PdfReader, str]:
    reader = PdfReader(BytesIO(content))
    return reader, "".join("".join(page.extract_text().split()) for page in reader.pages)


def test_the_letter_on_paper_has_head_text_signature_and_slip(cast):
    notice = published(cast)
    reader, text = read_pdf(letter_pdf(notice, cast.school))
    for word in ("青禾路小学", "课后服务告家长书", "尊敬的家长", "树叶拼图", "2026年9月21日", "回执", "请沿虚线剪下"):
        assert word in text, word
    assert "草稿" not in text
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    fonts = {str(f.get_object()["/BaseFont"]) for page in reader.pages for f in page["/Resources"]["/Font"].values()}
    assert all("+" in font for font in fonts), fonts  # embedded


def test_a_draft_on_paper_says_so_and_a_guide_has_no_slip(cast):
    _, text = read_pdf(letter_pdf(draft(cast, kind=NoticeKind.GUIDE, with_slip=False), cast.school))
    assert "草稿" in text
    assert "请沿虚线剪下" not in text


def test_the_picture_is_one_sheet_as_high_as_its_text_without_pages_or_slip(cast):
    notice = published(cast)
    picture = Image.open(BytesIO(letter_picture(notice, cast.school)))
    assert picture.format == "PNG"
    assert picture.width > 1000
    assert picture.height >= picture.width * 1.4
    page = PdfDocument(letter_pdf(notice, cast.school, slip=False, height=2000))
    text = page[0].get_textpage().get_text_bounded()
    assert (len(page), "第 1 页" in text, "回　执" in text) == (1, False, False)
    rows = ImageOps.invert(picture.convert("L"))
    last = rows.crop((0, picture.height // 2, *picture.size)).getbbox()
    assert last is not None
    assert last[3] < picture.height // 2, "a margin below the last line"
    assert picture.height < page[0].render(scale=1.75).height, "no empty sheet below it"
