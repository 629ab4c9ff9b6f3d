"""The people of the journey: each with a browser of one's own, all under the school's one clock."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from urllib.parse import urljoin

from django.test import Client
from django.urls import reverse

from afterschool.support import clock
from tests.journeys.pages import Page

Given = str | int | list[str] | object
PASSWORD = "jiang-xin-2026"


@contextmanager
def at(moment: str) -> Iterator[None]:
    """Hold the school's clock: `at("09-11 16:40")` of 2026."""
    with clock.frozen(datetime.fromisoformat(f"2026-{moment}").replace(tzinfo=clock.SHANGHAI)):
        yield


class Person:
    """Somebody at a phone or a PC. Opens pages, follows links, presses buttons that the page really offers."""

    def __init__(self, commits: Callable[[], AbstractContextManager[object]]) -> None:
        self.client = Client()
        self.commits = commits
        self.url = ""
        self.page = Page("")
        self.content = b""

    def _ask(self, method: str, url: str, data: object = None) -> "Person":
        with self.commits():  # what the worker does is done before the next page
            response = getattr(self.client, method)(url, data or {})
        if response.status_code == 302:
            return self._ask("get", urljoin(url, response["Location"]))
        self.url = url
        self.content = response.getvalue() if response.streaming else response.content
        assert response.status_code == 200, f"{method} {url}: {response.status_code}"
        html = response.headers.get("Content-Type", "").startswith("text/html")
        self.page = Page(self.content.decode()) if html else Page("")
        return self

    def open(self, name: str, *args: object, query: str = "") -> "Person":
        """Open a page by its name in the portal, or by its address."""
        url = name if "/" in name else reverse(name, args=args)
        return self._ask("get", url + query)

    def follow(self, words: str) -> "Person":
        """Follow a link."""
        return self._ask("get", urljoin(self.url, self.page.link(words)))

    def press(self, words: str, given: dict[str, Given] | None = None, *, without: str = "") -> "Person":
        """Send the form of this button, as it stands but for what is given. What a page doesn't offer can't be given."""
        form, button = self.page.form_with(words)
        values: dict[str, Given] = {**form.values, **{k: v for k, v in (given or {}).items() if v is not None}}
        for name in [without] if without else []:
            values.pop(name, None)
        for name, value in (given or {}).items():
            known = form.choices.get(name)
            for one in value if isinstance(value, list) else [value]:
                assert known is None or str(one) in known, f"{name}={one} is not offered: {known}"
        if button.name:
            values[button.name] = button.value
        url = urljoin(self.url, button.action or form.action or self.url)
        return self._ask(form.method, url, values)

    def send(self, name: str, *args: object, post: dict[str, Given]) -> "Person":
        """Send what no page offers: what somebody does who writes the request by hand."""
        return self._ask("post", reverse(name, args=args), post)

    def sees(self, *sentences: str) -> "Person":
        """Assert that all this stands on the page."""
        for sentence in sentences:
            assert "".join(sentence.split()) in self.page.words, f"{sentence} — {self.url}: {self.page.words}"
        return self

    def misses(self, *sentences: str) -> "Person":
        """Assert that none of this stands on the page."""
        for sentence in sentences:
            assert sentence not in self.page.words, f"{sentence} — {self.url}: {self.page.words}"
        return self

    def may_not(self, name: str, *args: object, status: int, post: dict[str, Given] | None = None) -> None:
        """Try what isn't one's own: 403 without the right, 404 outside one's scope, 302 to the login for strangers."""
        url = name if "/" in name else reverse(name, args=args)
        with self.commits():
            response = self.client.get(url) if post is None else self.client.post(url, post)
        assert response.status_code == status, f"{url}: {response.status_code}"
        if status == 302:
            assert response["Location"].startswith(reverse("school:login")), response["Location"]

    def paper(self) -> bytes:
        """Return the file of the paper whose progress is shown."""
        self.sees("已做好")
        return Person._ask(self, "get", self.page.link("下载")).content

    def log_in(self, name: str, password: str = PASSWORD) -> "Person":
        """Log in through the page."""
        return self.open("school:login").press("登录", {"username": name, "password": password})
