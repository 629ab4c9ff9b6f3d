"""The roll call while the network comes and goes: nothing is lost, nothing counts twice, nobody else sees it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from afterschool.school.models import Event, School
from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import MarkState
from attendance.models import DeviceBatch, Handover, Mark, RollCall
from tests.browser.conftest import CLASSROOM, PHONE
from tests.cast import NOW

pytestmark = pytest.mark.django_db(transaction=True)
READY = "() => document.activeElement?.closest?.('.tile')"
KEPT = "() => navigator.serviceWorker.ready.then(() => caches.match('/attendance/roll-call/shell/')).then(Boolean)"
RECORDS = """name => new Promise(done => {
  if (!location.protocol.startsWith('http')) return done(['still on the way']);
  const opening = indexedDB.open('roll-call', 1);
  opening.onsuccess = () => {
    const rows = opening.result.transaction(name).objectStore(name).getAll();
    rows.onsuccess = () => { opening.result.close(); done(rows.result); };
  };
})"""


@pytest.fixture
def roll(afternoon):
    return roll_calls.begin(session=afternoon.session, by=afternoon.actor("teacher"))


def address(cast) -> str:
    return reverse("attendance:roll-call", args=[cast.session.pk])


def open_roll(page, cast) -> None:
    page.goto(address(cast))
    page.wait_for_function(READY)
    page.wait_for_function(KEPT)


def press(page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def bar(page, words: str) -> None:
    page.wait_for_function("words => document.getElementById('offline')?.textContent.includes(words)", arg=words)


def saved(page) -> None:
    page.wait_for_function("() => document.querySelector('.tile') && !document.querySelector('.tile .state.wait')")


def states(cast) -> list[str]:
    return list(
        Mark.objects.filter(student__in=cast.students[:6]).order_by("student_id").values_list("state", flat=True)
    )


def test_a_reload_without_the_network_shows_the_roll_again_and_sends_it_once(
    afternoon, roll, page_as, line, keep_picture, axe_clean
):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    press(page, "2")
    saved(page)
    line.cut(page)
    press(page, "ArrowDown", "4")
    bar(page, "1 项记录存在这台电脑上")
    page.reload()
    page.wait_for_function("() => document.querySelectorAll('#roll .tile').length === 6")
    bar(page, "1 项记录存在这台电脑上")
    assert page.locator(".tile").nth(0).get_attribute("data-s") == "late"
    assert page.locator(".tile").nth(1).get_attribute("data-s") == "missing"
    assert page.locator(".tile").nth(1).locator(".state.wait").count() == 1
    press(page, "0")
    bar(page, "5 项记录存在这台电脑上")
    keep_picture(page, "roll-call-offline-625")
    axe_clean(page)
    assert states(afternoon) == ["late", *["not_called"] * 5]
    line.mend(page)
    page.wait_for_function("() => !document.querySelector('form[data-kept]')")
    saved(page)
    assert states(afternoon) == ["late", "absent", "present", "present", "present", "present"]
    assert Handover.objects.filter(to_state="group").count() == 5


def test_a_server_that_restarts_in_the_middle_loses_nothing(afternoon, roll, page_as):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    answers = [
        lambda route: route.fulfill(status=503, headers={"X-Made-By-The-Test": "1"}),
        lambda route: route.abort(),
        take_but_cut_off,
    ]
    page.route("**/send/", lambda route: answers.pop(0)(route) if answers else route.continue_())
    press(page, "4")
    bar(page, "1 项记录存在这台电脑上")
    press(page, "ArrowDown", "2")
    saved(page)
    assert states(afternoon)[:3] == ["absent", "late", "not_called"]
    expect(page.locator("#offline")).to_be_hidden()
    assert DeviceBatch.objects.count() == 2
    assert Handover.objects.filter(to_state="missing").count() == 1


def restarting(route) -> None:
    route.fulfill(status=503, headers={"X-Made-By-The-Test": "1"})


def take_but_cut_off(route) -> None:
    """The server gets it, and its answer is lost on the way."""
    route.fetch()
    route.abort()


def test_an_expired_login_keeps_the_marks_and_goes_on_after_logging_in_elsewhere(afternoon, roll, page_as):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    press(page, "4")
    bar(page, "登录过期")
    expect(page.locator("#offline [data-login]")).to_be_visible()
    assert states(afternoon)[0] == "not_called"
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    saved(page)
    assert states(afternoon)[0] == "absent"


def test_another_teacher_on_the_same_pc_neither_sees_nor_sends_them(afternoon, roll, page_as, line, login):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    own = next(cookie for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    line.cut(page)
    press(page, "4")
    bar(page, "1 项记录存在这台电脑上")
    login("office")
    other = page_as("office", CLASSROOM).context.cookies()
    page.context.add_cookies([cookie for cookie in other if cookie["name"] == "sessionid"])
    line.mend(page)
    page.wait_for_url(re.compile(r":\d+/$"))
    assert states(afternoon)[0] == "not_called"
    page.goto(address(afternoon))
    page.wait_for_function(READY)
    assert page.locator(".tile").first.get_attribute("data-s") == "wait"
    page.wait_for_timeout(300)
    assert states(afternoon)[0] == "not_called"
    page.context.clear_cookies(name="sessionid")
    page.goto(reverse("school:login"))
    page.wait_for_function(f"async () => !(await ({RECORDS})('pages')).length")
    (left,) = page.evaluate(RECORDS, "batches")
    assert "王一" not in str(left)
    line.cut(page)
    page.goto(address(afternoon))
    page.get_by_text("这台电脑上没有您今天的点名册").wait_for()
    page.context.add_cookies([own])
    line.mend(page)
    page.wait_for_function("() => document.querySelector('.tile')?.dataset.s === 'missing'")
    saved(page)
    assert states(afternoon)[0] == "absent"
    assert Mark.objects.get(student=afternoon.students[0]).marked_by == afternoon.teacher.user


def test_closing_waits_for_the_network_and_says_so(afternoon, roll, page_as, line):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    line.cut(page)
    press(page, "0", "Enter")
    bar(page, "然后完成点名")
    assert RollCall.objects.get().closed_at is None
    page.reload()
    bar(page, "然后完成点名")
    line.mend(page)
    page.wait_for_selector(".roll.closed")
    assert RollCall.objects.get().closed_at
    assert states(afternoon) == ["present"] * 6
    page.wait_for_function(f"async () => !(await ({RECORDS})('pages')).length")
    assert page.evaluate(RECORDS, "batches") == []


def school_time(cast, at: datetime) -> None:
    School.objects.filter(pk=1).update(clock_offset_seconds=round((at - timezone.now()).total_seconds()))


def test_the_first_opening_without_the_network_is_the_sign_in_by_the_devices_time(afternoon, page_as, line):
    page = page_as("teacher", CLASSROOM)
    page.clock.install(time=datetime(2031, 3, 3, 8, 0, tzinfo=UTC))  # a PC whose clock is years ahead
    school_time(afternoon, NOW.replace(hour=14, minute=0))
    page.goto(address(afternoon))
    page.wait_for_function(KEPT)
    page.wait_for_function(f"async () => (await ({RECORDS})('pages')).length === 1")
    line.cut(page)
    page.clock.fast_forward("01:20:00")
    page.goto(reverse("attendance:roll-call-now"))
    page.wait_for_function("() => document.querySelectorAll('#roll .tile').length === 6")
    press(page, "4", "0")
    bar(page, "6 项记录存在这台电脑上")
    assert not RollCall.objects.exists()
    page.clock.fast_forward("00:20:00")
    school_time(afternoon, NOW.replace(hour=15, minute=40))
    line.mend(page)
    page.wait_for_function("() => !document.querySelector('form[data-kept]')")
    saved(page)
    assert states(afternoon) == ["absent", *["present"] * 5]
    assert RollCall.objects.get().opened_by == afternoon.teacher.user
    opened = Event.objects.get(verb="roll_call.opened").data
    assert opened["sent_later"]
    assert abs(datetime.fromisoformat(opened["device_at"]) - NOW.replace(hour=15, minute=20)) < timedelta(minutes=2)
    assert DeviceBatch.objects.get().sent_later


def test_two_pages_on_one_group_agree_after_a_look(afternoon, roll, page_as):
    one, other = page_as("teacher", CLASSROOM), page_as("office", PHONE)
    open_roll(one, afternoon)
    open_roll(other, afternoon)
    one.context.set_offline(True)
    press(one, "4")
    bar(one, "1 项记录存在这台电脑上")
    other.locator(".tile .pick-late").first.tap()
    saved(other)
    one.context.set_offline(False)
    one.wait_for_function("() => document.getElementById('news')?.textContent.includes('已由课程中心记为“迟到”')")
    assert states(afternoon)[0] == "late"
    assert one.locator(".tile").first.get_attribute("data-s") == "late"
    press(one, "4")
    saved(one)
    other.evaluate("dispatchEvent(new Event('online'))")
    other.wait_for_function("() => document.querySelector('.tile')?.dataset.s === 'missing'")
    assert states(afternoon)[0] == "absent"


def test_what_the_office_did_meanwhile_is_not_overwritten_from_the_queue(afternoon, roll, page_as, line):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    line.cut(page)
    press(page, "0")
    bar(page, "6 项记录存在这台电脑上")
    wish = Wish(afternoon.students[2].pk, MarkState.NOT_CALLED, MarkState.ABSENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=afternoon.actor("office"))
    line.mend(page)
    saved(page)
    assert states(afternoon) == ["present", "present", "absent", "present", "present", "present"]
    assert page.locator(".tile").nth(2).get_attribute("data-s") == "missing"


def test_a_browser_without_a_service_worker_or_a_store_takes_the_roll_all_the_same(afternoon, roll, page_as):
    page = page_as("teacher", CLASSROOM)
    page.add_init_script(
        "delete Navigator.prototype.serviceWorker; Object.defineProperty(window, 'indexedDB', { value: undefined });"
    )
    page.goto(address(afternoon))
    page.wait_for_function(READY)
    press(page, "2", "0")
    saved(page)
    press(page, "Enter")
    page.wait_for_selector(".roll.closed")
    assert states(afternoon) == ["late", *["present"] * 5]


def test_what_is_kept_without_a_teacher_names_nobody(afternoon, roll, page_as, login, client):
    shell = reverse("attendance:roll-call-shell")
    pages = {login(name).get(shell).content for name in ("teacher", "office")}
    client.logout()
    pages.add(client.get(shell).content)
    assert len(pages) == 1
    text = pages.pop().decode()
    assert not any(child.name in text for child in afternoon.students)
    assert "csrf" not in text.lower()
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    kept = page.evaluate(
        """async () => (await Promise.all((await caches.keys()).map(async name => {
          const cache = await caches.open(name);
          return Promise.all((await cache.keys()).map(async request => [request.url, await (await cache.match(request)).text()]));
        }))).flat()"""
    )
    assert {url.split("/", 3)[3].split("/")[0] for url, _ in kept} == {"attendance", "static"}
    assert not any(child.name in body for child in afternoon.students for _, body in kept)
    assert page.request.get(address(afternoon)).headers["cache-control"] == "no-store, private"
