"""How long the hot pages take, as a ratio to the floor: an empty page of the same portal with login and one query.

Run on the demo school that ./start has built: `.venv/bin/python -m bench.pages`. Both sides go through all of Django with
the real templates. Counted is this process's own CPU, SQLite within it, and the order is shuffled round by round, so that a
noisy machine is noisy for all.
"""

import os
import random
import re
import statistics
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterschool.settings.production")

import django

django.setup()

from django.conf import settings
from django.db import transaction
from django.test import Client

from afterschool.school.middleware import load_school
from afterschool.school.models import Session, User
from afterschool.support import clock
from attendance.models import ChildDay, RollCall

ROUNDS = 60
BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"


def client_of(**lookup: object) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.filter(**lookup).order_by("pk").first(), backend=BACKEND)
    return client


def hot_pages() -> dict[str, tuple[Client, str]]:
    """Return the hot pages by name, each with who opens it. The roll call with most children is open again."""
    sessions = Session.objects.filter(date=clock.today(), roll_call__isnull=False, duties__active=True)
    session = max(sessions.prefetch_related("child_days"), key=lambda one: one.child_days.count())
    closed = sessions.filter(roll_call__closed_at__isnull=False).exclude(pk=session.pk).first()
    RollCall.objects.filter(session=session).update(closed_at=None, closed_by=None)
    child = ChildDay.objects.filter(session=session).first()
    parent = client_of(guardian__links__student__in=ChildDay.objects.filter(date=clock.today()).values("student"))
    teacher = client_of(teacher__duties__session=session, teacher__duties__active=True)
    leader = client_of(teacher__roles__role="duty_leader")
    gate = client_of(teacher__roles__role="gatekeeper")
    return {
        "floor, parent": (parent, "/floor/"), "floor, staff": (leader, "/floor/"),
        "parent's home": (parent, "/"),
        f"roll call of {session.child_days.count()}": (teacher, f"/attendance/sessions/{session.pk}/roll-call/"),
        f"closed roll call of {closed.child_days.count()}": (leader, f"/attendance/sessions/{closed.pk}/roll-call/"),
        "board": (leader, "/attendance/board/"),
        "gate": (gate, "/attendance/gate/"),
        "gate, one child": (gate, f"/attendance/gate/children/{child.pk}/"),
        "class review": (client_of(teacher__classes__isnull=False, teacher__roles__role="teacher"), "/enrollment/class-review/"),
    }  # fmt: skip


def measure(pages: dict[str, tuple[Client, str]]) -> dict[str, float]:
    """Return the median CPU of each page in seconds."""
    times: dict[str, list[float]] = {name: [] for name in pages}
    for name, (client, url) in pages.items():
        answer = client.get(url)
        assert answer.status_code == 200, (name, url, answer.status_code)
    names = list(pages)
    for _ in range(ROUNDS):
        random.shuffle(names)
        for name in names:
            client, url = pages[name]
            began = time.process_time()
            client.get(url)
            times[name].append(time.process_time() - began)
    return {name: statistics.median(found) for name, found in times.items()}


def first_visit(client: Client) -> int:
    """Return the bytes that a parent's first visit sends: the home page and the files it names, as a browser gets them."""
    page = client.get("/", headers={"accept-encoding": "gzip"})
    sent = len(page.content)
    for address in {*re.findall(r'(?:src|href)="(/static/[^"]+)"', page.content.decode())}:
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert answer.status_code == 200, address
        sent += len(b"".join(answer))
    return sent


def main() -> None:
    settings.ROOT_URLCONF = "bench.urls"
    load_school()
    with transaction.atomic():
        pages = hot_pages()
        found = measure(pages)
        visit = first_visit(pages["parent's home"][0])
        transaction.set_rollback(True)
    base = {"parent's home": "floor, parent"}
    for name, seconds in found.items():
        print(f"{name:24} {seconds * 1000:7.1f} ms   {seconds / found[base.get(name, 'floor, staff')]:4.1f} × floor")
    print(f"a parent's first visit: {visit / 1000:.1f} kB over the wire")


if __name__ == "__main__":
    main()
