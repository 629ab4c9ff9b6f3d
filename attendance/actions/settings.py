"""The term's settings of its afternoons: places of late care, times, minutes and counts."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Term
from afterschool.support.refusal import Refused
from attendance.models import AfternoonSettings
from attendance.networks import broken
from attendance.queries.settings import afternoon

EARLIEST = time(6)
LIMITS = {  # the least and the most of what is counted
    "not_taken_minutes": (0, 120),
    "leader_minutes": (1, 240),
    "group_minutes": (1, 240),
    "late_pickup_count": (1, 100),
    "late_pickup_days": (1, 366),
    "visitors_closed_before": (0, 240),
    "visitors_closed_after": (0, 240),
    "visitors_keep_days": (1, 1000),
    "plan_due_weekday": (1, 7),
}


def save_places(term: Term, forms: Any, *, by: Actor) -> None:
    """Write the places of late care of a term. Refused: not_yours, same_order."""
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心设置。")
    try:
        with transaction.atomic():
            for place in forms.save(commit=False):
                place.term = term
                place.save()
            for place in forms.deleted_objects:
                place.delete()
            record("late_care.places_set", subject=term, by=by, term_id=term.pk)
    except IntegrityError:
        raise Refused("same_order", "两个地点的次序相同，请改成不同的数字。") from None


@transaction.atomic
def save_afternoon(term: Term, values: Mapping[str, Any], *, by: Actor) -> AfternoonSettings:
    """Write settings of a term's afternoons; what isn't named stays. History keeps what was and what is.

    Refused: not_yours, time_wrong (a time that is past when nobody can ask any more, or at night), number_wrong,
    minutes_order (the leading group before the duty leader), network_wrong.
    """
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心设置。")
    row = afternoon(term)
    after = {name: values.get(name, getattr(row, name)) for name in values}
    _check_times(term, after)
    _check_numbers(row, after)
    if broken(after.get("school_networks", "")):
        raise Refused("network_wrong", "学校网络每行写一个，例如 10.1.0.0/16。")
    changed = {
        name: [_plain(getattr(row, name)), _plain(new)] for name, new in after.items() if getattr(row, name) != new
    }
    row, _ = AfternoonSettings.objects.update_or_create(term=term, defaults=after)
    if changed:
        record("afternoon.set", subject=term, by=by, term_id=term.pk, data=changed)
    return row


def _check_times(term: Term, values: Mapping[str, Any]) -> None:
    last = max((band.served_until for band in term.bands.all()), default=None)
    for name, word in (("leave_until", "请假"), ("change_until", "改接送")):
        until = values.get(name)
        if until is not None and (until < EARLIEST or (last is not None and until > last)):
            end = f"{last:%H:%M} 放学" if last else "放学"
            raise Refused("time_wrong", f"{word}截止要在 6:00 和{end}之间。")


def _check_numbers(row: AfternoonSettings, values: Mapping[str, Any]) -> None:
    for name, (least, most) in LIMITS.items():
        if name in values and not least <= values[name] <= most:
            label = AfternoonSettings._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            raise Refused("number_wrong", f"“{label}”要在 {least} 和 {most} 之间。")
    leader = values.get("leader_minutes", row.leader_minutes)
    if values.get("group_minutes", row.group_minutes) < leader:
        raise Refused("minutes_order", "报领导小组不能早于再报值班行政。")


def _plain(value: Any) -> Any:
    return f"{value:%H:%M}" if isinstance(value, time) else value
