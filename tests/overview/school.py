"""A small school with weeks of records made at random from a seed: every table that the numbers count."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from afterschool.school.enums import DayKind, DaySource, GroupKind, PlacementKind, StudentState
from afterschool.school.models import Group, Placement, SchoolClass, SchoolDay, Session, Student
from afterschool.support import clock
from attendance.enums import ENDS, ChangeKind, CustodyState, FlagState, LeaveSource, MarkState, RuleKind, SignInSource
from attendance.models import (
    AttendanceRule,
    ChildDay,
    Flag,
    Handover,
    LeaveRequest,
    Mark,
    PickupChange,
    RollCall,
    SignIn,
)
from enrollment.enums import ApplicationState
from enrollment.models import Application, Charge, Payment
from evaluation.enums import ClassTableState, ExplanationState, FeedbackKind, FeedbackState, SurveyFor, SurveyState
from evaluation.models import ClassTable, Feedback, PatrolRound, PatrolVisit, Survey
from scheduling.enums import ClubState, DutySource, TeacherLeaveState
from scheduling.models import Club, Duty, TeacherLeave
from tests.cast import NOW, TODAY, Cast

DAYS = [TODAY - timedelta(days=n) for n in (10, 7, 4, 3, 0)]  # over three weeks, the last one today
STATES = list(CustodyState)
CALLED = [MarkState.PRESENT, MarkState.PRESENT, MarkState.LATE, MarkState.LEAVE, MarkState.ABSENT]


@dataclass
class Maker:
    """Fills the cast's school, so many records a table."""

    cast: Cast
    random: Random
    size: int = 1
    groups: list[Group] = field(default_factory=list)

    def pick(self, values):
        return self.random.choice(list(values))

    def chance(self, share: float = 0.5) -> bool:
        return self.random.random() < share

    def moment(self, day: date | None = None) -> datetime:
        return clock.at(day or self.pick(DAYS), time(self.pick(range(8, 16)), self.pick(range(60))))

    def make(self) -> None:
        """Fill every table."""
        self.gone()
        self.grouping()
        for day in DAYS:
            self.day(day)
        self.families()
        self.applications()
        self.clubs()
        self.teachers()
        self.money()
        self.asking()

    def gone(self) -> None:
        """A child that has left school, with records of its time here: it is in no class now."""
        Student.objects.create(name="离一", school_class=None, number=None, state=StudentState.LEFT)

    def grouping(self) -> None:
        cast = self.cast
        SchoolClass.objects.filter(pk=cast.classes[2].pk).update(head_teacher=cast.other_teacher)
        for grade, name, kind in [
            (1, "甲组", GroupKind.STANDALONE),
            (1, "乙组", GroupKind.MIXED),
            (2, "丙组", GroupKind.MIXED),
        ]:
            group = Group.objects.create(
                term=cast.term, kind=kind, grade=grade, name=name, starts_on=cast.term.service_starts_on
            )
            self.groups.append(group)
        for student in cast.students:
            grade = student.school_class.grade
            group = self.pick([one for one in self.groups if one.grade == grade])
            ends = TODAY - timedelta(days=1) if self.chance(0.1) else None
            Placement.objects.create(
                term=cast.term,
                student=student,
                group=group,
                weekdays="12345",
                starts_on=cast.term.service_starts_on,
                ends_on=ends,
            )

    def day(self, day: date) -> None:
        cast = self.cast
        SchoolDay.objects.create(
            term=cast.term, date=day, kind=DayKind.SERVICE, runs_weekday=day.isoweekday(), source=DaySource.CALENDAR
        )
        round_of_day = PatrolRound.objects.create(
            term=cast.term, date=day, teacher=cast.duty_leader, started_at=self.moment(day)
        )
        sessions = {}
        for group in self.groups:
            begins = self.pick([time(15, 30), time(15, 55), time(16, 30)])
            state = "cancelled" if self.chance(0.1) else "planned"
            session = Session.objects.create(
                term=cast.term, group=group, date=day, starts_at=begins, ends_at=time(17, 30), state=state
            )
            sessions[group.pk] = session
            self.session(session, round_of_day)
        for student in Student.objects.order_by("pk"):
            place = Placement.objects.filter(student=student).first()
            if place is None and not self.chance(0.5):
                continue
            self.child(student, sessions[place.group_id] if place else self.pick(sessions.values()), day)

    def session(self, session: Session, round_of_day: PatrolRound) -> None:
        cast = self.cast
        teacher = self.pick([cast.teacher, cast.other_teacher, cast.head_teacher])
        duty = Duty.objects.create(session=session, teacher=teacher)
        if self.chance(0.3):
            Duty.objects.filter(pk=duty.pk).update(active=False)
            duty = Duty.objects.create(
                session=session,
                teacher=cast.grade_leader,
                replaces=duty,
                source=self.pick([DutySource.STAND_IN, DutySource.SWAP]),
            )
        for _ in range(self.pick(range(3))):
            SignIn.objects.create(
                session=session,
                teacher=self.pick([duty.teacher, cast.office]),
                source=self.pick([SignInSource.CHECK, SignInSource.ROLL_CALL]),
                at=clock.at(
                    session.date, time(self.pick([15, 16, 17]), self.pick(range(0, 60, 5)), self.pick([0, 18]))
                ),
                from_school=self.pick([None, True, False]),
                by=cast.office.user,
            )
        if self.chance(0.8):
            closed = self.chance(0.8)
            RollCall.objects.create(
                session=session,
                opened_by=self.pick([teacher.user, duty.teacher.user]),
                opened_at=clock.at(session.date, session.starts_at),
                closed_by=teacher.user if closed else None,
                closed_at=clock.at(session.date, time(17)) if closed else None,
            )
        if self.chance():
            PatrolVisit.objects.create(
                round=round_of_day,
                session=session,
                at=self.moment(session.date),
                expected=10,
                counted=self.pick([None, 9, 10, 11]),
                explanation_state=self.pick([ExplanationState.NONE, ExplanationState.ACCEPTED]),
            )

    def child(self, student: Student, session: Session, day: date) -> None:
        cast = self.cast
        state = self.pick(STATES if day == TODAY else ENDS)
        row = ChildDay.objects.create(
            term=cast.term,
            student=student,
            date=day,
            session=session if student.school_class is None or self.chance(0.9) else None,
            state=state,
            holder=None if state in ENDS else cast.teacher,
            since=NOW,
        )
        before = CustodyState.EXPECTED
        for number in range(1, self.pick(range(2, 5))):
            after = self.pick(STATES)
            undoes = self.pick([None, None, Handover.objects.filter(child_day=row).order_by("-pk").first()])
            Handover.objects.create(
                child_day=row, number=number, from_state=before, to_state=after, at=NOW, undoes=undoes
            )
            before = after
        roll = RollCall.objects.filter(session=session).first()
        if roll:
            Mark.objects.create(
                roll_call=roll, student=student, state=self.pick(CALLED), marked_by=cast.teacher.user, marked_at=NOW
            )

    def families(self) -> None:
        cast = self.cast
        common = {"term": cast.term, "source": LeaveSource.PHONE, "asked_by": cast.office.user, "asked_at": NOW}
        for student in Student.objects.order_by("pk"):
            for _ in range(self.pick(range(3)) * self.size):
                first = self.pick(DAYS)
                off = {"cancelled_at": NOW, "cancelled_by": cast.office.user} if self.chance(0.2) else {}
                last = first + timedelta(days=self.pick(range(4)))
                LeaveRequest.objects.create(student=student, first_day=first, last_day=last, **common, **off)
            for day in self.random.sample(DAYS, 2):
                PickupChange.objects.create(
                    student=student, date=day, kind=self.pick(ChangeKind), time=time(16), **common
                )

    def applications(self) -> None:
        cast = self.cast
        for student in Student.objects.order_by("pk"):
            state = self.pick([*ApplicationState, ApplicationState.SCHOOL_APPROVED, ApplicationState.SCHOOL_APPROVED])
            at = None if state in ("draft", "withdrawn") else self.moment()
            Application.objects.create(
                term=cast.term,
                student=student,
                state=state,
                weekdays="12345",
                reason="请补充" if state in ("returned", "declined") else "",
                submitted_at=at,
                created_at=NOW,
                changed_at=NOW,
            )
        Placement.objects.filter(student__in=self.random.sample(cast.students, 3)).update(ends_on=TODAY)

    def clubs(self) -> None:
        cast = self.cast
        for number in range(3 * self.size):
            state = self.pick([ClubState.APPROVED, ClubState.PROPOSED])
            group = None
            if state == ClubState.APPROVED:
                group = Group.objects.create(
                    term=cast.term, kind=GroupKind.CLUB, name=f"社团{number}", starts_on=DAYS[0]
                )
                for student in self.random.sample(cast.students, 3):
                    Placement.objects.create(
                        term=cast.term,
                        student=student,
                        group=group,
                        kind=PlacementKind.CLUB,
                        weekdays="1",
                        starts_on=DAYS[0],
                    )
            Club.objects.create(
                term=cast.term,
                group=group,
                name=f"社团{number}",
                activity="sports",
                description="跑步",
                content="跑步",
                teacher=cast.teacher,
                weekdays="1",
                largest=20,
                state=state,
                by_own_teacher=True,
                no_lessons=True,
                proposed_by=cast.teacher.user,
                proposed_at=NOW,
            )

    def teachers(self) -> None:
        cast = self.cast
        for teacher in (cast.teacher, cast.other_teacher, cast.head_teacher):
            for _ in range(2 * self.size):
                state = self.pick(TeacherLeaveState)
                decided = {} if state == "asked" else {"decided_by": cast.office.user, "decided_at": NOW}
                first = self.pick(DAYS)
                TeacherLeave.objects.create(
                    term=cast.term,
                    teacher=teacher,
                    kind="sick",
                    first_day=first,
                    last_day=first + timedelta(days=self.pick(range(4))),
                    state=state,
                    asked_by=teacher.user,
                    asked_at=NOW,
                    **decided,
                )
        rule = AttendanceRule.objects.filter(term=cast.term).first() or AttendanceRule.objects.create(
            term=cast.term, kind=RuleKind.ABSENT, count=1, window="occasion"
        )
        for number in range(self.size):
            Flag.objects.create(
                term=cast.term,
                rule=rule,
                teacher=cast.teacher,
                first_day=DAYS[number],
                last_day=DAYS[number],
                state=FlagState.OPEN,
                raised_at=NOW,
            )

    def money(self) -> None:
        cast = self.cast
        for student in cast.students:
            if self.chance():
                Charge.objects.create(
                    term=cast.term,
                    student=student,
                    label="九月",
                    starts_on=cast.term.starts_on,
                    ends_on=date(2026, 9, 30),
                    amount=100,
                    issued_at=self.moment(),
                )
            for number in range(self.pick(range(2)) * self.size):
                Payment.objects.create(
                    term=cast.term,
                    student=student,
                    amount=50,
                    paid_on=self.pick(DAYS),
                    reference=f"{student.pk}-{number}",
                    recorded_by=cast.office.user,
                    recorded_at=NOW,
                )

    def asking(self) -> None:
        cast = self.cast
        for school_class in cast.classes:
            for due in (DAYS[0], TODAY):
                done = self.chance()
                ClassTable.objects.create(
                    term=cast.term,
                    school_class=school_class,
                    due_on=due,
                    state=ClassTableState.CONFIRMED if done else ClassTableState.OPEN,
                    confirmed_by=cast.office.user if done else None,
                    confirmed_at=self.moment() if done else None,
                )
        for _ in range(4 * self.size):
            Feedback.objects.create(
                term=cast.term,
                kind=self.pick(FeedbackKind),
                state=FeedbackState.NEW,
                sent_on=self.pick(DAYS),
                user=cast.guardian.user,
                teacher=self.pick([None, cast.teacher]),
                text="谢谢",
            )
        for number in range(3 * self.size):
            closed = self.chance()
            Survey.objects.create(
                term=cast.term,
                title=f"问卷{number}",
                audience=SurveyFor.PARENTS,
                satisfaction=self.chance(),
                state=SurveyState.CLOSED if closed else SurveyState.OPEN,
                opens_at=NOW - timedelta(days=9),
                closes_at=NOW + timedelta(days=self.pick([-2, 2])),
                closed_at=NOW if closed else None,
                token=f"token{number}",
                asked_by=cast.office.user,
                asked_at=NOW,
            )


def fill(cast: Cast, seed: int, size: int = 1) -> Maker:
    """Fill the cast's school with records of this seed."""
    maker = Maker(cast, Random(seed), size)
    maker.make()
    return maker
