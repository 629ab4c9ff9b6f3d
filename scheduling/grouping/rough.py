"""A good arrangement where the exact search was stopped by its limit, with what could be reached at best."""

from scheduling.grouping.pool import Arrangement, Search, balanced_squares, measure, needed, numbered
from scheduling.grouping.values import Objectives


def roughly(search: Search) -> Arrangement:
    """Put whole classes first, largest first, where least room is left; pour the others into what remains; then even out."""
    children = sum(search.sizes)
    groups = needed(children, search.cap)
    order = sorted(range(search.count), key=lambda index: (search.sizes[index], index))
    columns = [[0] * search.count for _ in range(groups)]
    kept = sum(search.sizes[index] <= search.cap for index in order)
    while not _pack(search, columns, sorted(order[:kept], key=lambda index: (-search.sizes[index], index))):
        kept -= 1
    for index in order[kept:]:
        _pour(search, columns, index)
    _even_out(search, columns)
    final = numbered(tuple(tuple(column) for column in columns))
    bound = Objectives(
        split_classes=sum(size > search.cap for size in search.sizes),
        extra_pieces=sum(needed(size, search.cap) - 1 for size in search.sizes),
        squares=balanced_squares(children, groups),
        distance=0,
    )
    reached = measure(final, search.numbers)
    return Arrangement(final, reached, bound, proven=reached == bound and groups == 1)


def _pack(search: Search, columns: list[list[int]], order: list[int]) -> bool:
    for column in columns:
        column[:] = [0] * search.count
    for index in order:
        fitting = [c for c in columns if sum(c) + search.sizes[index] <= search.cap]
        if not fitting:
            return False
        max(fitting, key=sum)[index] = search.sizes[index]
    return True


def _pour(search: Search, columns: list[list[int]], index: int) -> None:
    left = search.sizes[index]
    while left:
        column = min(columns, key=sum)
        amount = min(left, search.cap - sum(column))
        column[index] += amount
        left -= amount


def _even_out(search: Search, columns: list[list[int]]) -> None:
    """Move or exchange whole classes between two groups as long as the sizes grow more even or the groups narrower."""
    for _ in range(60):
        if not any(_improve(search, a, b) for a in columns for b in columns if a is not b):
            return


def _improve(search: Search, a: list[int], b: list[int]) -> bool:
    def cost(x: list[int], y: list[int]) -> tuple[int, int]:
        spans = [[n for n, v in zip(search.numbers, c, strict=True) if v] for c in (x, y)]
        return sum(x) ** 2 + sum(y) ** 2, sum(s[-1] - s[0] for s in spans if s)

    now = cost(a, b)
    mine = [index for index, value in enumerate(a) if value and not b[index]]
    theirs: list[int | None] = [index for index, value in enumerate(b) if value and not a[index]]
    for give in mine:
        for get in [None, *theirs]:
            x, y = a.copy(), b.copy()
            y[give], x[give] = x[give], 0
            if get is not None:
                x[get], y[get] = y[get], 0
            if 0 < sum(x) <= search.cap and 0 < sum(y) <= search.cap and cost(x, y) < now:
                a[:], b[:] = x, y
                return True
    return False
