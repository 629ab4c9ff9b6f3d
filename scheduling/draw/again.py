"""A second draw over what is left, for a school that allows two clubs: nobody gets a second before everybody had a first."""

from collections import Counter
from dataclasses import replace

from scheduling.draw.values import Child, Club, DrawInput, Result


def left_over(given: DrawInput, result: Result) -> DrawInput:
    """Return the input of the next draw: places less those given, wishes less the club a child has got.

    The caller still leaves out wishes whose times cross the club that was got, and sets a new salt.
    """
    got = result.by_ticket()
    grades: Counter[tuple[int, int]] = Counter()
    classes: Counter[tuple[int, int]] = Counter()
    for child in given.children:
        if (club := got[child.ticket]) is not None:
            grades[club, child.grade] += 1
            classes[club, child.class_id] += 1
    keys = {child.class_id for child in given.children}
    placed = {club.club: club.placed for club in result.clubs}
    return DrawInput(
        tuple(_less(club, placed[club.id], grades, classes, keys) for club in given.clubs),
        tuple(_without(child, got[child.ticket]) for child in given.children),
    )


def _less(
    club: Club, placed: int, grades: Counter[tuple[int, int]], classes: Counter[tuple[int, int]], keys: set[int]
) -> Club:
    limits = {key: limit for key in keys if (limit := club.class_places(key)) is not None}
    return replace(
        club,
        places=club.places - placed,
        per_grade={grade: limit - grades[club.id, grade] for grade, limit in club.per_grade.items()},
        per_class={key: limit - classes[club.id, key] for key, limit in limits.items()} or None,
        smallest=max(club.smallest - placed, 0),
    )


def _without(child: Child, club: int | None) -> Child:
    return replace(child, wishes=tuple(wish for wish in child.wishes if wish != club))
