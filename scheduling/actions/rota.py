"""The weekly rota: proposed by the solver, changed by hand, published; its duties follow."""

from dataclasses import asdict

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.access import need_office
from scheduling.actions.duties import fill_duties
from scheduling.enums import RotaState
from scheduling.models import Rota, RotaTurn
from scheduling.queries.rota import PROOF, people_for_rota, person_of, post_of, posts_for_rota, previous_turns
from scheduling.rota import check_turn, propose


@transaction.atomic
def propose_rota(*, term: Term, by: Actor) -> Rota:
    """Solve the weekly rota of a term and keep it as the draft (D5); an older draft is replaced.

    Refused with `no_groups` while no grouping has been accepted.
    """
    need_office(by)
    today = clock.today()
    posts = posts_for_rota(term, today)
    if not posts:
        raise Refused("no_groups", "还没有服务班，请先确认编班。")
    proposal = propose(people_for_rota(term, today), posts, previous=previous_turns(term))
    Rota.objects.filter(term=term, state=RotaState.DRAFT).update(state=RotaState.SUPERSEDED)
    rota = Rota.objects.create(
        term=term,
        starts_on=max(today, term.service_starts_on),
        made_at=clock.now(),
        made_by=by.user,
        findings=[asdict(finding) for finding in proposal.findings]
        + [{"code": PROOF, "proven": proposal.proven, "parts": [asdict(part) for part in proposal.parts]}],
    )
    RotaTurn.objects.bulk_create(
        RotaTurn(rota=rota, group_id=t.group_id, weekday=t.weekday, teacher_id=t.teacher_id) for t in proposal.turns
    )
    record(
        "rota.proposed",
        subject=rota,
        by=by,
        term_id=term.pk,
        data={"turns": len(proposal.turns), "open": sum(t.teacher_id is None for t in proposal.turns)},
    )
    return rota


@transaction.atomic
def change_turn(*, turn: RotaTurn, teacher: Teacher | None, reason: str = "", by: Actor) -> RotaTurn:
    """Put another person (or nobody) on one turn; a published rota's sessions to come follow.

    Refused with `rota_is_old`, `teacher_left`, `teacher_busy` (another turn that weekday), `reason_missing` (a teacher of
    another grade, or on a day off) or `somebody_was_faster`.
    """
    need_office(by)
    reason = reason.strip()[:100]
    if turn.rota.state == RotaState.SUPERSEDED:
        raise Refused("rota_is_old", "这份值班表已被替换，请改最新的一份。")
    if teacher is not None:
        _check_person(turn, teacher, reason)
    seen = RotaTurn.objects.filter(pk=turn.pk, teacher=turn.teacher)
    if seen.update(teacher=teacher, reason=reason if teacher else "") != 1:
        raise somebody_was_faster()
    record(
        "rota.turn_changed",
        subject=turn,
        by=by,
        term_id=turn.rota.term_id,
        data={"group": turn.group_id, "old": turn.teacher_id, "new": teacher.pk if teacher else None},
        note=reason,
    )
    turn.teacher, turn.reason = teacher, reason
    if turn.rota.state == RotaState.ACCEPTED:
        fill_duties(turn.rota.term, clock.today())
    return turn


def _check_person(turn: RotaTurn, teacher: Teacher, reason: str) -> None:
    if not teacher.active:
        raise Refused("teacher_left", f"{teacher.name}已不在职。")
    rows = RotaTurn.objects.filter(rota=turn.rota_id, teacher=teacher).exclude(pk=turn.pk).select_related("group")
    held = [(post_of(row), row.label) for row in rows]
    verdict = check_turn(post_of(turn), person_of(teacher), held, name=teacher.name, reason=reason)
    if not verdict.ok:
        raise Refused("reason_missing" if verdict.by_reason else "teacher_busy", verdict.sentence)


@transaction.atomic
def accept_rota(*, rota: Rota, by: Actor) -> int:
    """Publish a draft: the former rota ends, sessions to come get their teachers, who are told; return how many duties.

    Refused with `somebody_was_faster` when it is no draft any more.
    """
    need_office(by)
    now = clock.now()
    Rota.objects.filter(term=rota.term_id, state=RotaState.ACCEPTED).update(state=RotaState.SUPERSEDED)
    draft = Rota.objects.filter(pk=rota.pk, state=RotaState.DRAFT)
    if draft.update(state=RotaState.ACCEPTED, decided_at=now, decided_by=by.user) != 1:
        raise somebody_was_faster()
    duties = fill_duties(rota.term, max(now.date(), rota.starts_on))
    people = RotaTurn.objects.filter(rota=rota, teacher__user__isnull=False)
    accounts = {pk for pk in people.values_list("teacher__user_id", flat=True) if pk is not None}
    tell(
        accounts,
        kind="rota.accepted",
        title="值班表已发布",
        body=f"自{rota.starts_on.month}月{rota.starts_on.day}日起按新的值班表，请看您的班次。",
        url=reverse("scheduling:rota"),
        term=rota.term,
        by=by,
    )
    record("rota.accepted", subject=rota, by=by, term_id=rota.term_id, data={"duties": duties})
    return duties
