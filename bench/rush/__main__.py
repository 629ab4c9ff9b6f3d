"""All families of a school apply within a minute, on PostgreSQL, with the load maker on the same cores and the worker running.

    .venv/bin/python -m bench.rush             2,700 parents within 60 s, then as fast as the server can
    .venv/bin/python -m bench.rush --logins    logins a minute (Argon2), as many as the server can for 30 s
    .venv/bin/python -m bench.rush --parents 300 --minute 10    a short one, to try

It needs what `./test` installs. A PostgreSQL of its own, which waits for the disk; server, worker and tick as `./start` runs
them. Each parent opens the child's application, fills in the form as the page has it (which keeps itself once meanwhile),
submits, follows the redirect and reads. As fast as the server can: nobody pauses, nothing is kept meanwhile. Afterwards the
database is counted: each child once, signed, consented, in history, and no error in any log.
"""

import argparse
import asyncio
import os
import random
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bench.postgres import throw_away
from bench.rush.browser import Answer, BadAnswerError, Browser, filled, form_of
from bench.rush.machine import Meter
from bench.server import PORT, ROOT, complaints, environment, postmaster, serving

AT_ONCE = 32
OPENS_WITHIN, FILLS_IN = 0.75, (0.05, 0.2)  # parts of the minute: when a parent opens the page, how long the form takes
FLOOR_ROUNDS = 300
LOGIN_SECONDS = 30
KEPT = re.compile(r'hx-post="([^"]+)"')


@dataclass
class Tally:
    """What the parents met."""

    times: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    took: float = 0.0

    def note(self, what: str, answer: Answer, *, expected: int) -> Answer:
        self.times.setdefault(what, []).append(answer.seconds)
        self.statuses[f"{what} {answer.status}"] += 1
        if answer.status != expected:
            raise BadAnswerError(f"{what}: {answer.status} {answer.body[:300]!r}")
        return answer

    def say(self) -> None:
        for what, found in self.times.items():
            cuts = statistics.quantiles(found, n=20)
            print(
                f"  {what:14}{len(found):6}   p50 {cuts[9] * 1000:7.1f} ms   p95 {cuts[18] * 1000:7.1f} ms   "
                f"max {max(found) * 1000:7.1f} ms"
            )
        asked = sum(len(found) for found in self.times.values())
        print(
            f"  {asked} requests in {self.took:.1f} s: {asked / self.took:.0f} a second; answers {dict(self.statuses)}"
        )
        print(f"  errors: {len(self.errors)}")
        for error in self.errors[:5]:
            print("   ", error)


async def one_parent(parent, tally: Tally, rng: random.Random, *, opens_after: float, fills_in: float) -> None:
    """Open, fill in, submit, read what became of it."""
    browser = Browser(PORT, {"sessionid": parent.cookie})
    try:
        await asyncio.sleep(opens_after)
        page = tally.note("GET form", await browser.get(parent.page), expected=200)
        action, inside = form_of(page.body, "signed_name")
        values = filled(inside, signer=parent.name, rng=rng)
        if fills_in:
            browser.close()  # the server ends a connection that is silent for two seconds
            await asyncio.sleep(fills_in / 2)
            if kept := KEPT.search(inside):  # the page keeps what is typed by itself, all but the signature
                words = [(name, value) for name, value in values if not name.endswith("strokes")]
                tally.note("POST autosave", await browser.post(kept[1], words), expected=200)
                browser.close()
            await asyncio.sleep(fills_in / 2)
        sent = tally.note("POST form", await browser.post(action or parent.page, values), expected=302)
        tally.note("GET result", await browser.get(sent.headers["location"]), expected=200)
    except (BadAnswerError, OSError, asyncio.IncompleteReadError, KeyError) as error:
        tally.errors.append(f"{parent.phone}: {error!r}")
    finally:
        browser.close()


async def rush(parents: list, minute: float) -> Tally:
    """All parents, spread over the minute; with no minute, one after the other as fast as the server can, `AT_ONCE` at a time."""
    tally, rng = Tally(), random.Random(20260901)
    gate = asyncio.Semaphore(AT_ONCE if not minute else len(parents))

    async def come(parent) -> None:
        async with gate:
            opens, fills = rng.uniform(0, OPENS_WITHIN * minute), rng.uniform(*FILLS_IN) * minute
            await one_parent(parent, tally, rng, opens_after=opens, fills_in=fills)

    began = time.perf_counter()
    await asyncio.gather(*(come(parent) for parent in parents))
    tally.took = time.perf_counter() - began
    return tally


async def floor(parents: list) -> Tally:
    """An empty page with login and one query: one at a time, then as fast as the server can."""
    tally = Tally()
    browser = Browser(PORT, {"sessionid": parents[0].cookie})
    for _ in range(FLOOR_ROUNDS):
        tally.note("floor, alone", await browser.get("/floor/"), expected=200)
    browser.close()

    async def again(parent) -> None:
        browser = Browser(PORT, {"sessionid": parent.cookie})
        for _ in range(FLOOR_ROUNDS * 3 // AT_ONCE):
            tally.note("floor, rush", await browser.get("/floor/"), expected=200)
        browser.close()

    began = time.perf_counter()
    await asyncio.gather(*(again(parent) for parent in parents[:AT_ONCE]))
    tally.took = time.perf_counter() - began
    return tally


async def logins(parents: list) -> Tally:
    """As many parents as possible log in for half a minute, eight at a time, as the server has threads."""
    from bench.rush.school import PASSWORD

    tally, waiting = Tally(), list(parents)
    began = time.perf_counter()

    async def keep_on() -> None:
        while waiting and time.perf_counter() - began < LOGIN_SECONDS:
            parent, browser = waiting.pop(), Browser(PORT)
            try:
                page = tally.note("GET login", await browser.get("/login/"), expected=200)
                values = [
                    (n, v) for n, v in filled(form_of(page.body, "username")[1], signer="", rng=random.Random()) if v
                ]
                values += [("username", parent.phone), ("password", PASSWORD), ("own_device", "on")]
                tally.note("POST login", await browser.post("/login/", values), expected=302)
            except (BadAnswerError, OSError, asyncio.IncompleteReadError) as error:
                tally.errors.append(f"{parent.phone}: {error!r}")
            browser.close()

    await asyncio.gather(*(keep_on() for _ in range(8)))
    tally.took = time.perf_counter() - began
    return tally


def counted(parents: int) -> list[str]:
    """Return what the database holds that it should not, or lacks."""
    from django.db.models import Count

    from afterschool.school.models import Event
    from enrollment.models import Application, Consent, Signature

    found = {
        "submitted": Application.objects.filter(state="submitted").count(),
        "applications": Application.objects.count(),
        "children who signed": Signature.objects.exclude(strokes="").values("application").distinct().count(),
        "signatures": Signature.objects.count(),
        "different drawings": Signature.objects.values("strokes").distinct().count(),
        "consents": Consent.objects.filter(withdrawn_at=None).count(),
        "events": Event.objects.filter(verb="application.submitted").count(),
        "children in history": Event.objects.filter(verb="application.submitted")
        .values("student_id")
        .distinct()
        .count(),
        "who fetches": Application.objects.annotate(n=Count("pickups")).filter(n__gte=1).count(),
    }
    print("  in the database:", ", ".join(f"{name} {number}" for name, number in found.items()))
    return [f"{name}: {number}, not {parents}" for name, number in found.items() if number != parents]


def run(name: str, work, parents: list, url: str, *, check: bool) -> list[str]:
    """Serve a fresh copy of the school, let the load come, count. Return what is wrong."""
    from django.db import connection

    print(f"\n{name}", flush=True)
    connection.close()
    database = f"portal{secrets.token_hex(4)}"
    home = url.partition("?host=")[2]
    subprocess.run(["createdb", "-h", home, "-U", "portal", "-T", "portal", database], check=True)
    os.environ["DATABASE_URL"] = url.replace("/portal?", f"/{database}?")
    with tempfile.TemporaryDirectory() as folder:
        logs = Path(folder)
        with serving(logs) as parts:
            asyncio.run(floor(parents))  # warm: templates, statistics, connections
            base = asyncio.run(floor(parents))
            meter = Meter(parts.pids | {"PostgreSQL": [postmaster(home, database)]})
            tally = asyncio.run(work())
            used = meter.since()
        base.say()
        tally.say()
        wall = used.pop("wall")
        print("  CPU:", ", ".join(f"{part} {seconds:.1f} s" for part, seconds in used.items()), f"in {wall:.1f} s")
        wrong = tally.errors + complaints(logs)
    if check:
        connection.settings_dict["NAME"] = database
        wrong += counted(len(parents))
        connection.close()
    return wrong


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--parents", type=int, default=2700)
    arguments.add_argument("--minute", type=float, default=60, metavar="SECONDS")
    arguments.add_argument("--logins", action="store_true")
    asked = arguments.parse_args()
    with throw_away(durable=True) as url, tempfile.TemporaryDirectory() as files:
        environment(url, files)
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from bench.rush.school import build

        if not (ROOT / "var" / "static" / "staticfiles.json").exists():
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("migrate", verbosity=0)
        began = time.perf_counter()
        parents = build()[: asked.parents]
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        print(
            f"{len(parents)} parents, {os.cpu_count()} cores; the school was filled in {time.perf_counter() - began:.1f} s"
        )
        if asked.logins:
            wrong = run("Logins, as many as the server can", lambda: logins(parents), parents, url, check=False)
        else:
            wrong = run(
                f"{len(parents)} parents within {asked.minute:.0f} s",
                lambda: rush(parents, asked.minute), parents, url, check=True,
            )  # fmt: skip
            wrong += run("As fast as the server can", lambda: rush(parents, 0), parents, url, check=True)
    print("\nall well" if not wrong else f"\nWRONG: {len(wrong)}")
    for line in wrong[:20]:
        print(" ", line)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
