"""The end of a child's place in a group."""

from datetime import date, timedelta

from afterschool.school.models import Placement, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import somebody_was_faster


def end_placement(place: Placement, *, starts: date) -> None:
    """End a place before the day on which something else begins. Call it inside the transaction of that change."""
    row = Placement.objects.filter(pk=place.pk, ends_on=None)
    if place.starts_on >= starts:  # never in force: history keeps the event, the register needs no empty row
        if row.delete()[0] != 1:
            raise somebody_was_faster()
    elif row.update(ends_on=starts - timedelta(days=1)) != 1:
        raise somebody_was_faster()


def give_up_places(*, term: Term, student: Student) -> bool:
    """End all places of a child that takes no part any more, from tomorrow on: who is here today is still looked after.

    Tell whether there was one. Call it inside the transaction of the withdrawal.
    """
    tomorrow = clock.today() + timedelta(days=1)
    places = list(Placement.objects.filter(term=term, student=student, ends_on=None))
    for place in places:
        end_placement(place, starts=tomorrow)
    return bool(places)
