"""Asking for a term's archive, and finding it."""

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import JobState
from afterschool.school.events import record
from afterschool.school.models import Paper, Term
from afterschool.school.papers import request_paper
from afterschool.setup.archive.making import KIND, closing_of, plain_top
from afterschool.support.refusal import Refused

MAKING = (JobState.QUEUED, JobState.RUNNING)


def newest_archive(term: Term) -> Paper | None:
    """Return the archive asked for last, done or not."""
    return Paper.objects.filter(kind=KIND, params__term=term.pk).order_by("-requested_at").first()


def is_of_today(paper: Paper, term: Term) -> bool:
    """Tell whether an archive is of the closing that holds: not from before the term was opened again."""
    return bool(paper.params.get("closed") == closing_of(term))


@transaction.atomic
def ask_archive(*, term: Term, by: Actor) -> Paper:
    """Ask for all papers of a closed term as one file. By the office.

    Refused: `not_closed`, `forgotten`, `running` (one is being made already).
    """
    if not by.is_office:
        raise PermissionDenied
    held = Term.objects.select_for_update().get(pk=term.pk)
    if held.closed_at is None:
        raise Refused("not_closed", "先结束学期，再做归档文件。")
    if held.forgotten_at is not None:
        raise Refused("forgotten", "这个学期的文字已按规定清除，不能再做归档文件。")
    if Paper.objects.filter(kind=KIND, params__term=held.pk, state__in=MAKING).exists():
        raise Refused("running", "归档文件正在做，做好会有下载按钮。")
    params = {"term": held.pk, "key": uuid.uuid4().hex, "closed": closing_of(held)}
    paper = request_paper(KIND, title=plain_top(held), params=params, by=by, told=True)
    record("term.archive_asked", subject=held, by=by, term_id=held.pk)
    return paper
