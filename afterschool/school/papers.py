"""Papers made in the background: a builder per kind, asked for by a person, made by the worker, fetched when done.

An app registers its builders when it is ready:

    papers.register("rota", rota_pdf, suffix="pdf")

A builder takes the parameters and the person who asked (as of now, not of then) and a `progress` callable, checks that this
person may have the paper, and returns bytes, or an open file where they are many. It can be run twice without harm. One that
has more to do than fits a turn of the worker keeps what it has made and returns nothing: it is called again behind what waits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import JobState
from afterschool.school.events import record
from afterschool.school.models import Paper, User
from afterschool.support.refusal import Refused

Progress = Callable[[int], None]
Builder = Callable[[dict[str, Any], Actor, Progress], bytes | File[bytes] | None]
Forget = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Kind:
    """How one kind of paper is made."""

    build: Builder
    suffix: str
    keep_days: int  # after which the paper is deleted, file and title
    names: bool = True  # children may stand in it by name: it goes when one of them is erased
    forget: Forget | None = None  # drops what a builder keeps between its turns
    fetched: str = ""  # the line of history for each time its file is given out


STUCK_AFTER = timedelta(minutes=10)
MOST_TRIES = 3
SHORT = 7  # days a paper is kept that holds codes in clear, or one child's data
USUAL = 30  # any other can be made again
KINDS: dict[str, Kind] = {}
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
    "json": "application/json",
}


def register(
    kind: str,
    build: Builder,
    *,
    suffix: str,
    keep_days: int = USUAL,
    names: bool = True,
    forget: Forget | None = None,
    fetched: str = "",
) -> None:
    """Make a kind of paper known; `keep_days`: how long it is kept; the rest as in `Kind`."""
    KINDS[kind] = Kind(build, suffix, keep_days, names, forget, fetched)


@transaction.atomic
def request_paper(kind: str, *, title: str, params: dict[str, Any], by: Actor, told: bool = False) -> Paper:
    """Ask for a paper; the worker begins when this transaction has been committed. `told`: the asking is on record already."""
    if kind not in KINDS or by.user is None:
        raise Refused("unknown_paper", "没有这种文件。")
    paper = Paper.objects.create(kind=kind, title=title, params=params, requested_by=by.user)
    if KINDS[kind].names and not told:
        student = params.get("student")
        about = student if isinstance(student, int) else None
        record("paper.asked", subject=by.user, by=by, student_id=about, data={"kind": kind})
    transaction.on_commit(lambda: make_paper.enqueue(str(paper.pk)))
    return paper


@task()
def make_paper(paper_id: str) -> None:
    """Make the paper and keep its file; an error is kept with it as a sentence."""
    from afterschool.school.middleware import load_school

    load_school()
    paper = Paper.objects.filter(pk=paper_id).first()
    if paper is None or paper.state == JobState.DONE:  # erased meanwhile, or made by another worker
        return
    Paper.objects.filter(pk=paper.pk).update(
        state=JobState.RUNNING, progress=Greatest(F("progress"), 1), started_at=timezone.now(), tries=F("tries") + 1
    )

    def progress(percent: int) -> None:
        Paper.objects.filter(pk=paper.pk).update(progress=max(1, min(99, percent)))

    kind = KINDS[paper.kind]
    by = actor_for(User.objects.select_related("teacher", "guardian").get(pk=paper.requested_by_id))
    try:
        content = kind.build(paper.params, by, progress)
    except Refused as refused:
        Paper.objects.filter(pk=paper.pk).update(state=JobState.FAILED, error=refused.sentence[:200])
        return
    except Exception:
        Paper.objects.filter(pk=paper.pk).update(state=JobState.FAILED, error="生成时出错，已记下，请告诉管理员。")
        raise
    if content is None:
        _go_on_later(paper, kind)
    else:
        _keep(paper, kind, content)


def _go_on_later(paper: Paper, kind: Kind) -> None:
    """Queue a paper again that has more to do; it is alive, and not tried in vain."""
    if Paper.objects.filter(pk=paper.pk).update(started_at=timezone.now(), tries=0):
        make_paper.enqueue(str(paper.pk))
    elif kind.forget:  # removed while it was being made
        kind.forget(paper.params)


def _keep(paper: Paper, kind: Kind, content: bytes | File[bytes]) -> None:
    with ContentFile(content) if isinstance(content, bytes) else content as made:
        paper.file.save(f"{paper.pk}.{kind.suffix}", made, save=False)
    if kind.forget:
        kind.forget(paper.params)
    done = {"state": JobState.DONE, "progress": 100, "file": paper.file.name, "finished_at": timezone.now()}
    if not Paper.objects.filter(pk=paper.pk).update(**done):  # removed while it was being made
        paper.file.storage.delete(paper.file.name or "")


def restart_stuck() -> int:
    """Queue again the papers that a worker left unfinished when it died; give up after three tries. Return how many."""
    old = timezone.now() - STUCK_AFTER
    restarted = 0
    for paper in Paper.objects.filter(state=JobState.RUNNING, started_at__lt=old):
        if paper.tries >= MOST_TRIES:
            Paper.objects.filter(pk=paper.pk, state=JobState.RUNNING).update(
                state=JobState.FAILED, error="试了三次都没有做完，请告诉管理员。"
            )
            continue
        with transaction.atomic():
            changed = Paper.objects.filter(pk=paper.pk, state=JobState.RUNNING, started_at=paper.started_at)
            if changed.update(state=JobState.QUEUED, started_at=None):
                make_paper.enqueue(str(paper.pk))
                restarted += 1
    return restarted
