"""Who is told of a move: a guardian that the child was fetched, those in charge that a child is missing."""

from typing import TYPE_CHECKING, Any

from django.urls import NoReverseMatch, reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import StaffRole, Student, Teacher
from afterschool.support import clock
from attendance.custody import State

if TYPE_CHECKING:
    from attendance.actions.custody import MoveRequest
    from attendance.actions.facts import Records
    from attendance.models import Handover

Made = "list[tuple[MoveRequest, Handover]]"


def tell_of_moves(made: "list[tuple[MoveRequest, Handover]]", records: "Records", *, by: Actor) -> None:
    """Tell guardians of children who left or went to late care, head teacher and duty leaders of children who are missing."""
    left = [pair for pair in made if pair[0].to in (State.FETCHED, State.ALONE)]
    if left:
        tell_many(_left(left, records), by=by)
    late = [pair for pair in made if pair[0].to == State.LATE]
    if late:
        tell_many(_late(late), by=by)
    missing = [pair for pair in made if pair[0].to == State.MISSING and pair[1].from_state != State.MISSING]
    if missing:
        tell_many(_missing(missing, records), by=by)


def _left(made: "list[tuple[MoveRequest, Handover]]", records: "Records") -> list[Note]:
    accounts = guardians_of_each(move.child_day.student_id for move, _ in made)
    notes = []
    for move, link in made:
        row = records.rows[move.child_day.pk]
        if recipients := accounts.get(row["student_id"]):
            at = f"{link.at.astimezone(clock.SHANGHAI):%H:%M}"
            name = row["student__name"]
            if move.to == State.ALONE:
                title = f"{name} {at} 自行离校"
            else:
                title = f"{name} {at} 由{_who_fetched(move)}接走"
            term = move.child_day.term_id
            notes.append(Note(recipients, "custody.left", title, row["student_id"], term, body=_how(move, row)))
    return notes


def _how(move: "MoveRequest", row: dict[str, Any]) -> str:
    """Return what the title leaves out: who came by whose decision, and from which place of late care."""
    if move.decided_by is not None:
        return f"来接的人：{move.note}。{move.decided_by.name}同意放行。"
    return f"从{row['place']}离开。" if row["state"] == State.LATE and row["place"] else ""


def _late(made: "list[tuple[MoveRequest, Handover]]") -> list[Note]:
    accounts = guardians_of_each(move.child_day.student_id for move, _ in made)
    keepers = Teacher.objects.in_bulk({link.to_holder_id for _, link in made if link.to_holder_id})
    students = Student.objects.in_bulk([move.child_day.student_id for move, _ in made])
    notes = []
    for move, link in made:
        student = students[move.child_day.student_id]
        keeper = keepers.get(link.to_holder_id or 0)
        if recipients := accounts.get(student.pk):
            title = f"{student.name} {link.at.astimezone(clock.SHANGHAI):%H:%M} 起在{link.place}等候"
            body = f"由{keeper.name}照看，电话 {keeper.phone}。请到{link.place}来接。" if keeper else ""
            notes.append(Note(recipients, "custody.late_care", title, student.pk, move.child_day.term_id, body=body))
    return notes


def _who_fetched(move: "MoveRequest") -> str:
    if move.released_to:
        return move.released_to.name
    return f"{move.day_fetcher.name}（{move.day_fetcher.relation}）" if move.day_fetcher else "经同意的人"


def _missing(made: "list[tuple[MoveRequest, Handover]]", records: "Records") -> list[Note]:
    heads = {records.rows[move.child_day.pk]["student__school_class__head_teacher_id"] for move, _ in made}
    users = dict(Teacher.objects.filter(pk__in=heads - {None}).values_list("pk", "user_id"))
    leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__active=True, teacher__user__isnull=False)
    duty = list(leaders.values_list("teacher__user_id", flat=True))
    notes = []
    for move, _ in made:
        row = records.rows[move.child_day.pk]
        head = users.get(row["student__school_class__head_teacher_id"] or 0)
        recipients = [*duty, *([head] if head else [])]
        if recipients:
            title = f"{row['student__name']} 未到"
            notes.append(
                Note(
                    recipients,
                    "custody.missing",
                    title,
                    row["student_id"],
                    move.child_day.term_id,
                    url=child_url(move.child_day.pk),
                )
            )
    return notes


def heads_and_leaders(student: Student) -> list[int]:
    """Return the accounts of the duty leaders and of the child's head teacher."""
    leaders = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__active=True, teacher__user__isnull=False)
    found = list(leaders.order_by().values_list("teacher__user_id", flat=True))
    head = student.school_class.head_teacher if student.school_class else None
    return [*found, head.user_id] if head and head.user_id else found


def child_url(pk: int) -> str:
    """Return the address of a child's page of the day."""
    try:
        return reverse("attendance:child", args=[pk])
    except NoReverseMatch:
        return ""
