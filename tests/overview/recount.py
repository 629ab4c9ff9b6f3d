"""The same figures counted again, row by row in plain Python: slow, and written from the words of the page alone."""

from collections.abc import Callable
from datetime import date, timedelta

from afterschool.school.models import Group, Placement, Session, Student
from afterschool.support import clock
from attendance.models import ChildDay, Flag, Handover, LeaveRequest, Mark, PickupChange, RollCall, SignIn
from enrollment.models import Application, Charge, Payment
from evaluation.models import ClassTable, Feedback, PatrolVisit, Survey
from scheduling.models import Club, Duty, TeacherLeave
from tests.cast import NOW, TODAY

SPANS = {
    "today": (TODAY, TODAY),
    "week": (TODAY, TODAY + timedelta(days=6)),  # TODAY is a Monday
    "term": (date(2026, 9, 1), date(2027, 1, 22)),
}
STANDING = ("submitted", "class_approved", "school_approved", "returned")


RELATED = {
    ChildDay: ["student__school_class", "session__group"],
    Mark: ["student__school_class", "roll_call__session__group"],
    Session: ["group"],
    Placement: ["student__school_class"],
    Duty: ["teacher__user", "session__group"],
    TeacherLeave: ["teacher"],
    PatrolVisit: ["round", "session__group"],
    LeaveRequest: ["student__school_class"],
    PickupChange: ["student__school_class"],
    Application: ["student__school_class"],
    ClassTable: ["school_class"],
}


class Recount:
    """One question: whose (`grade`, `class_id` or neither) and of which days. `read` keeps what was read."""

    def __init__(self, span: str, grade: int | None = None, class_id: int | None = None, read: dict | None = None):
        self.span, self.grade, self.class_id = span, grade, class_id
        self.first, self.last = SPANS[span]
        self.read = {} if read is None else read

    def all(self, model) -> list:
        if model not in self.read:
            self.read[model] = list(model.objects.select_related(*RELATED.get(model, [])))
        return self.read[model]

    # whose

    def of_child(self, student: Student) -> bool:
        if self.class_id:
            return student.school_class_id == self.class_id
        return not self.grade or (student.school_class is not None and student.school_class.grade == self.grade)

    def of_group(self, group: Group, student: Student | None = None) -> bool:
        if self.class_id:
            return student is not None and student.school_class_id == self.class_id
        return not self.grade or group.grade == self.grade

    def of_day(self, row: ChildDay) -> bool:
        if self.grade and row.session:
            return row.session.group.grade == self.grade
        return self.of_child(row.student)

    def within(self, value) -> bool:
        day = value.astimezone(clock.SHANGHAI).date() if hasattr(value, "hour") else value
        return day is not None and self.first <= day <= self.last

    def touches(self, row) -> bool:
        return row.first_day <= self.last and row.last_day >= self.first

    # what

    def days(self) -> list[ChildDay]:
        return [row for row in self.all(ChildDay) if self.within(row.date) and self.of_day(row)]

    def in_states(self, *states: str) -> int:
        return sum(row.state in states for row in self.days())

    def led_to(self, state: str) -> int:
        found = 0
        for row in self.days():
            links = [link for link in self.all(Handover) if link.child_day_id == row.pk]
            undone = {link.undoes_id for link in links}
            found += any(
                link.to_state == state and link.from_state != state and link.undoes_id is None and link.pk not in undone
                for link in links
            )
        return found

    def marks(self, *states: str) -> int:
        found = 0
        for row in self.all(Mark):
            session = row.roll_call.session
            if row.roll_call.closed_at and session.group.kind != "club" and self.within(session.date):
                found += self.of_group(session.group, row.student) and (not states or row.state in states)
        return found

    def sessions(self) -> list[Session]:
        found = []
        for row in self.all(Session):
            begun = clock.at(row.date, row.starts_at) <= NOW
            if row.state == "planned" and begun and row.group.kind != "club" and self.within(row.date):
                if self.class_id:
                    places = [p for p in self.all(Placement) if p.group_id == row.group_id and self.of_child(p.student)]
                    if any(p.starts_on <= row.date and (not p.ends_on or p.ends_on >= row.date) for p in places):
                        found.append(row)
                elif self.of_group(row.group):
                    found.append(row)
        return found

    def rolls(self, *, begun: bool, closed: bool) -> int:
        rolls = {roll.session_id: roll for roll in self.all(RollCall)}
        here = [rolls.get(session.pk) for session in self.sessions()]
        return sum((roll is not None) == begun and bool(roll and roll.closed_at) == closed for roll in here)

    def turns(self) -> list[Duty]:
        held = {session.pk for session in self.sessions()}
        return [row for row in self.all(Duty) if row.active and row.session_id in held]

    def first_sign_in(self, duty: Duty):
        rows = [
            row for row in self.all(SignIn) if (row.session_id, row.teacher_id) == (duty.session_id, duty.teacher_id)
        ]
        times = [row.at for row in rows if row.from_school is not False]
        opened = (duty.session_id, duty.teacher.user_id)
        rolls = [roll for roll in self.all(RollCall) if (roll.session_id, roll.opened_by_id) == opened]
        if rolls and not any(row.source == "roll_call" for row in rows):
            times.append(rolls[0].opened_at)
        return min(times, default=None)

    def signed(self, wanted: str) -> int:
        found = 0
        for duty in self.turns():
            starts = clock.at(duty.session.date, duty.session.starts_at)
            ends = clock.at(duty.session.date, duty.session.ends_at)
            first = self.first_sign_in(duty)
            came = first is not None and first <= ends
            is_so = {
                "came": came,
                "late": came and first >= starts + timedelta(minutes=1),
                "never": not came and ends <= NOW,
                "not yet": not came and ends > NOW,
            }
            found += is_so[wanted]
        return found

    def stand_ins(self) -> int:
        rows = [row for row in self.all(Duty) if row.active and row.source in ("stand_in", "swap")]
        return sum(
            self.within(row.session.date) and row.session.state == "planned" and self.of_group(row.session.group)
            for row in rows
        )

    def teachers(self, state: str) -> int:
        rows = [row for row in self.all(TeacherLeave) if row.state == state and self.touches(row)]
        return sum(not self.grade or row.teacher.grade == self.grade for row in rows)

    def visits(self) -> list[PatrolVisit]:
        rows = [row for row in self.all(PatrolVisit) if self.within(row.round.date)]
        return [row for row in rows if self.of_group(row.session.group)]

    def differing(self) -> list[PatrolVisit]:
        return [row for row in self.visits() if row.counted is not None and row.counted != row.expected]

    def leaves(self) -> int:
        rows = [row for row in self.all(LeaveRequest) if not row.cancelled_at and self.touches(row)]
        return sum(row.student.school_class is not None and self.of_child(row.student) for row in rows)

    def pickups(self, kind: str) -> int:
        rows = [row for row in self.all(PickupChange) if row.kind == kind and self.within(row.date)]
        return sum(row.student.school_class is not None and self.of_child(row.student) for row in rows)

    def applications(self) -> list[Application]:
        rows = [row for row in self.all(Application) if row.state in STANDING]
        return [row for row in rows if row.student.state == "enrolled" and self.of_child(row.student)]

    def applied(self, *states: str) -> int:
        return sum(row.state in states for row in self.applications())

    def places(self, kind: str) -> int:
        rows = [row for row in self.all(Placement) if row.kind == kind and self.stands(row)]
        return sum(row.student.state == "enrolled" and self.of_child(row.student) for row in rows)

    @staticmethod
    def stands(row) -> bool:
        return row.starts_on <= TODAY and (row.ends_on is None or row.ends_on >= TODAY)

    def unplaced(self) -> int:
        placed = {row.student_id for row in self.all(Placement) if row.kind == "service" and row.ends_on is None}
        approved = [row for row in self.applications() if row.state == "school_approved"]
        return sum(row.student_id not in placed for row in approved)

    def tables(self) -> list[ClassTable]:
        return [row for row in self.all(ClassTable) if self.of_class(row.school_class)]

    def of_class(self, one) -> bool:
        return one.pk == self.class_id if self.class_id else not self.grade or one.grade == self.grade

    def surveys(self, *, over: bool) -> list[Survey]:
        rows = [row for row in self.all(Survey) if row.state != "draft"]
        return [row for row in rows if (row.state == "closed" or row.closes_at <= NOW) == over]


FIGURES: dict[str, Callable[[Recount], int]] = {
    "here": lambda c: c.in_states("group", "club", "staff", "late"),
    "due": lambda c: len(c.days()),
    "missing": lambda c: c.in_states("missing"),
    "awaited": lambda c: c.in_states("expected"),
    "away": lambda c: c.in_states("away"),
    "gone": lambda c: c.in_states("fetched", "alone"),
    "kept-late": lambda c: c.in_states("late"),
    "fetched": lambda c: c.in_states("fetched", "alone"),
    "late-care": lambda c: c.led_to("late"),
    "searched": lambda c: c.led_to("missing"),
    "came": lambda c: c.marks("present", "late"),
    "expected": lambda c: c.marks(),
    "late": lambda c: c.marks("late"),
    "on-leave": lambda c: c.marks("leave"),
    "absent": lambda c: c.marks("absent"),
    "rolls-due": lambda c: len(c.sessions()),
    "rolls-taken": lambda c: c.rolls(begun=True, closed=True),
    "rolls-open": lambda c: c.rolls(begun=True, closed=False),
    "rolls-not-begun": lambda c: c.rolls(begun=False, closed=False),
    "turns": lambda c: len(c.turns()),
    "signed": lambda c: c.signed("came"),
    "signed-late": lambda c: c.signed("late"),
    "not-signed": lambda c: c.signed("never"),
    "not-yet": lambda c: c.signed("not yet"),
    "stand-ins": Recount.stand_ins,
    "teachers-away": lambda c: c.teachers("confirmed"),
    "teachers-asked": lambda c: c.teachers("asked"),
    "flags": lambda c: sum(row.state == "open" for row in c.all(Flag)),
    "visited": lambda c: len(c.visits()),
    "differs": lambda c: len(c.differing()),
    "unexplained": lambda c: sum(row.explanation_state != "accepted" for row in c.differing()),
    "leaves": Recount.leaves,
    "early": lambda c: c.pickups("early"),
    "late-asked": lambda c: c.pickups("late"),
    "applied": lambda c: len(c.applications()),
    "handed-in": lambda c: sum(c.within(row.submitted_at) for row in c.applications()),
    "class-waits": lambda c: c.applied("submitted"),
    "school-waits": lambda c: c.applied("class_approved"),
    "returned": lambda c: c.applied("returned"),
    "approved": lambda c: c.applied("school_approved"),
    "placed": lambda c: c.places("service"),
    "unplaced": Recount.unplaced,
    "groups": lambda c: sum(
        row.kind != "club" and c.stands(row) and c.of_group(row) for row in c.all(Group)
    ),
    "members": lambda c: c.places("club"),
    "clubs": lambda c: sum(row.state == "approved" for row in c.all(Club)),
    "clubs-asked": lambda c: sum(row.state == "proposed" for row in c.all(Club)),
    "charges": lambda c: sum(row.state == "issued" and c.within(row.issued_at) for row in c.all(Charge)),
    "payments": lambda c: sum(c.within(row.paid_on) for row in c.all(Payment)),
    "tables-open": lambda c: sum(row.state == "open" for row in c.tables()),
    "tables-confirmed": lambda c: sum(bool(row.confirmed_at and c.within(row.confirmed_at)) for row in c.tables()),
    "words-wait": lambda c: sum(row.state == "new" for row in c.all(Feedback)),
    "words-came": lambda c: sum(c.within(row.sent_on) for row in c.all(Feedback)),
    "surveys-open": lambda c: len(c.surveys(over=False)),
    "surveys-over": lambda c: len(c.surveys(over=True)),
    "surveys-content": lambda c: sum(row.satisfaction for row in c.surveys(over=True)),
}  # fmt: skip
