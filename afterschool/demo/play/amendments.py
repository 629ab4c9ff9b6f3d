"""Changes during the term: some families ask for other days; a few wait, others are decided."""

from datetime import datetime

from afterschool.school.access import Actor, actor_for
from afterschool.school.models import Guardianship, Term
from afterschool.support import clock
from enrollment import actions
from enrollment.actions import held_by, span_for
from enrollment.amending import Arrangement
from enrollment.enums import ApplicationState
from enrollment.models import Amendment, Application

EACH = 3  # of this many classes one family asks
# What becomes of the requests, in turn: left open, accepted, open, declined.
FATES = ["open", "accept", "open", "decline"]
REASON = "这个星期已经报了社团，社团结束后再改。"


def play(term: Term, office: Actor, at: datetime) -> None:
    """Let the first family with an account in every few classes ask to come on fewer days; decide half of them."""
    with clock.frozen(at):
        for number, application in enumerate(_asking(term)):
            guardian = _account(application)
            held = held_by(application)
            wish = Arrangement(held.weekdays[:-1] or held.weekdays, held.persons, held.may_go_alone)
            first = span_for(term, application).first
            if guardian is None or wish.same(held) or first is None:
                continue
            asked = actions.ask_amendment(
                term=term, student=application.student, wish=wish, starts_on=first, by=guardian
            )
            _decide(asked, FATES[number % len(FATES)], office)


def _asking(term: Term) -> list[Application]:
    """Return of every few classes the first approved child for all days, one whose guardian has an account."""
    rows = Application.objects.filter(
        term=term, state=ApplicationState.SCHOOL_APPROVED, weekdays=term.service_weekdays, guardian__user__isnull=False
    ).select_related("student__school_class__head_teacher", "term", "guardian__user")
    found: dict[int, Application] = {}
    for row in rows.order_by("student__school_class__grade", "student__school_class__number", "student__number"):
        found.setdefault(row.student.school_class_id or 0, row)
    return list(found.values())[1::EACH]


def _account(application: Application) -> Actor | None:
    link = Guardianship.objects.filter(
        student=application.student, guardian=application.guardian, acts=True, guardian__user__isnull=False
    ).select_related("guardian__user__teacher", "guardian__user__guardian")
    found = link.first()
    return actor_for(found.guardian.user) if found and found.guardian.user else None


def _decide(asked: Amendment, fate: str, office: Actor) -> None:
    one = Amendment.objects.select_related("application__student__school_class", "application__term").get(pk=asked.pk)
    if fate == "accept":
        actions.accept_amendment(amendment=one, by=office)
    elif fate == "decline":
        actions.decline_amendment(amendment=one, reason=REASON, by=office)
