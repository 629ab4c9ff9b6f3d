"""Who looked at a child's file: each look is a row of history with the role in which it was done (children's data, A5)."""

from dataclasses import dataclass
from datetime import datetime

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Event, StaffRole, Student, User

LOOKS = {
    "student.looked": "孩子的资料",
    "application.looked": "申请",
    "care.looked": "关爱类别",
    "erasure.looked": "删除前的清单",
    "copy.asked": "资料副本",
    "child.seen": "当天在哪里",
    "ban.looked": "门卫登记来访时的提醒",
    "feedback.seen": "家长写给学校的话",
}


@dataclass(frozen=True)
class Look:
    """One look: when, at what, as what, and (for the office) by whom."""

    at: datetime
    what: str
    role: str
    who: str


def as_what(by: Actor, student: Student) -> str:
    """Return the role in which a person looks at this child: head teacher of its class before office, family before both."""
    if by.guardian is not None and by.guardian.links.filter(student=student, acts=True).exists():
        return Role.PARENT.value
    if student.school_class_id in by.class_ids:
        return Role.HEAD_TEACHER.value
    if by.is_office:
        return Role.ADMINISTRATOR.value
    return next((role.value for role in Role if role in by.roles), "")


def looks_at(student: Student) -> list[Look]:
    """Return the looks at one child's file, newest first: three queries."""
    rows = list(Event.objects.filter(student_id=student.pk, verb__in=LOOKS).order_by("-at", "-pk"))
    ids = {row.by_id for row in rows if row.by_id}
    names = dict(User.objects.filter(pk__in=ids).values_list("pk", "name"))
    office = set(
        StaffRole.objects.filter(role=Role.ADMINISTRATOR, teacher__user__in=ids).values_list(
            "teacher__user_id", flat=True
        )
    )
    return [
        Look(row.at, LOOKS[row.verb], _role(row, row.by_id in office), names.get(row.by_id or 0, "已停用的账号"))
        for row in rows
    ]


def _role(row: Event, office: bool) -> str:
    """Return the role kept with the row; rows from before roles were kept say what the account is now."""
    kept = row.data.get("role", "")
    if kept in Role.values:
        return str(Role(kept).label)
    return str((Role.ADMINISTRATOR if office else Role.HEAD_TEACHER).label)
