"""Telling families in which group their children are, from when and where."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from afterschool.school.access import Actor
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Group, Guardianship, Placement, Room, Term


def accounts_of(student_ids: Collection[int]) -> dict[int, list[int]]:
    """Return the accounts of those who act for these children, by child: one query."""
    accounts: dict[int, list[int]] = {}
    links = Guardianship.objects.filter(acts=True, guardian__user__isnull=False, student__in=student_ids)
    for student_id, user_id in links.values_list("student_id", "guardian__user_id").distinct():
        accounts.setdefault(student_id, []).append(user_id)
    return accounts


def tell_placed(
    places: Sequence[Placement], groups: Mapping[int, Group], *, kind: str, words: str, term: Term, by: Actor
) -> None:
    """Tell each child's family its group, the first day and the room; `words` head the title."""
    accounts = accounts_of({place.student_id for place in places})
    rooms = dict(Room.objects.values_list("pk", "name"))
    tell_many(
        (
            Note(
                recipients=accounts.get(place.student_id, []),
                kind=kind,
                title=f"{words}：{groups[place.group_id].name}",
                body=when_and_where(groups[place.group_id], rooms, place.starts_on),
                student_id=place.student_id,
                term_id=term.pk,
            )
            for place in places
        ),
        by=by,
    )


def when_and_where(group: Group, rooms: Mapping[int, str], starts: date) -> str:
    """Return 从9月22日起参加一（1）班服务班，地点101。"""
    where = f"，地点{rooms[group.room_id]}" if group.room_id else ""
    return f"从{starts.month}月{starts.day}日起参加{group.name}{where}。"
