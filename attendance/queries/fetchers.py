"""Who fetches a child today though not on its list, by a guardian's word of the day; and whom a ban meets."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from afterschool.school.models import Guardianship
from attendance.fetching import same_person
from attendance.models import DayFetcher


def by_banned() -> Exists:
    """Tell of a word of the day that whoever gave it may not fetch the child by now: a ban takes earlier words with it."""
    bans = Guardianship.objects.filter(student=OuterRef("student"), guardian__user=OuterRef("asked_by"), banned=True)
    return Exists(bans)


def standing_fetchers(day: date) -> QuerySet[DayFetcher]:
    """Return the people named for a day whom nobody took back, in the order they were named; none by somebody banned."""
    standing = DayFetcher.objects.filter(first_day__lte=day, last_day__gte=day, cancelled_at__isnull=True)
    return standing.exclude(by_banned()).order_by("asked_at", "pk")


def fetchers_on(day: date, students: Iterable[int]) -> dict[int, list[DayFetcher]]:
    """Return who else may fetch each of these children on a day, by child: one query."""
    found: dict[int, list[DayFetcher]] = {}
    for row in standing_fetchers(day).filter(student__in=list(students)):
        found.setdefault(row.student_id, []).append(row)
    return found


def first_named(day: date) -> Subquery:
    """Return, for an annotation of rows with a student, what the first person named for the day is to the child."""
    return Subquery(standing_fetchers(day).filter(student=OuterRef("student")).values("relation")[:1])


def bans_of(students: Iterable[int]) -> dict[int, list[Guardianship]]:
    """Return who must not fetch these children, by child, with name and phone: one query."""
    found: dict[int, list[Guardianship]] = {}
    rows = Guardianship.objects.filter(student__in=list(students), banned=True)
    for link in rows.select_related("guardian").order_by("pk"):
        found.setdefault(link.student_id, []).append(link)
    return found


def is_banned(bans: Iterable[Guardianship], name: str, phone: str = "") -> bool:
    """Tell whether a named person is one of the banned: the same name, spaces aside, or the same phone."""
    return any(same_person(name, phone, link.guardian.name, link.guardian.phone) for link in bans)
