"""The roll call while the network comes and goes: nothing is lost, nothing counts twice, nobody else sees it."""

import pytest
from django.urls import reverse

from attendance.actions import roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import MarkState
from attendance.models import DeviceBatch, Handover, Mark, RollCall
from tests.browser.conftest import CLASSROOM, PHONE

pytestmark = pytest.mark.django_db(transaction=True)
READY = "() => document.activeElement?.closest?.('.tile')"
KEPT = "() => navigator.serviceWorker.ready.then(() => caches.match('/attendance/roll-call/shell/')).then(Boolean)"
RECORDS = """name => new Promise(done => {
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
    return list(Mark.objects.filter(student__in=cast.students[:6]).order_by("student_id").values_list("state", flat=True))


def test_a_reload_without_the_network_shows_the_roll_again_and_sends_it_once(afternoon, roll, page_as, keep_picture, axe_clean):
    page = page_as("teacher", CLASSROOM)
    open_roll(page, afternoon)
    press(page, "2")
    saved(page)
    page.context.set_offline(True)
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
    page.context.set_offline(False)
    page.wait_for_function("() => !document.querySelector('form[data-kept]')")
    saved(page)
    assert states(afternoon) == ["late", "absent", "present", "present", "present", "present"]
    assert Handover.objects.filter(to_state="group").count() == 5
