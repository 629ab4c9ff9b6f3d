"""What the portal can see for itself, so that a task of the work list is ticked without anybody (D10).

A fact has a key that the work list keeps, a word for the office, and a function that tells when it came true for one task, or
that it has not. Who makes the fact registers it when its app is ready:

    facts.register("figures_sent", "双减数据已上报", figures_sent)

Keys of the plan's list that nobody has registered yet are asked for in vain: such a task waits for a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from afterschool.school.models import Term
from scheduling.models import Task

See = Callable[[Term, Task], datetime | None]


@dataclass(frozen=True)
class Fact:
    """One thing the portal sees: its word, and when it came true for a task."""

    word: str
    see: See


FACTS: dict[str, Fact] = {}


def register(key: str, word: str, see: See) -> None:
    """Make a fact known. Its function is asked by the tick for open tasks that are due soon; it may cost a query or two."""
    FACTS[key] = Fact(word, see)


def seen(term: Term, task: Task) -> datetime | None:
    """Return when what this task asks for came true, if the portal can see it."""
    fact = FACTS.get(task.item.fact)
    return fact.see(term, task) if fact else None


def choices() -> list[tuple[str, str]]:
    """Return the facts an item can be tied to."""
    return sorted(((key, fact.word) for key, fact in FACTS.items()), key=lambda pair: pair[1])
