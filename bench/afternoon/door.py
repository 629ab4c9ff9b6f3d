"""The way to the server, with a network that breaks, and what people do about it.

A script sends the same again until it is answered, as `static/js/roll-send.js` does. Who pressed a button and got no
answer looks at the page again first.
"""

import asyncio
import json
import random
import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Protocol

from bench.rush.browser import Answer, Browser

CSRF = "benchbenchbenchbenchbenchbench12"
REFUSAL = re.compile(r"<span>没有做成</span><span>(.*?)</span>", re.DOTALL)
WARNING = re.compile(r"<span>请注意</span><span>(.*?)</span>", re.DOTALL)
DONE = "<span>✓ 好了</span>"
SECOND = (  # what somebody reads who comes second, or sends a form again whose answer was lost
    "刚才已有人处理过",
    "有孩子已在等别人接收",
    "孩子还在校，没有可以更正的放行",
    "没有要交的孩子",
    "没有选中还在社团",
    "这一场已经结束",
    "这次点名已经完成",
    "一个也没接到的",
    "孩子现在由别的老师负责",
    "已在服务中心",
    "有孩子现在不由同一位老师负责",
)
GATE = ("gate, search", "gate, child", "gate, released")  # who has gone, a gatekeeper does not see
TRIES = 300
KEPT_ALIVE = 1.5  # seconds; the server ends a connection that is silent for two


class Trouble(Exception):
    """No answer came: the network was cut, or the server is down."""


class Way(Protocol):
    """What carries a request there and its answer back, or raises Trouble."""

    async def get(self, path: str, **headers: str) -> Answer: ...

    async def post(self, path: str, values: list[tuple[str, str]], **headers: str) -> Answer: ...


class Cuts:
    """Where the network breaks: before the request, in it, before the answer is there, or on the answer's way."""

    KINDS = ("unsent", "half sent", "not waited for", "answer lost")

    def __init__(self, share: float, rng: random.Random) -> None:
        self.share, self.rng, self.made = share, rng, Counter[str]()

    def next(self) -> str:
        kind = self.rng.choice(self.KINDS) if self.rng.random() < self.share else ""
        self.made.update([kind] if kind else [])
        return kind


class CutBrowser(Browser):
    """A browser on a network that breaks."""

    def __init__(self, port: int, cookies: dict[str, str], cuts: Cuts) -> None:
        super().__init__(port, cookies)
        self.cuts, self.used = cuts, 0.0

    async def _ask(self, method: str, path: str, body: str, headers: dict[str, str]) -> Answer:
        now = asyncio.get_running_loop().time()
        if now - self.used > KEPT_ALIVE:
            self.close()
        self.used, kind = now, self.cuts.next()
        try:
            if not kind:
                return await super()._ask(method, path, body, headers)
            await self._cut(kind, self._wording(method, path, body, headers))
        except (OSError, asyncio.IncompleteReadError) as gone:
            self.close()
            raise Trouble("the server is gone") from gone
        raise Trouble(kind)

    async def _cut(self, kind: str, words: bytes) -> None:
        if kind != "unsent":
            await self._open()
            self._write(words[: len(words) // 2] if kind == "half sent" else words)
            if kind == "answer lost":
                await self._read(0)
            elif self.writer is not None:
                await self.writer.drain()
                await asyncio.sleep(self.cuts.rng.uniform(0, 0.05))
        self.close()


@dataclass
class Tally:
    """What everybody met, and what they were told as done."""

    times: dict[str, list[float]] = field(default_factory=dict)
    trouble: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)  # when moves were answered, not yet seen on the board
    marks: dict[tuple[int, int], str] = field(
        default_factory=dict
    )  # (session, student) -> what the device was told last
    batches: set[str] = field(default_factory=set)  # numbers that were answered
    ended: set[int] = field(default_factory=set)  # rows of the day that somebody was told have left
    closed: set[tuple[str, int]] = field(default_factory=set)  # (what, session) told as done

    def say(self) -> None:
        for what, found in sorted(self.times.items()):
            print(
                f"  {what:22}{len(found):6}   median {statistics.median(found) * 1000:7.1f} ms   "
                f"max {max(found) * 1000:8.1f} ms"
            )
        print(
            f"  answered: {sum(len(found) for found in self.times.values())}; without an answer: {dict(self.trouble)}"
        )
        print(f"  refused as somebody was faster: {dict(self.refusals)}")
        print(f"  errors: {len(self.errors)}")


@dataclass
class Page:
    """A page that came after a press, and what it says of it."""

    text: str

    @property
    def done(self) -> bool:
        return DONE in self.text


@dataclass
class Player:
    """One person with one device."""

    way: Way
    tally: Tally
    now: Callable[[], float]
    rng: random.Random
    user: int = 0
    device: str = ""
    pause: float = 0.4  # seconds until somebody without an answer tries again

    async def once(self, what: str, path: str, values: list[tuple[str, str]] | None = None, **headers: str) -> Answer:
        """Ask once; raise Trouble where nothing came back, or what came is the server's own trouble."""
        try:
            if values is None:
                answer = await self.way.get(path, **headers)
            else:
                answer = await self.way.post(path, [("csrfmiddlewaretoken", CSRF), *values], **headers)
        except Trouble as trouble:
            self.tally.trouble[str(trouble)] += 1
            raise
        self.tally.times.setdefault(what, []).append(answer.seconds)
        if answer.status == 404 and what.startswith(GATE):
            self.tally.refusals["404 at the gate"] += 1
        elif answer.status >= 400 and answer.status != 422:
            self.tally.errors.append(f"{what}: {answer.status} {path} {answer.body[:200]!r}")
            raise Trouble(f"answer {answer.status}")
        return answer

    async def rest(self) -> None:
        await asyncio.sleep(self.rng.uniform(0.5, 1.5) * self.pause)

    async def _asked(self, what: str, path: str, values: list[tuple[str, str]] | None = None, **headers: str) -> Answer:
        for _ in range(TRIES):
            try:
                return await self.once(what, path, values, **headers)
            except Trouble:
                await self.rest()
        raise TimeoutError(f"{what}: never an answer from {path}")

    async def look(self, what: str, path: str) -> Page:
        """Open a page, again and again until it comes; follow where it leads."""
        answer = await self._asked(what, path)
        if answer.status == 302:
            answer = await self._asked(what, answer.headers["location"])
        return self._read(answer)

    async def press(self, what: str, path: str, values: list[tuple[str, str]], *, moves: bool = True) -> Page | None:
        """Send a form once and read the page that follows; None where no answer came."""
        try:
            answer = await self.once(what, path, values)
            answered = self.now()
            if answer.status == 302:
                answer = await self.once(f"{what}, after", answer.headers["location"])
        except Trouble:
            await self.rest()
            return None
        page = self._read(answer)
        if moves and page.done:
            self.tally.answered.append(answered)
        return page

    async def script(self, what: str, path: str, values: list[tuple[str, str]]) -> dict[str, Any]:
        """Post as the roll call's script does, the same again until it is answered."""
        own = [("user", str(self.user)), ("device", self.device)]
        for _ in range(TRIES):
            answer = await self._asked(what, path, [*own, *values], Accept="application/json")
            if answer.status == 200:
                break
            self.tally.errors.append(f"{what}: {answer.status} {answer.headers} {answer.body[:200]}")
            await self.rest()
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def _read(self, answer: Answer) -> Page:
        for found in [*REFUSAL.findall(answer.body), *WARNING.findall(answer.body)]:
            sentence = unescape(found)
            known = next((word for word in SECOND if word in sentence), None)
            if known:
                self.tally.refusals[known] += 1
            else:
                self.tally.errors.append(f"refused: {sentence}")
        return Page(answer.body)
