"""The end of a demo afternoon: who is missing is found, children are fetched, a few wait in late care, the day is closed."""

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta

from afterschool.demo.play import late_pickups
from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import Role
from afterschool.school.models import Guardian, Guardianship, SchoolClass, Session, StaffRole, Term, User
from afterschool.support import clock
from attendance.actions.calls import note_call
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import close_day
from attendance.actions.release import end_session
from attendance.custody import State
from attendance.defaults import install_late_care
from attendance.enums import OPEN, CallAbout, CallOutcome, CustodyState
from attendance.models import ChildDay, LateCarePlace, RollCall
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.models import Duty

LATE_SHARE = 0.01
Fetchers = dict[int, list[Guardian]]


class People:
    """The staff of the school as actors, each looked up once."""

    def __init__(self) -> None:
        self._actors: dict[int, Actor] = {}

    def teacher(self, pk: int | None) -> Actor | None:
        """Return the actor of a member of staff, or None without an account."""
        if pk is None:
            return None
        if pk not in self._actors:
            user = User.objects.select_related("teacher", "guardian").filter(teacher=pk).first()
            if user is None:
                return None
            self._actors[pk] = actor_for(user)
        return self._actors[pk]

    def with_role(self, role: Role) -> Actor | None:
        """Return somebody with this role who has an account."""
        found = StaffRole.objects.filter(role=role, teacher__user__isnull=False).order_by("teacher").first()
        return self.teacher(found.teacher_id) if found else None


def finish_day(term: Term, day: date, rng: random.Random, people: People) -> None:
    """Play one afternoon from the last roll call to the closed day, through the actions that the pages use."""
    install_late_care(term)
    late_pickups.set_hours(term)
    fetchers = _fetchers(term, day)
    _settle_missing(term, day, rng, people, fetchers)
    waiting = _dismiss(term, day, rng, people, fetchers)
    _late_care(term, day, waiting, people, fetchers)
    _end(term, day, people)


def _rows(term: Term, day: date, *states: CustodyState) -> list[ChildDay]:
    rows = ChildDay.objects.filter(term=term, date=day, state__in=states).select_related("student", "session", "term")
    return list(rows.order_by("pk"))


def _fetchers(term: Term, day: date) -> Fetchers:
    found: Fetchers = defaultdict(list)
    links = Guardianship.objects.filter(may_fetch=True, banned=False, student__child_days__date=day)
    for link in links.select_related("guardian").order_by("student", "-acts", "pk"):
        found[link.student_id].append(link.guardian)
    return found


def _at(day: date, moment: time, minutes: int = 0) -> datetime:
    return clock.at(day, moment) + timedelta(minutes=minutes)


def _settle_missing(term: Term, day: date, rng: random.Random, people: People, fetchers: Fetchers) -> None:
    """Head teachers call; some children turn up, the others stay with their family."""
    duties = dict(Duty.objects.filter(session__date=day, active=True).values_list("session_id", "teacher_id"))
    heads = dict(SchoolClass.objects.current().values_list("pk", "head_teacher_id"))
    leader = people.with_role(Role.DUTY_LEADER)
    with clock.frozen(_at(day, time(16, 25))):
        for row in _rows(term, day, CustodyState.MISSING):
            caller = people.teacher(heads.get(row.student.school_class_id or 0)) or leader
            teacher = people.teacher(duties.get(row.session_id or 0))
            adults = fetchers.get(row.student_id, [])
            if caller is None:
                continue
            note_call(
                row,
                guardian=adults[0] if adults else None,
                outcome=CallOutcome.REACHED,
                text="今天家里有事，已接回家" if adults else "家里电话，孩子在家",
                by=caller,
            )
            if teacher is not None and rng.random() < 0.4:
                move_many([MoveRequest(row, State.GROUP, reason="found")], by=teacher)
            else:
                move_many([MoveRequest(row, State.AWAY, reason="guardian_word")], by=caller)


def _dismiss(term: Term, day: date, rng: random.Random, people: People, fetchers: Fetchers) -> list[ChildDay]:
    """Each teacher lets the own children go at dismissal; return those whom nobody fetched yet."""
    alone = set(
        Application.objects.filter(term=term, may_go_alone=True, state=ApplicationState.SCHOOL_APPROVED).values_list(
            "student_id", flat=True
        )
    )
    by_holder: dict[tuple[time, int], list[ChildDay]] = defaultdict(list)
    for row in _rows(term, day, CustodyState.GROUP):
        if row.session and row.holder_id:
            by_holder[row.session.ends_at, row.holder_id].append(row)
    waiting, late = [], late_pickups.often_late(_often(term, alone))
    for (ends_at, holder), rows in sorted(by_holder.items(), key=lambda item: item[0]):
        by = people.teacher(holder)
        moves = []
        for row in rows:
            adults = fetchers.get(row.student_id, [])
            if row.student_id in alone:
                moves.append(MoveRequest(row, State.ALONE))
            elif not adults or rng.random() < LATE_SHARE:
                waiting.append(row)
            else:
                adult = adults[0 if rng.random() < 0.7 else -1]
                if row.student_id in late and late_pickups.is_late_on(day, late[row.student_id]):
                    waiting.append(row)
                else:
                    moves.append(MoveRequest(row, State.FETCHED, released_to=adult))
        if by is not None:
            with clock.frozen(_at(day, ends_at, rng.randint(2, 9))):
                move_many(moves, by=by)
    return waiting


def _often(term: Term, alone: set[int]) -> list[int]:
    """Return the children among whom some are often fetched late."""
    served = Application.objects.filter(term=term, state=ApplicationState.SCHOOL_APPROVED, weekdays="12345")
    return list(served.exclude(student__in=alone).order_by().values_list("student_id", flat=True))


def _late_care(term: Term, day: date, waiting: list[ChildDay], people: People, fetchers: Fetchers) -> None:
    place = LateCarePlace.objects.filter(term=term).order_by("order").first()
    keeper = people.with_role(Role(place.role)) if place else None
    if place is None or keeper is None:
        return
    for row in waiting:
        if row.session is None:
            continue
        adults = fetchers.get(row.student_id, [])
        with clock.frozen(_at(day, row.session.ends_at, term.late_grace_minutes + 2)):
            teacher = people.teacher(row.holder_id) or keeper
            adult = adults[0] if adults else None
            words, about = late_pickups.words_of(row), CallAbout.LATE_PICKUP
            note_call(row, guardian=adult, outcome=CallOutcome.REACHED, text=words, about=about, by=teacher)
            move_many([MoveRequest(row, State.LATE, place=place.name)], by=keeper)
        with clock.frozen(_at(day, row.session.ends_at, term.late_grace_minutes + late_pickups.minutes_of(row))):
            if adult is not None:
                move_many([MoveRequest(row, State.FETCHED, released_to=adult)], by=keeper)
            else:
                move_many([MoveRequest(row, State.ALONE, note="家长电话里说让孩子自己走")], by=keeper)


def _end(term: Term, day: date, people: People) -> None:
    """Sessions end, and the duty leader closes the day."""
    with clock.frozen(_at(day, time(19, 0))):
        called = RollCall.objects.filter(session__date=day, closed_at__isnull=False, ended_at=None)
        for session in Session.objects.filter(roll_call__in=called).order_by("pk"):
            duty = Duty.objects.filter(session=session, active=True).first()
            by = people.teacher(duty.teacher_id) if duty else None
            if by is not None:
                end_session(session, by=by)
        leader = people.with_role(Role.DUTY_LEADER)
        rows = ChildDay.objects.filter(term=term, date=day)
        if leader is not None and rows.exists() and not rows.filter(state__in=OPEN).exists():
            close_day(term, day, by=leader)
