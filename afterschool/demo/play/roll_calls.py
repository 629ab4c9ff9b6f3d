"""The roll calls of a demo afternoon: slips of the morning, teachers who open, mark and finish, now and then late."""

import random
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from afterschool.demo.play.custody import People
from afterschool.demo.play.discipline import Cases
from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, Role, SessionState, StudentState
from afterschool.school.models import Guardianship, Placement, SchoolDay, Session, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import leaves, pickups, roll_calls
from attendance.actions.roll_calls import Wish
from attendance.enums import ChangeKind, LeaveSource, MarkState
from attendance.models import RollCall
from scheduling.models import Duty

LEAVE_SHARE, LATE_SHARE, ABSENT_SHARE, TEACHER_LATE_SHARE = 0.03, 0.01, 0.003, 0.03
PICKUPS_A_DAY = 6
LATE_MINUTES = 6
NO_CASES = Cases(frozenset(), frozenset())
REASONS = ["看牙", "发烧在家休息", "家里有事", "去外婆家", ""]


def take_rolls(
    term: Term,
    day: date,
    rng: random.Random,
    people: People,
    *,
    leave_open: Collection[int] = (),
    until: datetime | None = None,
    cases: Cases = NO_CASES,
    slips_in: bool = False,
) -> None:
    """Play one service day's roll calls through the actions that the pages use, each done before `until`.

    `cases` says whose teacher comes late, and whose does not come: then the duty leader calls the roll.
    The slips of the morning come first, unless they are in already.
    The sessions named in `leave_open` are not called, so that somebody can try it; their leaves are asked for all the same.
    """
    if not slips_in:
        hand_in_slips(term, day, rng, people)
    sessions = Session.objects.filter(
        term=term, date=day, state=SessionState.PLANNED, group__kind__in=SERVICE_GROUPS
    ).select_related("group", "room", "term")
    duties = dict(Duty.objects.filter(session__date=day, active=True).values_list("session_id", "teacher_id"))
    helper = people.with_role(Role.DUTY_LEADER)
    for session in sessions.order_by("starts_at", "group__grade", "group__order", "pk"):
        own = None if session.pk in cases.away else people.teacher(duties.get(session.pk))
        by = own or helper
        if by is not None and session.pk not in leave_open:
            _call(session, by, rng, until, late=session.pk in cases.late)


def _call(session: Session, by: Actor, rng: random.Random, until: datetime | None, *, late: bool) -> None:
    minutes = rng.randint(3, 12) if rng.random() < TEACHER_LATE_SHARE else rng.randint(-4, 0)
    if late:
        minutes = max(minutes, LATE_MINUTES + session.date.weekday())
    opened = clock.at(session.date, session.starts_at) + timedelta(minutes=minutes, seconds=rng.randint(0, 50))
    if until is not None:
        opened = min(opened, until - timedelta(minutes=5))
    with clock.frozen(opened):
        roll_call = roll_calls.begin(session=session, by=by)
    with clock.frozen(opened + timedelta(minutes=2, seconds=rng.randint(0, 40))):
        if exceptions := _exceptions(roll_call, rng):
            roll_calls.mark(roll_call=roll_call, wishes=exceptions, by=by)
        roll_calls.rest_present(roll_call=roll_call, by=by)
    with clock.frozen(opened + timedelta(minutes=3, seconds=rng.randint(0, 50))):
        roll_calls.close(roll_call=roll_call, by=by)


def _exceptions(roll_call: RollCall, rng: random.Random) -> list[Wish]:
    waiting = roll_call.marks.filter(state=MarkState.NOT_CALLED).order_by("student_id")
    wishes = []
    for pk in waiting.values_list("student_id", flat=True):
        chance = rng.random()
        if chance < ABSENT_SHARE:
            wishes.append(Wish(pk, MarkState.NOT_CALLED, MarkState.ABSENT))
        elif chance < ABSENT_SHARE + LATE_SHARE:
            wishes.append(Wish(pk, MarkState.NOT_CALLED, MarkState.LATE))
    return wishes


def hand_in_slips(term: Term, day: date, rng: random.Random, people: People) -> None:
    """Leave and changed pick-ups of the morning: by the family where it has an account, else recorded by the head teacher."""
    children = _children(term, day)
    if not children:
        return
    chosen = rng.sample(children, min(len(children), round(len(children) * LEAVE_SHARE) + PICKUPS_A_DAY))
    links = Guardianship.objects.filter(student__in=chosen, acts=True, guardian__user__isnull=False)
    accounts = {link.student_id: link for link in links.select_related("guardian__user").order_by("-pk")}
    for place, student in enumerate(chosen):
        at = datetime.combine(day, time(7, 0), clock.SHANGHAI) + timedelta(minutes=rng.randint(5, 290))
        link = accounts.get(student.pk)
        by = _guardian(link) if link else _recorder(student, people)
        if by is None:
            continue
        source = LeaveSource.GUARDIAN if link else rng.choice([LeaveSource.PAPER, LeaveSource.PHONE])
        with clock.frozen(at):
            _slip(term, student, day, rng, by=by, source=source, pickup=place < PICKUPS_A_DAY)


def _slip(
    term: Term, student: Student, day: date, rng: random.Random, *, by: Actor, source: LeaveSource, pickup: bool
) -> None:
    reason = rng.choice(REASONS)
    try:
        if not pickup:
            leaves.ask_leave(
                term=term, student=student, first_day=day, last_day=day, source=source, by=by, reason=reason
            )
            return
        kind, at = rng.choice(
            [(ChangeKind.EARLY, time(16, 30)), (ChangeKind.EARLY, time(16, 45)), (ChangeKind.LATE, time(18, 10))]
        )
        wish = pickups.Wish(day, kind, at)
        pickups.ask_pickup_change(term=term, student=student, wish=wish, source=source, by=by)
    except Refused:
        return  # leave of several days, asked for earlier, stands already


def _children(term: Term, day: date) -> list[Student]:
    row = SchoolDay.objects.filter(date=day).first()
    runs = row.runs_weekday if row else day.isoweekday()
    placed = Placement.objects.filter(
        term=term, kind=PlacementKind.SERVICE, weekdays__contains=str(runs), starts_on__lte=day
    ).exclude(ends_on__lt=day)
    return list(
        Student.objects.filter(pk__in=placed.values("student_id"), state=StudentState.ENROLLED)
        .select_related("school_class__head_teacher")
        .order_by("pk")
    )


def _guardian(link: Guardianship) -> Actor:
    return Actor(link.guardian.user, None, link.guardian, frozenset({Role.PARENT}))


def _recorder(student: Student, people: People) -> Actor | None:
    head = student.school_class.head_teacher_id if student.school_class else None
    return people.teacher(head) or people.with_role(Role.ADMINISTRATOR)
