"""A whole afternoon of 60 groups and 2,700 children on PostgreSQL, 120 staff at once, with cuts and restarts in it.

    .venv/bin/python -m bench.afternoon                          everything
    .venv/bin/python -m bench.afternoon --groups 6 --clubs 3     a short one, to try

It needs what `./test` installs. A PostgreSQL of its own, which waits for the disk; server, worker and tick as `./start` runs
them; everybody plays from this one process. The network breaks in some requests, before or after the answer; the server is
killed in the middle of acts. Afterwards the database is held against the plan: any line that differs is an error.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
import time as machine
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.postgres import throw_away
from bench.rush.machine import Meter
from bench.server import PORT, ROOT, Parts, complaints, environment, postmaster, serving

if TYPE_CHECKING:
    from bench.afternoon.acts import Stage
    from bench.afternoon.door import Cuts
    from bench.afternoon.school import World

BAR = 10.0  # seconds until the board shows a move


async def _play(world: "World", parts: Parts, cuts: "Cuts", spread: float) -> "Stage":
    """Raise the stage before the server, and play."""
    from django.db import connection
    from django.utils import timezone
    from psycopg import AsyncConnection

    from afterschool.support import clock
    from bench.afternoon.acts import Stage, play
    from bench.afternoon.door import CSRF, CutBrowser
    from bench.afternoon.school import TODAY

    known = connection.get_connection_params()
    database = await AsyncConnection.connect(
        host=known["host"], user=known["user"], dbname=known["dbname"], autocommit=True
    )

    async def rows(question: str, *values: object) -> dict:
        return dict(await (await database.execute(question, values)).fetchall())

    async def turn(hour: time) -> None:
        offset = round((clock.at(TODAY, hour) - timezone.now()).total_seconds())
        await database.execute("update school_school set clock_offset_seconds = %s", (offset,))

    async def restart() -> None:
        await asyncio.to_thread(parts.kill_server)

    stage = Stage(
        open=lambda person: CutBrowser(PORT, {"sessionid": person.cookie, "csrftoken": CSRF}, cuts),
        turn=turn,
        restart=restart,
        rows=lambda: rows("select student_id, id from attendance_childday where date = %s", TODAY),
        truth=lambda: rows("select state, count(*) from attendance_childday where date = %s group by state", TODAY),
        spread=spread,
        say=lambda line: print(line, flush=True),
    )
    try:
        await play(stage, world)
    finally:
        await database.close()
    return stage


def _said(stage: "Stage", cuts: "Cuts", parts: Parts, wall: float) -> list[str]:
    """Print what was measured; return what is wrong of it."""
    watch, tally = stage.watch, stage.tally
    tally.say()
    print(f"  all acts: {wall:.1f} s")
    print(f"  cuts: {cuts.made.total()} {dict(cuts.made)}; the server killed {parts.kills} times")
    assert watch is not None
    assert watch.lags
    print(
        f"  board: {watch.polls} polls, {watch.unchanged} unchanged, {watch.compared} compared exactly, {watch.stale} stale; "
        f"moves seen after {statistics.median(watch.lags):.1f} s (median), {max(watch.lags):.1f} s (slowest of {len(watch.lags)}); "
        f"{len(watch.over)} with the server killed between, {max(watch.over, default=0):.1f} s at most"
    )
    slow = [f"the board showed a move only after {max(watch.lags):.1f} s"] if max(watch.lags) > BAR else []
    return [*slow, *tally.errors]


def _afternoon(world: "World", url: str, asked: argparse.Namespace) -> list[str]:
    """Serve the school, play, and count. Return what is wrong."""
    from bench.afternoon.checks import violations
    from bench.afternoon.door import Cuts

    cuts = Cuts(asked.cuts / 100, random.Random(7))
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder)
        with serving(logs) as parts:
            meter = Meter(parts.pids | {"PostgreSQL": [postmaster(url.partition("?host=")[2], "portal")]})
            began = machine.perf_counter()
            stage = asyncio.run(_play(world, parts, cuts, asked.spread))
            wall = machine.perf_counter() - began
            meter.parts |= parts.pids
            used = meter.since()
        wrong = _said(stage, cuts, parts, wall) + complaints(logs)
    used["server"] += parts.spent
    used["others"] -= parts.spent
    used.pop("wall")
    print("  CPU:", ", ".join(f"{part} {seconds:.1f} s" for part, seconds in used.items()))
    lines = violations(world, stage.tally)
    print(f"  in the database: {len(lines)} lines differ")
    return lines + wrong


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--groups", type=int, default=60)
    arguments.add_argument("--clubs", type=int, default=30)
    arguments.add_argument(
        "--others", type=int, default=10, help="gatekeepers, duty leaders, persons of late care each"
    )
    arguments.add_argument("--cuts", type=float, default=7, metavar="PERCENT")
    arguments.add_argument("--spread", type=float, default=8, metavar="SECONDS", help="over which people begin an act")
    asked = arguments.parse_args()
    with throw_away(durable=True) as url, tempfile.TemporaryDirectory() as files:
        environment(url, files)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from bench.afternoon.school import build

        if not (ROOT / "var" / "static" / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", verbosity=0)
        world = build(groups=asked.groups, clubs=asked.clubs, others=asked.others, unlisted=asked.groups // 3)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(
            f"{len(world.children)} children, {world.staff} staff, {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}"
        )
        wrong = _afternoon(world, url, asked)
    print("\nall well" if not wrong else f"\nWRONG: {len(wrong)}")
    for line in wrong[:30]:
        print(" ", line)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
