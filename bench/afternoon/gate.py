"""The way home: the line at the gate, gatekeepers beside the teachers, calls, late care, the end of sessions and of the day."""

import asyncio
import re
from collections.abc import Collection, Iterable
from urllib.parse import quote

from bench.afternoon.door import Page, Player
from bench.afternoon.plan import Child, End
from bench.afternoon.rolls import LINKS, at
from bench.afternoon.school import TODAY, Meeting

LISTED = re.compile(r'name="child"[^>]* value="(\d+):(\d+)"')
AT_ONCE = 8  # children whom a teacher lets go in one act
IN_LINE = (End.LINE, End.BOTH, End.ALONE)
AT_GATE = (End.GATE, End.BOTH)


def _left(player: Player, children: Iterable[Child], page: Page | None) -> None:
    if page is not None and page.done:
        player.tally.ended |= {child.day for child in children}


async def release_line(player: Player, meeting: Meeting) -> None:
    """Let the group's children go as they are fetched, some at a time, until none of the line is left."""
    wanted = {child.day: child for child in meeting.children if child.fate.end in IN_LINE}
    url = f"{at('gate')}?session={meeting.session}"
    page: Page | None = None
    while True:
        page = page or await player.look("gate, own group", url)
        here = {int(pk): links for pk, links in LISTED.findall(page.text) if int(pk) in wanted}
        if not here:
            return
        chosen = [wanted[pk] for pk in player.rng.sample(sorted(here), min(AT_ONCE, len(here)))]
        values = [("next", url)]
        for child in chosen:
            key = "alone" if child.fate.end == End.ALONE else str(child.guardian)
            values += [("child", f"{child.day}:{here[child.day]}"), (f"by-{child.day}", key)]
        page = await player.press("gate, line released", at("gate-class-release"), values)
        if page is not None and "请注意" not in page.text:
            _left(player, chosen, page)


async def release_one(player: Player, child: Child) -> None:
    """Find a child by name and let it go with its guardian, brothers and sisters too."""
    await player.look("gate, search", f"{at('gate')}?q={quote(child.name)}")
    while True:
        page = await player.look("gate, child", at("gate-child", child.day))
        links = LINKS.search(page.text)
        if at("gate-release", child.day) not in page.text or links is None:
            return
        values = [("links", links[1]), ("by", str(child.guardian))]
        leaving = [child]
        if child.younger is not None:
            also = re.search(rf'name="also"[^>]* value="({child.younger.day}:\d+)"', page.text)
            values += [("also", also[1])] if also else []
            leaving += [child.younger] if also else []
        _left(player, leaving, await player.press("gate, released", at("gate-release", child.day), values))


async def release_again(player: Player, child: Child) -> None:
    """Let a child go by a slip, take that back, and let it go once more."""
    await release_one(player, child)
    while True:
        page = await player.look("gate, child", at("gate-child", child.day))
        if at("gate-correct", child.day) not in page.text:
            break
        await player.press("gate, corrected", at("gate-correct", child.day), [("note", "点错了人")])
    await release_one(player, child)


async def call_families(player: Player, meeting: Meeting) -> None:
    """Nobody came: call, and note in one tap what came of it."""
    waiting = [child for child in meeting.children if child.fate.end in (End.LATE, End.ORDERED)]
    url = f"{at('gate')}?session={meeting.session}"
    for child in waiting:
        code = "30" if child.fate.end == End.LATE else "no"
        while True:
            page = await player.look("gate, own group", url)
            row = next((part for part in page.text.split("<li>") if f'name="child" value="{child.day}:' in part), "")
            if not row or "打给" in row:
                break
            values = [("next", url), ("answer", f"{child.guardian}:{code}")]
            await player.press("gate, call", at("gate-call", child.day), values, moves=False)


def _parts(page: Page) -> tuple[dict[int, str], set[int]]:
    """Return who waits to be received, with links, and who is in late care already."""
    before, _, after = page.text.partition('id="kept"')
    offered = {int(pk): links for pk, links in LISTED.findall(before)}
    return offered, {int(pk) for pk in re.findall(r"/gate/children/(\d+)/", after)}


async def receive_late(player: Player, children: Collection[Child], place: int) -> None:
    """Take in the children whose families were reached, those who stand in front of this person."""
    mine = {child.day for child in children if child.fate.end == End.LATE}
    while mine:
        offered, kept = _parts(await player.look("late care, page", at("late-care")))
        mine -= kept
        here = mine & offered.keys()
        if not here:
            await player.rest()
            continue
        values = [("place", str(place)), *(("child", f"{pk}:{offered[pk]}") for pk in sorted(here))]
        await player.press("late care, received", at("late-care-accept"), values)


async def order_late(player: Player, children: Collection[Child], place: int, keeper: int) -> None:
    """As the duty leader: order children whose families nobody reached to late care, with a named keeper."""
    mine = {child.day for child in children if child.fate.end == End.ORDERED}
    while mine:
        page = await player.look("late care, page", at("late-care"))
        mine -= _parts(page)[1]
        for pk in sorted(mine):
            form = page.text.partition(at("late-care-receive", pk))[2].partition("</form>")[0]
            if links := LINKS.search(form):
                values = [("links", links[1]), ("place", f"{place}:{keeper}")]
                await player.press("late care, ordered", at("late-care-receive", pk), values)
        if mine:
            await player.rest()


async def end_session(player: Player, meeting: Meeting) -> None:
    """End the session when the page offers it."""
    url = f"{at('gate')}?session={meeting.session}"
    for _ in range(50):
        page = await player.look("gate, own group", url)
        if at("session-end", meeting.session) not in page.text:
            break
        await player.press("session, ended", at("session-end", meeting.session), [], moves=False)
    if "这一场已结束" in page.text:
        player.tally.closed.add(("ended", meeting.session))
    else:
        player.tally.errors.append(f"session {meeting.session} could not be ended")


async def close_day(player: Player) -> None:
    """Close the day, and see that the board says so."""
    for _ in range(50):
        page = await player.look("board, page", at("board"))
        if "这一天已关闭" in page.text:
            return
        await player.press("day, closed", at("board-close", TODAY.isoformat()), [], moves=False)
    player.tally.errors.append("the day could not be closed")


async def in_turn(players: list[Player], work: list[tuple[Child, str]]) -> None:
    """Let several people at the gate take one child after the other, each whoever stands next in line."""
    queue = list(reversed(work))

    async def stand(player: Player) -> None:
        while queue:
            child, how = queue.pop()
            await (release_again(player, child) if how == "again" else release_one(player, child))

    await asyncio.gather(*(stand(player) for player in players))
