"""An alarm from a phone in one hand, the bar on everybody's page, the count, the board; and without script."""

import pytest
from django.urls import reverse

from attendance.actions.head_counts import count_children
from attendance.actions.incidents import start_plan
from attendance.defaults import install_emergency
from attendance.enums import IncidentKind, IncidentState, Party
from attendance.models import Confirmation, EmergencyPost, HeadCount, Incident
from attendance.queries.incident_board import held_by
from tests.attendance.incident_helpers import DRILL, alarmed, in_hands
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import TODAY, Cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    in_hands(afternoon)
    install_emergency(afternoon.term)
    EmergencyPost.objects.filter(party=Party.HEAD).update(teacher=afternoon.leading_group, deputy=afternoon.duty_leader)
    return afternoon


@pytest.fixture
def look(fits, axe_clean, keep_picture):
    """Check a page and keep its picture."""

    def check(page, name: str) -> None:
        fits(page)
        axe_clean(page)
        keep_picture(page, f"incidents-{name}", whole=True)

    return check


def at(live_server, name: str, *args) -> str:
    return live_server.url + reverse(f"attendance:{name}", args=args)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "plain"])
def test_an_alarm_is_raised_and_counted_from_a_phone(day, page_as, live_server, javascript):
    page = page_as("teacher", PHONE, javascript=javascript)
    page.goto(live_server.url)
    page.get_by_role("link", name="应急", exact=True).click()
    page.get_by_role("link", name="报警", exact=True).click()
    page.get_by_text("真的，突发事件").click()
    page.get_by_text("火情", exact=True).click()
    page.get_by_text("1（1）班教室", exact=True).click()
    page.get_by_role("button", name="下一步").click()
    assert not Incident.objects.exists()
    page.get_by_role("button", name="报警", exact=True).click()
    page.get_by_text("已报警，全体教职工都收到了消息。").wait_for()
    assert Incident.objects.get().kind == IncidentKind.REAL
    assert Confirmation.objects.get().where == "1（1）班教室"
    page.get_by_role("link", name="清点 4 人").click()
    page.get_by_role("button", name="4 人都在").click()
    page.get_by_text("应有 4 人，点到 4 人").wait_for()
    assert HeadCount.objects.get().counted == 4


def test_a_child_that_is_not_found_stands_on_the_leaders_board_by_itself(day, page_as, live_server):
    incident = alarmed(day)
    leader = page_as("duty_leader", PHONE)
    leader.goto(at(live_server, "incident-board", incident.pk))
    leader.get_by_text("2 人还没点，共 2 人").wait_for()
    page = page_as("teacher", PHONE)
    page.goto(at(live_server, "incident-count", incident.pk, day.teacher.pk))
    page.get_by_label("李二").uncheck()
    page.get_by_role("button", name="按勾的保存").click()
    page.get_by_text("应有 4 人，点到 3 人").wait_for()
    leader.get_by_role("row", name="李二").wait_for(timeout=15_000)


def test_a_page_that_stays_open_learns_of_the_alarm(day, page_as, live_server):
    page = page_as("gatekeeper", PHONE)
    page.goto(at(live_server, "gate"))
    alarmed(day, DRILL)
    page.evaluate("htmx.ajax('GET', document.querySelector('#incident-bars').getAttribute('hx-get'), '#incident-bars')")
    page.get_by_role("link", name="【演练】火情，三楼西侧").wait_for()
    page.get_by_role("button", name="我已收到").click()
    page.get_by_text("已确认收到。").wait_for()
    assert Confirmation.objects.filter(teacher=day.gatekeeper).exists()


def test_the_pages_at_both_sizes(day, page_as, live_server, look):
    incident = alarmed(day)
    start_plan(incident=incident, by=day.actor("duty_leader"))
    children = [child.pk for child in held_by(day.teacher.pk, TODAY)]
    count_children(
        incident=incident, holder=day.teacher, seen=children, not_found=children[:1], by=day.actor("teacher")
    )
    shown = [
        ("teacher", "emergency", []),
        ("teacher", "incident-alarm", []),
        ("teacher", "incident", [incident.pk]),
        ("duty_leader", "incident", [incident.pk]),
        ("duty_leader", "incident-end", [incident.pk]),
        ("duty_leader", "incident-board", [incident.pk]),
        ("teacher", "incident-count", [incident.pk, day.teacher.pk]),
        ("office", "incidents", []),
        ("office", "emergency-posts", []),
        ("office", "emergency-numbers", []),
    ]
    for size, word in ((PHONE, "390"), (DESKTOP, "1366")):
        pages = {who: page_as(who, size) for who in ("teacher", "duty_leader", "office")}
        for who, name, args in shown:
            pages[who].goto(at(live_server, name, *args))
            look(pages[who], f"{name}-{who}-{word}")
        teacher = pages["teacher"]
        teacher.goto(f"{at(live_server, 'incident-alarm')}?kind=drill&category=quake&place=操场")
        look(teacher, f"alarm-sure-{word}")
        teacher.goto(f"{at(live_server, 'incident-alarm')}?place=")
        look(teacher, f"alarm-errors-{word}")
        teacher.goto(live_server.url)
        look(teacher, f"home-with-bar-{word}")
    assert Incident.objects.get().state == IncidentState.RUNNING
