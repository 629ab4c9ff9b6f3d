"""Counting the children during an incident: each holder counts the own, those in charge may write it down for a holder."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import Event, SchoolClass, StaffRole, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.incidents import enter, person
from attendance.emergency import Act, Count, Who, judge, uncounted
from attendance.enums import IncidentKind, Party
from attendance.models import ChildDay, EmergencyPost, HeadCount, Incident, NotCounted
from attendance.queries.emergency import LEADERS, standing_of
from attendance.queries.incident_board import counts_of, held_by, holders_now
from attendance.queries.incidents import ALL_COUNTED, DRILL_MARK, title_of


@transaction.atomic
def count_children(
    *,
    incident: Incident,
    holder: Teacher,
    seen: Collection[int],
    not_found: Collection[int] = (),
    place: str = "",
    by: Actor,
) -> HeadCount:
    """Write how many of a holder's children are there, and which are not; a second count is a new row.

    `seen`: the children that stood on the page (keys of their day). The chain of custody is not moved by a count.
    Refused: not_yours, too_late, list_changed (somebody came or left meanwhile), nobody_to_count.
    """
    # Of two who count at one moment the later must see the earlier: it may be the last one of all.
    incident = Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
    who = standing_of(by, incident.term).who
    if by.teacher is not None and by.teacher.pk == holder.pk:
        who |= {Who.HOLDER}
    verdict = judge(Act.COUNT, incident.state, who)
    if not verdict.stands:
        raise Refused(verdict.code, verdict.sentence)
    children = {child.pk: child for child in held_by(holder.pk, clock.today())}
    if not children:
        raise Refused("nobody_to_count", "现在没有由这个人负责的孩子，不用清点。")
    if set(children) != set(seen) or not set(not_found) <= set(children):
        raise Refused("list_changed", "名单刚才变了，请按新的名单再点一次。")
    before = _uncounted(incident, clock.today())
    lost = [child for pk, child in children.items() if pk in set(not_found)]
    count = HeadCount.objects.create(
        incident=incident,
        holder=holder,
        expected=len(children),
        counted=len(children) - len(lost),
        place=place.strip()[:60],
        by=person(by),
        at=clock.now(),
    )
    NotCounted.objects.bulk_create(NotCounted(count=count, child_day=child) for child in lost)
    data = {"holder": holder.pk, "expected": count.expected, "counted": count.counted}
    record("incident.counted", subject=incident, by=by, term_id=incident.term_id, data=data)
    if lost:
        enter(incident, f"{holder.name}清点：应有 {count.expected} 人，{len(lost)} 人没找到。", by)
        _tell_not_found(incident, lost, by)
    if before == [holder.pk]:  # this was the last one
        _all_counted(incident, by)
    return count


def _uncounted(incident: Incident, day: date) -> list[int]:
    counts: dict[int, Count] = {pk: count for pk, (count, _) in counts_of(incident).items()}
    return uncounted(holders_now(day), counts)


def _all_counted(incident: Incident, by: Actor) -> None:
    """Write into the timeline that everybody has counted; the first time is the one that the list of drills shows."""
    held = {one.pk: one.expected for one in holders_now(clock.today())}
    counts = counts_of(incident)
    found = sum(counts[pk][0].counted for pk in held)
    enter(incident, f"全部清点完毕：{len(held)} 人负责，应有 {sum(held.values())} 人，点到 {found} 人。", by)
    if not Event.objects.filter(verb=ALL_COUNTED, subject="incident", subject_id=incident.pk).exists():
        record(ALL_COUNTED, subject=incident, by=by, term_id=incident.term_id)


def _tell_not_found(incident: Incident, lost: list[ChildDay], by: Actor) -> None:
    """Tell the leaders, and of each child its head teacher."""
    roles = StaffRole.objects.filter(role__in=LEADERS, teacher__active=True, teacher__user__isnull=False)
    leaders = set(roles.values_list("teacher__user_id", flat=True))
    head = EmergencyPost.objects.filter(term=incident.term, party=Party.HEAD)
    for pair in head.values_list("teacher__user_id", "deputy__user_id"):
        leaders |= {pk for pk in pair if pk is not None}
    classes = [child.student.school_class_id or 0 for child in lost]
    heads = dict(SchoolClass.objects.filter(pk__in=classes).values_list("pk", "head_teacher__user_id"))
    mark = DRILL_MARK if incident.kind == IncidentKind.DRILL else ""
    notes = []
    for child in lost:
        own = heads.get(child.student.school_class_id or 0)
        recipients = sorted(leaders | ({own} if own else set()))
        title = f"{mark}清点没找到 {child.student.name}"
        notes.append(
            Note(recipients, "incident.not_found", title, child.student_id, incident.term_id, body=title_of(incident))
        )
    tell_many(notes, by=by)
