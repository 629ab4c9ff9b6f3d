"""Handing over on the demo afternoon: classes counted in line, a list that waits for a club's teacher, a pass without an
answer, a search with a call and the guardians told."""

from datetime import date, datetime, time

from afterschool.demo.play.custody import People
from afterschool.school.enums import GroupKind, Role
from afterschool.school.models import SchoolClass, Session, Student, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import line_ups, offers, roll_calls, search
from attendance.actions.calls import note_call
from attendance.enums import CallOutcome, CustodyState
from attendance.models import ChildDay, RollCall
from attendance.queries import handing
from attendance.queries.line_ups import class_lines
from scheduling.models import Duty

LINED_UP = time(15, 8)


def play(term: Term, now: datetime, people: People, head: Teacher) -> None:
    """Play what a visitor at `now` finds half done; `head` is the head teacher whom a visitor can be."""
    day = now.date()
    _line_up(term, day, people)
    with clock.frozen(now.replace(minute=2)):
        _pass(day, people, head)
        _search(day, people)
        _offer(day, people, now)


def _line_up(term: Term, day: date, people: People) -> None:
    """Each head teacher counted as many as are expected: where a child is missing since, the roll finds one fewer."""
    with clock.frozen(clock.at(day, LINED_UP)):
        classes = SchoolClass.objects.current().filter(head_teacher__isnull=False)
        for line in class_lines(classes.select_related("head_teacher"), day):
            by = people.teacher(line.school_class.head_teacher_id)
            if by is not None and line.expected and line.school_class.number % 5:  # one in five has not counted yet
                counted = line.expected
                line_ups.count_line_up(term=term, school_class=line.school_class, counted=counted, by=by)


def _pass(day: date, people: People, head: Teacher) -> None:
    """A child of the visitor's class, who is not of the day, turned up in a group of its grade."""
    school_class = SchoolClass.objects.current().filter(head_teacher=head).first()
    if school_class is None:
        return
    of_the_day = ChildDay.objects.filter(date=day).values("student")
    student = Student.objects.filter(school_class=school_class).exclude(pk__in=of_the_day).order_by("number").first()
    rolls = RollCall.objects.filter(session__date=day, session__group__grade=school_class.grade)
    roll = rolls.exclude(session__group__kind=GroupKind.CLUB).select_related("session__group", "session__term").first()
    duty = Duty.objects.filter(session=roll.session, active=True).first() if roll else None
    by = people.teacher(duty.teacher_id) if duty else None
    if student is not None and roll is not None and by is not None:
        roll_calls.take_in(roll_call=roll, student=student, by=by)


def _search(day: date, people: People) -> None:
    """The first missing child: a call in vain, then the guardians are told; the others are still to be called for."""
    rows = ChildDay.objects.filter(date=day, state=CustodyState.MISSING)
    for row in rows.select_related("student__school_class", "session", "term").order_by("pk"):
        school_class = row.student.school_class
        by = people.teacher(school_class.head_teacher_id if school_class else None)
        link = row.student.links.filter(acts=True).select_related("guardian").order_by("pk").first()
        if by is None or link is None:
            continue
        note_call(row, guardian=link.guardian, outcome=CallOutcome.NOT_REACHED, text="没人接，隔五分钟再打", by=by)
        try:
            search.tell_guardians(row, by=by)
        except Refused:
            continue  # a family without an account: the next one
        return


def _offer(day: date, people: People, now: datetime) -> None:
    """The first group whose children go to clubs now: one club's list waits for its teacher."""
    held = ChildDay.objects.filter(date=day, state=CustodyState.GROUP).order_by().values("at_session")
    for session in Session.objects.filter(pk__in=held).select_related("group", "room").order_by("group__grade", "pk"):
        duty = Duty.objects.filter(session=session, active=True).first()
        by = people.teacher(duty.teacher_id) if duty else None
        if by is None or by.has(Role.DUTY_LEADER):
            continue
        for to in handing.destinations(session, handing.held_in(session, by), now):
            offers.offer(to.children, to_session=to.session, by=by)
            return
