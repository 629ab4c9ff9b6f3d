"""Regrouping during the term (C4): proposed, accepted from a day on, taken back before that day."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max

from afterschool.school.access import Actor, need_office
from afterschool.school.actions.placements import begin_places, end_places, move_groups, places_from
from afterschool.school.enums import GroupKind, PlacementKind
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Group, Placement, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.sessions import make_sessions
from scheduling.actions.telling import tell_placed
from scheduling.enums import GroupingKind, GroupingState
from scheduling.grouping import Change, GradeRegrouping, GroupAfter, InvalidInput, Kind, Regrouping
from scheduling.models import Grouping
from scheduling.queries.grouping import approved, open_places
from scheduling.queries.regrouping import (
    RegroupInput,
    earliest_day,
    first_accepted,
    next_service_day,
    regroup_input,
    regroupings,
)

KINDS = {Kind.STANDALONE: GroupKind.STANDALONE, Kind.MIXED: GroupKind.MIXED}


@transaction.atomic
def propose_regrouping(*, term: Term, by: Actor, kinds: Collection[int] = ()) -> Grouping:
    """Compute which children must change group for those who joined and left, and keep it as the draft (rule 12).

    `kinds`: classes for which the office agrees that they are looked after in the other way from now on. Refused with
    `not_grouped` before the first grouping is accepted, `no_class`, or a code of the rule.
    """
    need_office(by)
    if not first_accepted(term):
        raise Refused("not_grouped", "还没有确认编班，请先确认。")
    given = regroup_input(term, kinds)
    if given.school.without_class:
        raise Refused(
            "no_class",
            f"有{given.school.without_class}名已通过的孩子不在{term.school_year}学年的班级里，请先更新名册。",
        )
    answer = _solve(given)
    Grouping.objects.filter(term=term, kind=GroupingKind.REGROUP, state=GroupingState.DRAFT).update(
        state=GroupingState.SUPERSEDED
    )
    grouping = Grouping.objects.create(
        term=term,
        kind=GroupingKind.REGROUP,
        starts_on=next_service_day(term),
        made_at=clock.now(),
        made_by=by.user,
        settings={"cap": given.school.settings.cap},
        result={
            "fingerprint": given.fingerprint,
            "kinds": sorted(given.present.kinds_accepted),
            "grades": [_grade(grade) for grade in answer.grades],
        },
    )
    record(
        "regrouping.proposed",
        subject=grouping,
        by=by,
        term_id=term.pk,
        data={"moved": answer.moved, "opened": answer.opened, "closed": answer.closed},
    )
    return grouping


def _solve(given: RegroupInput) -> Regrouping:
    try:
        return given.solve()
    except InvalidInput as invalid:
        raise Refused(invalid.code, invalid.sentence) from invalid


def _grade(grade: GradeRegrouping) -> dict[str, Any]:
    return {
        "grade": grade.grade,
        "objectives": asdict(grade.objectives),
        "bound": asdict(grade.bound),
        "proven": grade.proven,
        "reasons": list(grade.reasons),
        "hints": [asdict(hint) for hint in grade.hints],
        "groups": [_group(group) for group in grade.groups],
        "changes": [
            [c.child, c.change.value, c.source, c.target, c.cause.value if c.cause else None]
            for c in grade.children
            if c.change != Change.STAYS
        ],
    }


def _group(group: GroupAfter) -> dict[str, Any]:
    return {
        "key": group.key,
        "id": group.id,
        "name": group.name,
        "kind": group.kind.value,
        "room": group.room,
        "flags": sorted(flag.value for flag in group.flags),
        "stays": len(group.stays),
        "came": list(group.came),
        "went": list(group.went),
        "left": list(group.left),
    }


# Accept


@transaction.atomic
def accept_regrouping(*, grouping: Grouping, starts_on: date, by: Actor) -> Regrouping:
    """Let a draft hold from a day on: groups open and close, children move, sessions follow, families are told.

    What stands for days before is left alone. Refused with `day_begun` or `after_term`, `input_changed` when children, rolls,
    groups or settings are not what the draft was made from, `nothing_to_do`, or `somebody_was_faster`.
    """
    need_office(by)
    term = grouping.term
    if grouping.kind != GroupingKind.REGROUP or grouping.state != GroupingState.DRAFT:
        raise somebody_was_faster()
    if starts_on < earliest_day(term):
        raise Refused("day_begun", "今天和以前的点名、交接不变，最早从明天（或开始服务那天）起。")
    if starts_on > term.ends_on:
        raise Refused("after_term", "这一天在学期以后。")
    given = regroup_input(term, grouping.result.get("kinds", []))
    if given.fingerprint != grouping.result.get("fingerprint"):
        raise Refused("input_changed", "生成方案以后，孩子、名册、服务班或设置有变化，请重新生成再确认。")
    answer = _solve(given)
    changed_kinds = _changed_kinds(answer, given)
    if not answer.changed and not changed_kinds:
        raise Refused("nothing_to_do", "没有要调整的。")
    _carry_out(_Deed(grouping, term, starts_on, by), answer, changed_kinds)
    return answer


@dataclass(frozen=True)
class _Deed:
    """What is accepted, from when, by whom."""

    grouping: Grouping
    term: Term
    starts_on: date
    by: Actor


def _changed_kinds(answer: Regrouping, given: RegroupInput) -> dict[int, Kind]:
    before = {group.id: group.kind for group in given.present.groups}
    after = [group for grade in answer.grades for group in grade.groups if group.id is not None]
    return {group.id: before[group.id] for group in after if group.id and before[group.id] != group.kind}


def _carry_out(deed: _Deed, answer: Regrouping, old_kinds: Mapping[int, Kind]) -> None:
    groups = [group for grade in answer.grades for group in grade.groups]
    opened = _open(deed, answer)
    target = {group.key: opened.get(group.key) or group.id or 0 for group in groups}
    places = _place(deed, answer, target)
    for group in groups:
        if group.id is not None and group.id in old_kinds:
            Group.objects.filter(pk=group.id).update(kind=KINDS[group.kind])
    closed = [group.id for group in groups if group.closed and group.id is not None]
    for pk in closed:
        _close(pk, deed.starts_on - timedelta(days=1))
    applied = {
        "opened": opened,
        "closed": closed,
        "kinds": {str(pk): kind.value for pk, kind in old_kinds.items()},
        "target": target,
    }
    seen = Grouping.objects.filter(pk=deed.grouping.pk, state=GroupingState.DRAFT)
    accepted = {"starts_on": deed.starts_on, "decided_at": clock.now(), "decided_by": deed.by.user}
    result = {**deed.grouping.result, "applied": applied}
    if seen.update(state=GroupingState.ACCEPTED, result=result, **accepted) != 1:
        raise somebody_was_faster()
    record(
        "regrouping.accepted",
        subject=deed.grouping,
        by=deed.by,
        term_id=deed.term.pk,
        data={
            "moved": answer.moved,
            "opened": len(opened),
            "closed": len(closed),
            "starts_on": deed.starts_on.isoformat(),
        },
    )
    _sessions_follow(deed.term, deed.by)
    told = Group.objects.in_bulk({place.group_id for place in places})
    tell_placed(places, told, kind="placement.moved", words="服务班有变化", term=deed.term, by=deed.by)


def _open(deed: _Deed, answer: Regrouping) -> dict[str, int]:
    """Make the new groups, after the present ones of their grade; return their numbers by key."""
    rows = Group.objects.filter(term=deed.term).order_by().values_list("grade").annotate(last=Max("order"))
    last = dict(rows)
    new = []
    for grade in answer.grades:
        for number, group in enumerate((g for g in grade.groups if g.opened), 1):
            why = next((sentence for sentence in grade.reasons if group.name in sentence), "")
            row = Group(
                term=deed.term,
                kind=KINDS[group.kind],
                grade=group.grade,
                name=group.name,
                order=last.get(group.grade, 0) + number,
                room_id=group.room,
                reason=why[:200],
                starts_on=deed.starts_on,
            )
            new.append((group.key, row))
    Group.objects.bulk_create(row for _, row in new)
    return {key: row.pk for key, row in new}


def _place(deed: _Deed, answer: Regrouping, target: Mapping[str, int]) -> list[Placement]:
    """Move, begin and end places; return those of children whose group is another one now."""
    changes = [change for grade in answer.grades for change in grade.children]
    goes = {c.child: target[c.target] for c in changes if c.change == Change.MOVES and c.target}
    joins = {c.child: target[c.target] for c in changes if c.change == Change.NEW and c.target}
    leaves = [c.child for c in changes if c.change == Change.LEAVES]
    starts, term = deed.starts_on, deed.term
    moved = move_groups(list(places_from(term, goes.keys(), starts)), starts=starts, groups=goes)
    ended = list(places_from(term, leaves, starts))
    end_places(ended, starts=starts)
    weekdays = dict(approved(term).filter(student__in=joins).values_list("student_id", "weekdays"))
    begun = begin_places(
        [
            Placement(
                term=term,
                student_id=child,
                group_id=group,
                kind=PlacementKind.SERVICE,
                weekdays=weekdays[child],
                starts_on=starts,
            )
            for child, group in joins.items()
        ],
        follow=False,
    )
    _write([("placement.regrouped", p) for p in moved] + [("placement.made", p) for p in begun], deed)
    _write([("placement.ended", place) for place in ended], deed)
    return [*moved, *begun]


def _write(rows: list[tuple[str, Placement]], deed: _Deed) -> None:
    record_many(
        event(
            verb,
            subject=place,
            by=deed.by,
            student_id=place.student_id,
            term_id=deed.term.pk,
            data={"group": place.group_id, "starts_on": deed.starts_on.isoformat(), "grouping": deed.grouping.pk},
        )
        for verb, place in rows
    )


def _close(pk: int, last_day: date) -> None:
    """End a group on the last day on which anybody has a place in it, or has had one."""
    group = Group.objects.get(pk=pk)
    ends = [day for day in group.placements.values_list("ends_on", flat=True) if day is not None]
    ends_on = max([last_day, group.starts_on, *ends])
    if Group.objects.filter(pk=pk, ends_on=None).update(ends_on=ends_on) != 1:
        raise somebody_was_faster()


def _sessions_follow(term: Term, by: Actor) -> None:
    if Session.objects.filter(term=term, date__gte=clock.today()).exists():
        make_sessions(term=term, by=by)


# Take back


@transaction.atomic
def take_back_regrouping(*, grouping: Grouping, by: Actor) -> int:
    """Undo an accepted regrouping before its first day: everybody is where they were. Return how many children.

    Refused with `changed_since` where it has begun, a newer one stands, or one of its children or groups changed meanwhile.
    """
    need_office(by)
    term, starts = grouping.term, grouping.starts_on
    if grouping.state != GroupingState.ACCEPTED or grouping.kind != GroupingKind.REGROUP or starts is None:
        raise somebody_was_faster()
    accepted = regroupings(term).filter(state=GroupingState.ACCEPTED)
    if starts <= clock.today() or accepted.filter(decided_at__gt=grouping.decided_at).exists():
        raise _too_late()
    deed = _Deed(grouping, term, starts, by)
    applied = grouping.result["applied"]
    moved = _changes(grouping, Change.MOVES)
    joined = _changes(grouping, Change.NEW)
    _as_left(term, moved | joined, applied)
    _reopen(applied)
    groups = {child: int(source[1:]) for child, (source, _) in moved.items() if source}
    back = move_groups(list(places_from(term, moved, starts)), starts=starts, groups=groups)
    end_places(list(places_from(term, joined, starts)), starts=starts)
    returned = _take_up(deed)
    for pk in applied["opened"].values():
        if open_places(term).filter(group=pk).exists():
            raise _too_late()
        _close(pk, starts)
    if Grouping.objects.filter(pk=grouping.pk, state=GroupingState.ACCEPTED).update(state="taken_back") != 1:
        raise somebody_was_faster()
    record("regrouping.taken_back", subject=grouping, by=by, term_id=term.pk, data={"children": len(back)})
    _write([("placement.moved_back", place) for place in [*back, *returned]], deed)
    _sessions_follow(term, by)
    told = Group.objects.in_bulk({place.group_id for place in back})
    tell_placed(back, told, kind="placement.moved", words="服务班的调整取消了", term=term, by=by)
    return len(back) + len(joined)


def _too_late() -> Refused:
    return Refused("changed_since", "这次调整已经开始，或者之后又有变化，不能撤回。请重新生成调整方案。")


def _changes(grouping: Grouping, kind: Change) -> dict[int, tuple[str | None, str]]:
    return {
        child: (source, target)
        for grade in grouping.result["grades"]
        for child, change, source, target, _ in grade["changes"]
        if change == kind
    }


def _as_left(term: Term, changes: Mapping[int, tuple[str | None, str]], applied: dict[str, Any]) -> None:
    """Refuse where a child is no longer where the regrouping put it."""
    expected = {(child, applied["target"][target]) for child, (_, target) in changes.items()}
    places = open_places(term).filter(student__in=changes)
    if set(places.values_list("student_id", "group_id")) != expected:
        raise _too_late()


def _reopen(applied: dict[str, Any]) -> None:
    """Open closed groups again, and give back kinds."""
    closed = Group.objects.filter(pk__in=applied["closed"]).exclude(ends_on=None)
    taken = Group.objects.filter(ends_on=None, term__in=closed.values("term"), name__in=closed.values("name"))
    if taken.exists() or closed.update(ends_on=None) != len(applied["closed"]):
        raise _too_late()
    for pk, kind in applied["kinds"].items():
        Group.objects.filter(pk=pk).update(kind=KINDS[Kind(kind)])


def _take_up(deed: _Deed) -> list[Placement]:
    """Open the places again of children who had left: who takes no part any more is listed on the page of groups as before."""
    left = _changes(deed.grouping, Change.LEAVES)
    placed = open_places(deed.term).filter(student__in=left).values("student_id")
    last_day = deed.starts_on - timedelta(days=1)
    places = list(
        Placement.objects.filter(
            term=deed.term, student__in=left, kind=PlacementKind.SERVICE, ends_on=last_day, group__ends_on=None
        ).exclude(student__in=placed)
    )
    Placement.objects.filter(pk__in=[place.pk for place in places]).update(ends_on=None)
    return places
