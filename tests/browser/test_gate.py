"""The gate on a phone: found by name or by a parent's code, a line in two taps each, siblings, late care; without scripts too."""

from datetime import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from afterschool.school.enums import Role
from afterschool.school.models import Guardianship, Placement, Session
from afterschool.support import clock
from attendance import gate_code
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.enums import CustodyState, LeaveSource
from attendance.models import ChildDay, DayFetcher, LateCarePlace
from tests.attendance.test_late_care import late_day
from tests.browser.conftest import DESKTOP, PHONE
from tests.cast import NOW, TODAY, make_guardian

pytestmark = pytest.mark.django_db(transaction=True)
S = CustodyState


@pytest.fixture
def gate(afternoon):
    """After dismissal: six children with their teacher, the last of class 1-1 a sister of the first."""
    Session.objects.update(starts_at=time(14, 0), ends_at=time(15, 50))
    Placement.objects.update(weekdays="12345")
    for number, student in enumerate(afternoon.students[2:6], 50):
        make_guardian(number, f"阿依古丽·买买提{number}", student, account=False)
    first, last = afternoon.students[0], afternoon.students[5]
    Guardianship.objects.create(guardian=afternoon.guardian, student=last, relation="mother")
    grandma = make_guardian(70, "赵桂英", first, account=False)
    Guardianship.objects.filter(guardian=grandma).update(relation="paternal_grandmother", acts=False)
    uncle = make_guardian(71, "陈建", first, account=False)
    Guardianship.objects.filter(guardian=uncle).update(
        relation="other", may_fetch=False, acts=False, banned=True, ban_note="法院判决"
    )
    DayFetcher.objects.create(
        term=afternoon.term, student=first, first_day=TODAY, last_day=TODAY, name="周小敏", relation="姑姑",
        phone="13700003308", source=LeaveSource.GUARDIAN, asked_by=afternoon.guardian.user,
        asked_at=NOW.replace(hour=7, minute=40),
    )  # fmt: skip
    for order, (name, role, closes) in enumerate(
        [("休息室", Role.SERVICE_CENTRE, time(18, 0)), ("门卫室", Role.GATEKEEPER, None)], 1
    ):
        LateCarePlace.objects.create(term=afternoon.term, name=name, role=role, order=order, closes_at=closes)
    with clock.frozen(NOW):
        ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
        rows = ChildDay.objects.filter(date=TODAY).select_related("term", "session", "student")
        move_many([MoveRequest(row, S.GROUP) for row in rows], by=afternoon.actor("teacher"))
    return afternoon


def state(cast, number):
    return ChildDay.objects.get(student=cast.students[number], date=TODAY).state


def _some_in_late_care(gate):
    """One waits in a place that has closed, one was fetched from there, one was called for in vain, one is awaited."""
    closed = LateCarePlace.objects.create(
        term=gate.term, name="一楼接待室", role=Role.SERVICE_CENTRE, order=3, closes_at=time(16, 0)
    )
    rows = ChildDay.objects.select_related("term", "session", "student__school_class__head_teacher")
    kept, left, vain, reached = (rows.get(student=gate.students[n], date=TODAY) for n in (2, 3, 4, 5))
    for row in (kept, left, reached):
        note_call(row, outcome="reached", text="妈妈说十分钟到", by=gate.actor("teacher"))
    note_call(vain, outcome="not_reached", text="没人接", by=gate.actor("teacher"))
    moves = [MoveRequest(row, S.LATE, place=closed.name) for row in (kept, left)]
    move_many(moves, by=gate.actor("service_centre"))
    adult = left.student.links.first().guardian
    move_many([MoveRequest(left, S.FETCHED, released_to=adult)], by=gate.actor("service_centre"))


@pytest.mark.parametrize("javascript", [True, False])
def test_found_by_pinyin_and_given_to_the_aunt_in_one_tap(gate, page_as, fits, axe_clean, keep_picture, javascript):
    page = page_as("gatekeeper", PHONE, javascript=javascript)
    page.goto(reverse("attendance:gate"))
    if javascript:
        fits(page)
        axe_clean(page)
        keep_picture(page, "gate-390", whole=False)
    page.get_by_label("找学生").fill("wangyi")
    page.get_by_role("button", name="找").click()
    expect(page.get_by_text("今天由 姑姑 周小敏 接（家长 07:40 说）")).to_be_visible()
    expect(page.get_by_text("不可接走")).to_be_visible()
    expect(page.get_by_text("法院判决")).to_have_count(0)
    if javascript:
        fits(page)
        axe_clean(page)
        keep_picture(page, "gate-child-390", whole=True)
    page.get_by_role("button", name="交给周小敏（姑姑）").click()
    expect(page.get_by_text("王一，交给周小敏。")).to_be_visible()
    assert state(gate, 0) == S.FETCHED
    assert state(gate, 5) == S.GROUP


@pytest.mark.parametrize("javascript", [True, False])
def test_a_parents_code_shows_the_family_and_siblings_go_in_one_act(
    gate, page_as, fits, axe_clean, keep_picture, javascript
):
    parent = page_as("guardian", PHONE, javascript=javascript)
    parent.goto(reverse("attendance:gate-my-code"))
    if javascript:
        fits(parent)
        axe_clean(parent)
        keep_picture(parent, "gate-my-code-390", whole=True)
    page = page_as("gatekeeper", PHONE, javascript=javascript)
    page.goto(reverse("attendance:gate-code", args=[gate_code.token(gate.guardian.pk, TODAY)]))
    assert [state(gate, n) for n in (0, 5)] == [S.GROUP, S.GROUP]
    if javascript:
        fits(page)
        axe_clean(page)
        keep_picture(page, "gate-code-390", whole=True)
    page.get_by_role("link", name="单独放行 王一").click()
    page.get_by_label("杨六").check()
    if javascript:
        expect(page.get_by_role("button", name="交给林晓岚（妈妈），2 个孩子")).to_be_visible()
    page.get_by_role("button", name="交给林晓岚（妈妈）").click()
    expect(page.get_by_text("王一、杨六，交给林晓岚")).to_be_visible()
    assert [state(gate, n) for n in (0, 5)] == [S.FETCHED, S.FETCHED]
    page.goto(reverse("attendance:gate-code", args=["5-20260921.forged"]))
    expect(page.get_by_text("这不是学校的接送码")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_line_goes_with_a_tap_each_and_one_for_all(gate, page_as, fits, axe_clean, keep_picture, javascript):
    page = page_as("teacher", PHONE, javascript=javascript)
    page.goto(reverse("attendance:gate"))
    if javascript:
        fits(page)
        axe_clean(page)
        keep_picture(page, "gate-class-390", whole=True)
        choice = page.get_by_label("奶奶 赵桂英")
        choice.click()
        expect(page.get_by_role("button", name="放行 1 人")).to_be_visible()
        choice.click()  # a second tap takes it back
        expect(page.get_by_role("button", name="先点来接的人")).to_be_visible()
    page.get_by_label("奶奶 赵桂英").check(force=True)
    page.get_by_label("妈妈 何文").check(force=True)
    if javascript:
        keep_picture(page, "gate-class-chosen-390")
    page.get_by_role("button", name="放行").last.click()
    expect(page.get_by_text("2 人已放行，家长会收到消息。")).to_be_visible()
    assert [state(gate, n) for n in (0, 1, 2)] == [S.FETCHED, S.FETCHED, S.GROUP]
    page.get_by_text("没人来？打电话").first.click()
    if javascript:
        fits(page)
        keep_picture(page, "gate-class-calls-390", whole=True)
    page.get_by_role("button", name="张三，阿依古丽·买买提50：10 分钟内到").click()
    expect(page.get_by_text("电话已记下")).to_be_visible()
    expect(page.get_by_text("等延时托管来接收")).to_be_visible()
    late = page_as("service_centre", PHONE, javascript=javascript)
    late.goto(reverse("attendance:late-care"))
    if javascript:
        fits(late)
        axe_clean(late)
        keep_picture(late, "late-care-390", whole=True)
    late.get_by_label("张三 到了").check()
    late.get_by_role("button", name="接收勾选的孩子到休息室").click()
    expect(late.get_by_text("张三，已到休息室")).to_be_visible()
    assert state(gate, 2) == S.LATE


def test_every_page_fits_and_is_accessible(gate, page_as, fits, axe_clean, keep_picture):
    child = ChildDay.objects.get(student=gate.students[0], date=TODAY)
    office, leader, keeper = page_as("office"), page_as("duty_leader"), page_as("gatekeeper")
    with clock.frozen(NOW):
        row = ChildDay.objects.select_related("term", "session", "student").get(student=gate.students[1], date=TODAY)
        move_many([MoveRequest(row, S.FETCHED, released_to=gate.other_guardian)], by=gate.actor("gatekeeper"))
        _some_in_late_care(gate)
    for days in (1, 2, 3):
        for number in (0, 2):
            late_day(gate, number, days, 35, said="加班，在路上")
    for page, name, url in [
        (keeper, "whole", reverse("attendance:gate")),
        (keeper, "class", reverse("attendance:gate") + "?q=1-1"),
        (keeper, "decide", reverse("attendance:gate-decide", args=[child.pk])),
        (keeper, "gone", reverse("attendance:gate-child", args=[row.pk])),
        (keeper, "nothing", reverse("attendance:gate") + "?q=没有这个人"),
        (leader, "not-mine", reverse("attendance:gate-child", args=[child.pk])),
        (leader, "home-leader", "/"),
        (page_as("service_centre"), "late-care-keeper", reverse("attendance:late-care")),
        (leader, "late-care", reverse("attendance:late-care")),
        (office, "often", reverse("attendance:late-care-often")),
        (office, "places", reverse("attendance:late-care-places")),
    ]:
        page.goto(url)
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            fits(page)
            axe_clean(page)
            keep_picture(page, f"gate-{name}-{viewport['width']}", whole=True)
