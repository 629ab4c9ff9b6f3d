"""The office's home: the term in numbers, what waits for a decision, what to do next."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from afterschool.homes.staff import count_states
from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.models import Guardianship, School, Student, Term
from afterschool.support import clock
from attendance.enums import DefectState
from attendance.models import ChildDay, Defect
from attendance.queries.discipline import without_record
from attendance.queries.emergency import gap_count
from attendance.queries.flags import undecided as undecided_flags
from enrollment.enums import AmendmentState, ApplicationState, LateState, RightsState
from enrollment.models import Amendment, Application, LateRequest, RightsRequest
from scheduling.enums import (
    ClubState,
    GroupingState,
    RotaState,
    SubstitutionState,
    TeacherLeaveState,
    VolunteerState,
)
from scheduling.models import Club, Grouping, Rota, Substitution, TeacherLeave, Volunteer
from scheduling.queries.calendar import undecided
from scheduling.queries.grouping import idle_places, unplaced
from scheduling.queries.work import todo

APPLIED = [
    ApplicationState.SUBMITTED,
    ApplicationState.CLASS_APPROVED,
    ApplicationState.SCHOOL_APPROVED,
    ApplicationState.RETURNED,
]


@dataclass(frozen=True)
class Grade:
    """One grade's line: children on the roll, those who applied, those approved."""

    grade: int
    on_roll: int
    applied: int
    approved: int


@dataclass(frozen=True)
class Decision:
    """Something that waits for the office, with its number and where to decide it."""

    title: str
    url_name: str
    number: int
    hint: str


@dataclass(frozen=True)
class Figures:
    """The term in numbers."""

    on_roll: int
    unbound: int
    grades: list[Grade]
    applied: int
    waiting_class: int
    waiting_school: int
    approved: int


def figures(term: Term) -> Figures:
    """Count the roll and the applications of a term, of children at the school: three queries."""
    bound = Guardianship.objects.filter(student=OuterRef("pk"), guardian__user__isnull=False)
    on_roll = Student.objects.filter(state=StudentState.ENROLLED, school_class__school_year=term.school_year)
    roll = {
        row["school_class__grade"]: row
        for row in on_roll.annotate(bound=Exists(bound))
        .order_by()
        .values("school_class__grade")
        .annotate(n=Count("pk"), unbound=Count("pk", filter=Q(bound=False)))
    }
    rows = (
        Application.objects.filter(term=term, student__state=StudentState.ENROLLED)
        .order_by()
        .values("student__school_class__grade")
        .annotate(
            applied=Count("pk", filter=Q(state__in=APPLIED)),
            waiting_class=Count("pk", filter=Q(state=ApplicationState.SUBMITTED)),
            waiting_school=Count("pk", filter=Q(state=ApplicationState.CLASS_APPROVED)),
            approved=Count("pk", filter=Q(state=ApplicationState.SCHOOL_APPROVED)),
        )
    )
    of = {row["student__school_class__grade"]: row for row in rows}
    none = {"applied": 0, "approved": 0}
    grades = [
        Grade(grade, roll[grade]["n"], of.get(grade, none)["applied"], of.get(grade, none)["approved"])
        for grade in sorted(roll)
    ]
    return Figures(
        on_roll=sum(row["n"] for row in roll.values()),
        unbound=sum(row["unbound"] for row in roll.values()),
        grades=grades,
        applied=sum(row["applied"] for row in of.values()),
        waiting_class=sum(row["waiting_class"] for row in of.values()),
        waiting_school=sum(row["waiting_school"] for row in of.values()),
        approved=sum(row["approved"] for row in of.values()),
    )


def _of_teachers(term: Term) -> list[Decision]:
    """Return what waits about teachers' attendance: flags, and sessions that nobody left a record of."""
    found = []
    if flags := undecided_flags(term).count():
        found.append(Decision("考勤待决定", "attendance:teacher-flags", flags, "缺席、迟到、中途离开，由人决定"))
    if silent := without_record(term).count():
        found.append(
            Decision("没有记录的场次", "attendance:teacher-flags", silent, "没人点名也没人看过：办了没有，请问清楚")
        )
    return found


def decisions(term: Term, counted: Figures) -> list[Decision]:
    """Return what waits for the office, in the order of the term."""
    found = []
    if counted.waiting_school:
        found.append(Decision("学校批准", "enrollment:figures", counted.waiting_school, "班主任已通过，等学校批准"))
    if asked := LateRequest.objects.filter(term=term, state=LateState.ASKED).count():
        found.append(Decision("补交申请", "enrollment:late", asked, "家长请求补交，等学校答复"))
    found += _of_teachers(term)
    changes = Amendment.objects.filter(application__term=term, state=AmendmentState.ASKED).count()
    if changes:
        found.append(Decision("变更申请", "enrollment:amendments", changes, "家长想改星期或接送人，班主任也可以处理"))
    states = set(Grouping.objects.filter(term=term).values_list("state", flat=True))
    if counted.approved and GroupingState.ACCEPTED not in states:
        hint = "草案已生成，等您确认" if GroupingState.DRAFT in states else "还没有生成编班方案"
        found.append(Decision("编班", "scheduling:grouping", counted.approved, hint))
    if GroupingState.ACCEPTED in states:
        if number := unplaced(term).count():
            found.append(Decision("编入服务班", "scheduling:groups", number, "已通过，还没有服务班，点名册上没有"))
        if number := idle_places(term).count():
            found.append(Decision("不再参加的孩子", "scheduling:groups", number, "已撤回或离校，还在服务班里"))
    if GroupingState.ACCEPTED in states and not Rota.objects.filter(term=term, state=RotaState.ACCEPTED).exists():
        found.append(Decision("值班表", "scheduling:rota", 1, "编班已确认，还没有发布值班表"))
    if number := len(undecided(term)):
        found.append(Decision("调休上班日", "scheduling:calendar", number, "请确定按周几上课，或不办课后服务"))
    found += _of_clubs(term)
    found += _of_safety(term)
    found += _of_duties(term)
    if number := RightsRequest.objects.filter(state=RightsState.ASKED).count():
        found.append(Decision("家长对资料的要求", "privacy:requests", number, "要更正或删除，等您答复"))
    return found


def _of_clubs(term: Term) -> list[Decision]:
    """Return the clubs proposed and the parents who want to help."""
    found = []
    if number := Club.objects.filter(term=term, state=ClubState.PROPOSED).count():
        found.append(Decision("社团审批", "scheduling:clubs", number, "教师申报的社团，等审批"))
    if number := Volunteer.objects.filter(term=term, state=VolunteerState.PROPOSED).count():
        found.append(Decision("家长志愿者", "scheduling:volunteers", number, "报名或被推荐，等审核"))
    return found


def _of_safety(term: Term) -> list[Decision]:
    """Return the defects of places that nobody has been asked to repair."""
    number = Defect.objects.filter(term=term, state=DefectState.OPEN, owner__isnull=True).count()
    hint = "还没有人负责修，服务保障中心也可以安排"
    return [Decision("安全隐患", "attendance:defects", number, hint)] if number else []


def _of_duties(term: Term) -> list[Decision]:
    """Return the leaves of teachers and the stand-ins that wait, and what is unfilled in the emergency plan."""
    found = []
    if number := TeacherLeave.objects.filter(term=term, state=TeacherLeaveState.ASKED).count():
        found.append(Decision("教师请假", "scheduling:standins-desk", number, "等批复，年级组长也可以处理"))
    ahead = Substitution.objects.filter(term=term, duty__session__date__gte=clock.today())
    if number := ahead.filter(state=SubstitutionState.ACCEPTED).count():
        found.append(Decision("代课调课", "scheduling:standins-desk", number, "对方已答复可以，等确认"))
    if number := gap_count(term):
        found.append(Decision("应急预案", "attendance:emergency", number, "岗位、副手或电话还没填"))
    return found


def first_steps(school: School, term: Term | None, on_roll: int) -> list[tuple[str, str, bool]]:
    """Return the way of a school that begins: what, where, done."""
    return [
        ("写下校名和公开网址", "setup:school", bool(school.public_url)),
        ("导入名册", "school:imports", on_roll > 0),
        ("建立学期，核对课表和校历", "setup:settings", term is not None),
    ]


def context(actor: Actor, school: School, term: Term | None) -> dict[str, Any]:
    """Return what the office's home shows."""
    if term is None:
        on_roll = Student.objects.filter(state=StudentState.ENROLLED).count()
        return {"steps": first_steps(school, term, on_roll)}
    counted = figures(term)
    waits = decisions(term, counted) if term.closed_at is None else []  # nothing can be decided in a closed one
    values: dict[str, Any] = {"figures": counted, "decisions": waits, "todo": todo(actor, term)}
    if not counted.on_roll or not school.public_url:
        values["steps"] = first_steps(school, term, counted.on_roll)
    values["today"] = count_states(ChildDay.objects.filter(term=term))
    return values
