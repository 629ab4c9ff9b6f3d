"""The patrol rota: who has which post on a weekday, and another person for one date (D7)."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import DayKind
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import SchoolDay, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from afterschool.support.weekdays import NAMES
from scheduling.enums import PatrolPost
from scheduling.models import PatrolChange, PatrolTurn


@transaction.atomic
def set_day(*, term: Term, weekday: int, people: Mapping[PatrolPost, Sequence[Teacher]], by: Actor) -> None:
    """Set who has the posts of a weekday, in this order; a post without anybody is open and stays listed.

    Refused with `not_served` or `two_posts`.
    """
    need_office(by)
    if str(weekday) not in term.service_weekdays:
        raise Refused("not_served", "这一天没有课后服务。")
    everybody = [person for post in PatrolPost for person in people.get(post, ())]
    if len({person.pk for person in everybody}) < len(everybody):
        raise Refused("two_posts", "一个人一天只在一个岗位，请改其中一处。")
    before = _write(term, weekday, people)
    record(
        "patrol.day_set",
        subject=term,
        by=by,
        term_id=term.pk,
        data={"weekday": weekday, "people": {post.value: [p.pk for p in people.get(post, ())] for post in PatrolPost}},
    )
    new = [person for person in everybody if person.pk not in before]
    _tell(new, f"{NAMES[str(weekday)]}由您巡视", "每周这一天的课后服务由您值班，请看巡视表。", term, by)


def _write(term: Term, weekday: int, people: Mapping[PatrolPost, Sequence[Teacher]]) -> set[int | None]:
    """Write the posts of a weekday; return who had one before. A turn with changes on record stays, open."""
    rows = PatrolTurn.objects.filter(term=term, weekday=weekday)
    turns = {(turn.post, turn.number): turn for turn in rows}
    before = {turn.teacher_id for turn in turns.values()}
    wanted: dict[tuple[str, int], Teacher | None] = {(post.value, 1): None for post in PatrolPost}
    wanted |= {(post.value, n): one for post in PatrolPost for n, one in enumerate(people.get(post, ()), 1)}
    rows.update(teacher=None)  # first free everybody: two people may change posts
    spare = [turn.pk for key, turn in turns.items() if key not in wanted]
    rows.filter(pk__in=spare, changes__isnull=True).delete()
    for key, turn in turns.items():
        turn.teacher = wanted.get(key)
    PatrolTurn.objects.bulk_update([turn for key, turn in turns.items() if key in wanted], ["teacher"])
    PatrolTurn.objects.bulk_create(
        PatrolTurn(term=term, weekday=weekday, post=post, number=number, teacher=person)
        for (post, number), person in wanted.items()
        if (post, number) not in turns
    )
    return before


@transaction.atomic
def change_for(*, turn: PatrolTurn, day: date, teacher: Teacher | None, reason: str = "", by: Actor) -> PatrolChange:
    """Put another person (or nobody) on a post for one date; a second word about the date replaces the first.

    Refused with `day_wrong` (not a day of this turn, or over), `same_person` or `two_posts`.
    """
    need_office(by)
    if by.user is None:
        raise PermissionDenied
    runs = SchoolDay.objects.filter(term=turn.term_id, date=day, kind=DayKind.SERVICE, runs_weekday=turn.weekday)
    if day < clock.today() or not runs.exists():
        raise Refused("day_wrong", f"请选今天或以后、有课后服务的{NAMES[str(turn.weekday)]}。")
    if teacher is not None:
        if teacher.pk == turn.teacher_id:
            raise Refused("same_person", f"这一天本来就是{teacher.name}。")
        others = PatrolTurn.objects.filter(term=turn.term_id, weekday=turn.weekday, teacher=teacher)
        changed = PatrolChange.objects.filter(turn__term=turn.term_id, date=day, teacher=teacher).exclude(turn=turn)
        if others.exclude(changes__date=day).exists() or changed.exists():
            raise Refused("two_posts", f"{teacher.name}这一天已有岗位。")
    found, _ = PatrolChange.objects.update_or_create(
        turn=turn,
        date=day,
        defaults={"teacher": teacher, "reason": reason.strip()[:100], "by": by.user, "at": clock.now()},
    )
    data = {"turn": turn.pk, "date": day.isoformat(), "old": turn.teacher_id, "new": teacher.pk if teacher else None}
    record("patrol.changed", subject=turn, by=by, term_id=turn.term_id, data=data, note=reason.strip()[:100])
    people = [person for person in (teacher, turn.teacher) if person is not None]
    who = teacher.name if teacher else "暂缺"
    _tell(people, f"{day.month}月{day.day}日巡视改由{who}", reason.strip()[:100], turn.term, by)
    return found


@transaction.atomic
def remove_change(*, change: PatrolChange, by: Actor) -> None:
    """Let the rota hold again on a date that is not over. Refused with `day_wrong`."""
    need_office(by)
    if change.date < clock.today():
        raise Refused("day_wrong", "这一天已经过去，不能再改。")
    turn = change.turn
    data = {"turn": turn.pk, "date": change.date.isoformat(), "old": change.teacher_id, "new": turn.teacher_id}
    record("patrol.change_removed", subject=turn, by=by, term_id=turn.term_id, data=data)
    people = [person for person in (change.teacher, turn.teacher) if person is not None]
    title = f"{change.date.month}月{change.date.day}日巡视仍按巡视表"
    change.delete()
    _tell(people, title, "", turn.term, by)


def _tell(people: Sequence[Teacher], title: str, body: str, term: Term, by: Actor) -> None:
    accounts = {person.user_id for person in people} - {None, by.user_id}
    if accounts:
        tell(
            [pk for pk in accounts if pk is not None],
            kind="patrol",
            title=title,
            body=body,
            url=reverse("scheduling:patrol"),
            term=term,
            by=by,
        )
