"""The first grouping as the office does it: propose, accept, give a room. Moves by hand: `moves`; later on: `regrouping`."""

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction

from afterschool.school.access import Actor, need_office
from afterschool.school.enums import SERVICE_GROUPS, GroupKind, PlacementKind
from afterschool.school.events import event, record, record_many
from afterschool.school.models import Group, Placement, Room, Session, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.sessions import make_sessions
from scheduling.actions.telling import tell_placed
from scheduling.enums import GroupingKind, GroupingState
from scheduling.grouping import GradeProposal, InvalidInput, Kind, Proposal, propose
from scheduling.grouping.names import group_names
from scheduling.grouping.words import share_words
from scheduling.models import Grouping
from scheduling.queries.grouping import SchoolInput, approved, grades_of, school_input
from scheduling.queries.regrouping import first_accepted

# Propose


@transaction.atomic
def propose_groups(*, term: Term, by: Actor) -> Grouping:
    """Compute the groups of a term from the approved children as of now and keep them as the draft (plan section 6 (4))."""
    need_office(by)
    if first_accepted(term):
        raise Refused("already_accepted", "本学期的编班已经确认。以后的变化请用“调整编班”。")
    given = school_input(term)
    if given.without_class:
        raise Refused(
            "no_class", f"有{given.without_class}名已通过的孩子不在{term.school_year}学年的班级里，请先更新名册。"
        )
    if not given.children:
        raise Refused("nobody_approved", "还没有学校批准的孩子，不能编班。")
    try:
        proposal = propose(given.grades, given.settings)
    except InvalidInput as invalid:
        raise Refused(invalid.code, invalid.sentence) from invalid
    Grouping.objects.filter(term=term, kind=GroupingKind.FIRST, state=GroupingState.DRAFT).update(
        state=GroupingState.SUPERSEDED
    )
    grouping = Grouping.objects.create(
        term=term,
        made_at=clock.now(),
        made_by=by.user,
        settings=_settings(given),
        result={"fingerprint": given.fingerprint, "grades": _grades(proposal)},
    )
    record("grouping.proposed", subject=grouping, by=by, term_id=term.pk, data={"children": given.children})
    return grouping


def _settings(given: SchoolInput) -> dict[str, Any]:
    settings = given.settings
    return {
        "cap": settings.cap,
        "own_share": str(settings.own_share),
        "mixed_share": str(settings.mixed_share),
        "mixed_words": share_words(settings.mixed_share),
        "smallest": settings.smallest,
    }


def _grades(proposal: Proposal) -> list[dict[str, Any]]:
    return [
        {
            "grade": grade.grade,
            "groups": _groups(grade),
            "objectives": asdict(grade.objectives),
            "bound": asdict(grade.bound),
            "proven": grade.proven,
            "below_share": list(grade.below_share),
            "cap_below_class": list(grade.cap_below_class),
            "sentence": grade.sentence,
        }
        for grade in proposal.grades
    ]


def _groups(grade: GradeProposal) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "kind": group.kind.value,
            "index": group.index,
            "of": group.of,
            "room": group.room,
            "flags": sorted(flag.value for flag in group.flags),
            "sentence": group.sentence,
            "parts": [
                {"class": part.class_id, "number": part.class_number, "children": list(part.children)}
                for part in group.parts
            ],
        }
        for group, name in zip(grade.groups, group_names(grade), strict=True)
    ]


# Accept


@transaction.atomic
def accept_grouping(*, grouping: Grouping, by: Actor) -> int:
    """Make the groups and places of a draft; refuse when its input changed since. Return how many groups were made."""
    need_office(by)
    term = grouping.term
    if grouping.state != GroupingState.DRAFT:
        raise somebody_was_faster()
    if first_accepted(term):
        raise Refused("already_accepted", "本学期的编班已经确认，不能再确认一份。")
    if school_input(term).fingerprint != grouping.result["fingerprint"]:
        raise Refused("input_changed", "生成草案以后，批准的孩子、名册或设置有变化，请重新生成方案再确认。")
    if Group.objects.filter(term=term, kind__in=SERVICE_GROUPS, ends_on=None).exists():
        raise Refused("groups_exist", "本学期已有服务班，不能再按方案新建一遍。")
    changed = Grouping.objects.filter(pk=grouping.pk, state=GroupingState.DRAFT).update(
        state=GroupingState.ACCEPTED, decided_at=clock.now(), decided_by=by.user
    )
    if changed != 1:
        raise somebody_was_faster()
    starts = max(term.service_starts_on, clock.today())
    groups = _make_groups(grouping, starts)
    places = _make_places(grouping, groups, starts)
    record("grouping.accepted", subject=grouping, by=by, term_id=term.pk, data={"groups": len(groups)})
    record_many(
        event(
            "placement.made",
            subject=place,
            by=by,
            student_id=place.student_id,
            term_id=term.pk,
            data={"group": place.group_id},
        )
        for place in places
    )
    by_id = {group.pk: group for group in groups}
    tell_placed(places, by_id, kind="grouping.accepted", words="编班已确认", term=term, by=by)
    return len(groups)


def _make_groups(grouping: Grouping, starts: date) -> list[Group]:
    return Group.objects.bulk_create(
        Group(
            term_id=grouping.term_id,
            kind=GroupKind.MIXED if kept["kind"] == Kind.MIXED else GroupKind.STANDALONE,
            grade=grade["grade"],
            name=kept["name"],
            order=order,
            room_id=kept["room"],
            reason=kept["sentence"][:200],
            starts_on=starts,
        )
        for grade in grades_of(grouping)
        for order, kept in enumerate(grade["groups"], 1)
    )


def _make_places(grouping: Grouping, groups: list[Group], starts: date) -> list[Placement]:
    weekdays = dict(approved(grouping.term).order_by().values_list("student_id", "weekdays"))
    kept = [group for grade in grades_of(grouping) for group in grade["groups"]]
    return Placement.objects.bulk_create(
        (
            Placement(
                term_id=grouping.term_id,
                student_id=pk,
                group=group,
                kind=PlacementKind.SERVICE,
                weekdays=weekdays[pk],
                starts_on=starts,
            )
            for group, plan in zip(groups, kept, strict=True)
            for part in plan["parts"]
            for pk in part["children"]
        ),
        batch_size=500,
    )


# Rooms


@transaction.atomic
def set_group_room(*, group: Group, room: Room | None, by: Actor) -> None:
    """Give a group its room; no two groups of a term share one, and no room takes more than it holds.

    Sessions to come meet there (plan section 6 (4): the size is set by what the place allows).
    """
    need_office(by)
    if room is not None:
        size = Placement.objects.filter(group=group, ends_on=None).count()
        if room.capacity is not None and size > room.capacity:
            raise Refused("room_too_small", f"{room.name}可容{room.capacity}人，本班有{size}人，请换一间。")
        other = Group.objects.filter(term=group.term, room=room, kind__in=SERVICE_GROUPS, ends_on=None)
        taken = other.exclude(pk=group.pk).first()
        if taken is not None:
            raise Refused("room_taken", f"{room.name}已是{taken.name}的教室。")
    before = group.room_id
    changed = Group.objects.filter(pk=group.pk, room=group.room, ends_on=None).update(room=room)
    if changed != 1:
        raise somebody_was_faster()
    record(
        "group.room_set",
        subject=group,
        by=by,
        term_id=group.term_id,
        data={"from": before, "room": room.pk if room else None},
    )
    if Session.objects.filter(group=group, date__gte=clock.today()).exists():
        make_sessions(term=group.term, by=by)
