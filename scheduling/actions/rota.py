"""The weekly rota: asked for, solved by the worker, changed by hand, published from a date; its duties follow."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import Actor, actor_for, need_office
from afterschool.school.enums import SessionState
from afterschool.school.events import record
from afterschool.school.messaging import tell_many
from afterschool.school.middleware import load_school
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.duties import fill_duties
from scheduling.enums import RotaState, TurnKind
from scheduling.models import Rota, RotaTurn
from scheduling.queries.rota import PROOF, accepted_rota
from scheduling.queries.rota_changes import notes_of
from scheduling.queries.rota_choices import verdict_on
from scheduling.queries.rota_given import Given, hand_turns, posts_for_rota, rota_given
from scheduling.rota import Proposal, Turn, propose

STUCK_AFTER = timedelta(minutes=10)  # a whole school takes seconds
MOST_TRIES = 3
CRASHED = "排班时出错，已记下，请告诉管理员。"
GIVEN_UP = f"试了{MOST_TRIES}次都没有排完，请告诉管理员。"


# Asking and solving


@transaction.atomic
def ask_rota(*, term: Term, by: Actor, rotate: bool = False, in_background: bool = True) -> Rota:
    """Ask for a new draft (D5); the worker solves it. An older wish that is still being solved is given up.

    Past turns count as far as they did for the published rota, so that only what must change does; with `rotate` they
    count until now, and further turns go to those with fewest so far. Refused with `no_groups` while no grouping has been accepted.
    """
    need_office(by)
    today = clock.today()
    if not posts_for_rota(term, today):
        raise Refused("no_groups", "还没有服务班，请先确认编班。")
    older = Rota.objects.filter(term=term, state__in=[RotaState.SOLVING, RotaState.FAILED])
    older.update(state=RotaState.SUPERSEDED)
    first, former = max(today, term.service_starts_on), accepted_rota(term)
    rota = Rota.objects.create(
        term=term,
        state=RotaState.SOLVING,
        starts_on=first,
        counts_until=(former.counts_until or former.starts_on) if former and not rotate else first,
        made_at=clock.now(),
        made_by=by.user,
    )
    record("rota.asked", subject=rota, by=by, term_id=term.pk)
    if in_background:
        transaction.on_commit(lambda: solve_asked.enqueue(rota.pk))
    return rota


def propose_rota(*, term: Term, by: Actor, rotate: bool = False) -> Rota:
    """Ask for a draft and solve it at once; refused as `ask_rota` is."""
    rota = ask_rota(term=term, by=by, rotate=rotate, in_background=False)
    solve(rota, by=by)
    rota.refresh_from_db()
    return rota


@task()
def solve_asked(pk: int) -> None:
    """Solve a rota that was asked for; may run twice, the second finds it done."""
    load_school()
    rota = Rota.objects.select_related("term", "made_by__teacher", "made_by__guardian").get(pk=pk)
    asked = Rota.objects.filter(pk=pk, state=RotaState.SOLVING)
    if rota.made_by is None or not asked.update(began_at=timezone.now(), tries=F("tries") + 1, percent=1):
        return
    try:
        solve(rota, by=actor_for(rota.made_by), progress=lambda n: _progress(pk, n))
    except Refused as refused:
        asked.update(state=RotaState.FAILED, error=refused.sentence[:200])
    except Exception:
        asked.update(state=RotaState.FAILED, error=CRASHED)
        raise


def _progress(pk: int, percent: int) -> None:
    Rota.objects.filter(pk=pk).update(percent=max(1, min(99, percent)))


def solve(rota: Rota, *, by: Actor, progress: Callable[[int], None] = lambda percent: None) -> None:
    """Solve what was asked for and keep it as the draft in place of an older one. Solved outside of any transaction.

    Refused with `somebody_was_faster` when another wish has replaced this one meanwhile.
    """
    need_office(by)
    term = rota.term
    given = rota_given(term, rota.starts_on, rota.counts_until)
    proposal = propose(given.people, given.posts, fixed=given.fixed, previous=given.previous, progress=progress)
    _keep(rota, given, proposal, by)


@transaction.atomic
def _keep(rota: Rota, given: Given, proposal: Proposal, by: Actor) -> None:
    by_hand = hand_turns(rota.term)
    Rota.objects.filter(term=rota.term, state=RotaState.DRAFT).update(state=RotaState.SUPERSEDED)
    findings = [asdict(finding) for finding in proposal.findings]
    proof = {"code": PROOF, "proven": proposal.proven, "parts": [asdict(part) for part in proposal.parts]}
    asked = Rota.objects.filter(pk=rota.pk, state=RotaState.SOLVING)
    if asked.update(state=RotaState.DRAFT, percent=100, made_at=clock.now(), findings=[*findings, proof]) != 1:
        raise somebody_was_faster()
    RotaTurn.objects.bulk_create((_row(rota, turn, by_hand.get(turn.post.key)) for turn in proposal.turns), 500)
    record(
        "rota.proposed",
        subject=rota,
        by=by,
        term_id=rota.term_id,
        data={"turns": len(proposal.turns), "open": sum(t.teacher_id is None for t in proposal.turns)},
    )


def _row(rota: Rota, turn: Turn, kept: RotaTurn | None) -> RotaTurn:
    post, floats = turn.post, turn.post.kind == TurnKind.FLOATER
    row = RotaTurn(rota=rota, kind=str(post.kind), weekday=post.weekday, teacher_id=turn.teacher_id)
    if floats:
        row.grade, row.number = post.grade, post.number
    else:
        row.group_id = post.of
    if turn.by_hand and kept is not None:
        row.by_hand, row.hand_at, row.reason = True, kept.hand_at, kept.reason
    return row


def restart_stuck() -> int:
    """Queue again the rotas over which a worker died; give up after three tries. Return how many were queued."""
    restarted = 0
    open_terms = Rota.objects.filter(term__closed_at=None)
    for rota in open_terms.filter(state=RotaState.SOLVING, began_at__lt=timezone.now() - STUCK_AFTER):
        seen = Rota.objects.filter(pk=rota.pk, state=RotaState.SOLVING, began_at=rota.began_at)
        if rota.tries >= MOST_TRIES:
            seen.update(state=RotaState.FAILED, error=GIVEN_UP)
            continue
        with transaction.atomic():
            if seen.update(began_at=timezone.now()):  # counts as begun: the queue may be long
                solve_asked.enqueue(rota.pk)
                restarted += 1
    return restarted


# By hand


@transaction.atomic
def change_turn(*, turn: RotaTurn, teacher: Teacher | None, reason: str = "", by: Actor) -> RotaTurn:
    """Put another person (or nobody) on one turn; the next solving keeps it. A published rota's sessions to come follow.

    Refused with `rota_is_old`, `teacher_left`, `teacher_busy` (at two places, or taken otherwise), `reason_missing`
    (another grade, a day off, more turns than agreed, who takes no part) or `somebody_was_faster`.
    """
    need_office(by)
    reason = reason.strip()[:100] if teacher else ""
    _still_live(turn)
    if teacher is not None:
        if not teacher.active:
            raise Refused("teacher_left", f"{teacher.name}已不在职。")
        verdict = verdict_on(turn, teacher, reason)
        if not verdict.ok:
            raise Refused("reason_missing" if verdict.by_reason else "teacher_busy", verdict.sentence)
    held = {"teacher": teacher, "reason": reason, "by_hand": teacher is not None, "hand_at": clock.now()}
    if RotaTurn.objects.filter(pk=turn.pk, teacher=turn.teacher).update(**held) != 1:
        raise somebody_was_faster()
    changed = {**_named(turn), "old": turn.teacher_id, "new": teacher.pk if teacher else None}
    record("rota.turn_changed", subject=turn, by=by, term_id=turn.rota.term_id, data=changed, note=reason)
    for name, value in held.items():
        setattr(turn, name, value)
    if turn.rota.state == RotaState.ACCEPTED:
        fill_duties(turn.rota.term, clock.today())
    return turn


@transaction.atomic
def free_turn(*, turn: RotaTurn, by: Actor) -> None:
    """Let the next solving decide this turn again; until then it stays. Refused with `rota_is_old`, `somebody_was_faster`."""
    need_office(by)
    _still_live(turn)
    if RotaTurn.objects.filter(pk=turn.pk, by_hand=True).update(by_hand=False, hand_at=clock.now()) != 1:
        raise somebody_was_faster()
    record("rota.turn_freed", subject=turn, by=by, term_id=turn.rota.term_id, data=_named(turn))


def _still_live(turn: RotaTurn) -> None:
    if turn.rota.state not in (RotaState.DRAFT, RotaState.ACCEPTED):
        raise Refused("rota_is_old", "这份值班表已被替换，请改最新的一份。")


def _named(turn: RotaTurn) -> dict[str, object]:
    return {"group": turn.group_id, "grade": turn.grade, "number": turn.number, "weekday": turn.weekday}


# Publishing


def _first_free_day(term: Term) -> date:
    """Return today, or tomorrow once today's service has begun: who has a group now keeps it today."""
    now = clock.now()
    begun = Session.objects.filter(
        term=term, date=now.date(), starts_at__lte=now.time(), state=SessionState.PLANNED
    ).exists()
    return now.date() + timedelta(days=1) if begun else now.date()


@transaction.atomic
def accept_rota(*, rota: Rota, by: Actor, starts_on: date | None = None, tell_families: bool = False) -> int:
    """Publish a draft from a date on: until then the former rota holds. Return how many duties were written.

    Everybody whose turns change reads the own ones, everybody else that a new rota is out; families of groups whose
    teachers change are told if the office wants it. Refused with `starts_in_past`, `starts_after_term` or
    `somebody_was_faster` when it is no draft any more.
    """
    need_office(by)
    now, term = clock.now(), rota.term
    former = Rota.objects.filter(term=term, state=RotaState.ACCEPTED).first()
    first = starts_on or max(_first_free_day(term) if former else now.date(), rota.starts_on)
    if first < now.date():
        raise Refused("starts_in_past", "开始日期不能早于今天。")
    if first > term.ends_on:
        raise Refused("starts_after_term", "开始日期在学期结束以后。")
    Rota.objects.filter(term=term, state=RotaState.ACCEPTED).update(state=RotaState.SUPERSEDED)
    draft = Rota.objects.filter(pk=rota.pk, state=RotaState.DRAFT)
    if draft.update(state=RotaState.ACCEPTED, decided_at=now, decided_by=by.user, starts_on=first) != 1:
        raise somebody_was_faster()
    rota.starts_on = first
    duties = fill_duties(term, first)
    tell_many(notes_of(rota, former, families=tell_families), by=by)
    data = {"duties": duties, "from": first.isoformat(), "families": tell_families}
    record("rota.accepted", subject=rota, by=by, term_id=term.pk, data=data)
    return duties
