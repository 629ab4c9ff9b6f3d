"""Teachers' attendance and the load of turns: late, absent, excused, stood in; each recounted turn by turn."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from afterschool.support import clock
from attendance.models import SignIn, StaffCheck
from attendance.queries.teacher_attendance import attendance_of
from scheduling.models import TeacherLeave
from scheduling.queries.patrol import patrols_between
from scheduling.queries.standin_record import Span, load_of


def first_seen(signs, session, teacher) -> datetime | None:
    """Return when somebody was first at a session, of the sign-ins that count."""
    moments = [
        row.device_at if row.sent_later and row.device_at else row.at
        for row in signs
        if (row.session_id, row.teacher_id) == (session.pk, teacher) and row.from_school is not False
    ]
    return min(moments, default=None)


def away(school, leaves, teacher, day) -> str:
    """Return whether a leave excuses a day: "yes", "open" (asked for, and young enough), or nothing."""
    states = {row.state for row in leaves if row.teacher_id == teacher and row.first_day <= day <= row.last_day}
    if "confirmed" in states:
        return "yes"
    since = [one for one in school.days if day < one <= school.today]
    return "open" if "asked" in states and len(since) <= 3 else ""


def test_attendance_is_that_of_the_sign_ins(school, rows):
    found: dict[int, Counter[str]] = defaultdict(Counter)
    days: dict[tuple[int, str], set] = defaultdict(set)
    signs, leaves = list(SignIn.objects.all()), list(TeacherLeave.objects.all())
    seen = {row.session_id for row in [*StaffCheck.objects.all(), *signs]}
    for day in rows.child_days.values():
        if day.state not in ("expected", "away"):
            seen |= {day.session_id, day.at_session_id}
    walks = set(patrols_between(school.term.pk, school.days))
    replaced = {duty.pk: duty.teacher_id for duty in rows.duties}
    for session in rows.planned(school.term, school.term.starts_on, school.today):
        duty = rows.on_duty(session)
        if duty is None or not (session.pk in rows.rolls or session.pk in seen):
            continue
        who = duty.teacher_id
        found[who]["held"] += 1
        if duty.source == "stand_in":
            found[who]["stand_ins"] += 1
            found[replaced[duty.replaces_id]]["was_stood_in_for"] += 1
        excuse = "yes" if (who, session.date) in walks else away(school, leaves, who, session.date)
        found[who]["excused"] += excuse == "yes"
        came, starts = first_seen(signs, session, who), clock.at(session.date, session.starts_at)
        opener = rows.rolls[session.pk].opened_by_id if session.pk in rows.rolls else None
        if opener == rows.teachers[who].user_id:
            opened = rows.rolls[session.pk].opened_at
            came = min(came, opened) if came else opened
        over = school.now >= clock.at(session.date, session.ends_at)
        if excuse or (came is None and not over):
            continue
        if came is None:
            days[who, "absent"].add(session.date)
        elif came > starts + timedelta(minutes=school.term.sign_in_grace_minutes):
            days[who, "late"].add(session.date)
    for one in attendance_of(school.term, school.term.starts_on, school.today):
        pk = one.teacher.pk
        for name in ("held", "stand_ins", "was_stood_in_for", "excused"):
            assert getattr(one, name) == found[pk][name], name
        assert (one.late, one.absent) == (len(days[pk, "late"]), len(days[pk, "absent"]))
    assert sum(len(one) for one in days.values()) > 0


def test_the_load_of_turns_is_that_of_the_rows(school, rows):
    first, last = school.first, school.last
    turns: Counter[tuple[int, str]] = Counter()
    for session in rows.planned(school.term, first, last):
        duty = rows.on_duty(session)
        if duty is not None:
            turns[duty.teacher_id, "all"] += 1
            turns[duty.teacher_id, duty.source] += 1
    loads = load_of(school.actor, school.term, Span(first, last), [1, 2, 3])
    assert {load.teacher.pk for load in loads.rows} == {one.pk for one in school.staff if one.grade}
    for load in loads.rows:
        pk = load.teacher.pk
        naive = (turns[pk, "all"], turns[pk, "stand_in"], turns[pk, "swap"])
        assert (load.turns, load.stood_in, load.swapped) == naive
    assert loads.most == max((turns[load.teacher.pk, "all"] for load in loads.rows), default=0)
