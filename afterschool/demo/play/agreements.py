"""The demo school's agreement: published the day before the window opens, signed with the applications; a few sheets still out."""

from collections.abc import Mapping
from datetime import datetime

from afterschool.school.access import Actor
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.actions.agreement_files import make_due
from enrollment.actions.agreement_texts import publish
from enrollment.actions.agreements import receive_paper
from enrollment.enums import SigningMethod
from enrollment.models import AgreementText, Signature

PUBLISHED = datetime(2026, 8, 31, 17, 0, tzinfo=SHANGHAI)
RECEIVED = datetime(2026, 9, 4, 8, 20, tzinfo=SHANGHAI)
FILES = 2  # made while the demo is built; the tick makes the others
OUT = 4  # one sheet in four hasn't come back


def play_publication(term: Term, office: Actor) -> None:
    """Publish the draft that the term began with."""
    text = AgreementText.objects.get(term=term, version=1)
    text.term = term
    with clock.frozen(PUBLISHED):
        publish(text=text, sign_anew=False, by=office)


def play_sheets(term: Term, heads: Mapping[int, Actor]) -> None:
    """Let the head teachers take in most of the sheets, by class; then make a few files."""
    waiting = Signature.objects.filter(application__term=term, method=SigningMethod.PAPER, paper_received_at=None)
    waiting = waiting.select_related("text", "application__student__school_class").order_by("pk")
    with clock.frozen(RECEIVED):
        for number, signature in enumerate(waiting):
            head = heads.get(signature.application.student.school_class_id or 0)
            if number % OUT and head is not None and head.user is not None:
                receive_paper(signature=signature, by=head)
    make_due(FILES)
