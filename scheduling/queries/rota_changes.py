"""What a rota changes against the published one, for whom, and what is told when it is published."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q
from django.urls import reverse

from afterschool.school.messaging import Note, guardians_of_each
from afterschool.school.models import Placement, Teacher, Term
from afterschool.support.weekdays import NAMES
from scheduling.enums import RotaState, TurnKind
from scheduling.models import Rota, RotaTurn
from scheduling.queries.rota_findings import place_name
from scheduling.queries.rota_given import key_of
from scheduling.rota import Key


@dataclass(frozen=True)
class Change:
    """One turn that another person has, or nobody, or that is new or gone."""

    weekday: int
    place: str
    old: Teacher | None
    new: Teacher | None
    is_new: bool = False
    is_gone: bool = False
    group_id: int | None = None

    @property
    def day(self) -> str:
        return NAMES[str(self.weekday)]


@dataclass(frozen=True)
class PersonChange:
    """What changes for one person."""

    teacher: Teacher
    gains: list[str] = field(default_factory=list)
    loses: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Changes:
    """Everything that changes against the rota before."""

    turns: list[Change]
    people: list[PersonChange]

    @property
    def groups(self) -> set[int]:
        """The groups and clubs in which another teacher has a turn."""
        return {change.group_id for change in self.turns if change.group_id is not None and not change.is_gone}


def changes_between(former: Rota | None, rota: Rota) -> Changes:
    """Compare a rota with the one before: two queries."""
    old, new = _turns(former), _turns(rota)
    found = []
    for key in sorted(old.keys() | new.keys(), key=lambda k: (k[2], k)):
        was, now = old.get(key), new.get(key)
        some = now or was
        if some is None or (was and now and was.teacher_id == now.teacher_id):
            continue
        if not (was and was.teacher_id) and not (now and now.teacher_id):
            continue
        before, after = was.teacher if was else None, now.teacher if now else None
        change = Change(key[2], place_name(some), before, after, was is None, now is None, some.group_id)
        found.append(change)
    return Changes(found, _by_person(found))


def _turns(rota: Rota | None) -> dict[Key, RotaTurn]:
    if rota is None:
        return {}
    return {key_of(row): row for row in RotaTurn.objects.filter(rota=rota).select_related("teacher", "group")}


def _by_person(changes: Iterable[Change]) -> list[PersonChange]:
    people: dict[int, PersonChange] = {}
    for change in changes:
        said = f"{change.day} {change.place}"
        if change.new is not None:
            people.setdefault(change.new.pk, PersonChange(change.new)).gains.append(said)
        if change.old is not None:
            people.setdefault(change.old.pk, PersonChange(change.old)).loses.append(said)
    return sorted(people.values(), key=lambda p: p.teacher.staff_number)


def changed_since(term: Term, draft: Rota) -> int:
    """Return how many turns of the published rota were changed by hand after the draft was made: it does not know them."""
    rows = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, hand_at__gt=draft.made_at)
    return rows.count()


# What is told


def families_of(rota: Rota, group_ids: set[int]) -> dict[int, set[int]]:
    """Return the accounts of the families of each group from the rota's first day on, by group: two queries."""
    rows = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=rota.starts_on), group__in=group_ids)
    places = list(rows.order_by().values_list("group_id", "student_id").distinct())
    guardians = guardians_of_each({student for _, student in places})
    found: dict[int, set[int]] = defaultdict(set)
    for group_id, student in places:
        found[group_id].update(guardians.get(student, ()))
    return found


def notes_of(rota: Rota, former: Rota | None, *, families: bool) -> list[Note]:
    """Return what is told when a rota is published: each person whose turns change reads the own ones, the others that it
    is out; with `families` those of groups whose teachers change read who has the group on which day."""
    changes = changes_between(former, rota)
    rows = RotaTurn.objects.filter(rota=rota).select_related("teacher", "group").order_by("weekday", "group", "number")
    turns = list(rows)
    changed = {person.teacher.pk: person.teacher for person in changes.people}
    since = f"自{rota.starts_on.month}月{rota.starts_on.day}日起"
    url, notes = reverse("scheduling:rota"), []
    for pk, teacher in changed.items():
        if teacher.user_id is not None:
            own = [f"{NAMES[str(t.weekday)]} {place_name(t)}" for t in turns if t.teacher_id == pk]
            said = f"{since}您每周 {len(own)} 次：{'、'.join(own)}。" if own else f"{since}没有您的班次。"
            notes.append(
                Note([teacher.user_id], "rota.turns", "您的值班班次有变化", term_id=rota.term_id, body=said, url=url)
            )
    same = {t.teacher.user_id for t in turns if t.teacher and t.teacher_id not in changed and t.teacher.user_id}
    body = f"{since}按新的值班表。班次有变的教师另收到一条消息，没有收到的，班次不变。"
    everybody = same or {teacher.user_id for teacher in changed.values() if teacher.user_id}
    heard = sorted(pk for pk in everybody if pk)
    notes.append(Note(heard, "rota.accepted", "值班表已发布", term_id=rota.term_id, body=body, url=url))
    return [*notes, *_family_notes(rota, changes, turns, since)] if families else notes


def _family_notes(rota: Rota, changes: Changes, turns: list[RotaTurn], since: str) -> list[Note]:
    notes = []
    for group_id, accounts in families_of(rota, changes.groups).items():
        own = [t for t in turns if t.group_id == group_id and t.kind != TurnKind.FLOATER]
        days = "，".join(f"{NAMES[str(t.weekday)]}{t.teacher.name if t.teacher else '待定'}" for t in own)
        body = f"{since}，{own[0].label}的值班教师：{days}。当天有变时，以首页显示的教师为准。"
        title, home = "值班教师有变化", reverse("home")
        notes.append(Note(sorted(accounts), "rota.families", title, term_id=rota.term_id, body=body, url=home))
    return notes
