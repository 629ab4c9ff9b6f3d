"""Work of scheduling in the background: a draw takes seconds, and a draw repeated as long."""

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import SYSTEM
from afterschool.school.enums import JobState
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.middleware import load_school
from scheduling.actions.rounds import checked, move_on
from scheduling.choosing import Who
from scheduling.choosing.passes import draw_all, fingerprint_of, read_file
from scheduling.choosing.results import kept
from scheduling.draw import InvalidInput
from scheduling.enums import DrawState, RoundMove
from scheduling.models import ClubDraw, DrawCheck

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=5)
MOST_TRIES = 3
BROKE = "抽签时出错，已记下。可以用同一个种子再抽；再不行请告诉管理员。"


@task()
def run_draw(pk: int) -> None:
    """Draw from the sealed input and keep the result. May run twice: the same input and seed give the same."""
    load_school()
    run = ClubDraw.objects.select_related("round__term", "round__checker").get(pk=pk)
    if run.state != DrawState.RUNNING:
        return
    mine = ClubDraw.objects.filter(pk=pk, state=DrawState.RUNNING)
    mine.update(progress=10, began_at=timezone.now(), tries=F("tries") + 1)
    try:
        given = read_file(run.full_input)

        def tell(done: int) -> None:
            mine.update(progress=10 + 80 * done // given.times)

        results = draw_all(given, run.seed, tell)
    except InvalidInput as invalid:
        _fail(run, invalid.sentence)
        return
    except Exception:
        _fail(run, BROKE)
        raise
    with transaction.atomic():
        if mine.update(state=DrawState.DONE, progress=100, result=kept(results)):
            move_on(run.round, checked(run.round, RoundMove.FINISH, {Who.WORKER}).to)
            data = {"proven": all(result.proven for result in results)}
            record("draw.done", subject=run, by=SYSTEM, term_id=run.round.term_id, data=data)
            _tell_checker(run)


def _tell_checker(run: ClubDraw) -> None:
    """Tell the person who is named to repeat the draw that there is one."""
    checker = run.round.checker
    if checker is not None and checker.user_id is not None:
        tell(
            [checker.user_id],
            kind="choosing.check",
            title=f"请复核抽签：{run.round.name}",
            body="抽签已有结果，请用同样的数据再抽一次，看是否一致。",
            url=reverse("scheduling:round-checking", args=[run.round_id]),
            term=run.round.term,
            by=SYSTEM,
        )


def _fail(run: ClubDraw, sentence: str) -> None:
    with transaction.atomic():
        if ClubDraw.objects.filter(pk=run.pk, state=DrawState.RUNNING).update(state=DrawState.FAILED, error=sentence):
            move_on(run.round, checked(run.round, RoundMove.FAIL, {Who.WORKER}).to)
            record("draw.failed", subject=run, by=SYSTEM, term_id=run.round.term_id)


@task()
def run_check(pk: int) -> None:
    """Repeat a draw from its kept input and compare all of it: the fingerprint, and every outcome. May run twice."""
    load_school()
    check = DrawCheck.objects.select_related("draw__round").get(pk=pk)
    if check.state == JobState.DONE:
        return
    DrawCheck.objects.filter(pk=pk).update(state=JobState.RUNNING)
    run = check.draw
    try:
        results = draw_all(read_file(run.full_input), run.seed)
        same = fingerprint_of(run.full_input) == run.fingerprint and kept(results) == run.result
    except InvalidInput:
        same = False
    except Exception:
        DrawCheck.objects.filter(pk=pk).update(state=JobState.FAILED)
        raise
    with transaction.atomic():
        DrawCheck.objects.filter(pk=pk).update(state=JobState.DONE, same=same)
        record("draw.checked", subject=run, by=SYSTEM, term_id=run.round.term_id, data={"same": same})


def restart_stuck() -> int:
    """Queue again the draws over which a worker died; give up after three tries. Return how many were queued."""
    restarted = 0
    open_terms = ClubDraw.objects.filter(round__term__closed_at=None)
    for run in open_terms.filter(state=DrawState.RUNNING, began_at__lt=timezone.now() - STUCK_AFTER):
        if run.tries >= MOST_TRIES:
            _fail(run, BROKE)
            continue
        if ClubDraw.objects.filter(pk=run.pk, state=DrawState.RUNNING, began_at=run.began_at).update(
            began_at=timezone.now()
        ):
            run_draw.enqueue(run.pk)
            restarted += 1
    return restarted
