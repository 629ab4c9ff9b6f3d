"""The pages of e-mail, group robots and the record, as they look on a phone and on the office's screen."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from afterschool.school.access import SYSTEM
from afterschool.school.enums import Channel, DeliveryState
from afterschool.school.mailing import confirm_token
from afterschool.school.messaging import tell
from afterschool.school.models import Delivery, Robot, User
from afterschool.support import clock
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db(transaction=True)
WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0123-abcd-4567"
LONG = "穆罕默德·阿卜杜热合曼·图尔荪"
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])


@pytest.fixture
def spoken(cast: Cast, settings) -> Cast:
    """Letters and groups in every state."""
    settings.MAIL_ON, settings.DEFAULT_FROM_EMAIL = True, "notices@school.example"
    settings.TASKS = {"default": {"BACKEND": "django_tasks.backends.dummy.DummyBackend"}}
    User.objects.filter(pk=cast.guardian.user_id).update(
        name=LONG, email="a.very.long.name.of.somebody@students.example.com", email_confirmed_at=NOW
    )
    Robot.objects.create(name="2026级一年级全体家长通知群（请勿闲聊，收到不用回复）", service="wecom", address=WECOM)
    Robot.objects.create(name="教师群", service="feishu", address=WECOM, secret="x", for_staff=True)
    Robot.objects.create(name="去年的群", service="dingtalk", address=WECOM, active=False)
    people = [cast.guardian.user_id, cast.other_guardian.user_id, cast.office.user_id]
    with clock.frozen(NOW - timedelta(days=2)):
        tell([people[0]], kind="custody.left", title="王一 17:31 由外婆接走", student=cast.students[0], by=SYSTEM)
    with clock.frozen(NOW):
        tell(
            people,
            kind="notice.published",
            title="关于做好本学期课后服务工作致全体家长的一封信",
            body="请看。",
            url="/",
            by=SYSTEM,
        )
        tell(people, kind="day.cancelled", title="9月22日课后服务停办", body="原因：台风。", by=SYSTEM)
    outside = Delivery.objects.exclude(channel=Channel.PORTAL).order_by("pk")
    states = [
        (DeliveryState.SENT, ""),
        (DeliveryState.FAILED, "不确定是否送达：发送时程序中断了"),
        (DeliveryState.FAILED, "试了 5 次：连不上邮件服务器"),
        (DeliveryState.QUEUED, "服务正忙，要求等一等"),
    ]
    for row, (state, error) in zip(outside, states, strict=False):
        Delivery.objects.filter(pk=row.pk).update(state=state, error=error, sent_at=NOW)
    return cast


@SIZES
@pytest.mark.parametrize(
    ("who", "url", "name"),
    [
        ("office", "/channels/", "channels"),
        ("office", "/channels/robots/add/", "robot"),
        ("office", "/deliveries/", "deliveries"),
        ("office", "/deliveries/?state=sending", "deliveries-none"),
        ("office", "/deliveries/?kind=notice", "deliveries-notice"),
        ("guardian", "/me/", "me-mail"),
        ("guardian", "/me/email/", "me-email"),
        ("guardian", "/messages/", "messages"),
        ("guardian", "/messages/?show=past", "messages-past"),
    ],
)
def test_a_page_fits_and_can_be_read(spoken, page_as, axe_clean, fits, keep_picture, size, who, url, name):
    page = page_as(who, size)
    page.goto(url)
    fits(page)
    axe_clean(page)
    keep_picture(page, f"channels-{name}-{size['width']}")


@SIZES
def test_a_wrong_address_is_named_beside_its_field(spoken, page_as, axe_clean, fits, keep_picture, size):
    page = page_as("office", size)
    page.goto("/channels/robots/add/")
    page.get_by_label("群名").fill("家长群")
    page.get_by_label("机器人地址").fill("https://example.com/")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("地址不对，应当是这样的").first).to_be_visible()
    fits(page)
    axe_clean(page)
    keep_picture(page, f"channels-robot-wrong-{size['width']}")


def test_a_letters_link_is_pressed_not_only_opened(spoken, page_as, axe_clean, fits, keep_picture):
    user = User.objects.get(pk=spoken.other_guardian.user_id)
    user.email = "grandpa@example.com"
    user.save()
    page = page_as(None, PHONE)
    page.goto(f"/email/{confirm_token(user)}/confirm/")
    fits(page)
    axe_clean(page)
    keep_picture(page, "channels-confirm-390")
    page.get_by_role("button", name="确认邮箱").click()
    expect(page.get_by_text("已确认")).to_be_visible()
