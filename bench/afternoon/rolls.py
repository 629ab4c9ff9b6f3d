"""Teachers in their rooms: the roll, batch by batch and on two devices; children found; lists to clubs and back."""

import asyncio
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.urls import reverse

from bench.afternoon.door import Player
from bench.afternoon.plan import Child, by_roll
from bench.afternoon.school import Meeting

OFFER = re.compile(r"/handovers/(\d+)/accept/")
TICK = re.compile(r'name="child" value="(\d+)"')
LINKS = re.compile(r'name="links" value="(\d+)"')
Mark = dict[str, Any]


def at(name: str, *args: object) -> str:
    return reverse(f"attendance:{name}", args=args)


def moment() -> str:
    return datetime.now(UTC).isoformat()


class Roll:
    """One roll call on one device. What is marked while a batch is on its way goes into the next one."""

    def __init__(self, player: Player, session: int) -> None:
        self.player, self.session, self.number = player, session, 0

    async def begin(self) -> None:
        await self.player.look("roll, page", at("roll-call", self.session))
        now = moment()
        sent = [("device_at", now), ("device_now", now)]
        await self.player.script("roll, begin", at("roll-call-begin", self.session), sent)

    async def send(self, marks: list[Mark]) -> None:
        """Send one batch until it is answered. Where somebody else was first, look at who, and set it again."""
        if not marks:
            return
        self.number += 1
        number = f"{self.player.device}-{self.number}"
        sent = [("device_now", moment()), ("number", number), ("marks", json.dumps(marks))]
        answer = await self.player.script("roll, marks", at("roll-call-send", self.session), sent)
        tally = self.player.tally
        tally.answered.append(self.player.now())
        tally.batches.add(number)
        true = {int(row["child"]): row for row in answer.get("answers", [])}
        for child, row in true.items():
            tally.marks[self.session, child] = row["state"]
        wanted = {int(mark["child"]): mark for mark in marks}
        again = [
            {**wanted[child], "seen": row["state"], "at": moment()}
            for child, row in true.items()
            if row["state"] != wanted[child]["state"] and wanted[child].get("how") != "rest"
        ]
        await self.send(again)

    async def close(self) -> None:
        answer = await self.player.script("roll, finish", at("roll-call-save", self.session), [("close", "1")])
        if answer.get("closed"):
            self.player.tally.closed.add(("closed", self.session))
        else:
            self.player.tally.errors.append(f"roll {self.session} not finished: {answer}")


def mark(child: Child, state: str, seen: str = "not_called", how: str = "") -> Mark:
    found: Mark = {"child": str(child.student), "seen": seen, "state": state, "at": moment()}
    return found | ({"how": how} if how else {})


def rest(children: Iterable[Child]) -> list[Mark]:
    """The rest are present: one act, one moment."""
    now = moment()
    return [mark(child, "present", how="rest") | {"at": now} for child in children]


async def call_roll(players: list[Player], meeting: Meeting) -> None:
    """Take a group's roll, on the classroom PC alone or with a phone beside it, which does half of the exceptions."""
    rolls = [Roll(player, meeting.session) for player in players]
    await asyncio.gather(*(_call(roll, meeting, n, len(rolls)) for n, roll in enumerate(rolls)))
    await rolls[0].close()


async def _call(roll: Roll, meeting: Meeting, place: int, devices: int) -> None:
    await roll.begin()
    called = [child for child in meeting.children if not child.joins and child.fate.called != "leave"]
    exceptions = [child for child in called if child.fate.called != "present" or child.fate.slip]
    mine = exceptions[place::devices]
    await roll.send([mark(child, child.fate.called) for child in mine])
    await roll.send([mark(child, "late", seen="present") for child in mine if child.fate.slip])
    if place == 0:
        await roll.send([mark(child, "present", how="joins") for child in meeting.children if child.joins])
    waiting = [child for child in called if child not in exceptions]
    await roll.send(rest(waiting[: len(waiting) // 2]))
    await roll.send(rest(waiting[len(waiting) // 2 :]))


async def find(player: Player, children: Iterable[Child], place: str) -> None:
    """Say of the own children who are missing that they were found, and are here."""
    for child in children:
        while True:
            page = await player.look("child, page", at("child", child.day))
            if at("child-found", child.day) not in page.text:
                break
            links = LINKS.search(page.text)
            values = [("links", links[1] if links else ""), ("to", "group"), ("place", place)]
            await player.press("child, found", at("child-found", child.day), values)


async def excuse(player: Player, children: Iterable[Child]) -> None:
    """As the duty leader: call the family of a child who is missing, note it, take the child off the search."""
    for child in children:
        words = f"家里有事，{child.student}"
        while True:
            page = await player.look("child, page", at("child", child.day))
            if at("child-away", child.day) not in page.text:
                break
            if words not in page.text:
                values = [("guardian", str(child.guardian)), ("about", "missing"), ("outcome", "reached")]
                await player.press("child, call", at("child-call", child.day), [*values, ("text", words)])
                continue
            links = LINKS.search(page.text)
            await player.press("child, excused", at("child-away", child.day), [("links", links[1] if links else "")])


async def answer_passes(player: Player) -> None:
    """As the duty leader: let everybody stay who turned up unlisted."""
    while True:
        page = await player.look("board, page", at("board"))
        waiting = re.findall(r'id="pass-(\d+)"', page.text)
        if not waiting:
            return
        for pk in waiting:
            await player.press("pass, accepted", at("pass-accept", pk), [], moves=False)


async def give_to_clubs(player: Player, meeting: Meeting, clubs: list[Meeting]) -> None:
    """Offer the children who go to a club now, all lists in one act; not those whom the club calls by its own roll.

    Who was given and did not come stands on the page again: that list is not made a second time.
    """
    going = [child for child in meeting.children if child.club is not None and not by_roll(child.club)]
    wanted = {clubs[child.club or 0].session for child in going}
    come = {child.day for child in going if not child.fate.club_absent}
    while True:
        page = await player.look("hand over, page", at("hand-over", meeting.session))
        values: list[tuple[str, str]] = []
        for to in sorted(wanted):
            listed = re.findall(rf'name="to-{to}" value="((\d+):\d+)"', page.text)
            if come & {int(pk) for _, pk in listed}:
                values += [("to", str(to)), *((f"to-{to}", seen) for seen, _ in listed)]
        if not values:
            return
        await player.press("hand over, offered", at("offer-onward", meeting.session), values, moves=False)


async def run_club(player: Player, club: int, meeting: Meeting) -> None:
    """Receive the lists of the groups, or take the children in by the roll; then call it."""
    if not by_roll(club):
        await _accept(player, meeting, len({child.group for child in meeting.children}))
    roll = Roll(player, meeting.session)
    await roll.begin()
    await roll.send([mark(child, "absent") for child in meeting.children if child.fate.club_absent])
    await roll.send(rest(child for child in meeting.children if not child.fate.club_absent))
    await roll.close()


async def _accept(player: Player, meeting: Meeting, lists: int) -> None:
    """Accept each list but for those who did not come, until all groups have sent theirs."""
    absent = [("absent", str(child.day)) for child in meeting.children if child.fate.club_absent]
    seen: set[str] = set()
    while True:
        page = await player.look("lists, page", at("handovers"))
        waiting = set(OFFER.findall(page.text))
        seen |= waiting
        if not waiting and len(seen) == lists:
            return
        for pk in sorted(waiting):
            answered = await player.press("lists, accepted", at("offer-accept", pk), absent)
            if answered and answered.done:
                player.tally.closed.add(("accepted", int(pk)))
        if not waiting:
            await player.rest()


async def take_back(player: Player, meeting: Meeting) -> None:
    """Take all children back from their clubs in one act."""
    while True:
        page = await player.look("back from clubs, page", at("roll-call-clubs", meeting.session))
        if not (there := TICK.findall(page.text)):
            return
        back = [("child", pk) for pk in there]
        await player.press("back from clubs", at("roll-call-clubs-back", meeting.session), back)
