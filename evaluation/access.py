"""Who may score whom, and whose sheets a person may see (plan section 8). No list is ever in order of points."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, Role, SessionState
from afterschool.school.models import Group, Session, Student, Teacher, Term
from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import ScoreSheet
from evaluation.month import Period
from scheduling.models import Duty

PERIOD_SCORERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.GRADE_LEADER)
SCORERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER, Role.GRADE_LEADER)
WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER)
REPORT_READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


def sessions_to_score(actor: Actor, term: Term) -> QuerySet[Session]:
    """Return the sessions whose teacher this person may score: all, or those of the grade led."""
    sessions = Session.objects.filter(term=term, state=SessionState.PLANNED)
    if actor.has(*WHOLE_SCHOOL):
        return sessions
    if actor.has(Role.GRADE_LEADER):
        return sessions.filter(group__grade__in=actor.grades)
    return sessions.none()


def teacher_sheets(actor: Actor, term: Term) -> QuerySet[ScoreSheet]:
    """Return the teachers' sheets a scorer may see.

    Office and leading group see all; a grade leader those of the grade; a duty leader the ones written by that person.
    """
    sheets = ScoreSheet.objects.filter(term=term, rubric__kind=RubricKind.TEACHER)
    if actor.has(*REPORT_READERS):
        return sheets
    mine = Q(scored_by_id=actor.user_id)
    if actor.has(Role.GRADE_LEADER):
        turns = Duty.objects.filter(
            active=True,
            teacher=OuterRef("teacher"),
            session__term=term,
            session__group__grade__in=actor.grades,
            session__date__month=OuterRef("date__month"),
        )
        led = Q(session__group__grade__in=actor.grades) | (Q(occasion=Occasion.MONTH) & Exists(turns))
        mine |= led & ~Q(teacher=actor.teacher)
    return sheets.filter(mine)


def teachers_to_score(actor: Actor, term: Term, period: Period) -> QuerySet[Teacher]:
    """Return the teachers with a turn in a month or the term whose sheet of it this person may write; oneself is not left out.

    Office and leading group: every teacher. A grade leader: a month of those with a turn in the own grade in it, no term.
    """
    turns = Duty.objects.filter(
        active=True,
        teacher=OuterRef("pk"),
        session__term=term,
        session__state=SessionState.PLANNED,
        session__date__range=(period.first, period.last),
    )
    if not actor.has(*REPORT_READERS):
        if not actor.has(Role.GRADE_LEADER) or period.occasion == Occasion.TERM:
            return Teacher.objects.none()
        turns = turns.filter(session__group__grade__in=actor.grades)
    return Teacher.objects.filter(Exists(turns)).order_by("staff_number", "pk")


def may_answer(actor: Actor, sheet: ScoreSheet) -> bool:
    """Tell whether this person may answer an objection: office or leading group, neither the scorer nor the teacher."""
    return actor.has(*REPORT_READERS) and sheet.scored_by_id != actor.user_id and sheet.teacher != actor.teacher


def own_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Return the finished sheets about this teacher."""
    if actor.teacher is None:
        return ScoreSheet.objects.none()
    return ScoreSheet.objects.filter(teacher=actor.teacher, state=SheetState.FINAL)


def groups_to_score(actor: Actor, term: Term, month: Period) -> QuerySet[Group]:
    """Return the groups whose children this person scores: those the person has a turn with in the month; the office all."""
    groups = Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, starts_on__lte=month.last).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=month.first)
    )
    if actor.is_office:
        return groups
    turns = Duty.objects.filter(
        active=True,
        teacher=actor.teacher,
        session__group=OuterRef("pk"),
        session__date__range=(month.first, month.last),
    )
    return groups.filter(Exists(turns)) if actor.teacher is not None else groups.none()


def own_children(actor: Actor) -> QuerySet[Student]:
    """Return the children this guardian acts for."""
    if actor.guardian is None:
        return Student.objects.none()
    return Student.objects.filter(links__guardian=actor.guardian, links__acts=True)


def child_sheets(actor: Actor) -> QuerySet[ScoreSheet]:
    """Return the finished sheets of the own children: nobody sees another child's."""
    return ScoreSheet.objects.filter(student__in=own_children(actor), state=SheetState.FINAL)


def may_reopen(actor: Actor) -> bool:
    """Tell whether this person may open a finished sheet again: the office alone."""
    return actor.is_office


def too_early(session: Session, today: date) -> bool:
    """Tell whether a session has not come yet."""
    return session.date > today
