"""Who must know that something about teachers' turns of today or earlier has changed: leave decided, a turn handed over.

A later app registers what it does about it when it is ready; it runs in the transaction of the change.
"""

from collections.abc import Callable, Collection
from datetime import date

from afterschool.school.models import Term
from afterschool.support import clock

Follow = Callable[[Term, Collection[int]], object]
FOLLOWERS: list[Follow] = []


def follow_turns(follow: Follow) -> None:
    """Have a function called with the term and the teachers whose past or present turns stand otherwise now."""
    FOLLOWERS.append(follow)


def turns_changed(term: Term, teachers: Collection[int], first_day: date) -> None:
    """Tell those who follow; what lies ahead needs no telling."""
    if first_day <= clock.today():
        for follow in FOLLOWERS:
            follow(term, teachers)
