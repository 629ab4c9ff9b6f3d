"""The rule of the mixed pool by trying everything: an implementation of its own, to hold the fast one against."""

from collections.abc import Iterator
from functools import cache

Table = tuple[tuple[int, ...], ...]


@cache
def rows(children: int, groups: int, cap: int) -> tuple[tuple[int, ...], ...]:
    """All ways to spread a class over the groups."""
    if groups == 0:
        return ((),) if children == 0 else ()
    return tuple(
        (first, *rest)
        for first in range(min(children, cap), -1, -1)
        for rest in rows(children - first, groups - 1, cap)
    )


def tables(sizes: tuple[int, ...], groups: int, cap: int) -> Iterator[Table]:
    def grow(index: int, room: tuple[int, ...]) -> Iterator[Table]:
        if index == len(sizes):
            yield ()
            return
        for row in rows(sizes[index], groups, cap):
            left = tuple(a - b for a, b in zip(room, row, strict=True))
            if min(left) >= 0:
                for rest in grow(index + 1, left):
                    yield (row, *rest)

    return grow(0, (cap,) * groups)


def score(table: Table, numbers: tuple[int, ...]) -> tuple[int, int, int, int]:
    groups = range(len(table[0]))
    pieces = [sum(value > 0 for value in row) for row in table]
    spans = []
    for g in groups:
        inside = [n for n, row in zip(numbers, table, strict=True) if row[g]]
        spans.append(max(inside) - min(inside))
    return (
        sum(p > 1 for p in pieces),
        sum(p - 1 for p in pieces),
        sum(sum(row[g] for row in table) ** 2 for g in groups),
        sum(spans),
    )


def brute(sizes: tuple[int, ...], numbers: tuple[int, ...], cap: int) -> tuple[tuple[int, int, int, int], Table]:
    """Return the least numbers and, among all tables that reach them, the lexicographically largest."""
    groups = -(-sum(sizes) // cap)
    best = None
    for table in tables(sizes, groups, cap):
        if any(sum(row[g] for row in table) == 0 for g in range(groups)):
            continue
        key = (score(table, numbers), tuple(tuple(-v for v in row) for row in table))
        if best is None or key < best:
            best = key
    assert best is not None
    return best[0], tuple(tuple(-v for v in row) for row in best[1])
