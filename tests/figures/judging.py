"""What is seen and judged in a small school: patrols, sheets, results, messages, incidents, sign-ins, leave, training."""

from datetime import date, time, timedelta

from afterschool.school.enums import SessionState
from afterschool.school.models import Session
from afterschool.support import clock
from attendance.enums import BreachKind, BreachState, IncidentCategory, IncidentKind, IncidentState, SignInSource
from attendance.models import Breach, DayNote, Incident, SignIn, StaffCheck
from evaluation.enums import (
    ExplanationState,
    FeedbackKind,
    Finding,
    FollowUpState,
    Occasion,
    RubricKind,
    SheetState,
)
from evaluation.models import (
    Feedback,
    FollowUp,
    PatrolRound,
    PatrolVisit,
    Rubric,
    ScoreLine,
    ScoreSheet,
    TermResult,
)
from scheduling.enums import Attended, TeacherLeaveKind, TeacherLeaveState, TrainingKind, TrainingState
from scheduling.models import TeacherLeave, Training, TrainingPerson
from tests.figures.schools import SmallSchool


def judge(school: SmallSchool) -> None:
    """Let a school be looked at up to its moment."""
    _sign_ins(school)
    _walks(school)
    _sheets(school)
    _words(school)
    _absences(school)


def _past(school: SmallSchool) -> list[Session]:
    return [one for one in school.sessions if one.date <= school.today and one.state == SessionState.PLANNED]


def _sign_ins(school: SmallSchool) -> None:
    """Most teachers sign in, some late, some from elsewhere, some by a device that sent it hours later; most write a note."""
    signs, notes = [], []
    active = {duty.session_id: duty for duty in school.duties if duty.active}
    for session in _past(school):
        duty = active.get(session.pk)
        if duty is None:
            continue
        for _ in range(school.dice.choice([0, 1, 1, 1, 2])):
            at = clock.at(session.date, time(15, school.dice.choice([20, 29, 30, 31, 44])))
            later = school.chance(15)
            signs.append(
                SignIn(
                    session=session,
                    teacher=duty.teacher,
                    source=SignInSource.CHECK,
                    by=school.user(),
                    at=at + timedelta(hours=3) if later else at,
                    device_at=at if later else None,
                    sent_later=later,
                    from_school=school.dice.choice([True, True, None, False]),
                )
            )
        if school.chance(70):
            notes.append(DayNote(session=session, text="做作业", by=duty.teacher.user, at=school.now))
    SignIn.objects.bulk_create(signs)
    DayNote.objects.bulk_create(notes)


def _walks(school: SmallSchool) -> None:
    """Two people walk on some days; of what they found some was explained, some has to be done by somebody."""
    for day in sorted({one.date for one in _past(school)}):
        for walker in school.staff[:2]:
            if school.chance(60):
                continue
            walk = PatrolRound.objects.create(
                term=school.term, date=day, teacher=walker, started_at=clock.at(day, time(15, 30))
            )
            for session in _past(school):
                if session.date == day and school.chance(60):
                    _visit(school, walk, session)


def _visit(school: SmallSchool, walk: PatrolRound, session: Session) -> None:
    look, at = None, clock.at(session.date, time(16, 0))
    if school.chance(80):
        there = school.chance(85)
        look = StaffCheck.objects.create(session=session, at=at, there=there, nobody=not there, by=walk.teacher.user)
    expected = school.dice.randrange(4)
    visit = PatrolVisit.objects.create(
        round=walk, session=session, check_made=look, at=at, expected=expected,
        counted=school.dice.choice([expected, expected, expected + 1, None]),
        explanation_state=school.dice.choice(ExplanationState.values),
    )  # fmt: skip
    if school.chance(30):
        done = school.chance(50)
        FollowUp.objects.create(
            term=school.term, visit=visit, text="整理", owner=school.dice.choice(school.staff),
            due_on=session.date + timedelta(days=school.dice.randrange(9)), asked_by=walk.teacher.user, asked_at=at,
            state=FollowUpState.DONE if done else FollowUpState.OPEN, done_by=school.user() if done else None,
            done_at=school.now if done else None,
        )  # fmt: skip


def _sheets(school: SmallSchool) -> None:
    """Sheets of visits, months and the term, finished or not; results decided, some a second time."""
    rubric = Rubric.objects.get(kind=RubricKind.TEACHER, active=True)
    items = list(rubric.items.all())
    lines = []
    for teacher in school.staff:
        wanted = [(Occasion.VISIT, one.date, one) for one in school.dice.sample(_past(school), 3)]
        wanted += [(Occasion.MONTH, date(school.first.year, school.first.month, n), None) for n in (27, 28)]
        wanted += [(Occasion.TERM, school.term.ends_on, None)] if school.chance(30) else []
        for occasion, day, session in wanted:
            if school.chance(30):
                continue
            sheet = ScoreSheet.objects.create(
                term=school.term, rubric=rubric, occasion=occasion, teacher=teacher, session=session, date=day,
                state=SheetState.FINAL if school.chance(80) else SheetState.DRAFT, scored_by=school.office.user,
                scored_at=school.now,
            )  # fmt: skip
            lines += [
                ScoreLine(sheet=sheet, item=item, limit=item.points, points=school.dice.randint(0, item.points))
                for item in items
            ]
        for version in range(1, school.dice.choice([0, 1, 1, 2]) + 1):
            TermResult.objects.create(
                term=school.term, teacher=teacher, rubric=rubric, version=version, band=school.dice.choice(["好", "中"]),
                decided_by=school.office.user, decided_at=school.now,
            )  # fmt: skip
    ScoreLine.objects.bulk_create(lines)


def _words(school: SmallSchool) -> None:
    """Messages about teachers, upheld or not; breaches; alarms and drills."""
    for day in school.days:
        if day <= school.today and school.chance(40):
            Feedback.objects.create(
                term=school.term, kind=school.dice.choice(FeedbackKind.values), text="话", code_hash="x" * 64,
                sent_on=day, teacher=school.dice.choice([*school.staff, None]),
                finding=school.dice.choice(Finding.values),
            )  # fmt: skip
        if day <= school.today and school.chance(10):
            confirmed = school.chance(50)
            Breach.objects.create(
                term=school.term, teacher=school.dice.choice(school.staff), kind=BreachKind.PHONE, place="教室",
                seen_at=clock.at(day, time(16)), evidence="看到", recorded_by=school.office.user,
                recorded_at=clock.at(day, time(16)),
                state=BreachState.CONFIRMED if confirmed else BreachState.RECORDED,
                confirmed_by=school.gatekeepers[0].user if confirmed else None,
                confirmed_at=school.now if confirmed else None,
            )  # fmt: skip
        if day <= school.today and school.chance(10):
            Incident.objects.create(
                term=school.term, kind=school.dice.choice(IncidentKind.values), category=IncidentCategory.FIRE,
                place="楼梯", state=IncidentState.ALARM, alarm_by=school.office.user,
                alarm_at=clock.at(day, school.dice.choice([time(0, 0), time(16), time(23, 59)])),
            )  # fmt: skip


def _absences(school: SmallSchool) -> None:
    """Leave, asked for and answered; training that was, that was called off, and that is still to come."""
    for teacher in school.staff:
        for _ in range(school.dice.randrange(3)):
            first = school.dice.choice(school.days)
            state = school.dice.choice(TeacherLeaveState.values)
            decided = state in (TeacherLeaveState.CONFIRMED, TeacherLeaveState.DECLINED)
            TeacherLeave.objects.create(
                term=school.term, teacher=teacher, kind=TeacherLeaveKind.SICK, first_day=first,
                last_day=first + timedelta(days=school.dice.randrange(3)), state=state, asked_by=school.office.user,
                asked_at=clock.at(school.first, time(8)), decided_by=school.office.user if decided else None,
                decided_at=clock.at(school.first, time(9)) if decided else None,
            )  # fmt: skip
    for day in school.dice.sample(school.days, 6):
        training = Training.objects.create(
            term=school.term, kind=TrainingKind.values[0], title="培训", date=day, starts_at=time(12), ends_at=time(13),
            state=school.dice.choice([TrainingState.PLANNED, TrainingState.CANCELLED]), made_by=school.office.user,
        )  # fmt: skip
        TrainingPerson.objects.bulk_create(
            TrainingPerson(training=training, teacher=one, state=school.dice.choice(Attended.values))
            for one in school.staff
            if school.chance(60)
        )
