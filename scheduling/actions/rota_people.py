"""What the rota is made from beside groups and clubs: floaters, what the office sets for people, what teachers wish."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import Role
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Group, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.enums import WishKind
from scheduling.models import RotaPerson, RotaSettings, RotaWish
from scheduling.queries.rota_given import days_off_of, settings_of
from scheduling.queries.rota_load import carry_from
from scheduling.queries.rota_wishes import wishes_open

FIELDS = ("takes_part", "days_off", "most_turns", "carried", "note")


@dataclass(frozen=True)
class Setting:
    """What the office sets for one person's turns: the weekdays without turns, the most a week, what is carried over."""

    teacher: Teacher
    takes_part: bool = True
    days_off: str = ""
    most_turns: int | None = None
    carried: int = 0
    note: str = ""


@dataclass(frozen=True)
class Wished:
    """One wish: a weekday to avoid or to have, or a group."""

    kind: WishKind
    weekday: int | None = None
    group: Group | None = None


@transaction.atomic
def set_floaters(*, term: Term, floaters: int, by: Actor) -> None:
    """Say how many floaters each grade has a day; the next solving follows."""
    need_office(by)
    RotaSettings.objects.update_or_create(term=term, defaults={"floaters": floaters})
    record("rota.floaters_set", subject=term, by=by, term_id=term.pk, data={"floaters": floaters})


@transaction.atomic
def set_people(*, term: Term, settings: Sequence[Setting], by: Actor) -> int:
    """Write what is set for these people and differs from what holds; return how many changed. The next solving follows."""
    need_office(by)
    held = settings_of(term, [one.teacher.pk for one in settings])
    rows, events = [], []
    for one in settings:
        old = held.get(one.teacher.pk)
        before = old or RotaPerson(term=term, teacher=one.teacher, days_off=days_off_of(one.teacher, None))
        changed = {name: getattr(one, name) for name in FIELDS if getattr(one, name) != getattr(before, name)}
        if not changed:
            continue
        values = {name: getattr(one, name) for name in FIELDS}
        row = RotaPerson(pk=old.pk if old else None, term=term, teacher=one.teacher, **values)
        row.full_clean(exclude=["term", "teacher"], validate_unique=False, validate_constraints=False)
        rows.append(row)
        if "note" in changed:
            changed["note"] = bool(one.note)  # the words stand in the row itself
        events.append(event("rota.person_set", subject=one.teacher, by=by, term_id=term.pk, data=changed))
    RotaPerson.objects.bulk_create([row for row in rows if row.pk is None], 500)
    RotaPerson.objects.bulk_update([row for row in rows if row.pk is not None], FIELDS, 500)
    record_many(events)
    return len(rows)


@transaction.atomic
def carry_over(*, term: Term, by: Actor) -> int:
    """Take over from the term before how many turns each has had beyond the fair share; return for how many it changed.

    What the office had typed is replaced. Refused with `no_term_before`.
    """
    need_office(by)
    left = carry_from(term)
    if not left:
        raise Refused("no_term_before", "没有上学期的值班记录可以结转。")
    held = settings_of(term)
    staff = Teacher.objects.filter(active=True, pk__in=left)
    wanted = []
    for teacher in staff:
        own = held.get(teacher.pk) or RotaPerson(days_off=days_off_of(teacher, None))
        kept = {name: getattr(own, name) for name in FIELDS} | {"carried": left[teacher.pk]}
        wanted.append(Setting(teacher, **kept))
    return set_people(term=term, settings=wanted, by=by)


@transaction.atomic
def set_wishes(*, term: Term, teacher: Teacher, wishes: Iterable[Wished], by: Actor) -> None:
    """Put down what a teacher wishes, in place of what stood there: by the teacher until the office proposes, by the office always.

    Refused with `wishes_closed` once a rota is being made or stands.
    """
    own = by.teacher is not None and by.teacher.pk == teacher.pk and by.has(Role.TEACHER)
    if not own and not by.is_office and not by.is_system:
        raise PermissionDenied
    if not by.is_office and not by.is_system and not wishes_open(term):
        raise Refused("wishes_closed", "课程教学中心已经开始排班，愿望不能再改。确有困难请找课程教学中心。")
    wanted = list(wishes)
    RotaWish.objects.filter(term=term, teacher=teacher).delete()
    RotaWish.objects.bulk_create(
        RotaWish(
            term=term,
            teacher=teacher,
            kind=wish.kind,
            weekday=wish.weekday,
            group=wish.group,
            by=by.user or teacher.user,
            at=clock.now(),
        )
        for wish in wanted
    )
    record("rota.wished", subject=teacher, by=by, term_id=term.pk, data={"wishes": len(wanted)})
