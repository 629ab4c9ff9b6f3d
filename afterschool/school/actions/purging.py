"""What is not needed any more goes by itself: papers with codes or one child's data, and rosters that nobody took up."""

from datetime import timedelta
from functools import partial

from django.core.files.storage import Storage
from django.db import transaction
from django.utils import timezone

from afterschool.school.access import Actor
from afterschool.school.enums import ImportState, JobState
from afterschool.school.events import record
from afterschool.school.models import Paper, RosterImport
from afterschool.school.papers import KINDS, SHORT
from afterschool.support import clock

FORGOTTEN = 30  # days after which a checked roster that nobody decided on is put away
ENDED = [JobState.DONE, JobState.FAILED]


def remove_paper(paper: Paper) -> None:
    """Delete a paper with its file, the file when the transaction is committed. Safe to repeat."""
    file = paper.file
    Paper.objects.filter(pk=paper.pk).delete()
    if file:
        _drop(file.storage, file.name or "")
    kind = KINDS.get(paper.kind)
    if kind is not None and kind.forget is not None:
        transaction.on_commit(partial(kind.forget, paper.params))


def _drop(storage: Storage, name: str) -> None:
    transaction.on_commit(lambda: storage.delete(name) if name else None)


@transaction.atomic
def purge_papers() -> int:
    """Delete papers that have been kept long enough (machine's clock). Return how many."""
    gone = 0
    for name, kind in KINDS.items():
        old = timezone.now() - timedelta(days=kind.keep_days)
        for paper in Paper.objects.filter(kind=name, state__in=ENDED, requested_at__lt=old):
            remove_paper(paper)
            gone += 1
    return gone


@transaction.atomic
def purge_rosters(*, by: Actor) -> int:
    """Put away rosters with errors after a week, and checked ones that nobody took up after a month. Return how many."""
    gone = 0
    for state, days in ((ImportState.REFUSED, SHORT), (ImportState.CHECKED, FORGOTTEN)):
        old = clock.now() - timedelta(days=days)
        for brought in RosterImport.objects.filter(state=state, uploaded_at__lt=old).exclude(file=""):
            file = brought.file
            row = RosterImport.objects.filter(pk=brought.pk, state=state)
            if row.update(state=ImportState.DISCARDED, report={}, file="") == 1:
                _drop(file.storage, file.name or "")
                record("roster.purged", subject=brought, by=by)
                gone += 1
    return gone
