"""Who read, changed, asked for and erased children's data: history read for the office by name, for a family by post (A5)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db.models import Q

from afterschool.privacy.inventory import DEEDS
from afterschool.school.enums import Role
from afterschool.school.models import ClassMembership, Event, Guardian, StaffRole, Student, Teacher, User
from afterschool.school.privacy import Did

A_PAGE = 40
STAFF, FAMILY, NOBODY = "学校教师", "家长", "本站"  # nobody: the portal by itself
# The running of an afternoon, on record elsewhere: no reading, changing or erasing of what is kept of a child.
ROUTINE = {
    "roll_call.marked", "roll_call.all_day", "roll_call.pass", "pass.decided", "gate.refused", "notice.slip",
    "club.leave_asked", "club.leave_taken_back", "club.merge_declined", "club.place_freed", "club.place_leaving",
    "club.place_offered", "club.place_taken", "club.swap_dropped", "club.swap_wanted", "club.swapped", "club.wait_ended",
    "club.wait_joined",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One thing that was done: when, which kind, in words; by whom and as what; with which child, where one is meant."""

    at: datetime
    kind: Did
    what: str
    who: str
    post: str
    child: str
    school_class: str
    student_id: int | None


def record_of(
    student: Student | None = None, *, kind: str = "", words: str = "", page: str | None = None
) -> tuple[Page[Event], list[Line]]:
    """Return a page of the record, newest first: of one child or of all; of one kind; by children or persons of that name.

    Eight queries, whatever the number of rows.
    """
    verbs = [verb for verb, (did, _) in DEEDS.items() if kind not in Did.values or did == kind]
    rows = Event.objects.filter(verb__in=verbs)
    if student is not None:
        rows = rows.filter(student_id=student.pk)
    if words:
        rows = rows.filter(_named(words))
    found = Paginator(rows.order_by("-pk"), A_PAGE).get_page(page)
    return found, _lines(list(found))


def _named(words: str) -> Q:
    children = Student.objects.filter(name__contains=words).values("pk")
    persons = User.objects.filter(name__contains=words).values("pk")
    return Q(student_id__in=children) | Q(by_id__in=persons)


def _lines(rows: Collection[Event]) -> list[Line]:
    people = {row.by_id for row in rows if row.by_id}
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "name"))
    posts = _posts(people)
    heads = _heads({row.student_id for row in rows if row.student_id})
    children = Student.objects.select_related("school_class").in_bulk(
        {row.student_id for row in rows if row.student_id}
    )
    found = []
    for row in rows:
        did, what = DEEDS[row.verb]
        child = children.get(row.student_id or 0)
        kept = row.data.get("role", "")
        post = str(Role(kept).label) if kept in Role.values else posts.get(row.by_id or 0, "")
        if post == STAFF and (row.student_id, row.by_id) in heads:
            post = str(Role.HEAD_TEACHER.label)
        found.append(
            Line(
                at=row.at,
                kind=did,
                what=what,
                who=names.get(row.by_id, "已停用的账号") if row.by_id else NOBODY,
                post=post if row.by_id else NOBODY,
                child=child.name if child else "",
                school_class=str(child.school_class or child.get_state_display()) if child else "",
                student_id=row.student_id if child else None,
            )
        )
    return found


def _heads(children: Collection[int]) -> set[tuple[int, int | None]]:
    """Return which accounts are or were head teachers of these children."""
    rows = ClassMembership.objects.filter(student__in=children, school_class__head_teacher__isnull=False)
    return set(rows.values_list("student", "school_class__head_teacher__user"))


def _posts(people: Collection[int | None]) -> dict[int, str]:
    """Return as what each account acts where history kept no role: the office and the gate by name, others as staff or family."""
    found = dict.fromkeys(Guardian.objects.filter(user__in=people).values_list("user", flat=True), FAMILY)
    found |= dict.fromkeys(Teacher.objects.filter(user__in=people).values_list("user", flat=True), STAFF)
    named = (Role.GATEKEEPER, Role.ADMINISTRATOR)
    held = StaffRole.objects.filter(role__in=named, teacher__user__in=people).values_list("teacher__user", "role")
    for user, role in sorted(held, key=lambda row: row[1] == Role.ADMINISTRATOR):
        found[user] = str(Role(role).label)
    return {user or 0: post for user, post in found.items()}
