"""The draw as the office runs it: seal the wishes, make the seed, draw in the background, look, confirm (D3, B4)."""

import secrets
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.events import record
from afterschool.school.messaging import Note, guardians_of_each, tell_many
from afterschool.school.models import User
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.actions.club_places import Wish, take_places
from scheduling.actions.rounds import checked, move_on
from scheduling.choosing import Who
from scheduling.choosing.passes import fingerprint_of, full_file
from scheduling.choosing.results import by_ticket, outcome_of, outcomes_by_ticket
from scheduling.draw import InvalidInput
from scheduling.draw.paper import check_seed
from scheduling.draw.words import outcome_sentence, reason_sentence
from scheduling.enums import DrawState, PlaceSource, RoundMove
from scheduling.models import Club, ClubDraw, ClubRound, DrawCheck, WishSheet
from scheduling.queries.choosing import held_numbers
from scheduling.queries.draw_input import input_of

SEED_BYTES = 16
LEAST_TYPED = 4  # digits of a seed thrown before parents
MOST_TYPED = 64


@transaction.atomic
def seal_wishes(*, found: ClubRound, by: Actor) -> ClubDraw:
    """Fix the whole input of the draw and keep its fingerprint, which stands on the public page from now on.

    Refused: `wrong_state`, `window_open`, `no_wishes`.
    """
    need_office(by)
    row = checked(found, RoundMove.SEAL, {Who.OFFICE})
    move_on(found, row.to)
    return _seal(found, by)


def _seal(found: ClubRound, by: Actor, reason: str = "") -> ClubDraw:
    given = input_of(found, salt=secrets.token_hex(SEED_BYTES))
    if not given.first.children:
        raise Refused("no_wishes", "没有志愿可以抽。可以延长截止时间，或取消这一轮。")
    text = full_file(given)
    last = found.draws.aggregate(number=Max("number"))["number"] or 0
    run = ClubDraw.objects.create(
        round=found,
        number=last + 1,
        full_input=text,
        fingerprint=fingerprint_of(text),
        fingerprint_at=clock.now(),
        reason=reason,
        by=by.user,
    )
    data = {"number": run.number, "fingerprint": run.fingerprint, "children": len(given.first.children)}
    record("draw.sealed", subject=run, by=by, term_id=found.term_id, data=data, note=reason)
    return run


@transaction.atomic
def start_draw(*, found: ClubRound, by: Actor, typed: str = "", in_background: bool = True) -> ClubDraw:
    """Make the seed, or take the one that was thrown before parents, and let the worker draw.

    A run that broke off begins again with the seed it has. Refused: `wrong_state`, `bad_seed`.
    """
    need_office(by)
    row = checked(found, RoundMove.DRAW, {Who.OFFICE})
    run = found.draws.filter(state__in=[DrawState.SEALED, DrawState.FAILED]).order_by("-number").first()
    if run is None:
        raise somebody_was_faster()
    seed = run.seed or _seed(typed)
    move_on(found, row.to)
    values: dict[str, Any] = {"state": DrawState.RUNNING, "progress": 0, "tries": 0, "error": ""}
    if not run.seed:
        values |= {"seed": seed, "seed_at": clock.now(), "seed_typed": bool(typed.strip())}
    if not ClubDraw.objects.filter(pk=run.pk, state=run.state).update(**values):
        raise somebody_was_faster()
    record("draw.started", subject=run, by=by, term_id=found.term_id, data={"typed": bool(typed.strip())})
    if in_background:
        from scheduling.tasks import run_draw

        transaction.on_commit(lambda: run_draw.enqueue(run.pk))
    run.refresh_from_db()
    return run


def _seed(typed: str) -> str:
    seed = "".join(typed.split()).lower()
    if not seed:
        return secrets.token_hex(SEED_BYTES)
    try:
        check_seed(seed)
    except InvalidInput as invalid:
        raise Refused(invalid.code, invalid.sentence) from invalid
    if not LEAST_TYPED <= len(seed) <= MOST_TYPED:
        raise Refused("bad_seed", f"种子要有{LEAST_TYPED}到{MOST_TYPED}位。")
    return seed


@transaction.atomic
def draw_again(*, found: ClubRound, reason: str, by: Actor) -> ClubDraw:
    """Set a result aside before it was confirmed, for a reason that stays on record, and seal the input anew.

    Refused: `wrong_state`, `no_reason`.
    """
    need_office(by)
    row = checked(found, RoundMove.AGAIN, {Who.OFFICE})
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么这次结果不用。原因和这次抽签都会公布。")
    if not ClubDraw.objects.filter(round=found, state=DrawState.DONE).update(state=DrawState.ASIDE):
        raise somebody_was_faster()
    move_on(found, row.to)
    return _seal(found, by, reason.strip()[:200])


@transaction.atomic
def confirm_draw(*, found: ClubRound, by: Actor) -> list[str]:
    """Give the places of the draw, and tell each family what it got and why. A draw is confirmed once.

    Returns a sentence for each place that could not be given any more: a child left the service meanwhile, or has as
    many clubs as the round allows by another way (a place offered, another round). Refused: `wrong_state`, and as a
    whole where a club has fewer places than were drawn.
    """
    need_office(by)
    row = checked(found, RoundMove.CONFIRM, {Who.OFFICE})
    run = ClubDraw.objects.filter(round=found, state=DrawState.DONE).first()
    if run is None or not ClubDraw.objects.filter(pk=run.pk, state=DrawState.DONE).update(state=DrawState.CONFIRMED):
        raise somebody_was_faster()
    move_on(found, row.to, decided_by=by.user, decided_at=clock.now())
    sheets = {sheet.ticket: sheet for sheet in found.sheets.select_related("student")}
    wishes = [
        Wish(sheets[ticket].student_id, club) for ticket, clubs in by_ticket(run.result).items() for club in clubs
    ]
    lost = _over_the_most(found, wishes)
    still = [wish for wish in wishes if (wish.student_id, wish.club_id) not in lost]
    taken = take_places(term=found.term, wishes=still, source=PlaceSource.DRAW, starts_on=found.starts_on, by=by)
    lost |= {(wish.student_id, wish.club_id): refused.sentence for wish, refused in taken.refused}
    _keep_outcomes(sheets, run)
    data = {"number": run.number, "placed": len(taken.places), "refused": len(lost)}
    record("draw.confirmed", subject=run, by=by, term_id=found.term_id, data=data)
    _tell_results(found, sheets, lost, by)
    return list(lost.values())


def _over_the_most(found: ClubRound, wishes: list[Wish]) -> dict[tuple[int, int], str]:
    """Return the places drawn for children who got their clubs otherwise since the wishes were sealed, each with why."""
    held = held_numbers(found.term, {wish.student_id for wish in wishes})
    room = {pk: found.clubs_per_child - number for pk, number in held.items()}
    lost = {}
    for wish in wishes:
        left = room.get(wish.student_id, found.clubs_per_child)
        room[wish.student_id] = left - 1
        if left <= 0:
            why = f"封存以后孩子已有{held[wish.student_id]}个社团，每个孩子最多{found.clubs_per_child}个。"
            lost[wish.student_id, wish.club_id] = why
    return lost


def _keep_outcomes(sheets: dict[str, WishSheet], run: ClubDraw) -> None:
    """Put each ticket's own rows on its sheet, so that a family's page never reads those of others."""
    for ticket, rows in outcomes_by_ticket(run.result).items():
        sheets[ticket].outcome = rows
    WishSheet.objects.bulk_update(sheets.values(), ["outcome"], batch_size=500)


def _tell_results(found: ClubRound, sheets: dict[str, WishSheet], lost: dict[tuple[int, int], str], by: Actor) -> None:
    names = dict(Club.objects.filter(term=found.term).values_list("pk", "name"))
    told = [sheet for sheet in sheets.values() if sheet.outcome]
    guardians = guardians_of_each(sheet.student_id for sheet in told)
    url = reverse("scheduling:my-clubs")
    tell_many(
        (
            Note(
                guardians.get(sheet.student_id, []),
                "choosing.result",
                f"{found.name}结果：{sheet.student.name}{_title(sheet, names, lost)}",
                student_id=sheet.student_id,
                term_id=found.term_id,
                body=_body(sheet, names, lost),
                url=url,
            )
            for sheet in told
        ),
        by=by,
    )


def _title(sheet: WishSheet, names: dict[int, str], lost: dict[tuple[int, int], str]) -> str:
    got = [row[2] for row in sheet.outcome if row[2] is not None and (sheet.student_id, row[2]) not in lost]
    return f"分到{'、'.join(names[pk] for pk in got)}" if got else "这次没有分到社团"


def _body(sheet: WishSheet, names: dict[int, str], lost: dict[tuple[int, int], str]) -> str:
    lines = []
    for row in sheet.outcome:
        if why := lost.get((sheet.student_id, row[2])):
            lines.append(f"抽到“{names[row[2]]}”，名额没有给：{why}")
            continue
        outcome = outcome_of(row)
        lines.append(outcome_sentence(outcome, names))
        lines += [reason_sentence(reason, names) for reason in outcome.reasons]
    return "\n".join(lines)


@transaction.atomic
def ask_check(*, run: ClubDraw, by: Actor, who: Who = Who.OFFICE, in_background: bool = True) -> DrawCheck:
    """Repeat a draw from its kept input, as the checker or the office asks; the worker does it. Refused: `wrong_state`."""
    checked(run.round, RoundMove.CHECK, {who})
    if run.state not in {DrawState.DONE, DrawState.CONFIRMED} or by.user is None:
        raise Refused("wrong_state", "这次抽签没有可以复核的结果。")
    check = DrawCheck.objects.create(draw=run, by=User.objects.get(pk=by.user.pk), at=clock.now())
    record("draw.check_asked", subject=run, by=by, term_id=run.round.term_id)
    if in_background:
        from scheduling.tasks import run_check

        transaction.on_commit(lambda: run_check.enqueue(check.pk))
    return check
