"""Beginning a school."""

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from afterschool.school.access import SYSTEM
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.models import School, StaffRole, Teacher, User
from afterschool.support.refusal import Refused


@transaction.atomic
def open_school(*, name: str, public_url: str, number: str, person: str, password: str, demo: bool) -> User:
    """Begin the one school of this portal with its first administrator, who logs in by the staff number.

    Refused with `school_exists` where there is one already; a weak password raises Django's ValidationError.
    """
    if School.objects.filter(pk=1).exists():
        raise Refused("school_exists", "这里已经有一所学校。")
    validate_password(password)
    school = School.objects.create(pk=1, name=name, public_url=public_url, demo=demo)
    user = User.objects.create_user(number, password, name=person)
    teacher = Teacher.objects.create(user=user, name=person, staff_number=number)
    StaffRole.objects.create(teacher=teacher, role=Role.ADMINISTRATOR)
    record("school.opened", subject=school, by=SYSTEM)
    return user
