"""Accounts of the demo school: one login per role, made by issuing and claiming slips; other guardians without passwords."""

import random

from django.db.models import Count, Q

from afterschool.school.access import Actor
from afterschool.school.actions.accounts_bulk import open_accounts, open_staff_accounts
from afterschool.school.actions.claims import Person, claim_for_child, claim_for_staff, open_slip
from afterschool.school.actions.slips import issue_for_staff, issue_for_students
from afterschool.school.enums import Relation, Role, StudentState
from afterschool.school.models import Guardian, SchoolClass, StaffRole, Student, Teacher

PASSWORD = "qinghe-2026"  # noqa: S105 (the demo's own, printed by ./start)
GRANTED = [
    Role.TEACHER,
    Role.GRADE_LEADER,
    Role.DUTY_LEADER,
    Role.LEADING_GROUP,
    Role.SERVICE_CENTRE,
    Role.GATEKEEPER,
    Role.ADMINISTRATOR,
]


def play(office: Actor, rng: random.Random) -> list[tuple[str, str, str]]:
    """Let one person per role claim a slip. Return (role word, login, password) of each, the parent first."""
    head = _head_teacher()
    people: list[tuple[Role, Teacher]] = [(Role.HEAD_TEACHER, head)] if head else []
    used = {head.pk} if head else set()
    for role in GRANTED:
        holders = StaffRole.objects.filter(role=role, teacher__active=True).select_related("teacher__user")
        free = holders.exclude(teacher__in=used).order_by("teacher__staff_number")
        if role == Role.TEACHER:
            free = free.exclude(teacher__classes__isnull=False)
        row = free.first()
        if row is not None:
            people.append((role, row.teacher))
            used.add(row.teacher_id)
    logins = [_parent(office)]
    logins += [(role.label, claim_staff(teacher, office), PASSWORD) for role, teacher in people]
    return [login for login in logins if login[1]]


def _head_teacher() -> Teacher | None:
    """Return a head teacher who also does after-school service: the plan's usual case."""
    classes = SchoolClass.objects.current().filter(head_teacher__isnull=False).order_by("grade", "number")
    both = classes.filter(head_teacher__roles__role=Role.TEACHER).select_related("head_teacher__user").first()
    found = both or classes.select_related("head_teacher__user").first()
    return found.head_teacher if found else None


def claim_staff(teacher: Teacher, office: Actor) -> str:
    """Let one member of staff claim a slip with the demo's password; return the login."""
    if teacher.user is not None and teacher.user.has_usable_password():
        return teacher.user.login  # the first administrator has set a password already
    code = issue_for_staff(teachers=[teacher], by=office)[0].code
    return claim_for_staff(slip=open_slip(code=code), password=PASSWORD).login


def _parent(office: Actor) -> tuple[str, str, str]:
    """Bind a guardian of two children in different classes, if the register knows one."""
    acting = Q(links__acts=True, links__student__state=StudentState.ENROLLED)
    families = (
        Guardian.objects.filter(user__isnull=True)
        .exclude(phone="")
        .annotate(classes=Count("links__student__school_class", filter=acting, distinct=True))
    )
    guardian = families.filter(classes__gte=1).order_by("-classes", "pk").first()
    if guardian is None:
        return Role.PARENT.label, "", PASSWORD
    children = Student.objects.filter(links__guardian=guardian, links__acts=True, state=StudentState.ENROLLED)
    child = children.order_by("pk")[0]
    code = issue_for_students(students=[child], by=office)[0].code
    person = Person(guardian.name, guardian.phone, Relation.MOTHER, PASSWORD)
    return Role.PARENT.label, claim_for_child(slip=open_slip(code=code), person=person).login, PASSWORD


def bind_guardians(office: Actor, rng: random.Random, share: float = 0.9) -> int:
    """Give an account without password to this share of the guardians who act for a child. Return how many."""
    waiting = Guardian.objects.filter(user__isnull=True, links__acts=True).exclude(phone="").distinct().order_by("pk")
    return open_accounts(guardians=[one for one in waiting if rng.random() < share], by=office)


def bind_staff(office: Actor) -> int:
    """Give an account without password to everybody who works here. Return how many."""
    return open_staff_accounts(teachers=Teacher.objects.filter(active=True).order_by("staff_number"), by=office)
