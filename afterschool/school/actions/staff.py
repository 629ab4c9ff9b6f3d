"""Which roles the members of staff hold, and what the school is called."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import GRANTED_ROLES, Role
from afterschool.school.events import record
from afterschool.school.models import StaffRole, Teacher
from afterschool.support.refusal import Refused


def _office_only(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "这件事由课程教学中心办理。")


@transaction.atomic
def grant(*, teacher: Teacher, role: str, grade: int | None, by: Actor) -> StaffRole:
    """Give a member of staff a role. A grade leader's names the grade; giving it twice changes nothing."""
    _office_only(by)
    if role not in GRANTED_ROLES:
        raise Refused("unknown_role", "班主任和家长由名册决定，不在这里设。")
    if role == Role.GRADE_LEADER and grade is None:
        raise Refused("grade_missing", "年级组长要写明年级。")
    grade = grade if role == Role.GRADE_LEADER else None
    row, new = StaffRole.objects.get_or_create(teacher=teacher, role=role, grade=grade)
    if new:
        record("role.granted", subject=teacher, by=by, data={"role": role, "grade": grade})
    return row


@transaction.atomic
def withdraw(*, row: StaffRole, by: Actor) -> None:
    """Take a role away; the last administrator keeps it, since nobody could give it back."""
    _office_only(by)
    if row.role == Role.ADMINISTRATOR:
        others = StaffRole.objects.filter(role=Role.ADMINISTRATOR, teacher__active=True, teacher__user__isnull=False)
        if not others.exclude(pk=row.pk).exists():
            raise Refused("last_administrator", "这是最后一位管理员，先让另一位有账号的同事担任，再取消。")
    if StaffRole.objects.filter(pk=row.pk).delete()[0]:
        record("role.withdrawn", subject=row.teacher, by=by, data={"role": row.role, "grade": row.grade})
