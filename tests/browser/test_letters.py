"""The editor of letters in a real browser: typed, headed, with a table, saved, published, read by a family."""

import re

import pytest

from enrollment.actions import letters as actions
from enrollment.enums import NoticeKind
from enrollment.models import Notice, NoticeReading
from tests.browser.conftest import DESKTOP, PHONE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def letter(cast) -> Notice:
    """A notice with nothing in it yet."""
    return actions.write_letter(term=cast.term, kind=NoticeKind.OTHER, by=cast.actor("office"))


def press(page, name):
    """Press a button of the editor. It gives the cursor back a moment later; a person is never as fast as that."""
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_timeout(300)


def test_a_letter_is_typed_saved_published_and_read(letter, cast, page_as, axe_clean, fits, keep_picture):
    page = page_as("office", DESKTOP)
    blocked: list[str] = []
    page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto(f"/enrollment/letters/{letter.pk}/edit/")
    page.get_by_label("标题", exact=True).fill("关于第一周")
    text = page.get_by_role("textbox", name="正文", exact=True)
    text.click()
    press(page, "小标题")
    page.keyboard.type("一、时间")
    page.keyboard.press("Enter")
    page.keyboard.type("从")
    page.get_by_label("自动填写").select_option("服务开始日期")
    press(page, "插入")
    page.keyboard.type("开始。")
    page.keyboard.press("Enter")
    press(page, "编号")
    page.keyboard.type("带好水杯")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    press(page, "插入表格")
    page.keyboard.type("星期")
    press(page, "右边加一列")
    axe_clean(page)
    fits(page)
    keep_picture(page, "letter-editor-1366", whole=True)
    page.set_viewport_size(PHONE)
    fits(page)
    keep_picture(page, "letter-editor-390", whole=True)
    page.set_viewport_size(DESKTOP)
    page.keyboard.type("甲")
    press(page, "撤销")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url(re.compile(rf"/letters/{letter.pk}/$"))
    letter.refresh_from_db()
    assert "<h3>一、时间</h3>" in letter.body
    assert "【服务开始日期】" in letter.body
    assert "<ol" in letter.body
    assert letter.body.count("<th") == 4
    assert "style" not in letter.body
    assert not blocked, blocked
    keep_picture(page, "letter-preview-1366", whole=True)
    page.get_by_role("link", name="发布").click()
    page.get_by_role("button", name="发布给 2 位家长").click()
    page.get_by_text("已发布，2 位家长收到消息。").wait_for()

    family = page_as("guardian", PHONE)
    family.goto("/")
    family.get_by_role("link", name=re.compile("关于第一周")).click()
    family.get_by_text("2026年9月7日").wait_for()
    axe_clean(family)
    family.get_by_text("已看过").wait_for()  # a short letter: its end is in view
    keep_picture(family, "letter-family-390", whole=True)
    assert NoticeReading.objects.filter(notice=letter).count() == 2


def test_a_proposed_letter_goes_through_the_editor_unharmed(cast, page_as, keep_picture):
    letter = actions.write_letter(term=cast.term, kind=NoticeKind.LETTER, by=cast.actor("office"))
    page = page_as("office", DESKTOP)
    page.goto(f"/enrollment/letters/{letter.pk}/edit/")
    page.get_by_role("textbox", name="正文", exact=True).click()
    page.keyboard.press("Control+End")
    page.keyboard.type("再会")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url(re.compile(rf"/letters/{letter.pk}/$"))
    before = letter.body
    letter.refresh_from_db()
    assert re.findall("【.+?】", letter.body) == re.findall("【.+?】", before)
    assert letter.body.count("<tr>") == before.count("<tr>")
    assert 'rowspan="4"' in letter.body
    assert "再会" in letter.body
    keep_picture(page, "letter-whole-1366", whole=True)


def test_without_javascript_the_plain_box_works(letter, page_as):
    page = page_as("office", DESKTOP, javascript=False)
    page.goto(f"/enrollment/letters/{letter.pk}/edit/")
    page.get_by_label("正文").fill("<p>第一周带水杯。</p>")
    page.get_by_role("button", name="保存草稿").click()
    letter.refresh_from_db()
    assert letter.body == "<p>第一周带水杯。</p>"


def test_a_text_from_word_keeps_its_titles_and_lists(letter, page_as):
    page = page_as("office", DESKTOP)
    page.goto(f"/enrollment/letters/{letter.pk}/edit/")
    page.get_by_role("textbox", name="正文", exact=True).click()
    page.evaluate(
        """html => {
            const taken = new DataTransfer();
            taken.setData("text/html", html);
            const paste = new ClipboardEvent("paste", {clipboardData: taken, bubbles: true, cancelable: true});
            document.querySelector("[contenteditable=true]").dispatchEvent(paste);
        }""",
        """<h1>一、安排</h1>
        <p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span
          style='font-family:Wingdings'><span style='mso-list:Ignore'>l </span></span><![endif]>带水杯</p>
        <p style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>l </span>穿校服</p>
        <p>然后</p><p style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.</span>集合</p>""",
    )
    press(page, "插入表格")
    page.keyboard.type("星期")
    press(page, "插入表格")
    page.get_by_role("button", name="保存草稿").click()
    page.wait_for_url(re.compile(rf"/letters/{letter.pk}/$"))
    letter.refresh_from_db()
    assert (
        "<h2>一、安排</h2><ul><li><p>带水杯</p></li><li><p>穿校服</p></li></ul><p>然后</p><ol><li><p>集合"
        in letter.body
    )
    assert letter.body.count("<table") == 1
