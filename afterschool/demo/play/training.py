"""The demo school's trainings and volunteers: a training before the start that two missed, talks, parents who help."""

from datetime import date, datetime, time

from afterschool.school.access import Actor, actor_for
from afterschool.school.models import Guardian, SchoolClass, Session, Teacher, Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions.training import Audience, close_training, mark, plan_training, tell_class
from scheduling.actions.volunteers import decide, propose, put_beside
from scheduling.enums import Attended, TrainingKind, VolunteerMove, VolunteerSource
from scheduling.models import Duty, Training, TrainingClass, TrainingPerson, Volunteer
from scheduling.queries.training import after_school_teachers

PLANNED = datetime(2026, 8, 29, 9, 0, tzinfo=SHANGHAI)
HELD = datetime(2026, 8, 31, 11, 30, tzinfo=SHANGHAI)
TALKED = datetime(2026, 9, 7, 14, 10, tzinfo=SHANGHAI)
OFFERED = datetime(2026, 9, 8, 19, 30, tzinfo=SHANGHAI)
DECIDED = datetime(2026, 9, 9, 10, 0, tzinfo=SHANGHAI)
TRAINED = datetime(2026, 9, 11, 17, 0, tzinfo=SHANGHAI)
WAITING = datetime(2026, 9, 20, 20, 15, tzinfo=SHANGHAI)
MISSED = 2
TALK_LEFT = 3  # classes that haven't registered the talk of last week


def play(term: Term, office: Actor, now: datetime, teacher: Teacher) -> None:
    """Hold a training before the start, plan another, let classes hear a talk, let parents help."""
    teachers = list(after_school_teachers())
    with clock.frozen(PLANNED):
        first = _plan(term, office, (TrainingKind.STAFF, "课后服务岗前培训"), date(2026, 8, 31), Audience(teachers))
    rows = list(TrainingPerson.objects.filter(training=first).order_by("teacher__staff_number"))
    away = {row.pk: Attended.ABSENT if n else Attended.EXCUSED for n, row in enumerate(rows[5 : 5 + MISSED])}
    with clock.frozen(HELD):
        mark(training=first, states=away, rest_present=True, by=office)
        close_training(training=first, by=office)
    _talk(term, office)
    with clock.frozen(WAITING):
        young = [teacher for teacher in teachers if teacher.grade in (1, 2)]
        day = date(2026, 9, 24)
        _plan(term, office, (TrainingKind.GRADE, "低年级课后阅读怎么带"), day, Audience(young))
    _volunteers(term, office, now, teacher)


def _plan(term: Term, office: Actor, what: tuple[TrainingKind, str], day: date, audience: Audience) -> Training:
    kind, title = what
    values = {
        "title": title,
        "date": day,
        "starts_at": time(9, 0) if kind == TrainingKind.STAFF else time(13, 0),
        "ends_at": time(11, 0) if kind == TrainingKind.STAFF else time(13, 40),
        "place": "报告厅",
        "host": "课程教学中心",
        "required": kind == TrainingKind.STAFF,
        "content": "课后服务方案、点名和交接、安全要求、评价办法。" if kind == TrainingKind.STAFF else "",
    }
    return plan_training(term=term, kind=kind, values=values, audience=audience, by=office)


def _talk(term: Term, office: Actor) -> None:
    classes = list(SchoolClass.objects.current().filter(grade__lte=2).select_related("head_teacher"))
    with clock.frozen(PLANNED):
        talk = _plan(
            term, office, (TrainingKind.SAFETY, "放学路上和课间安全"), date(2026, 9, 7), Audience([], [], classes)
        )
    with clock.frozen(TALKED):
        for row in list(TrainingClass.objects.filter(training=talk).select_related("training"))[:-TALK_LEFT]:
            tell_class(row=row, reached=44, by=office)


def _volunteers(term: Term, office: Actor, now: datetime, teacher: Teacher) -> None:
    """One parent is approved, trained and helps today; one waits; one is proposed in the name of the parents' committee."""
    with_account = Guardian.objects.filter(user__isnull=False, links__acts=True, links__student__school_class__grade=1)
    parents = list(with_account.select_related("user").distinct().order_by("pk")[10:13])
    if len(parents) < 3:
        return
    with clock.frozen(OFFERED):
        helper = _offer(term, parents[0], "周一、周三下午可以来，会讲故事、剪纸。")
    with clock.frozen(DECIDED):
        decide(volunteer=helper, move=VolunteerMove.APPROVE, by=office)
    with clock.frozen(TRAINED):
        audience = Audience([], [helper])
        training = _plan(term, office, (TrainingKind.VOLUNTEER, "家长志愿者培训"), TRAINED.date(), audience)
        mark(training=training, states={}, rest_present=True, by=office)
        close_training(training=training, by=office)
    with clock.frozen(WAITING):
        _offer(term, parents[1], "周五下午有空，可以陪孩子看书。")
        propose(term=term, guardian=parents[2], source=VolunteerSource.COMMITTEE, about="懂急救", by=office)
    if (session := _session_of(teacher, now)) is not None:
        with clock.frozen(now.replace(hour=9, minute=0)):
            put_beside(volunteer=helper, session=session, by=office)


def _offer(term: Term, guardian: Guardian, about: str) -> Volunteer:
    user = User.objects.select_related("teacher", "guardian").get(pk=guardian.user_id or 0)
    return propose(term=term, guardian=guardian, source=VolunteerSource.SELF, about=about, by=actor_for(user))


def _session_of(teacher: Teacher, now: datetime) -> Session | None:
    """Return the session of today that this teacher answers for."""
    duties = Duty.objects.filter(session__date=now.date(), active=True, teacher=teacher)
    duty = duties.select_related("session__group", "session__term").order_by("session__starts_at", "pk").last()
    return duty.session if duty else None
