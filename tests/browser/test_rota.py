"""The rota in a real browser: a turn is chosen by keyboard with the word at once, published; read on a phone."""

import re

import pytest

from afterschool.school.enums import Role
from afterschool.school.models import Teacher
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.rota_people import set_floaters
from scheduling.actions.sessions import make_sessions
from scheduling.models import RotaPerson, RotaTurn, RotaWish
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import make_teacher
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        make_teacher(51, "欧阳外年级", Role.TEACHER, grade=5)
        make_club(cast, "合唱团", teacher=cast.teacher, weekdays="3")
        make_sessions(term=cast.term, by=cast.actor("office"))
        set_floaters(term=cast.term, floaters=1, by=cast.actor("office"))
    return cast


@pytest.fixture
def published(arranged):
    office = arranged.actor("office")
    with clock.frozen(BEFORE):
        accept_rota(rota=propose_rota(term=arranged.term, by=office), by=office)
    return arranged


def test_the_office_proposes_chooses_by_keyboard_and_publishes(published, page_as, axe_clean, fits, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto("/scheduling/rota/")
    axe_clean(page)
    page.get_by_role("button", name="重新排，尽量少改").press("Enter")
    page.get_by_role("heading", name="值班表草案").wait_for()
    page.get_by_role("heading", name="各年级").wait_for(timeout=20_000)
    axe_clean(page)
    fits(page)
    keep_picture(page, "rota-draft-1366", whole=True)
    turn = RotaTurn.objects.get(rota__state="draft", group=published.groups[0], weekday=1)
    page.get_by_role("link", name=re.compile(r"^周一 一（1）班服务班：.*换人$")).press("Enter")
    chosen = page.get_by_label("教师")
    chosen.focus()
    for _ in range(60):
        if "欧阳外年级" in chosen.evaluate("list => list.selectedOptions[0].textContent"):
            break
        page.keyboard.press("ArrowDown")
    page.get_by_text("要写明原因", exact=True).wait_for()
    axe_clean(page)
    keep_picture(page, "rota-turn-1366")
    page.keyboard.press("Tab")
    page.keyboard.type("本年级外出")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/rota/draft/$"))
    turn.refresh_from_db()
    assert (turn.teacher.name, turn.by_hand, turn.reason) == ("欧阳外年级", True, "本年级外出")
    page.get_by_label("从哪天起").fill("2026-09-28")
    page.get_by_role("button", name=re.compile("^发布")).press("Enter")
    page.get_by_text("值班表已发布").wait_for()


def test_the_pages_are_read_on_a_phone_and_on_a_pc(published, page_as, axe_clean, fits, keep_picture):
    turn = RotaTurn.objects.filter(rota__state="accepted", teacher__isnull=False).first()
    pages = {
        "office": ["", "load/", "settings/", f"people/{turn.teacher_id}/", f"turns/{turn.pk}/", "print/"],
        "teacher": ["", "?grade=0", "load/", "wishes/"],
    }
    for who, addresses in pages.items():
        for viewport in (PHONE, DESKTOP):
            page = page_as(who, viewport)
            for number, address in enumerate(addresses):
                page.goto(f"/scheduling/rota/{address}")
                fits(page)
                axe_clean(page)
                keep_picture(page, f"rota-{who}-{number}-{viewport['width']}", whole=True)


def test_settings_and_wishes_work_without_a_script(arranged, page_as):
    page = page_as("teacher", PHONE, javascript=False)
    page.goto("/scheduling/rota/wishes/")
    page.get_by_role("group", name="周三").get_by_text("尽量不排").click()
    page.get_by_role("button", name="保存愿望").click()
    page.get_by_text("愿望已记下").wait_for()
    assert RotaWish.objects.get().weekday == 3
    page = page_as("office", DESKTOP, javascript=False)
    page.goto("/scheduling/rota/settings/?grade=1")
    one = Teacher.objects.get(name="周敏")
    page.locator(f"input[name='p{one.pk}-days_off'][value='5']").check()
    page.get_by_role("button", name=re.compile("^保存一年级")).click()
    page.get_by_text("1 人有改动").wait_for()
    assert RotaPerson.objects.get().days_off == "5"
