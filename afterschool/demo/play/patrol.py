"""The demo school's patrol: the duty leader of today is on the way, one count differs, one lamp needs changing."""

from datetime import datetime, timedelta

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.actions import follow_ups
from evaluation.actions import patrol as actions
from evaluation.actions.patrol import Found
from evaluation.enums import Doing, Order
from evaluation.models import PatrolVisit
from evaluation.queries import patrol as queries
from scheduling.queries.patrol import patrols_between

VISITS = 6
LESS = 2  # in this room, counted from 0, one child less than expected
LAMP = 1  # in this one a lamp is broken
STEP = timedelta(minutes=2)


def play(term: Term, now: datetime) -> None:
    """Begin the round of today and visit the first rooms; in the third one child less, in the second a lamp is broken."""
    leader = _leader(term, now)
    if leader is None:
        return
    at = now - STEP * (VISITS + 1)
    with clock.frozen(at):
        walk = actions.start(term=term, by=leader)
    lines = [line for line in queries.lines_of(leader, term, now.date(), walk) if line.teacher and not line.own]
    done = 0
    for line in lines:
        shown = line.expected.number
        if done == VISITS or not shown:
            continue
        with clock.frozen(now - STEP * (VISITS - done)):
            if not line.running:
                continue
            found = Found(
                counted=shown - 1 if done == LESS else shown,
                there=True,
                doing=Doing.READING if done % 3 == 1 else Doing.HOMEWORK,
                order=Order.FAIR if done == LESS else Order.GOOD,
                note="后排有一张空桌" if done == LESS else "",
            )
            try:
                row = actions.visit(walk=walk, session=line.session, found=found, expected=line.expected, by=leader)
            except Refused:
                continue
            if done == LAMP:
                _ask(term, row, leader)
        done += 1


def _leader(term: Term, now: datetime) -> Actor | None:
    """Return the duty leader whom the rota names today, else the first there is."""
    today = [teacher for teacher, _ in patrols_between(term.pk, [now.date()])]
    leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__user__isnull=False, teacher__active=True)
    rows = list(leaders.select_related("teacher__user").order_by("teacher__staff_number"))
    found = next((row for row in rows if row.teacher_id in today), rows[0] if rows else None)
    return actor_for(found.teacher.user) if found and found.teacher.user else None


def _ask(term: Term, row: PatrolVisit, leader: Actor) -> None:
    centre = Teacher.objects.filter(roles__role=Role.SERVICE_CENTRE, active=True).order_by("staff_number").first()
    if centre is not None:
        due = row.round.date + timedelta(days=2)
        follow_ups.ask(term=term, text="靠窗的一盏灯不亮，请换灯管", owner=centre, due_on=due, visit=row, by=leader)
