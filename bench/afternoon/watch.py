"""A duty leader's board, asked every two seconds as the page asks; held against the database at the same moment."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from bench.afternoon.door import Player, Trouble
from bench.afternoon.rolls import at

COUNT = re.compile(r"<dt>(\S+?)</dt><dd>(\d+)</dd>")
WORDS = {
    "待到班": ("expected",), "在班": ("group",), "在社团": ("club",), "其他老师处": ("staff",), "延时托管": ("late",),
    "未到": ("missing",), "已离校": ("fetched", "alone"), "不来": ("away",),
}  # fmt: skip
Counts = dict[str, int]


def shown(page: str) -> Counts:
    """Return the counts of a board by its words."""
    found = {word: int(number) for word, number in COUNT.findall(page)}
    return {word: found.get(word, 0) for word in WORDS}


def counted(states: Counts) -> Counts:
    """Return what the board should show."""
    return {word: sum(states.get(state, 0) for state in codes) for word, codes in WORDS.items()}


@dataclass
class Watch:
    """What the board showed: seconds from a move's answer until it was seen, and where it disagreed with the database."""

    player: Player
    truth: Callable[[], Awaitable[Counts]]
    every: float = 2.0
    lags: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)  # of moves between whose answer and the board the server was killed
    kills: list[float] = field(default_factory=list)
    polls: int = 0
    unchanged: int = 0
    stale: int = 0  # polls that showed less than was true when they began
    compared: int = 0
    stopped: bool = False
    tag: str = ""
    last: Counts = field(default_factory=dict)

    async def run(self) -> None:
        while not self.stopped:
            await self.poll()
            await asyncio.sleep(self.every)

    async def poll(self) -> None:
        waiting = len(self.player.tally.answered)
        before = counted(await self.truth())
        try:
            headers = {"HX_Request": "true"} | ({"If_None_Match": self.tag} if self.tag else {})
            answer = await self.player.once("board, poll", at("board"), **headers)
        except Trouble:
            return
        ended = self.player.now()
        self.polls += 1
        if answer.status == 304:
            self.unchanged += 1
        else:
            self.last, self.tag = shown(answer.body), answer.headers.get("etag", "")
        after = counted(await self.truth())
        if not self._fresh(before, after, self.last):
            self.stale += 1
            return
        seen = self.player.tally.answered[:waiting]
        del self.player.tally.answered[:waiting]
        for moment in seen:
            killed = any(moment <= at <= ended for at in self.kills)
            (self.over if killed else self.lags).append(ended - moment)

    def _fresh(self, before: Counts, after: Counts, now: Counts) -> bool:
        """Tell whether the board showed what was true between the two moments; what only grows lies between them."""
        if before == after:
            self.compared += 1
            return now == before
        called, gone = -before["待到班"], before["已离校"]
        return called <= -now["待到班"] and (gone <= now["已离校"] or gone > after["已离校"])
