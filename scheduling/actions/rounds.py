"""A round of choosing clubs as the office sets it up, publishes and ends it (D3)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of_each, tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.queries import approved
from scheduling.choosing import Phase, Step, Who, moment, step
from scheduling.choosing.table import NEEDS_REASON
from scheduling.enums import ClubState, RoundMode, RoundMove, RoundState
from scheduling.models import Club, ClubRound, RoundClub
from scheduling.queries.choosing import rule_of, window_of

NOT_OPEN = {Phase.BEFORE: "window_before", Phase.AFTER: "window_after", Phase.OVER: "window_after"}


@dataclass(frozen=True)
class RoundSettings:
    """What the office sets of a round; times are aware. `rule_text` empty: the default, filled when it is published."""

    name: str
    mode: str
    opens_at: datetime
    closes_at: datetime
    starts_on: date
    displaced_until: datetime | None = None
    clubs_per_child: int = 1
    most_wishes: int = 5
    offer_hours: int = 24
    cool_hours: int = 24
    rule_text: str = ""
    checker: Teacher | None = None


def checked(found: ClubRound, move: RoundMove, who: Collection[Who]) -> Step:
    """Return the step of the table, or refuse: `wrong_state`, `window_before`, `window_after`; nobody's business is 403."""
    row = step(found.state, move)
    if row is None or found.mode not in row.modes:
        raise Refused("wrong_state", f"“{found.name}”现在是“{found.get_state_display()}”，不能{move.label}。")
    if row.who.isdisjoint(who):
        raise PermissionDenied
    gate = window_of(found)
    if gate.phase not in row.phases:
        sentence = "还没有截止，现在不能做这一步。" if gate.is_open else gate.sentence
        raise Refused(NOT_OPEN.get(gate.phase, "window_open"), sentence)
    return row


def move_on(found: ClubRound, to: RoundState, **changes: Any) -> None:
    """Move a round on from what was read, or say that somebody was faster."""
    if ClubRound.objects.filter(pk=found.pk, state=found.state).update(state=to, **changes) != 1:
        raise somebody_was_faster()
    found.state = to
    for name, value in changes.items():
        setattr(found, name, value)


def _check(settings: RoundSettings, clubs: Collection[int], term: Term) -> None:
    if settings.closes_at <= settings.opens_at:
        raise Refused("window_order", "截止要在开始之后。")
    if settings.displaced_until and not settings.opens_at <= settings.displaced_until <= settings.closes_at:
        raise Refused("displaced_order", "停办社团的孩子先选到的时间，要在开始和截止之间。")
    if settings.starts_on <= settings.closes_at.astimezone(clock.SHANGHAI).date() and settings.mode == RoundMode.LOT:
        raise Refused("starts_too_early", "参加的第一天要在截止以后，中间留出抽签和通知的时间。")
    offered = Club.objects.filter(pk__in=clubs, term=term, state=ClubState.APPROVED).count()
    if not clubs or offered != len(set(clubs)):
        raise Refused("no_clubs", "请至少选一个已批准的社团；没有批准的不能放进来。")


@transaction.atomic
def set_up_round(
    *, term: Term, settings: RoundSettings, clubs: Collection[int], by: Actor, found: ClubRound | None = None
) -> ClubRound:
    """Plan a round, or change one that isn't published yet.

    Refused: `window_order`, `displaced_order`, `starts_too_early`, `no_clubs`, `wrong_state`.
    """
    need_office(by)
    _check(settings, clubs, term)
    values = dict(vars(settings))
    if found is None:
        found = ClubRound.objects.create(term=term, **values)
    else:
        checked(found, RoundMove.EDIT, {Who.OFFICE})
        move_on(found, RoundState.PLANNED, **values)
    RoundClub.objects.filter(round=found).exclude(club__in=clubs).delete()
    have = set(RoundClub.objects.filter(round=found).values_list("club_id", flat=True))
    RoundClub.objects.bulk_create(RoundClub(round=found, club_id=pk) for pk in sorted(set(clubs) - have))
    record("round.planned", subject=found, by=by, term_id=term.pk, data={"clubs": len(set(clubs))})
    return found


@transaction.atomic
def publish_round(*, found: ClubRound, by: Actor) -> None:
    """Let the rule, the window and the clubs stand, and tell the families. Refused: `wrong_state`, `window_over`."""
    need_office(by)
    row = checked(found, RoundMove.PUBLISH, {Who.OFFICE})
    if found.closes_at <= clock.now():
        raise Refused("window_over", "截止时间已经过了，请先改时间。")
    move_on(found, row.to, published_at=clock.now(), rule_text=rule_of(found))
    record("round.published", subject=found, by=by, term_id=found.term_id)
    _tell_all(
        found,
        f"{found.name}：{window_of(found).sentence}",
        "规则和社团都在页面上，自愿参加。",
        by,
    )


@transaction.atomic
def extend_round(*, found: ClubRound, closes_at: datetime, by: Actor) -> None:
    """Put off the end of a window; families are told. Refused: `wrong_state`, `not_later`."""
    need_office(by)
    row = checked(found, RoundMove.EXTEND, {Who.OFFICE})
    if closes_at <= max(found.closes_at, clock.now()):
        raise Refused("not_later", "新的截止时间要比原来晚，也要在现在以后。")
    seen = ClubRound.objects.filter(pk=found.pk, state=found.state, closes_at=found.closes_at)
    if seen.update(state=row.to, closes_at=closes_at) != 1:
        raise somebody_was_faster()
    old, found.closes_at = found.closes_at, closes_at
    data = {"old": old.isoformat(), "new": closes_at.isoformat()}
    record("round.extended", subject=found, by=by, term_id=found.term_id, data=data)
    until = moment(closes_at.astimezone(clock.SHANGHAI))
    _tell_all(found, f"{found.name}延长到{until}", "已填的都在，还可以改。", by)


@transaction.atomic
def cancel_round(*, found: ClubRound, reason: str, by: Actor) -> None:
    """Give a round up, with a reason; families are told where they knew of it. Refused: `wrong_state`, `no_reason`."""
    need_office(by)
    row = checked(found, RoundMove.CANCEL, {Who.OFFICE})
    known = found.state != RoundState.PLANNED
    if known and RoundMove.CANCEL in NEEDS_REASON and not reason.strip():
        raise Refused("no_reason", "请写明取消的原因，家长会看到。")
    move_on(found, row.to, reason=reason.strip()[:200], decided_by=by.user, decided_at=clock.now())
    record("round.cancelled", subject=found, by=by, term_id=found.term_id, note=reason.strip())
    if known:
        _tell_all(found, f"{found.name}已取消", reason.strip(), by)


@transaction.atomic
def end_round(*, found: ClubRound, by: Actor) -> None:
    """Close the book on a round of first come, first served."""
    need_office(by)
    row = checked(found, RoundMove.END, {Who.OFFICE})
    move_on(found, row.to, decided_by=by.user, decided_at=clock.now())
    record("round.ended", subject=found, by=by, term_id=found.term_id)


def _tell_all(found: ClubRound, title: str, body: str, by: Actor) -> None:
    children = {child.student_id for child in approved(found.term)}
    accounts = {pk for people in guardians_of_each(children).values() for pk in people}
    url = reverse("scheduling:my-clubs")
    tell(accounts, kind="choosing.published", title=title, body=body, url=url, term=found.term, by=by)
