"""Applying on a phone: two screens, a signature drawn by finger, what was typed kept; and all of it without JavaScript."""

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from enrollment.actions.late import ask_late
from enrollment.models import AgreementText, Application, Signature
from enrollment.signing import read_strokes
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_term import school_time
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agreement(cast: Cast) -> AgreementText:
    """The term has an agreement to sign."""
    text = AgreementText.objects.create(
        term=cast.term,
        version=1,
        title="课后服务协议",
        body="<h3>双方责任</h3><p>学校照看孩子，家长按时接。</p>",
        published_at=NOW,
        changed_at=NOW,
    )
    cast.term.agreement_version = 1
    cast.term.save()
    return text


def draw(page: Page) -> None:
    """Write two strokes with a finger."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    cdp = page.context.new_cdp_session(page)
    for x in (0.2, 0.5):
        points = [
            (box["x"] + box["width"] * (x + step / 50), box["y"] + box["height"] * step / 12) for step in range(2, 10)
        ]
        for number, (left, top) in enumerate(points):
            kind = "touchMove" if number else "touchStart"
            cdp.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": left, "y": top}]})
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    cdp.detach()
    page.wait_for_timeout(1000)  # Chromium takes a tap right after a stroke for the end of a fling


def test_a_mother_applies_for_two_children_and_signs_by_finger(cast, agreement, page_as, axe_clean, fits, keep_picture):
    school_time("09-02 10:00")
    page = page_as("guardian", PHONE)
    page.goto(reverse("enrollment:my-applications"))
    keep_picture(page, "apply-0-mine", whole=True)
    page.get_by_role("link", name="2 个孩子一起申请").tap()
    first = page.locator("[data-child]").first
    first.get_by_label("周五").press("Space")
    first.get_by_label(re.compile("需要老师知道的")).fill("花生过敏")
    page.get_by_text(re.compile(r"已自动保存 \d\d:\d\d")).wait_for()
    assert Application.objects.filter(state="draft").count() == 2
    axe_clean(page)
    fits(page)
    keep_picture(page, "apply-1-days", whole=True)
    page.get_by_role("link", name="下一步").tap()
    expect(page.get_by_text("周一、周二、周三、周四", exact=True)).to_be_visible()
    draw(page)
    strokes = json.loads(page.locator("input[name=strokes]").input_value())
    assert len(strokes) == 2
    page.get_by_role("button", name="退一笔").click()
    page.wait_for_function("() => JSON.parse(document.querySelector('[name=strokes]').value).length === 1")
    draw(page)
    axe_clean(page)
    fits(page)
    keep_picture(page, "apply-2-sign", whole=True)
    page.get_by_role("button", name="提交申请").tap()
    page.get_by_text(
        "请先阅读知情同意"
    ).wait_for()  # the slip stands on the second screen, and the strokes are there still
    assert json.loads(page.locator("input[name=strokes]").input_value())
    keep_picture(page, "apply-3-slip", whole=True)
    page.get_by_label("我是孩子的监护人").check()
    page.get_by_role("button", name="提交申请").tap()
    page.get_by_text("的申请已提交").wait_for()
    axe_clean(page)
    keep_picture(page, "apply-4-applied", whole=True)
    assert Signature.objects.filter(method="drawn").count() == 2
    assert read_strokes(Signature.objects.first().strokes)
    application = Application.objects.get(student=cast.students[0])
    assert (application.weekdays, application.state) == ("1234", "submitted")
    page.goto(reverse("enrollment:application", args=[application.pk]))
    axe_clean(page)
    fits(page)
    keep_picture(page, "apply-5-whole", whole=True)
    page.set_viewport_size(DESKTOP)
    keep_picture(page, "apply-5-whole-1366", whole=True)


def test_what_was_typed_outlives_a_lost_login_and_a_reload(cast, agreement, page_as, keep_picture):
    school_time("09-02 10:00")
    page = page_as("guardian", PHONE)
    address = reverse("enrollment:apply", args=[cast.students[0].pk])
    page.goto(address)
    page.get_by_label(re.compile("需要老师知道的")).fill("哮喘")
    page.get_by_role("link", name="下一步").tap()
    draw(page)
    cookies = page.context.cookies()
    page.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.get_by_label("我是孩子的监护人").check()
    page.get_by_text("登录过期了").wait_for()
    keep_picture(page, "apply-expired", whole=True)
    page.context.add_cookies(cookies)
    page.goto(address)
    assert page.get_by_label(re.compile("需要老师知道的")).input_value() == "哮喘"
    page.get_by_role("link", name="下一步").tap()
    assert page.get_by_label("我是孩子的监护人").is_checked()
    page.get_by_role("button", name="提交申请").tap()
    page.get_by_text("的申请已提交").wait_for()
    page.goto(address)
    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('apply-')).length") == 0
    assert page.get_by_text("签过了").count() == 1
    assert Signature.objects.get().method == "drawn"


def test_without_javascript_all_stands_on_one_page_and_the_paper_follows(
    cast, agreement, page_as, axe_clean, keep_picture
):
    school_time("09-02 10:00")
    page = page_as("guardian", PHONE, javascript=False)
    page.goto(reverse("enrollment:apply", args=[cast.students[0].pk]))
    expect(page.get_by_role("button", name="存草稿")).to_be_visible()
    expect(page.locator("canvas")).not_to_be_visible()
    keep_picture(page, "apply-nojs", whole=True)
    page.get_by_label("我是孩子的监护人").check()
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_text("待收纸质签名")).to_be_visible()
    assert Signature.objects.get().method == "paper"
    head = page_as("head_teacher", DESKTOP)
    head.goto(reverse("enrollment:application", args=[Application.objects.get().pk]))
    axe_clean(head)
    head.get_by_role("button", name="的纸质签名").click()
    head.get_by_text("已收纸质签名").wait_for()
    keep_picture(head, "apply-received", whole=True)


def test_it_is_filled_in_by_the_keyboard_alone(cast, agreement, page_as):
    school_time("09-02 10:00")
    page = page_as("guardian", DESKTOP)
    page.goto(reverse("enrollment:apply", args=[cast.students[0].pk]))
    page.get_by_role("link", name="下一步").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="二、同意和签名").wait_for()
    page.get_by_label("我是孩子的监护人").focus()
    page.keyboard.press("Space")
    page.get_by_label("用手指签").focus()
    page.keyboard.press("ArrowDown")
    assert page.get_by_role("radio", name="在纸上签").is_checked()
    page.get_by_role("button", name="提交申请").focus()
    page.keyboard.press("Enter")
    page.get_by_text("待收纸质签名").wait_for()


@pytest.mark.parametrize(("moment", "words"), [("08-30 10:00", "可以先想好"), ("09-04 10:00", "还想参加")])
def test_before_and_after_the_window(cast, page_as, axe_clean, fits, keep_picture, moment, words):
    school_time(moment)
    page = page_as("guardian", PHONE)
    page.goto(reverse("enrollment:apply", args=[cast.students[0].pk]))
    page.get_by_text(words).wait_for()
    axe_clean(page)
    fits(page)
    keep_picture(page, f"apply-window-{moment[:5]}", whole=True)


def test_the_office_answers_who_asks_to_be_late(cast, page_as, axe_clean, fits, keep_picture):
    for who, place in (("guardian", 0), ("other_guardian", 1)):
        ask_late(term=cast.term, student=cast.students[place], reason="刚转学来。" if place else "", by=cast.actor(who))
    page = page_as("office", DESKTOP)
    page.goto(reverse("enrollment:late"))
    axe_clean(page)
    keep_picture(page, "late-1366", whole=True)
    page.set_viewport_size(PHONE)
    fits(page)
    keep_picture(page, "late-390", whole=True)
    page.locator("summary", has_text="不同意").first.click()
    page.get_by_label("原因").first.fill("班里已满。")
    page.get_by_role("button", name="回复家长：不同意").first.click()
    page.get_by_text("这次不同意补交").wait_for()
