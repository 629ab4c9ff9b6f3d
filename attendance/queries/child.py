"""One child's day for those who may see it: the chain, the phones, the search, and what this person may do now."""

from dataclasses import dataclass, field

from django.db.models import Q

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, PlacementKind, Role, SessionState
from afterschool.school.models import Guardianship, Placement, SchoolDay, Session
from attendance import access
from attendance.enums import IN_CARE, CustodyState, PassState, SearchKind
from attendance.models import CallNote, ChildDay, HandoverOffer, Pass, SearchStep
from attendance.queries.chain_lines import ChainLine, chain_lines
from attendance.queries.custody import chain
from attendance.queries.missing import lost_link, steps_of
from enrollment.queries import needs_for
from scheduling.models import Duty

HANDED = (CustodyState.GROUP, CustodyState.CLUB)


@dataclass(frozen=True)
class ChildPage:
    """Everything on a child's page, and which buttons stand there."""

    chain: list[ChainLine]
    calls: list[CallNote]
    adults: list[Guardianship] = field(default_factory=list)  # for those in charge alone
    needs: str = ""  # for the holder alone
    steps: list[SearchStep] = field(default_factory=list)
    waits_on: HandoverOffer | None = None
    taken_in: Pass | None = None
    in_charge: bool = False
    holds: bool = False
    missing: bool = False
    guardians_told: bool = False
    takes_to_group: bool = False
    takes_to_club: bool = False
    may_take_search: bool = False
    may_excuse: bool = False
    may_keep: bool = False
    may_bring_back: bool = False
    may_give_back: bool = False
    may_move: bool = False
    may_report: bool = False
    may_decide_pass: bool = False


def page_of(child: ChildDay, actor: Actor) -> ChildPage:
    """Return a child's page for this person; the child comes from `with_people(children(actor))`."""
    mine = actor.teacher.pk if actor.teacher else None
    charged = access.is_in_charge(actor, child)
    missing = child.state == CustodyState.MISSING
    steps = steps_of(child)
    since = lost_link(child)[0] if missing and steps else 0
    on_duty = (
        child.session_id is not None
        and Duty.objects.filter(session=child.session_id, active=True, teacher=actor.teacher).exists()
    )
    holds = mine is not None and child.holder_id == mine
    office = actor.has(Role.DUTY_LEADER, Role.ADMINISTRATOR)
    taken_in = Pass.objects.select_related("by", "decided_by", "session__group").filter(child_day=child).first()
    own_class = child.student.school_class_id in actor.class_ids
    with_another = charged and not holds
    waits_on = HandoverOffer.objects.filter(children__child_day=child, children__taken=None).first()
    return ChildPage(
        chain=chain_lines(chain(child)),
        calls=list(child.calls.all()),
        adults=list(child.student.links.all()) if charged else [],
        needs=_needs(child, actor) if holds and child.state in IN_CARE else "",
        steps=steps,
        waits_on=waits_on,
        taken_in=taken_in,
        in_charge=charged,
        holds=holds,
        missing=missing,
        guardians_told=any(step.link == since and step.kind == SearchKind.GUARDIANS for step in steps),
        takes_to_group=on_duty,
        takes_to_club=missing and _on_duty_at_its_club(child, actor),
        may_take_search=missing and actor.has(Role.DUTY_LEADER) and not holds,
        may_excuse=missing and (office or own_class),
        may_keep=with_another and child.state in HANDED,
        may_bring_back=on_duty and child.state == CustodyState.STAFF and not holds,
        may_give_back=holds and child.state == CustodyState.STAFF and waits_on is None,
        may_move=office and child.state in HANDED and waits_on is None,
        may_report=(holds and child.state in (*HANDED, CustodyState.STAFF, CustodyState.EXPECTED))
        or (child.state == CustodyState.GROUP and club_of_mine(child, actor) is not None),
        may_decide_pass=taken_in is not None
        and taken_in.state == PassState.WAITING
        and (actor.has(Role.DUTY_LEADER) or own_class),
    )


def _on_duty_at_its_club(child: ChildDay, actor: Actor) -> bool:
    """Tell whether a child is missing in a club that this person answers for."""
    club = child.at_session
    if club is None or club.group.kind != GroupKind.CLUB:
        return False
    return Duty.objects.filter(session=club, active=True, teacher=actor.teacher).exists()


def _needs(child: ChildDay, actor: Actor) -> str:
    return needs_for(child.term, [child.student_id], actor).get(child.student_id, "")


def club_of_mine(child: ChildDay, actor: Actor) -> Session | None:
    """Return the club of today that this person answers for and the child is due at; none for who holds the child."""
    if actor.teacher is None or child.holder_id == actor.teacher.pk:
        return None
    clubs = Session.objects.filter(
        date=child.date,
        state=SessionState.PLANNED,
        group__kind=GroupKind.CLUB,
        duties__teacher=actor.teacher,
        duties__active=True,
    )
    runs = SchoolDay.objects.filter(date=child.date).values_list("runs_weekday", flat=True).first()
    placed = Placement.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=child.date),
        student=child.student_id,
        kind=PlacementKind.CLUB,
        starts_on__lte=child.date,
        weekdays__contains=str(runs or child.date.isoweekday()),
    )
    return clubs.filter(group__in=placed.values("group")).select_related("group").first()
