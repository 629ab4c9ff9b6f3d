"""Questions about changes of approved applications: for the pages here, and for the gate, which asks for a day."""

from datetime import date
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support.prepared import prepared
from enrollment.enums import AmendmentState, ApplicationState
from enrollment.models import Amendment, Application

LATEST = 60


def alone_on(day: date | OuterRef) -> QuerySet[Application]:
    """Return the approved applications whose guardians let the child leave alone on this day.

    The application holds the newest word; before an accepted change begins, the word it replaced still counts.
    """
    ahead = Amendment.objects.filter(application=OuterRef("pk"), state=AmendmentState.ACCEPTED, starts_on__gt=day)
    before = ahead.order_by("starts_on", "decided_at", "pk").values("old_may_go_alone")[:1]
    approved = Application.objects.filter(state=ApplicationState.SCHOOL_APPROVED)
    return approved.annotate(alone=Coalesce(Subquery(before), F("may_go_alone"))).filter(alone=True)


def amendments_of(actor: Actor, term: Term) -> QuerySet[Amendment]:
    """Return the requests of the term that this person looks after: all for the office, the own class for its head teacher."""
    found = Amendment.objects.filter(application__term=term).select_related(
        "application__student__school_class__head_teacher", "application__term", "asked_by", "decided_by"
    )
    if actor.is_office:
        return found
    return found.filter(application__student__school_class_id__in=actor.class_ids)


def open_amendments(actor: Actor, term: Term) -> list[Amendment]:
    """Return the requests that wait, the earliest day first: one query."""
    return list(amendments_of(actor, term).filter(state=AmendmentState.ASKED).order_by("starts_on", "pk"))


def waiting_amendments(actor: Actor, term: Term) -> int:
    """Count the requests that wait for this person: one query."""
    waiting = Amendment.objects.filter(application__term=term, state=AmendmentState.ASKED)
    if not actor.is_office:
        waiting = waiting.filter(application__student__school_class_id__in=actor.class_ids)
    return waiting.count()


def latest_amendments(actor: Actor, term: Term) -> list[Amendment]:
    """Return the last requests that were decided or withdrawn, newest first: one query."""
    return list(amendments_of(actor, term).exclude(state=AmendmentState.ASKED).order_by("-asked_at", "-pk")[:LATEST])


@prepared
def _of_children(term_id: int, student_ids: list[int]) -> QuerySet[Amendment]:
    found = Amendment.objects.filter(application__term=term_id, application__student__pk__in=student_ids)
    return found.select_related("application").order_by("asked_at", "pk")


def of_children(term: Term, student_ids: list[int]) -> dict[int, Amendment]:
    """Return for each child its newest request: one query."""
    rows: dict[int, Any] = {}
    for row in _of_children(term.pk, student_ids):
        rows[row.application.student_id] = row
    return rows
