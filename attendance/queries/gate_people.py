"""The people of children at the gate: their adults and whom a guardian named for the day, read together in one query."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, CharField, DateTimeField, F, QuerySet, Value

from afterschool.school.access import Actor
from afterschool.school.enums import Relation, Role
from afterschool.school.models import Guardianship
from afterschool.support.clock import SHANGHAI
from afterschool.support.prepared import prepared
from attendance.enums import LeaveSource
from attendance.fetching import Person, same_person
from attendance.models import ChildDay
from attendance.queries.fetchers import standing_fetchers

READS_BANS = (Role.ADMINISTRATOR, Role.DUTY_LEADER)


@prepared
def _people(student_ids: Collection[int], day: date) -> QuerySet[Any, tuple[Any, ...]]:
    """Ask for both kinds as rows of one shape; who was named for the day has a source and a time."""
    none = {
        "source_": Value("", output_field=CharField()),
        "asked_": Value(None, output_field=DateTimeField(null=True)),
    }
    no = Value(False, output_field=BooleanField())
    empty = Value("", output_field=CharField())
    adults = (
        Guardianship.objects.filter(student__pk__in=student_ids)
        .order_by()
        .values_list(
            "student_id", "pk", "guardian_id", "guardian__name", "relation", "guardian__phone",
            "may_fetch", "banned", "acts", "ban_note", none["source_"], none["asked_"],
        )
    )  # fmt: skip
    named = (
        standing_fetchers(day)
        .filter(student__pk__in=student_ids)
        .order_by()
        .values_list(
            "student_id", "pk", F("pk"), "name", "relation", "phone", no, no, no, empty, "source", "asked_at",
        )
    )  # fmt: skip
    return adults.union(named, all=True)


def people_of(student_ids: Collection[int], day: date) -> dict[int, list[Person]]:
    """Return the people of each of these children on a day, those who act for it first: one query."""
    found: dict[int, list[tuple[tuple[bool, bool, bool, int], Person]]] = {}
    if not student_ids:
        return {}
    for student, link, pk, name, relation, phone, may, ban, acts, note, source, asked in _people(student_ids, day):
        if source:
            person = Person(f"d{pk}", name, relation, phone, named=True, said=_said(source, asked, day))
        else:
            word = str(Relation(relation).label)
            person = Person(str(pk), name, word, phone, bool(may), False, bool(ban), bool(acts), note)
        found.setdefault(student, []).append(((not person.named, not may, not acts, link), person))
    return {student: [one for _, one in sorted(rows, key=lambda row: row[0])] for student, rows in found.items()}


def _said(source: str, asked: datetime, day: date) -> str:
    """家长 7:40 说: who named the person for the day, and when."""
    at = asked.astimezone(SHANGHAI)
    when = f"{at:%H:%M}" if at.date() == day else f"{at.month}月{at.day}日"
    return f"{LeaveSource(source).label} {when} 说"


def keys_for(student_ids: Collection[int], key: str, day: date) -> dict[int, str]:
    """Return under which key each of these children knows who was chosen for their sister or brother.

    An adult is the same to all; somebody named for the day was named for each child by itself, or for that child not at all.
    """
    if not key.startswith("d"):
        return dict.fromkeys(student_ids, key)
    one = standing_fetchers(day).filter(pk=int(key[1:]) if key[1:].isdecimal() else 0).first()
    found = dict.fromkeys(student_ids, key)
    for row in standing_fetchers(day).filter(student__in=student_ids) if one else ():
        if one and same_person(row.name, row.phone, one.name, one.phone):
            found[row.student_id] = f"d{row.pk}"
    return found


def reads_bans(actor: Actor, child: ChildDay) -> bool:
    """Tell whether this person reads why somebody is banned: the office, the duty leader, the child's head teacher.

    Everybody at the gate sees that and who.
    """
    return actor.has(*READS_BANS) or child.student.school_class_id in actor.class_ids
