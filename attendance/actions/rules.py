"""The term's rules of teachers' attendance: numbers, windows, in use or not. What was flagged under a rule keeps that rule."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Term
from attendance.actions.flags import recount
from attendance.defaults import RULES
from attendance.enums import RuleKind, Window
from attendance.models import AttendanceRule, Flag


@dataclass(frozen=True)
class RuleValue:
    """A rule as it shall be."""

    kind: RuleKind
    active: bool
    count: int
    window: Window


@transaction.atomic
def set_rules(*, term: Term, values: Iterable[RuleValue], by: Actor) -> list[RuleKind]:
    """Set rules of a term, and count the term's records anew where anything changed. Return which changed."""
    if not by.is_office:
        raise PermissionDenied
    now = {row.kind: row for row in AttendanceRule.objects.filter(term=term, active=True)}
    changed = [value.kind for value in values if _set(term, value, now.get(value.kind))]
    if changed:
        record("attendance_rules.changed", subject=term, by=by, term_id=term.pk, data={"kinds": changed})
        recount(term, by=by)
    return changed


def _set(term: Term, value: RuleValue, row: AttendanceRule | None) -> bool:
    if row is None and not value.active:
        return False
    if row is not None and value.active and (row.count, row.window) == (value.count, value.window):
        return False
    if row is not None:
        if value.active and not Flag.objects.filter(rule=row).exists():
            AttendanceRule.objects.filter(pk=row.pk).update(count=value.count, window=value.window)
            return True
        AttendanceRule.objects.filter(pk=row.pk).update(active=False)
    if value.active:
        text = next(text for kind, _, _, text in RULES if kind == value.kind)
        AttendanceRule.objects.create(term=term, kind=value.kind, count=value.count, window=value.window, text=text)
    return True
