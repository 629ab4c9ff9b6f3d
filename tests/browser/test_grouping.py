"""Children moved between groups: dragged with the mouse and with a finger, by keys alone, and the hints while it happens."""

import pytest
from django.urls import reverse

from afterschool.school.models import Student
from tests.browser.conftest import DESKTOP, PHONE
from tests.scheduling.applied import approve
from tests.scheduling.regrouped import TOMORROW, begin_term, group_of

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = reverse("scheduling:arrange", args=[1])
FINGER = """([from, to]) => {
  const at = (e) => { const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; };
  const [start, goal] = [document.querySelector(from), document.querySelector(to)];
  const send = (type, node, [x, y]) => node.dispatchEvent(new PointerEvent(type,
    { bubbles: true, pointerId: 7, pointerType: 'touch', clientX: x, clientY: y, button: type === 'pointermove' ? -1 : 0 }));
  send('pointerdown', start, at(start));
  send('pointermove', start, at(goal).map((v) => v - 5));
  send('pointermove', start, at(goal));
  send('pointerup', start, at(goal));
}"""


@pytest.fixture
def groups(cast):
    cast.students[0].name = "阿依古丽·买买提江"
    cast.students[0].save()
    return begin_term(cast)


def fill(cast, number: int) -> None:
    """Let class 1-1 have so many children, all taking part: those above six have no group yet."""
    more = [Student(name=f"孩子{n}", school_class=cast.classes[0], number=n) for n in range(7, number + 1)]
    approve(cast, *Student.objects.bulk_create(more))


def drag(page, handle: str, to: str) -> None:
    """Take something with the mouse and hold it over a group."""
    start, goal = page.locator(handle).bounding_box(), page.locator(to).bounding_box()
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + start["height"] / 2)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 40, steps=4)
    page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + 60, steps=8)


def chip(student: Student) -> str:
    return f"li.chip:has(#c{student.pk}) .name"


def bin_of(group) -> str:
    return f"[data-group='{group.pk}']"


def test_a_child_is_dragged_to_another_group_and_the_move_taken_back(cast, groups, page_as, axe_clean, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto(PAGE)
    axe_clean(page)
    drag(page, chip(cast.students[1]), bin_of(groups["一（2）混合班"]))
    page.wait_for_function("() => document.querySelector('[data-hint]').textContent.includes('已经在')")
    hint = page.locator(bin_of(groups["一（2）混合班"])).locator("[data-hint]")
    assert "一（1）班将分在2个组" in hint.text_content()
    keep_picture(page, "arrange-dragging-1366")
    page.mouse.up()
    page.get_by_text("1人从9月22日起在一（2）混合班").wait_for()
    assert group_of(cast.students[1], TOMORROW) == "一（2）混合班"
    axe_clean(page)
    page.get_by_role("button", name="撤销这次调整").click()
    page.get_by_text("已撤销，1人照原来的安排").wait_for()
    assert group_of(cast.students[1], TOMORROW) == "一（1）班服务班"


def test_a_whole_class_is_dragged_and_asks_for_a_reason(cast, groups, page_as, keep_picture):
    page = page_as("office", DESKTOP)
    page.goto(PAGE)
    drag(page, f"{bin_of(groups['一（2）混合班'])} legend", bin_of(groups["一（1）班服务班"]))
    page.wait_for_selector("[data-hint][data-reason]")
    page.mouse.up()
    page.wait_for_function("() => document.activeElement.name === 'reason'")
    assert "要写明原因" in page.locator("[data-say]").text_content()
    keep_picture(page, "arrange-reason-1366")
    page.keyboard.type("两个班合在一起")
    page.keyboard.press("Enter")
    page.get_by_text("2人从9月22日起在一（1）班服务班").wait_for()
    assert group_of(cast.students[7], TOMORROW) == "一（1）班服务班"


def test_a_drag_that_is_let_go_elsewhere_or_broken_off_changes_nothing(cast, groups, page_as):
    page = page_as("office", DESKTOP)
    page.goto(PAGE)
    drag(page, chip(cast.students[1]), bin_of(groups["一（2）混合班"]))
    page.keyboard.press("Escape")
    page.mouse.up()
    drag(page, chip(cast.students[1]), "h1")
    page.mouse.up()
    assert page.locator(".ghost").count() == 0
    assert page.locator("input[name=child]:checked").count() == 0
    assert group_of(cast.students[1], TOMORROW) == "一（1）班服务班"


def test_a_finger_drags_by_the_handle(cast, groups, page_as, fits, axe_clean, keep_picture):
    page = page_as("office", PHONE)
    page.goto(PAGE)
    fits(page)
    axe_clean(page)
    keep_picture(page, "arrange-390", whole=True)
    page.locator(bin_of(groups["一（2）混合班"])).scroll_into_view_if_needed()
    page.evaluate(FINGER, [f"li.chip:has(#c{cast.students[5].pk}) .grip", f"{bin_of(groups['一（2）混合班'])} h2"])
    page.get_by_text("1人从9月22日起在一（2）混合班").wait_for()
    assert group_of(cast.students[5], TOMORROW) == "一（2）混合班"


def test_by_keys_alone(cast, groups, page_as):
    page = page_as("office", DESKTOP)
    page.goto(PAGE)
    page.locator(f"#c{cast.students[2].pk}").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.locator("[data-count]").text_content().strip() == "已选 2 人"
    page.locator("select[name=to_group]").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("() => document.querySelector('[data-say]').textContent.includes('将分在2个组')")
    page.keyboard.press("Tab")
    page.locator("button:has-text('调整')").last.focus()
    page.keyboard.press("Enter")
    page.get_by_text("2人从9月22日起在一（2）混合班").wait_for()
    assert group_of(cast.students[3], TOMORROW) == "一（2）混合班"


def test_without_a_script_the_form_does_the_same(cast, groups, page_as):
    page = page_as("office", DESKTOP, javascript=False)
    page.goto(PAGE)
    page.check(f"#c{cast.students[2].pk}")
    page.select_option("select[name=to_group]", label="一（2）混合班")
    page.click("form[data-arrange] button[type=submit]")
    assert group_of(cast.students[2], TOMORROW) == "一（2）混合班"


def test_a_full_grade_and_the_regrouping_of_it(cast, groups, page_as, fits, axe_clean, keep_picture):
    fill(cast, 50)
    type(cast.term).objects.update(cap=45)
    page = page_as("office", DESKTOP)
    page.goto(PAGE)
    fits(page)
    axe_clean(page)
    keep_picture(page, "arrange-50-1366", whole=True)
    page.goto(reverse("scheduling:regrouping"))
    keep_picture(page, "regrouping-empty-1366")
    page.click("text=生成调整方案")
    page.get_by_text("一（1）班新参加44人").wait_for()
    for viewport in (PHONE, DESKTOP):
        page.set_viewport_size(viewport)
        fits(page)
        axe_clean(page)
        keep_picture(page, f"regrouping-{viewport['width']}", whole=True)
    page.get_by_role("button", name="确认").click()
    page.get_by_text("9月22日起：0人换班").wait_for()
    axe_clean(page)
    keep_picture(page, "regrouping-accepted-1366", whole=True)
