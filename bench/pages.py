"""How long the hot pages take, as a ratio to the floor: an empty page of the same portal with login and one query.

Run on the demo school that ./start has built: `.venv/bin/python -m bench.pages`. Both sides go through all of Django with
the real templates. Counted is this process's own CPU, SQLite within it, and the order is shuffled round by round, so that a
noisy machine is noisy for all.
"""

import os
import random
import statistics
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterschool.settings.production")

import django

django.setup()

from django.conf import settings
from django.test import Client

from afterschool.school.middleware import load_school
from afterschool.school.models import Session, User
from afterschool.support import clock
from attendance.models import ChildDay

ROUNDS = 30
BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"


def client_of(**lookup: object) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.filter(**lookup).order_by("pk").first(), backend=BACKEND)
    return client


def main() -> None:
    settings.ROOT_URLCONF = "bench.urls"
    load_school()
    sessions = Session.objects.filter(date=clock.today(), roll_call__isnull=False, duties__active=True)
    session = max(sessions.prefetch_related("child_days"), key=lambda one: one.child_days.count())
    child = ChildDay.objects.filter(session=session).first()
    parent = client_of(guardian__links__student__in=ChildDay.objects.filter(date=clock.today()).values("student"))
    teacher = client_of(teacher__duties__session=session, teacher__duties__active=True)
    leader = client_of(teacher__roles__role="duty_leader")
    gate = client_of(teacher__roles__role="gatekeeper")
    pages = {
        "floor, parent": (parent, "/floor/"), "floor, staff": (leader, "/floor/"),
        "parent's home": (parent, "/"),
        f"roll call of {session.child_days.count()}": (teacher, f"/attendance/sessions/{session.pk}/roll-call/"),
        "board": (leader, "/attendance/board/"),
        "gate": (gate, "/attendance/gate/"),
        "gate, one child": (gate, f"/attendance/gate/children/{child.pk}/"),
        "class review": (client_of(teacher__classes__isnull=False, teacher__roles__role="teacher"), "/enrollment/class-review/"),
    }  # fmt: skip
    times: dict[str, list[float]] = {name: [] for name in pages}
    for name, (client, url) in pages.items():
        answer = client.get(url, follow=True)
        assert answer.status_code == 200, (name, url, answer.status_code)
    names = list(pages)
    for _ in range(ROUNDS):
        random.shuffle(names)
        for name in names:
            client, url = pages[name]
            began = time.process_time()
            client.get(url, follow=True)
            times[name].append(time.process_time() - began)
    base = {"parent's home": "floor, parent"}
    for name, found in times.items():
        median = statistics.median(found)
        ratio = median / statistics.median(times[base.get(name, "floor, staff")])
        print(f"{name:24} {median * 1000:7.1f} ms   {ratio:4.1f} × floor")


if __name__ == "__main__":
    main()
