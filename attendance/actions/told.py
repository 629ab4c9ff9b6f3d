"""Who is told of a move: a guardian that the child was fetched, those in charge that a child is missing."""

from typing import TYPE_CHECKING

from django.urls import NoReverseMatch, reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Guardianship, StaffRole, Teacher
from afterschool.support import clock
from attendance.custody import State

if TYPE_CHECKING:
    from attendance.actions.custody import MoveRequest
    from attendance.actions.facts import Records
    from attendance.models import Handover

Made = "list[tuple[MoveRequest, Handover]]"


def tell_of_moves(made: "list[tuple[MoveRequest, Handover]]", records: "Records", *, by: Actor) -> None:
    """Tell guardians of children who left, and head teacher and duty leaders of children who are missing."""
    left = [pair for pair in made if pair[0].to in (State.FETCHED, State.ALONE)]
    if left:
        tell_many(_left(left, records), by=by)
    missing = [pair for pair in made if pair[0].to == State.MISSING and pair[1].from_state != State.MISSING]
    if missing:
        tell_many(_missing(missing, records), by=by)


def _left(made: "list[tuple[MoveRequest, Handover]]", records: "Records") -> list[Note]:
    links = Guardianship.objects.filter(
        student__in=[move.child_day.student_id for move, _ in made], acts=True, guardian__user__isnull=False
    )
    accounts: dict[int, list[int]] = {}
    for student, user in links.values_list("student_id", "guardian__user_id"):
        accounts.setdefault(student, []).append(user)
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
            notes.append(Note(recipients, "custody.left", title, row["student_id"], move.child_day.term_id))
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


def child_url(pk: int) -> str:
    """Return the address of a child's page of the day."""
    try:
        return reverse("attendance:child", args=[pk])
    except NoReverseMatch:
        return ""
