"""An ordinary day by keys alone: 45 children, two on leave, one late, one absent, one who isn't listed, all within 20 seconds."""

import sys
from datetime import date

import pytest
from django.urls import reverse

from afterschool.school.models import Placement, Student
from attendance.actions import leaves
from attendance.enums import LeaveSource
from attendance.models import Mark, RollCall
from tests.browser.conftest import CLASSROOM, PHONE
from tests.cast import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS_A_KEY = 0.25  # four keys a second: somebody who knows where the keys are
MOST_KEYS, MOST_SECONDS = 70, 20
LONGEST_WAIT = (
    10_000  # of one step on a busy test machine, in milliseconds; only keys are counted against the 20 seconds
)
SURNAMES = [
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "宇文",
    "长孙",
    "夏侯",
    "轩辕",
    "钟离",
]
GIVEN = ["子墨", "相宜", "沐阳"]
FITS = """() => {
  const d = document.documentElement, foot = document.querySelector('.toolbar').getBoundingClientRect().top;
  const under = [...document.querySelectorAll('.roll > li')].filter(e => e.getBoundingClientRect().bottom > foot + 1);
  const small = [...document.querySelectorAll('.tile label, .toolbar button:not([hidden]), .toolbar a')]
    .filter(e => { const r = e.getBoundingClientRect(); return r.width < 43.9 || r.height < 43.9; });
  const cut = [...document.querySelectorAll('.tile b')].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth);
  return [d.scrollHeight <= innerHeight, d.scrollWidth <= innerWidth, under.length, small.length, cut.length];
}"""


def long_names(cast, number: int) -> list[Student]:
    """Fill the group with children of four characters each."""
    names = [surname + given for given in GIVEN for surname in SURNAMES] + ["王", "李", "张", "赵", "周"]
    for child, name in zip(
        Student.objects.filter(school_class=cast.classes[0]).order_by("number"), names, strict=False
    ):
        child.name = name
        child.save()
    for place in range(7, number + 1):
        child = Student.objects.create(
            name=(names[place - 1] + "小小小")[:4], school_class=cast.classes[0], number=place
        )
        Placement.objects.create(
            term=cast.term, student=child, group=cast.group, weekdays="12345", starts_on=date(2026, 9, 7)
        )
    return list(Student.objects.filter(school_class=cast.classes[0]).order_by("number"))


class Keys:
    """Presses keys at an even pace and counts them; each step waits until the page shows what it did."""

    def __init__(self, page) -> None:
        self.page, self.count = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.page.wait_for_timeout(SECONDS_A_KEY * 1000)
        self.count += len(keys)

    def until(self, script: str) -> None:
        self.page.wait_for_function(script, timeout=LONGEST_WAIT)


def standing_at(name: str) -> str:
    return f"() => document.activeElement?.closest('.tile')?.querySelector('b').textContent === '{name}'"


def test_a_day_by_keys_alone_within_twenty_seconds(afternoon, page_as, keep_picture, capsys):
    children = long_names(afternoon, 45)
    for child, source in ((children[5], LeaveSource.PAPER), (children[20], LeaveSource.PHONE)):
        leaves.ask_leave(
            term=afternoon.term,
            student=child,
            first_day=TODAY,
            last_day=TODAY,
            source=source,
            by=afternoon.actor("office"),
        )
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call-now"))
    keys = Keys(page)
    keys.until("() => document.activeElement?.closest('.tile')")
    assert page.evaluate(FITS) == [True, True, 0, 0, 0]
    keys.press("m", "r", "x")
    keys.until(standing_at("慕容相宜"))
    keys.press("2", *"huangfum")
    keys.until(standing_at("皇甫沐阳"))
    keys.press("4", "+")
    keys.until("() => document.getElementById('join').open")
    keys.press("z", "q")
    keys.until("() => document.querySelector('#join-list [aria-selected=true]')?.textContent.includes('赵七')")
    keep_picture(page, "roll-call-join-625")
    keys.press("Enter")
    keys.until(standing_at("赵七"))
    keys.press("0")
    keys.until("() => document.querySelector('[data-n=not_called]')?.textContent === '0'")
    keep_picture(page, "roll-call-speed-625")
    keys.press("Enter")
    keys.until("() => document.querySelector('.roll.closed')")
    seconds = keys.count * SECONDS_A_KEY
    with capsys.disabled():
        sys.stdout.write(f"\n{keys.count} keys: {seconds:.1f} s at four a second\n")
    assert keys.count <= MOST_KEYS
    assert seconds < MOST_SECONDS
    marks = dict(Mark.objects.values_list("student__name", "state"))
    assert (marks["慕容相宜"], marks["皇甫沐阳"], marks["赵七"]) == ("late", "absent", "present")
    assert sorted(marks.values()) == ["absent", "late", "leave", "leave", *["present"] * 42]
    assert RollCall.objects.get().closed_by == afternoon.teacher.user


@pytest.mark.parametrize(("number", "viewport"), [(45, CLASSROOM), (50, CLASSROOM), (45, PHONE)])
def test_four_characters_fit(afternoon, page_as, keep_picture, fits, number, viewport):
    long_names(afternoon, number)
    page = page_as("teacher", viewport)
    page.goto(reverse("attendance:roll-call-now"))
    page.wait_for_function("() => document.activeElement?.closest('.tile')")
    still, sideways, under, small, cut = page.evaluate(FITS)
    keep_picture(page, f"roll-call-four-{number}-{viewport['width']}")
    assert (sideways, small, cut) == (True, 0, 0)
    if viewport is CLASSROOM:
        assert (still, under) == (True, 0)
    else:
        fits(page)


def test_an_input_method_that_swallows_letters_still_finds_the_child(afternoon, page_as):
    page = page_as("teacher", CLASSROOM)
    page.goto(reverse("attendance:roll-call-now"))
    page.wait_for_function("() => document.activeElement?.closest('.tile')")
    swallowed = """(code) => document.activeElement.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Process', code, bubbles: true, cancelable: true }))"""
    for code in ("KeyC", "KeyW"):
        page.evaluate(swallowed, code)
    page.wait_for_function(standing_at("陈五"))
    page.evaluate(swallowed, "Digit2")
    page.wait_for_function("() => document.querySelector('[data-n=here]')?.textContent === '1'")
    page.keyboard.press("q")
    page.wait_for_function("() => document.getElementById('news')?.textContent.includes('没有这样的名字')")
