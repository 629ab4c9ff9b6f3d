"""Real Chromium against the live server: people by name, the clock of the school, axe, pictures that are kept."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.core.servers.basehttp import WSGIRequestHandler
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page

from afterschool.school.models import School, Term
from tests.cast import NOW, Cast

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright keeps an event loop in the thread of the test
CHROMIUM = Path("/usr/bin/chromium")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
CLASSROOM = {"width": 1366, "height": 625}  # the inside of a browser on a classroom PC of 1366x768
DESKTOP = {"width": 1366, "height": 768}
PHONE = {"width": 390, "height": 844}
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = {"runOnly": {"type": "tag", "values": WCAG}, "resultTypes": ["violations"]}  # what passes is not listed
TOO_WIDE = """() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + .5)
  .slice(0, 5).map(e => `${e.tagName}.${e.className} ${e.textContent.trim().slice(0, 20)}`)"""
PageAs = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in this folder are of the browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Take the system's Chromium where it is there."""
    args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
    found = {"executable_path": str(CHROMIUM)} if CHROMIUM.exists() else {}
    return {**browser_type_launch_args, **found, "args": args}


@pytest.fixture
def running_clock(cast: Cast) -> None:
    """Let the school's clock run on from tests.cast.NOW in every thread; what is frozen in a test is frozen there alone."""
    seconds = round((NOW - timezone.now()).total_seconds())
    School.objects.filter(pk=1).update(clock_offset_seconds=seconds)


@pytest.fixture
def page_as(browser: Browser, live_server, cast: Cast, running_clock: None) -> Iterator[PageAs]:
    """Return pages of persons of the cast: `page_as("teacher", CLASSROOM)`; `page_as(None)` is not logged in.

    A request to another host, an error of a script or of the server fails the test.
    """
    contexts: list[BrowserContext] = []
    slips: list[str] = []

    def open_page(name: str | None, viewport: dict = DESKTOP, *, user=None, javascript: bool = True) -> Page:
        context = browser.new_context(
            viewport=viewport,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            base_url=live_server.url,
            java_script_enabled=javascript,
            has_touch=viewport["width"] < 900,
        )
        contexts.append(context)
        person = user or (getattr(cast, name).user if name else None)
        if person is not None:
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": _session(person), "url": live_server.url}]
            )
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: slips.append(f"script: {error}"))
        page.on("response", lambda answer: _look(answer, live_server.url, slips))
        return page

    yield open_page
    for context in contexts:
        context.close()
    Term.objects.update(closed_at=None)  # the tables are emptied afterwards, which a closed term refuses
    assert not slips, slips


def _look(answer, home: str, slips: list[str]) -> None:
    if not answer.url.startswith((home, "data:", "blob:")):
        slips.append(f"other host: {answer.url}")
    if answer.status >= 500 and "x-made-by-the-test" not in answer.headers:
        slips.append(f"{answer.status}: {answer.url}")


def _session(user) -> str:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="afterschool.school.auth.PhoneOrStaffNumberBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


class Line:
    """The line between the browsers and the school: while it is down, every connection ends without an answer.

    Cut here and not by the browser's own emulation, which a page that reloads or a service worker hears of a moment late.
    """

    def __init__(self) -> None:
        self.down = False

    def cut(self, page: Page) -> None:
        """Take the network away, and let the page hear of it."""
        self.down = True
        page.evaluate("dispatchEvent(new Event('offline'))")

    def mend(self, page: Page) -> None:
        """Give it back, and let the page hear of it."""
        self.down = False
        page.evaluate("dispatchEvent(new Event('online'))")


@pytest.fixture
def line(live_server, monkeypatch: pytest.MonkeyPatch) -> Line:
    """Return the line to the live server, to be cut and mended."""
    own = Line()
    parse = WSGIRequestHandler.parse_request

    def answer_or_hang_up(handler: WSGIRequestHandler) -> bool:
        if not own.down:
            return parse(handler)
        handler.close_connection = True
        return False

    monkeypatch.setattr(WSGIRequestHandler, "parse_request", answer_or_hang_up)
    return own


BARS = "() => document.querySelectorAll('.toolbar').forEach((bar) => { bar.style.position = '%s'; })"
LIE_STILL, STICK_AGAIN = BARS % "static", BARS % ""


@pytest.fixture
def axe_clean() -> Callable[[Page], None]:
    """Check a page against WCAG 2.2 AA.

    The bar at the foot lies still meanwhile: what happens to stand half under it is whole as soon as one scrolls.
    """

    def check(page: Page) -> None:
        page.wait_for_load_state()
        page.evaluate(LIE_STILL)
        found = Axe().run(page, options=AXE)
        page.evaluate(STICK_AGAIN)
        assert found.violations_count == 0, found.generate_report()

    return check


@pytest.fixture
def keep_picture() -> Callable[[Page, str], None]:
    """Keep a screenshot under var/screenshots where `KEEP_PICTURES` is set: they are for people to look at, and cost time."""

    def keep(page: Page, name: str, *, whole: bool = False) -> None:
        page.wait_for_load_state()
        if not os.environ.get("KEEP_PICTURES"):
            return
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=whole)

    return keep


@pytest.fixture
def fits() -> Callable[[Page], None]:
    """Check that nothing scrolls sideways."""

    def check(page: Page) -> None:
        page.wait_for_load_state()
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide, f"{page.url} {page.viewport_size}: {page.evaluate(TOO_WIDE)}"

    return check
