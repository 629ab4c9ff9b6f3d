"""The work list itself: its lines are the office's to change, term by term (D10)."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.tasks import lay_tasks
from scheduling.models import WorkItem
from scheduling.work_defaults import install_work_list, new_seed

FIELDS = ("department", "text", "role", "when", "date", "days", "per_month", "each", "remind_days", "fact")
COPIED = (*FIELDS, "order", "link", "active")


@transaction.atomic
def begin_list(*, term: Term, by: Actor) -> int:
    """Give a term without a work list the plan's own; return how many lines it has. Refused with `list_stands`."""
    need_office(by)
    written = install_work_list(term)
    if not written:
        raise Refused("list_stands", "这个学期已有工作一览表。")
    record("work.list_begun", subject=term, by=by, term_id=term.pk, data={"items": written})
    lay_tasks(term=term, by=by)
    return written


@transaction.atomic
def copy_list(*, term: Term, source: Term, by: Actor) -> int:
    """Give a term the list of another one, its dates moved along with the start of term.

    Refused with `list_stands`, or `nothing_to_copy`.
    """
    need_office(by)
    if WorkItem.objects.filter(term=term).exists():
        raise Refused("list_stands", "这个学期已有工作一览表。")
    rows = list(WorkItem.objects.filter(term=source).prefetch_related("people"))
    if not rows:
        raise Refused("nothing_to_copy", "那个学期没有工作一览表。")
    moved = term.starts_on - source.starts_on
    for row in rows:
        item = WorkItem(term=term, seed=new_seed(), since=clock.today(), **{f: getattr(row, f) for f in COPIED})
        item.date = row.date + moved if row.date else None
        item.save()
        item.people.set(row.people.all())
    record("work.list_copied", subject=term, by=by, term_id=term.pk, data={"source": source.pk, "items": len(rows)})
    lay_tasks(term=term, by=by)
    return len(rows)


@transaction.atomic
def save_item(
    *, term: Term, item: WorkItem | None, values: Mapping[str, Any], people: Sequence[Teacher], by: Actor
) -> WorkItem:
    """Add a line to the list, or change one; open tasks to come follow. Refused with `item_invalid`."""
    need_office(by)
    if item is None:
        last = WorkItem.objects.filter(term=term).aggregate(last=Max("order"))["last"] or 0
        row = WorkItem(term=term, order=last + 1, seed=new_seed(), since=clock.today())
    else:
        row = WorkItem.objects.select_for_update().get(pk=item.pk)
    changed = [name for name in FIELDS if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    try:
        row.full_clean()
    except ValidationError as error:
        raise Refused("item_invalid", error.messages[0]) from error
    row.save()
    row.people.set(people)
    verb = "work.item_changed" if item else "work.item_added"
    data = {"fields": changed, "people": sorted(teacher.pk for teacher in people)}
    record(verb, subject=row, by=by, term_id=row.term_id, data=data)
    lay_tasks(term=term, by=by)
    return row


@transaction.atomic
def switch_item(*, item: WorkItem, active: bool, by: Actor) -> None:
    """Switch a line off, so that nothing more is due of it, or on again. Refused with `somebody_was_faster`."""
    need_office(by)
    seen = WorkItem.objects.filter(pk=item.pk, active=not active)
    since = {"since": clock.today()} if active else {}
    if seen.update(active=active, **since) != 1:
        raise somebody_was_faster()
    record("work.item_switched", subject=item, by=by, term_id=item.term_id, data={"active": active})
    lay_tasks(term=item.term, by=by)


@transaction.atomic
def move_item(*, item: WorkItem, up: bool, by: Actor) -> None:
    """Let a line change places with its neighbour; at the end of the list it stays."""
    need_office(by)
    rows = list(WorkItem.objects.filter(term=item.term_id).order_by("order", "pk"))
    at = next(n for n, row in enumerate(rows) if row.pk == item.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(rows):
        return
    rows[at], rows[to] = rows[to], rows[at]
    for number, row in enumerate(rows, 1):
        row.order = number
    WorkItem.objects.bulk_update(rows, ["order"])
    record("work.item_moved", subject=item, by=by, term_id=item.term_id, data={"place": to + 1})
