"""Whom of the school a family's word concerns: the head teacher of the class, and the office."""

from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Student


def office_accounts() -> list[int]:
    """Return the accounts of the office."""
    rows = StaffRole.objects.filter(role=Role.ADMINISTRATOR, teacher__active=True, teacher__user__isnull=False)
    return sorted(set(rows.order_by().values_list("teacher__user_id", flat=True)) - {None})


def head_account(student: Student) -> list[int]:
    """Return the account of the child's head teacher, if there is one."""
    head = student.school_class.head_teacher if student.school_class else None
    return [head.user_id] if head is not None and head.user_id is not None else []
