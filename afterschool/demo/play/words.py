"""What families say of the demo day before four: leave, early and late pick-up, an aunt who fetches."""

from datetime import date, datetime, time, timedelta
from typing import Any

from afterschool.demo.play.custody import People
from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState, StudentState
from afterschool.school.models import Guardianship, Placement, Session, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.fetchers import Someone, name_fetcher
from attendance.actions.leaves import ask_leave
from attendance.actions.pickups import Wish, ask_pickup_change
from attendance.actions.words import Word
from attendance.enums import ChangeKind, LeaveSource

EVERY = 5  # groups apart, so that each grade has some; those a visitor opens have all of it
OTHERS = [
    Someone("周敏华", "姑姑", "13912340001"),
    Someone("钱立群", "邻居", "13912340002"),
    Someone("沈秀英", "姨妈", "13912340003"),
    Someone("阿依古丽·买买提江", "舅妈", "13912340004"),
    Someone("何建国", "伯伯", "13912340005"),
]


def play(term: Term, day: date, people: People, *, opened: list[int]) -> None:
    """Let families of some groups say four things of today, from noon on; of the groups in `opened` always."""
    sessions = Session.objects.filter(
        term=term, date=day, state=SessionState.PLANNED, group__kind__in=SERVICE_GROUPS
    ).order_by("starts_at", "group__grade", "group__order", "pk")
    chosen = [row for place, row in enumerate(sessions) if place % EVERY == 0 or row.pk in opened]
    children = _children(term, day, [row.group_id for row in chosen])
    speakers = _speakers([child for one in children.values() for child in one])
    at = clock.at(day, time(12, 5))
    for place, session in enumerate(chosen):
        for number, student in enumerate(children.get(session.group_id, [])[2:14:3]):
            at += timedelta(minutes=1)
            by, word = speakers.get(student.pk) or _recorded(student, people)
            if by is not None:
                _say(term, student, day, number, OTHERS[(place + number) % len(OTHERS)], by=by, word=word, at=at)


def _say(
    term: Term, student: Student, day: date, what: int, someone: Someone, *, by: Actor, word: Word, at: datetime
) -> None:
    come: dict[str, Any] = {"source": word.source, "said_by": word.said_by, "by": by}
    try:
        with clock.frozen(at):
            if what == 0:
                wish = Wish(day, ChangeKind.EARLY, time(16, 30), someone=someone)
                ask_pickup_change(term=term, student=student, wish=wish, **come)
            elif what == 1:
                wish = Wish(day, ChangeKind.LATE, time(18, 0), note="下班晚一点")
                ask_pickup_change(term=term, student=student, wish=wish, **come)
            elif what == 2:
                last = day + timedelta(days=2)
                name_fetcher(term=term, student=student, someone=someone, first_day=day, last_day=last, **come)
            else:
                ask_leave(term=term, student=student, first_day=day, last_day=day, reason="身体不舒服", **come)
    except Refused:
        return  # the slips of the morning, or a club, had the child already


def _children(term: Term, day: date, groups: list[int]) -> dict[int, list[Student]]:
    placed = Placement.objects.filter(
        term=term, group__in=groups, weekdays__contains=str(day.isoweekday()), starts_on__lte=day
    ).exclude(ends_on__lt=day)
    found: dict[int, list[Student]] = {}
    rows = placed.filter(student__state=StudentState.ENROLLED).select_related("student__school_class__head_teacher")
    for row in rows.order_by("group", "student__number", "student"):
        found.setdefault(row.group_id, []).append(row.student)
    return found


def _speakers(children: list[Student]) -> dict[int, tuple[Actor, Word]]:
    links = Guardianship.objects.filter(student__in=children, acts=True, guardian__user__isnull=False)
    return {
        link.student_id: (
            Actor(link.guardian.user, None, link.guardian, frozenset({Role.PARENT})),
            Word(LeaveSource.GUARDIAN),
        )
        for link in links.select_related("guardian__user").order_by("-pk")
    }


def _recorded(student: Student, people: People) -> tuple[Actor | None, Word]:
    head = student.school_class.head_teacher_id if student.school_class else None
    return people.teacher(head) or people.with_role(Role.ADMINISTRATOR), Word(LeaveSource.PHONE, "妈妈")
