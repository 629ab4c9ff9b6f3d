"""The afternoon of `bench/afternoon` in small, through the test client: so that the bench plays what the pages are."""

import asyncio
import queue
import random
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import time
from typing import Any

import pytest
from django.db.models import Count
from django.test import Client

from afterschool.support import clock
from attendance.models import ChildDay, Mark
from bench.afternoon.acts import Stage, play
from bench.afternoon.checks import violations
from bench.afternoon.door import CSRF, Trouble
from bench.afternoon.plan import FATES, deal, families
from bench.afternoon.school import TODAY, Person, World, build
from bench.rush.browser import Answer

OUTAGE = 8  # requests that meet no server in a restart


class Network:
    """What lies between everybody and the server: every so many requests a break, before or after them; and outages."""

    def __init__(self) -> None:
        self.asked, self.down, self.made = 0, 0, Counter[str]()

    def breaks(self) -> str:
        self.asked += 1
        if self.down:
            self.down -= 1
            return "down"
        return {0: "unsent", 11: "answer lost"}.get(self.asked % 22, "")


class Main:
    """The test's own thread, which has the database: everybody plays in another one and asks here, one at a time."""

    def __init__(self) -> None:
        self.asked: queue.Queue[tuple[Callable[[], Any], asyncio.AbstractEventLoop, asyncio.Future[Any]]] = (
            queue.Queue()
        )
        self.hour = time(15, 25)
        self.failed: list[BaseException] = []

    async def do(self, act: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        self.asked.put((act, loop, answer))
        return await answer

    def serve(self, work: Coroutine[Any, Any, None]) -> None:
        """Answer until all has been played."""
        player = threading.Thread(target=self._play, args=[work])
        player.start()
        while player.is_alive() or not self.asked.empty():
            try:
                act, loop, answer = self.asked.get(timeout=0.02)
            except queue.Empty:
                continue
            try:
                with clock.frozen(clock.at(TODAY, self.hour)):
                    found = act()
            except Exception as error:
                loop.call_soon_threadsafe(answer.set_exception, error)
            else:
                loop.call_soon_threadsafe(answer.set_result, found)
        if self.failed:
            raise self.failed[0]

    def _play(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            asyncio.run(work)
        except BaseException as error:
            self.failed.append(error)


class Line:
    """One person's way to the server through the test client."""

    def __init__(self, person: Person, network: Network, main: Main) -> None:
        self.client, self.network, self.main = Client(), network, main
        self.client.cookies["sessionid"] = person.cookie
        self.client.cookies["csrftoken"] = CSRF

    async def get(self, path: str, **headers: str) -> Answer:
        return await self._carry(lambda: self.client.get(path, headers=_named(headers)))

    async def post(self, path: str, values: list[tuple[str, str]], **headers: str) -> Answer:
        data: dict[str, list[str]] = {}
        for name, value in values:
            data.setdefault(name, []).append(value)
        return await self._carry(lambda: self.client.post(path, data, headers=_named(headers)))

    async def _carry(self, ask: Callable[[], Any]) -> Answer:
        kind = self.network.breaks()
        self.network.made[kind] += 1
        if kind in ("unsent", "down"):
            raise Trouble(kind)
        answer = await self.main.do(ask)
        if kind:
            raise Trouble(kind)
        found = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status_code, found, answer.content.decode(), 0.001)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def stage_before(network: Network, main: Main) -> Stage:
    """Raise a stage whose clock, restarts and look-ups are the test's own."""

    async def turn(hour: time) -> None:
        main.hour = hour

    async def restart() -> None:
        network.down = OUTAGE

    async def rows() -> dict[int, int]:
        return await main.do(lambda: dict(ChildDay.objects.values_list("student", "pk")))

    async def truth() -> dict[str, int]:
        return await main.do(lambda: dict(ChildDay.objects.order_by().values_list("state").annotate(Count("pk"))))

    return Stage(
        open=lambda person: Line(person, network, main), turn=turn, restart=restart, rows=rows, truth=truth,
        spread=0.02, pause=0.002, every=0.05, two_devices=2, longest=10,
    )  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    return build(groups=3, size=5, clubs=1, others=2, unlisted=1)


@pytest.fixture
def played(world: World) -> tuple[Stage, Network]:
    network, main = Network(), Main()
    stage = stage_before(network, main)
    main.serve(play(stage, world))
    return stage, network


def test_an_afternoon_with_cuts_leaves_each_child_where_it_was_planned(world: World, played: tuple[Stage, Network]):
    stage, network = played
    assert violations(world, stage.tally) == []
    assert stage.tally.errors == []
    assert network.made["down"] >= 4 * OUTAGE
    assert network.made["answer lost"] >= 2
    watch = stage.watch
    assert watch is not None
    assert (watch.stale, watch.last["已离校"]) == (0, ChildDay.objects.filter(state__in=["fetched", "alone"]).count())
    assert watch.lags
    _it_would_have_been_seen(world, stage)


def _it_would_have_been_seen(world: World, stage: Stage) -> None:
    """Lose a mark and a link: the checks name both."""
    mark = Mark.objects.filter(state="late").first()
    assert mark is not None
    Mark.objects.filter(pk=mark.pk).update(state="present")
    gone = ChildDay.objects.filter(state="fetched").first()
    assert gone is not None
    ChildDay.objects.filter(pk=gone.pk).update(links=gone.links + 1)
    lines = violations(world, stage.tally)
    assert any(line.startswith("mark ") and "not late" in line for line in lines)
    assert any(line.startswith(f"chain {gone.pk}:") for line in lines)


def test_every_kind_of_day_is_dealt_and_families_are_of_two_groups(world: World):
    assert {fate for fate, _ in FATES} == set(deal(len(FATES), random.Random(1)))
    pairs = [(child, child.younger) for child in world.children if child.younger]
    assert pairs
    assert all(elder.group != younger.group and elder.guardian == younger.guardian for elder, younger in pairs)
    assert families([]) == []
