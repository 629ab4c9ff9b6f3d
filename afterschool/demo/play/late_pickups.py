"""Families of the demo who come late on some days, with what they say on the telephone; the hours of late care's places."""

from collections.abc import Collection
from datetime import date, time

from afterschool.school.models import Term
from attendance.models import ChildDay, LateCarePlace

FAMILIES = 5
REST_ROOM_CLOSES = time(18, 30)
SAID = ["单位加班，半小时内到", "路上堵车，二十分钟到", "刚下班，在坐地铁", "接完妹妹就来"]
Late = dict[int, int]  # student -> which of the families


def set_hours(term: Term) -> None:
    """Let the first place of late care close before the last, so that the gatekeeper's room takes over."""
    first = LateCarePlace.objects.filter(term=term).order_by("order").first()
    if first is not None and first.closes_at is None:
        LateCarePlace.objects.filter(pk=first.pk).update(opens_at=time(16, 30), closes_at=REST_ROOM_CLOSES)


def often_late(students: Collection[int]) -> Late:
    """Return the children of the families who are often late: spread over the school, the same on each day."""
    ordered = sorted(students)
    step = max(len(ordered) // FAMILIES, 1)
    return (
        {student: place for place, student in enumerate(ordered[step // 2 :: step][:FAMILIES])}
        if len(ordered) > 99
        else {}
    )


def is_late_on(day: date, family: int) -> bool:
    """Tell whether this family is late that day: two days of five or so, each on its own days."""
    return (day.toordinal() + 2 * family) % 5 < 2


def minutes_of(row: ChildDay) -> int:
    """Return how many minutes after it was brought there the child is fetched."""
    return 12 + row.student_id % 3 * 6


def words_of(row: ChildDay) -> str:
    """Return what the family says on the telephone."""
    return SAID[(row.student_id + row.date.toordinal()) % len(SAID)]
