"""A small school with a fixed cast, built straight into the tables: for tests of single screens and actions.

The term runs from 1 September 2026; the school's clock in tests stands at Monday 21 September 2026, 16:05.
Grade 1 has classes 1 and 2 with 6 children each, grade 2 has class 1 with 4.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import DayKind, DaySource, GroupKind, Relation, Role
from afterschool.school.models import (
    ClassMembership,
    GradeBand,
    Group,
    Guardian,
    Guardianship,
    Placement,
    Room,
    School,
    SchoolClass,
    SchoolDay,
    Session,
    StaffRole,
    Student,
    Teacher,
    Term,
    User,
)
from afterschool.support.clock import SHANGHAI
from evaluation.defaults import install_rubrics
from scheduling.models import Duty

TODAY = date(2026, 9, 21)
NOW = datetime(2026, 9, 21, 16, 5, tzinfo=SHANGHAI)
PASSWORD = "qinghe-2026"
NAMES = [
    "王一",
    "李二",
    "张三",
    "刘四",
    "陈五",
    "杨六",
    "赵七",
    "黄八",
    "周九",
    "吴十",
    "徐甲",
    "孙乙",
    "胡丙",
    "朱丁",
    "高戊",
    "林己",
]


@dataclass
class Cast:
    """Everybody a test may need, by name."""

    school: School
    term: Term
    classes: list[SchoolClass]
    students: list[Student]
    guardian: Guardian  # of students[0] (class 1-1) and students[6] (class 1-2)
    other_guardian: Guardian  # of students[1]
    head_teacher: Teacher  # of class 1-1
    other_head_teacher: Teacher  # of class 1-2
    teacher: Teacher  # after-school teacher of group 1-1 today
    other_teacher: Teacher  # after-school teacher, not today
    grade_leader: Teacher  # of grade 1
    duty_leader: Teacher
    leading_group: Teacher
    service_centre: Teacher
    gatekeeper: Teacher
    office: Teacher
    group: Group | None = None
    session: Session | None = None

    def actor(self, name: str) -> Actor:
        """Return the actor behind `guardian`, `head_teacher`, `office` and so on."""
        return actor_for(User.objects.select_related("teacher", "guardian").get(pk=getattr(self, name).user_id))


ROLES = [
    "guardian",
    "other_guardian",
    "head_teacher",
    "other_head_teacher",
    "teacher",
    "other_teacher",
    "grade_leader",
    "duty_leader",
    "leading_group",
    "service_centre",
    "gatekeeper",
    "office",
]


def make_teacher(number: int, name: str, *roles: Role, grade: int | None = None, leads: int | None = None) -> Teacher:
    """Make one member of staff with an account and roles."""
    user = User.objects.create_user(f"T{number:03}", PASSWORD, name=name, phone=f"138000{number:05}")
    teacher = Teacher.objects.create(
        user=user, name=name, staff_number=f"T{number:03}", phone=f"138000{number:05}", grade=grade
    )
    for role in roles:
        StaffRole.objects.create(teacher=teacher, role=role, grade=leads if role == Role.GRADE_LEADER else None)
    return teacher


def make_guardian(number: int, name: str, *students: Student, account: bool = True) -> Guardian:
    """Make one guardian, with an account unless told otherwise."""
    phone = f"139000{number:05}"
    user = User.objects.create_user(phone, PASSWORD, name=name, phone=phone) if account else None
    guardian = Guardian.objects.create(user=user, name=name, phone=phone)
    for student in students:
        Guardianship.objects.create(guardian=guardian, student=student, relation=Relation.MOTHER)
    return guardian


def make_term(**changes: object) -> Term:
    """Make the term of the cast."""
    values: dict[str, object] = {
        "name": "2026年秋季学期",
        "school_year": 2026,
        "starts_on": date(2026, 9, 1),
        "ends_on": date(2027, 1, 22),
        "service_starts_on": date(2026, 9, 7),
        "applications_open_at": datetime(2026, 9, 1, 8, tzinfo=SHANGHAI),
        "applications_close_at": datetime(2026, 9, 3, 20, tzinfo=SHANGHAI),
        "consent_text": "我同意学校为课后服务使用这些信息。",
    }
    return Term.objects.create(**(values | changes))


def build_cast() -> Cast:
    """Build the school with people, classes, term and rubrics; no applications, groups or sessions yet."""
    term = make_term()
    install_rubrics()
    school = School.objects.create(pk=1, name="青禾路小学", current_term=term, public_url="https://fuwu.example.com")
    for first, last, begins, ends in [(1, 2, time(15, 30), time(17, 30)), (3, 6, time(15, 55), time(17, 55))]:
        GradeBand.objects.create(term=term, first_grade=first, last_grade=last, served_from=begins, served_until=ends)
    office = make_teacher(1, "课程中心", Role.ADMINISTRATOR)
    head = make_teacher(2, "周敏", Role.TEACHER, grade=1)
    other_head = make_teacher(3, "孟平", Role.TEACHER, grade=1)
    teacher = make_teacher(4, "陈立言", Role.TEACHER, grade=1)
    other_teacher = make_teacher(5, "温岚", Role.TEACHER, grade=2)
    leader = make_teacher(6, "罗梅", Role.GRADE_LEADER, grade=1, leads=1)
    duty = make_teacher(7, "方副校长", Role.DUTY_LEADER)
    leading = make_teacher(8, "钟校长", Role.LEADING_GROUP)
    centre = make_teacher(9, "柳主任", Role.SERVICE_CENTRE)
    gate = make_teacher(10, "赵师傅", Role.GATEKEEPER)
    classes, students = [], []
    for grade, number, size, head_of in [(1, 1, 6, head), (1, 2, 6, other_head), (2, 1, 4, None)]:
        room = Room.objects.create(name=f"{grade}（{number}）班教室")
        school_class = SchoolClass.objects.create(
            school_year=2026, grade=grade, number=number, head_teacher=head_of, room=room
        )
        classes.append(school_class)
        for place in range(1, size + 1):
            student = Student.objects.create(name=NAMES[len(students)], school_class=school_class, number=place)
            ClassMembership.objects.create(
                student=student, school_class=school_class, number=place, starts_on=term.starts_on
            )
            students.append(student)
    guardian = make_guardian(1, "林晓岚", students[0], students[6])
    other_guardian = make_guardian(2, "何文", students[1])
    return Cast(
        school,
        term,
        classes,
        students,
        guardian,
        other_guardian,
        head,
        other_head,
        teacher,
        other_teacher,
        leader,
        duty,
        leading,
        centre,
        gate,
        office,
    )


def place_group(cast: Cast, *, day: date = TODAY) -> None:
    """Put class 1-1 into a standalone group that meets on `day` with `cast.teacher` in charge."""
    cast.group = Group.objects.create(
        term=cast.term,
        kind=GroupKind.STANDALONE,
        grade=1,
        name="一（1）班服务班",
        room=cast.classes[0].room,
        starts_on=cast.term.service_starts_on,
        reason="全班6人，参加6人，达到二分之一，独立编班",
    )
    for student in cast.students[:6]:
        Placement.objects.create(
            term=cast.term,
            student=student,
            group=cast.group,
            weekdays="12345",
            starts_on=cast.term.service_starts_on,
        )
    SchoolDay.objects.get_or_create(
        date=day,
        defaults={
            "term": cast.term,
            "kind": DayKind.SERVICE,
            "runs_weekday": day.isoweekday(),
            "source": DaySource.CALENDAR,
        },
    )
    cast.session = Session.objects.create(
        term=cast.term,
        group=cast.group,
        date=day,
        starts_at=time(15, 15),
        ends_at=time(17, 30),
        room=cast.group.room,
    )
    Duty.objects.create(session=cast.session, teacher=cast.teacher)
