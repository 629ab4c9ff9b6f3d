"""The afternoon, act by act: within one everybody plays at once, between two the school's clock goes on."""

import asyncio
import random
import time as machine
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import time

from bench.afternoon import gate, rolls
from bench.afternoon.door import Player, Tally, Way
from bench.afternoon.plan import End
from bench.afternoon.school import Person, World
from bench.afternoon.watch import Counts, Watch

LAST_POLLS = 10  # at the end, until the board has shown everything
LONGEST = 150.0  # seconds that an act may take


@dataclass
class Stage:
    """What the play stands on: ways to the server, the clock, restarts, and the database to look things up."""

    open: Callable[[Person], Way]
    turn: Callable[[time], Awaitable[None]]  # the school's clock to an hour
    restart: Callable[[], Awaitable[None]]
    rows: Callable[[], Awaitable[dict[int, int]]]  # student -> row of the day
    truth: Callable[[], Awaitable[Counts]]
    spread: float = 8.0  # seconds over which people begin an act
    pause: float = 0.4
    every: float = 2.0  # seconds between two polls of the board
    two_devices: int = 5  # of how many groups one has two devices
    longest: float = LONGEST
    say: Callable[[str], None] = str
    tally: Tally = field(default_factory=Tally)
    rng: random.Random = field(default_factory=lambda: random.Random(20260921))
    took: dict[str, float] = field(default_factory=dict)
    watch: Watch | None = None

    def player(self, person: Person, device: str = "") -> Player:
        rng = random.Random(self.rng.random())
        name = f"{device or 'pc'}-{person.user}"
        return Player(self.open(person), self.tally, machine.monotonic, rng, person.user, name, self.pause)

    async def later(self, work: Awaitable[None]) -> None:
        await asyncio.sleep(self.rng.uniform(0, self.spread))
        await work

    async def act(self, name: str, hour: time, works: Iterable[Awaitable[None]], *, restart: bool = False) -> None:
        """Let everybody play one act; with `restart` the server is killed in the middle of it."""
        await self.turn(hour)
        began = machine.monotonic()
        parts = [self.later(work) for work in works]
        if restart:
            parts.append(self._break_off())
        try:
            await asyncio.wait_for(asyncio.gather(*parts), self.longest)
        except TimeoutError:
            self.tally.errors.append(f"the act came to no end: {name}")
            raise
        finally:
            self.took[name] = machine.monotonic() - began
            self.say(f"  {hour:%H:%M} {name}: {self.took[name]:.1f} s")

    async def _break_off(self) -> None:
        await asyncio.sleep(self.spread * 0.6)
        if self.watch is not None:
            self.watch.kills.append(machine.monotonic())
        await self.restart()


async def play(stage: Stage, world: World) -> None:
    """Play the whole afternoon."""
    stage.watch = Watch(stage.player(world.leaders[-1]), stage.truth, stage.every)
    await stage.turn(time(15, 25))
    watching = asyncio.create_task(stage.watch.run())
    try:
        await _before_clubs(stage, world)
        await _clubs(stage, world)
        await _home(stage, world)
        await _late(stage, world)
    finally:
        stage.watch.stopped = True
        await watching
    for _ in range(LAST_POLLS):
        if stage.tally.answered:
            await stage.watch.poll()


async def _before_clubs(stage: Stage, world: World) -> None:
    teachers = [stage.player(meeting.teacher) for meeting in world.groups]
    works = []
    for n, (player, meeting) in enumerate(zip(teachers, world.groups, strict=True)):
        phone = [stage.player(meeting.teacher, "phone")] if n % stage.two_devices == 0 else []
        works.append(rolls.call_roll([player, *phone], meeting))
    await stage.act("rolls", time(15, 28), works, restart=True)
    days = await stage.rows()
    for child in world.children:
        child.day = days[child.student]
    lost = [[c for c in meeting.children if c.fate.settled == "found"] for meeting in world.groups]
    excused = [child for child in world.children if child.fate.settled == "excused"]
    leaders = [stage.player(person) for person in world.leaders]
    works = [rolls.find(player, children, "操场") for player, children in zip(teachers, lost, strict=True)]
    works += [rolls.excuse(leader, excused[n :: len(leaders)]) for n, leader in enumerate(leaders)]
    works.append(rolls.answer_passes(stage.player(world.leaders[0], "phone")))
    early = [(child, "") for child in world.children if child.fate.end == End.EARLY]
    works.append(gate.in_turn([stage.player(person) for person in world.gatekeepers], early))
    await stage.act("searches, early pick-ups", time(15, 52), works)


async def _clubs(stage: Stage, world: World) -> None:
    works = [rolls.give_to_clubs(stage.player(m.teacher), m, world.clubs) for m in world.groups]
    works += [rolls.run_club(stage.player(m.teacher), n, m) for n, m in enumerate(world.clubs) if m.children]
    await stage.act("clubs", time(16, 8), works, restart=True)
    absent = [[c for c in meeting.children if c.fate.club_absent] for meeting in world.groups]
    works = [rolls.find(stage.player(m.teacher), who, "教室") for m, who in zip(world.groups, absent, strict=True)]
    await stage.act("not in the club", time(16, 20), works)
    works = [rolls.take_back(stage.player(meeting.teacher), meeting) for meeting in world.groups]
    await stage.act("back from clubs", time(17, 12), works)


async def _home(stage: Stage, world: World) -> None:
    at_gate = [(child, "") for child in world.children if child.fate.end in gate.AT_GATE and not child.fate.corrected]
    slips = [(child, "again") for child in world.children if child.fate.corrected]
    stage.rng.shuffle(at_gate)
    keepers = [stage.player(person) for person in world.gatekeepers]
    works = [gate.release_line(stage.player(meeting.teacher), meeting) for meeting in world.groups]
    await stage.act("at the gate", time(17, 31), [*works, gate.in_turn(keepers, at_gate)], restart=True)
    await stage.act("slips at the gate", time(17, 36), [gate.in_turn(keepers, slips)])


async def _late(stage: Stage, world: World) -> None:
    late = [child for child in world.children if child.fate.end in (End.LATE, End.ORDERED)]
    keepers = [stage.player(person) for person in world.keepers]
    leader = stage.player(world.leaders[0])
    works = [gate.call_families(stage.player(meeting.teacher), meeting) for meeting in world.groups]
    works += [gate.receive_late(player, late[n :: len(keepers)], world.place) for n, player in enumerate(keepers)]
    works.append(gate.order_late(leader, late, world.place, world.keepers[0].teacher))
    await stage.act("late care", time(17, 45), works, restart=True)
    await stage.act("fetched late", time(18, 20), [gate.in_turn(keepers, [(child, "") for child in late])])
    held = [*world.groups, *(meeting for meeting in world.clubs if meeting.children)]
    works = [gate.end_session(stage.player(meeting.teacher), meeting) for meeting in held]
    await stage.act("sessions ended", time(18, 40), works)
    await stage.act("day closed", time(18, 45), [gate.close_day(leader)])
