"""How long the whole school's rota takes through its action, tables and all: 60 groups, 40 clubs, floaters, 170 teachers.

Run on the demo school that ./start has built: `.venv/bin/python -m bench.rota_school`. What the demo lacks of clubs is made up
first, and all of it undone at the end.
"""

import os
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afterschool.settings.production")

import django

django.setup()

from django.db import transaction

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import GroupKind, Role
from afterschool.school.middleware import load_school
from afterschool.school.models import Group, StaffRole, Teacher, Term, User
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, propose_rota
from scheduling.actions.rota_people import Setting, set_floaters, set_people
from scheduling.enums import ClubState
from scheduling.models import Club, ClubHelper, ClubShare, Rota, RotaTurn
from scheduling.queries.rota_changes import changes_between
from scheduling.queries.rota_findings import is_proven
from scheduling.queries.rota_given import rota_given

CLUBS = 40


def fill(term: Term, office: Actor) -> None:
    """Make up what is missing to forty clubs, every fourth with a helper."""
    staff = list(Teacher.objects.filter(active=True, grade__isnull=False, roles__role=Role.TEACHER).order_by("pk"))
    have = Club.objects.filter(term=term, state=ClubState.APPROVED).count()
    for n in range(have, CLUBS):
        lead = staff[n * 4 % len(staff)]
        day = next(d for d in "24513" if d not in lead.days_off)
        name = f"测算社团{n}"
        group = Group.objects.create(term=term, kind=GroupKind.CLUB, name=name, starts_on=term.service_starts_on)
        club = Club.objects.create(
            term=term,
            group=group,
            name=name,
            activity="wider",
            description=name,
            content=name,
            teacher=lead,
            weekdays=day,
            largest=30,
            state=ClubState.APPROVED,
            by_own_teacher=True,
            no_lessons=True,
            proposed_by=office.user,
            proposed_at=clock.now(),
        )
        ClubShare.objects.create(club=club, grade=lead.grade or 1)
        if n % 4 == 0:
            ClubHelper.objects.create(club=club, teacher=next(t for t in staff if t.grade == lead.grade and t != lead))


def timed(name: str, term: Term, office: Actor, *, rotate: bool = False) -> Rota:
    began, cpu = time.perf_counter(), time.process_time()
    rota = propose_rota(term=term, by=office, rotate=rotate)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    turns = RotaTurn.objects.filter(rota=rota)
    former = Rota.objects.filter(term=term, state="accepted").first()
    print(
        f"{name}: {took:.1f} s, {used:.1f} s CPU; {turns.count()} turns, {turns.filter(teacher=None).count()} open, "
        f"{len(changes_between(former, rota).turns)} changes, {'proven' if is_proven(rota) else 'not proven'}"
    )
    return rota


def main() -> None:
    load_school()
    user = User.objects.get(pk=StaffRole.objects.filter(role=Role.ADMINISTRATOR).first().teacher.user_id)
    office, term = actor_for(user), Term.objects.order_by("-starts_on").first()
    with transaction.atomic():
        fill(term, office)
        set_floaters(term=term, floaters=1, by=office)
        began = time.process_time()
        given = rota_given(term, clock.today())
        print(
            f"reading {len(given.posts)} posts and {len(given.people)} people: {time.process_time() - began:.2f} s CPU"
        )
        rota = timed("with clubs and floaters", term, office, rotate=True)
        accept_rota(rota=rota, by=office)
        turn = (
            RotaTurn.objects.filter(rota=rota, teacher__isnull=False, group__grade=3).select_related("teacher").first()
        )
        set_people(term=term, settings=[Setting(turn.teacher, days_off=str(turn.weekday))], by=office)
        timed("one new day off", term, office)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
