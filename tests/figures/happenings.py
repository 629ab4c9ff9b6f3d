"""What happens in a small school: rolls, chains of custody, asked pick-ups, statements of fees, volunteers, patrols."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from afterschool.school.enums import GroupKind, SessionState
from afterschool.school.models import Guardian, Placement, Session, Student, Teacher
from afterschool.support import clock
from attendance.enums import ChangeKind, CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, Handover, Mark, PickupChange, RollCall
from enrollment.enums import ChargeState
from enrollment.models import Charge
from evaluation.enums import PayKind
from evaluation.models import AllowanceRate
from scheduling.enums import PatrolPost, VolunteerState
from scheduling.models import PatrolChange, PatrolTurn, Volunteer, VolunteerTurn
from tests.figures.judging import judge
from tests.figures.schools import SmallSchool, begin

CALLED = [MarkState.PRESENT, MarkState.PRESENT, MarkState.LATE, MarkState.LEAVE, MarkState.ABSENT]
LATE = CustodyState.LATE
HELD = {CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF, LATE}
WAYS = [  # where a child goes that came
    ["group", "fetched"],
    ["group", "alone"],
    ["group", "club", "group", "fetched"],
    ["group", "late", "fetched"],
    ["group", "late", "late", "alone"],
    ["group", "staff", "alone"],
]
SEARCHED = [["missing", "away"], ["missing", "group", "fetched"], ["missing", "missing", "away"]]


def small_school(seed: int) -> SmallSchool:
    """Draw a school and what happened in it up to its moment."""
    school = begin(seed)
    _roll_calls(school)
    _asked(school)
    _bills(school)
    _volunteers(school)
    _patrols(school)
    _rates(school)
    judge(school)
    return school


def _roll_calls(school: SmallSchool) -> None:
    """Of the sessions that are over most are closed, some open, some never called; cancelled ones too have open rolls."""
    rolls, marks, days = [], [], []
    called: set[tuple[int, date]] = set()
    for session in school.sessions:
        if session.date > school.today or school.chance(8) or session.state == SessionState.CANCELLED:
            continue
        closed = school.chance(88)
        by = school.user()
        roll = RollCall(
            session=session,
            opened_by=by,
            opened_at=clock.at(session.date, time(15, school.dice.choice([25, 30, 41]))),
            closed_by=by if closed else None,
            closed_at=clock.at(session.date, time(15, 50)) if closed else None,
        )
        rolls.append(roll)
        for child in _on_the_roll(school, session, called):
            state = school.dice.choice(CALLED)
            if not closed and school.chance(50):
                state = MarkState.NOT_CALLED
            there = state != MarkState.NOT_CALLED
            marks.append(
                Mark(
                    roll_call=roll,
                    student=child,
                    state=state,
                    marked_by=by if there else None,
                    marked_at=roll.opened_at if there else None,
                )
            )
            if session.group.kind != GroupKind.CLUB:
                days.append((child, session, state))
    RollCall.objects.bulk_create(rolls)
    Mark.objects.bulk_create(marks)
    _chains(school, days)


def _on_the_roll(school: SmallSchool, session: Session, called: set[tuple[int, date]]) -> list[Student]:
    """Return who has a place that day, and now and then a child that nobody had on the list."""
    found = [place.student for place in school.places if _meets(place, session)]
    if school.chance(10):
        found.append(school.dice.choice(school.children))
    if session.group.kind == GroupKind.CLUB:
        return list(dict.fromkeys(found))
    once = [child for child in dict.fromkeys(found) if (child.pk, session.date) not in called]
    called.update((child.pk, session.date) for child in once)
    return once


def _meets(place: Placement, session: Session) -> bool:
    return (
        place.group_id == session.group_id
        and place.starts_on <= session.date <= (place.ends_on or session.date)
        and str(session.date.isoweekday()) in place.weekdays
    )


def _chains(school: SmallSchool, days: list[tuple[Student, Session, str]]) -> None:
    """Make the way of each child through its day; slips of the finger are undone, and done anew."""
    rows, links, undoing = [], [], []
    for child, session, state in days:
        day = ChildDay(
            term=school.term, student=child, date=session.date, session=session, since=clock.at(session.date, time(17))
        )
        rows.append(day)
        for link in _way(school, day, state):
            (undoing if link.undoes else links).append(link)
    ChildDay.objects.bulk_create(rows)
    Handover.objects.bulk_create(links)
    Handover.objects.bulk_create(undoing)


def _way(school: SmallSchool, day: ChildDay, state: str) -> list[Handover]:
    if state == MarkState.NOT_CALLED:
        return []
    if state == MarkState.LEAVE:
        steps = ["away"]
    else:
        steps = school.dice.choice(SEARCHED if state == MarkState.ABSENT else WAYS)
    at = clock.at(day.date, time(16, school.dice.randrange(60)))
    found: list[Handover] = []
    for to in steps:
        at += timedelta(minutes=school.dice.randint(1, 25))
        link = _link(school, day, to, at)
        found.append(link)
        if school.chance(10):
            at += timedelta(minutes=1)
            back = _link(school, day, link.from_state, at, holder=link.from_holder)
            back.undoes, back.reason = link, "slip"
            found.append(back)
            at += timedelta(minutes=1)
            found.append(_link(school, day, to, at))
    for number, link in enumerate(found, 1):
        link.number = number
    day.links = len(found)
    return found


def _link(school: SmallSchool, day: ChildDay, to: str, at: datetime, *, holder: Teacher | None = None) -> Handover:
    """Move the child on, and return the link that says so."""
    if to in HELD and holder is None:
        holder = school.dice.choice(school.staff)
    gate = to in ("fetched", "alone") and school.chance(70)
    link = Handover(
        child_day=day, from_state=day.state, to_state=to, from_holder=day.holder,
        to_holder=holder if to in HELD else None,
        by=school.dice.choice(school.gatekeepers).user if gate else school.user(), at=at,
    )  # fmt: skip
    day.state, day.holder = to, link.to_holder
    return link


def _asked(school: SmallSchool) -> None:
    rows = []
    for child in school.children:
        for day in school.dice.sample(school.days, min(3, len(school.days))):
            back = school.chance(30)
            rows.append(
                PickupChange(
                    term=school.term,
                    student=child,
                    date=day,
                    time=time(18),
                    source=LeaveSource.PHONE,
                    kind=school.dice.choice([ChangeKind.LATE, ChangeKind.EARLY]),
                    asked_by=school.office.user,
                    asked_at=clock.at(day, time(9)),
                    cancelled_at=clock.at(day, time(10)) if back else None,
                    cancelled_by=school.office.user if back else None,
                )
            )
    PickupChange.objects.bulk_create(rows)


def _bills(school: SmallSchool) -> None:
    """Statements of a month, some corrected once or twice, at any time of day."""
    rows = []
    for child in school.children:
        for month in (1, 2):
            issued = clock.at(school.first + timedelta(days=school.dice.randrange(30)), time(0, 0))
            versions = school.dice.choice([0, 1, 1, 1, 2, 3])
            for version in range(1, versions + 1):
                issued += timedelta(minutes=school.dice.choice([0, 1, 719, 1439, 20000]))
                if issued > school.now:
                    break
                rows.append(
                    Charge(
                        term=school.term,
                        student=child,
                        label="账期",
                        version=version,
                        issued_at=issued,
                        starts_on=date(2026, month, 1),
                        ends_on=date(2026, month, 28),
                        state=ChargeState.REPLACED,
                        amount=Decimal(school.dice.randrange(0, 30000)) / 100,
                    )
                )
    last = {(row.student_id, row.starts_on): row for row in rows}
    for row in last.values():
        row.state = ChargeState.ISSUED
    Charge.objects.bulk_create(rows)


def _volunteers(school: SmallSchool) -> None:
    guardian = Guardian.objects.create(name="家长", phone="13900000001")
    helper = Volunteer.objects.create(
        term=school.term, guardian=guardian, source="head_teacher", state=VolunteerState.APPROVED,
        proposed_by=school.office.user, proposed_at=clock.at(school.first, time(9)),
        decided_by=school.office.user, decided_at=clock.at(school.first, time(9)),
    )  # fmt: skip
    VolunteerTurn.objects.bulk_create(
        VolunteerTurn(
            volunteer=helper,
            session=session,
            by=school.office.user,
            at=clock.at(session.date, time(9)),
            came=school.dice.choice([True, False, None]),
        )
        for session in school.sessions
        if school.chance(20)
    )


def _patrols(school: SmallSchool) -> None:
    """Posts of the week, some open, some of a date changed hands or were given up."""
    turns = [
        PatrolTurn(
            term=school.term,
            weekday=weekday,
            post=post,
            teacher=school.staff[(weekday + place) % len(school.staff)] if school.chance(85) else None,
        )
        for weekday in range(1, 6)
        for place, post in enumerate(PatrolPost)
    ]
    turns = PatrolTurn.objects.bulk_create(turns)
    changes = [
        PatrolChange(
            turn=turn,
            date=day,
            teacher=school.dice.choice([school.office, None]),
            by=school.office.user,
            at=clock.at(day, time(8)),
        )
        for day in school.days
        for turn in turns
        if turn.weekday == day.isoweekday() and school.chance(10)
    ]
    PatrolChange.objects.bulk_create(changes)


def _rates(school: SmallSchool) -> None:
    """Most kinds of work have a rate, some a new one from the middle of the days on."""
    found: list[Any] = []
    for kind in PayKind:
        days = (
            {school.term.starts_on, school.dice.choice(school.days)} if school.chance(50) else {school.term.starts_on}
        )
        if school.chance(85):
            found += [
                AllowanceRate(
                    term=school.term, kind=kind, starts_on=day, rate=Decimal(school.dice.randrange(0, 9999)) / 100
                )
                for day in days
            ]
    AllowanceRate.objects.bulk_create(found)
