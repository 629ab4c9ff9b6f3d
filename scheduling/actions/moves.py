"""Moves by hand (C5): a child or several to another group, checked by the rule; taking the last move back."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.actions.placements import begin_places, end_places, move_group, places_from
from afterschool.school.enums import SERVICE_GROUPS, PlacementKind
from afterschool.school.events import event, record_many
from afterschool.school.models import Event, Group, Placement, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions.telling import tell_placed
from scheduling.grouping import Finding, InvalidInput, check_move
from scheduling.queries.grouping import approved, open_places
from scheduling.queries.regrouping import MOVES, board_of, earliest_day, move_stands


def move_child(
    *, student: Student, to_group: Group, by: Actor, reason: str = "", from_day: date | None = None
) -> Placement:
    """Put one child into another group, or into a first one: see `move_children`."""
    return move_children(students=[student], to_group=to_group, by=by, reason=reason, from_day=from_day)[0]


@transaction.atomic
def move_children(
    *, students: Collection[Student], to_group: Group, by: Actor, reason: str = "", from_day: date | None = None
) -> list[Placement]:
    """Put children into another group from a day on (tomorrow, or the first day of service), or into a first one.

    Over the cap or what the room holds, into another grade's group, or into the standalone group of another class only with
    a reason, which is kept: refused with the finding's code (rules of grouping, 8). Also refused with `nothing_chosen`,
    `group_closed`, `not_approved`, `same_group`, `day_begun`. Return each child's last place.
    """
    need_office(by)
    term = to_group.term
    reason = reason.strip()
    weekdays = _check(students, to_group, from_day)
    ids = [student.pk for student in students]
    old = dict(open_places(term).filter(student__in=ids).values_list("student_id", "group_id"))
    coming = [pk for pk in ids if old.get(pk) != to_group.pk]
    findings = _findings(coming, to_group)
    if not reason:
        _refuse_without_reason(findings)
    starts = max(from_day or earliest_day(term), earliest_day(term), to_group.starts_on)
    kept = list(places_from(term, coming, starts))
    places = move_group(kept, starts=starts, group=to_group)
    bare = set(coming) - {place.student_id for place in kept}
    places += begin_places(
        [
            Placement(
                term=term,
                student_id=pk,
                group=to_group,
                kind=PlacementKind.SERVICE,
                weekdays=weekdays[pk],
                starts_on=starts,
            )
            for pk in sorted(bare)
        ]
    )
    last = list({place.student_id: place for place in places}.values())
    size = open_places(term).filter(group=to_group).count()
    _write(last, old, _Why(tuple(f.code for f in findings if f.needs_reason), size, reason), by)
    tell_placed(last, {to_group.pk: to_group}, kind="placement.moved", words="服务班有变化", term=term, by=by)
    return last


def _check(students: Collection[Student], to_group: Group, from_day: date | None) -> dict[int, str]:
    """Refuse what can't be done whatever the reason; return the weekdays of the children's applications."""
    if not students:
        raise Refused("nothing_chosen", "请先选孩子。")
    if to_group.kind not in SERVICE_GROUPS or to_group.ends_on is not None:
        raise Refused("group_closed", "这个服务班已经结束，不能再编入。")
    if from_day is not None and from_day <= clock.today():
        raise Refused("day_begun", "今天和以前的点名、交接不变，最早从明天起。")
    if from_day is not None and from_day > to_group.term.ends_on:
        raise Refused("after_term", "这一天在学期以后。")
    ids = [student.pk for student in students]
    weekdays = dict(approved(to_group.term).filter(student__in=ids).values_list("student_id", "weekdays"))
    missing = [student for student in students if student.pk not in weekdays]
    if missing:
        names = "、".join(student.name for student in missing)
        raise Refused("not_approved", f"{names}的申请没有通过，不能编班。")
    return weekdays


def _findings(coming: Sequence[int], to_group: Group) -> tuple[Finding, ...]:
    if not coming:
        raise Refused("same_group", f"已经在{to_group.name}。")
    try:
        return check_move(coming, to_group.pk, board_of(to_group.term))
    except InvalidInput as invalid:
        raise Refused(invalid.code, invalid.sentence) from invalid


def _refuse_without_reason(findings: Sequence[Finding]) -> None:
    """What the portal never does by itself, and a person only with a reason (rules of grouping, 8)."""
    serious = [finding for finding in findings if finding.needs_reason]
    if serious:
        said = "".join(finding.sentence for finding in serious)
        raise Refused(serious[0].code, f"{said}要这样编，请写明原因。")


@dataclass(frozen=True)
class _Why:
    """What a person answered for, with which words, and how many the group has then."""

    codes: tuple[str, ...]
    size: int
    reason: str


def _write(places: Sequence[Placement], old: dict[int, int], why: _Why, by: Actor) -> None:
    batch = uuid.uuid4().hex
    record_many(
        (
            event(
                "placement.moved" if place.student_id in old else "placement.made",
                subject=place,
                by=by,
                student_id=place.student_id,
                term_id=place.term_id,
                data={
                    "from": old.get(place.student_id),
                    "group": place.group_id,
                    "starts_on": place.starts_on.isoformat(),
                    "codes": list(why.codes),
                    "size": why.size,
                    "batch": batch,
                },
            )
            for place in places
        ),
        note=why.reason if why.codes else "",
    )


@transaction.atomic
def take_back_move(*, term: Term, batch: str, by: Actor) -> int:
    """Take back a move by hand that has not begun: the children are where they were before. Return how many.

    Refused with `changed_since` when it has begun, a child was moved again, or the group before has closed.
    """
    need_office(by)
    made = Event.objects.filter(subject="placement", term_id=term.pk, verb__in=MOVES, data__batch=batch)
    rows = list(made.order_by("pk"))
    if not batch or not move_stands(term, rows):
        raise Refused("changed_since", "这次调整已经开始，或者之后又有变化，不能撤销。请重新调整。")
    groups = Group.objects.filter(ends_on=None).in_bulk({row.data["from"] for row in rows if row.data["from"]})
    back: list[Placement] = []
    for source in sorted({row.data["from"] or 0 for row in rows}):
        children = [row.student_id for row in rows if (row.data["from"] or 0) == source and row.student_id]
        places = list(places_from(term, children, date.fromisoformat(rows[0].data["starts_on"])))
        if not source:
            end_places(places, starts=date.fromisoformat(rows[0].data["starts_on"]))
        elif source in groups:
            back += move_group(places, starts=date.fromisoformat(rows[0].data["starts_on"]), group=groups[source])
        else:
            raise Refused("changed_since", "原来的服务班已经结束，不能撤销。请重新调整。")
    record_many(
        event(
            "placement.moved_back",
            subject=term,
            by=by,
            student_id=row.student_id,
            term_id=term.pk,
            data={"from": row.data["group"], "group": row.data["from"], "batch": f"{batch}-back"},
        )
        for row in rows
    )
    tell_placed(back, groups, kind="placement.moved", words="服务班的调整取消了", term=term, by=by)
    return len(rows)
