"""Regrouping one grade by trying every place for every child: an implementation of its own, to hold the rule against."""

from itertools import product

from scheduling.grouping import ClassInput, Kind, Settings
from scheduling.grouping.present import Present, PresentGroup

NEW_OF_A_KIND = 2


def kinds(classes: tuple[ClassInput, ...], given: Settings, present: Present) -> dict[int, str]:
    """Standalone with a group of its own; else mixed where a child is in a mixed group; else by its share."""
    alone = {g.class_id for g in present.groups if g.kind == Kind.STANDALONE}
    found = {}
    for c in classes:
        own = {child.id for child in c.children} - present.kept
        if c.id in alone:
            found[c.id] = "alone"
        elif any(own & set(g.children) for g in present.groups if g.kind == Kind.MIXED):
            found[c.id] = "mixed"
        else:
            found[c.id] = "alone" if c.taking_part >= given.own_share * c.size else "mixed"
    return found


def choices(classes, given, present: Present):
    """For each child, every column where it may be: a present group by number, or a new one."""
    kind = kinds(classes, given, present)
    where = {child: g for g in present.groups for child in g.children}
    for c in classes:
        for child in c.children:
            now = where.get(child.id)
            if now is not None and child.id in present.kept:
                yield child.id, [("old", now.id)]
                continue
            if kind[c.id] == "alone":
                columns = [("old", g.id) for g in present.groups if g.kind == Kind.STANDALONE and g.class_id == c.id]
                columns += [("new", c.id, n) for n in range(NEW_OF_A_KIND)]
                if now is not None and now.kind == Kind.MIXED:
                    columns.append(("old", now.id))
            else:
                columns = [("old", g.id) for g in present.groups if g.kind == Kind.MIXED]
                columns += [("new", 0, n) for n in range(NEW_OF_A_KIND)]
            yield child.id, columns


def score(placed: dict[int, tuple], classes, given: Settings, present: Present):
    """Return the objective numbers of an assignment, or None where it is not allowed."""
    where = {child: g for g in present.groups for child in g.children}
    inside: dict[tuple, set[int]] = {("old", g.id): set() for g in present.groups}
    for child, column in placed.items():
        inside.setdefault(column, set()).add(child)
    for column in inside:
        if column[0] == "new" and column[2] and ("new", column[1], column[2] - 1) not in inside:
            return None
    groups = {("old", g.id): g for g in present.groups}
    for column, children in inside.items():
        group: PresentGroup | None = groups.get(column)
        before = set(group.children) if group else set()
        most = given.cap
        if group and children <= before:
            hand = len(children & present.kept)
            most = max(most, present.allowed_over.get(group.id, 0), hand)
        elif group and group.capacity is not None:
            most = min(most, group.capacity)
        if len(children) > most:
            return None
    moved = sum(child in where and ("old", where[child].id) != column for child, column in placed.items())
    opened = sum(column[0] == "new" for column in inside)
    closed = sum(column[0] == "old" and not children for column, children in inside.items())
    mixed = {c: s for c, s in inside.items() if s and ((c[0] == "new" and c[1] == 0) or is_mixed(groups.get(c)))}
    alone = {c: s for c, s in inside.items() if s and c not in mixed}
    in_pool = {column: children - present.kept for column, children in mixed.items()}
    pieces = [n for c in classes if (n := sum(bool(s & {child.id for child in c.children}) for s in in_pool.values()))]
    distance = 0
    for children in in_pool.values():
        numbers = [c.number for c in classes if children & {child.id for child in c.children}]
        distance += max(numbers) - min(numbers) if numbers else 0
    return (
        moved,
        opened + closed,
        sum(n > 1 for n in pieces),
        sum(n - 1 for n in pieces),
        sum(len(s) ** 2 for s in mixed.values()),
        distance,
        sum(len(s) ** 2 for s in alone.values()),
    )


def is_mixed(group: PresentGroup | None) -> bool:
    return group is not None and group.kind == Kind.MIXED


def table(placed: dict[int, tuple], classes, present: Present) -> tuple[tuple[int, ...], ...]:
    """Return the mixed table, class by class, new groups numbered so that it is largest."""
    mixed = [("old", g.id) for g in sorted(present.groups, key=lambda g: g.id) if is_mixed(g)]
    new = sorted({column for column in placed.values() if column[:2] == ("new", 0)})

    def column_of(column):
        own = [[child.id for child in c.children if child.id not in present.kept] for c in classes]
        return tuple(sum(placed.get(child) == column for child in ids) for ids in own)

    columns = [column_of(c) for c in mixed] + sorted((column_of(c) for c in new), reverse=True)
    return tuple(zip(*columns, strict=True))


def brute(classes: tuple[ClassInput, ...], given: Settings, present: Present):
    """Return the least numbers, and the largest mixed table that reaches them."""
    offered = dict(choices(classes, given, present))
    best, tables = None, []
    for picked in product(*offered.values()):
        placed = dict(zip(offered, picked, strict=True))
        numbers = score(placed, classes, given, present)
        if numbers is None or (best is not None and numbers > best):
            continue
        if best is None or numbers < best:
            best, tables = numbers, []
        tables.append(table(placed, classes, present))
    return best, max(tables)
