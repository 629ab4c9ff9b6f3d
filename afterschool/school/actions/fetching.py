"""A file that is given out: where its kind asks for it, a line of history says to whom."""

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Paper, School, Term
from afterschool.school.papers import KINDS


@transaction.atomic
def note_fetched(*, paper: Paper, by: Actor) -> None:
    """Keep on record that a paper's file was given out; nothing for kinds that don't ask for it."""
    kind = KINDS.get(paper.kind)
    if kind is None or not kind.fetched:
        return
    term = Term.objects.filter(pk=paper.params.get("term", 0)).first()
    record(kind.fetched, subject=term or School.objects.get(pk=1), by=by, term_id=term.pk if term else None)
