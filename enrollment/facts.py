"""What enrollment must know of the days that were held, and can't ask for itself: attendance comes later in the term.

Attendance says it when it is ready: `facts.provide_attendance(...)`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date

from afterschool.school.models import Term


@dataclass(frozen=True)
class Attendance:
    """Days on which children were there by a closed roll call, days they asked to be away, and rolls not closed yet."""

    attended: dict[int, frozenset[date]] = field(default_factory=dict)
    on_leave: dict[int, frozenset[date]] = field(default_factory=dict)
    unclosed: int = 0


Provider = Callable[[Term, date, date, Collection[int] | None], Attendance]


def _nothing(term: Term, first: date, last: date, student_ids: Collection[int] | None) -> Attendance:
    return Attendance()


_provider: Provider = _nothing


def provide_attendance(provider: Provider) -> None:
    """Make known who answers for attendance."""
    global _provider  # noqa: PLW0603 (a registry of one)
    _provider = provider


def attendance_of(term: Term, first: date, last: date, student_ids: Collection[int] | None = None) -> Attendance:
    """Return what is known of these children, or of all, from the first to the last day: a few queries, however many."""
    return _provider(term, first, last, student_ids)
