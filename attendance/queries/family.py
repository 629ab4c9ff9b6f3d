"""What stands for each child of a family."""

from dataclasses import dataclass

from afterschool.school.access import Actor
from afterschool.school.models import Student, Term
from afterschool.support import clock
from attendance.queries.leaves import own_children
from attendance.queries.word_page import usual_fetchers
from attendance.queries.words import Line, OfChild, lines
from enrollment.queries import alone_on


@dataclass(frozen=True)
class Card:
    """One child: what holds today, everything that stands, and how it is on all other days."""

    student: Student
    today: str
    lines: list[Line]
    usual: str


def cards(actor: Actor, term: Term) -> list[Card]:
    """Return a card for each child this guardian acts for: seven queries, however many children."""
    today = clock.today()
    children = list(own_children(actor).filter(links__guardian=actor.guardian, links__acts=True).order_by("pk"))
    ids = [child.pk for child in children]
    found = lines(actor, term, today)
    usual = usual_fetchers(ids)
    alone = set(alone_on(today).filter(term=term, student__in=ids).order_by().values_list("student_id", flat=True))
    return [_card(child, [line for line in found if line.student.pk == child.pk], usual, alone) for child in children]


def _card(child: Student, found: list[Line], usual: dict[int, str], alone: set[int]) -> Card:
    listed = f"平时{usual[child.pk]}来接" if child.pk in usual else "还没有登记谁来接"
    if child.pk in alone:
        listed += "，可自行离校"
    today = [line for line in found if line.first_day <= clock.today()]
    return Card(child, OfChild(child, today).sentence, found, listed)
