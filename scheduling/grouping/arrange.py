"""The mixed pool of one grade: exactly, or as well as the limit of the search allows."""

from scheduling.grouping.pool import Arrangement, OutOfEffort, Search, measure
from scheduling.grouping.rough import roughly
from scheduling.grouping.values import Objectives


def arrange(sizes: tuple[int, ...], numbers: tuple[int, ...], cap: int, effort: int) -> Arrangement:
    """Arrange classes of these sizes (all at least 1, in ascending order of class number)."""
    if not sizes:
        nothing = Objectives(0, 0, 0, 0)
        return Arrangement((), nothing, nothing, proven=True)
    search = Search(sizes, numbers, cap, effort)
    try:
        columns = search.best(search.all).columns
    except OutOfEffort:
        return roughly(search)
    reached = measure(columns, numbers)
    return Arrangement(columns, reached, reached, proven=True)
