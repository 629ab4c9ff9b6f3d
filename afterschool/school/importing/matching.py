"""Which child of the file is which child on the register: first the surest ways, then the weaker ones. Pure.

A new school year's file is held against the classes the children would be in had they all moved up, so that moving up
and correcting a roster within a year are one thing.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field

from afterschool.school.importing.roster import ClassKey, PupilKey, PupilRow


@dataclass(frozen=True)
class Known:
    """A child on the register."""

    id: int
    home: ClassKey | None  # the class of this file's year in which the child is expected
    number: int | None
    name: str
    enrolled: bool
    by_hand: bool
    phones: frozenset[str]  # of all adults
    adults: frozenset[str]  # their names


@dataclass
class Matching:
    """Pairs of the file's and the register's children, and which of the file's could be more than one."""

    pairs: dict[PupilKey, Known] = field(default_factory=dict)
    renamed: set[PupilKey] = field(default_factory=set)
    ambiguous: list[PupilRow] = field(default_factory=list)


RowKey = Callable[[PupilRow], Hashable]
KnownKey = Callable[[Known], Hashable]


def match(
    rows: Iterable[PupilRow],
    known: Iterable[Known],
    phones: dict[PupilKey, frozenset[str]],
    adults: dict[PupilKey, frozenset[str]],
) -> Matching:
    """Pair the children: same class, number and name; name alone in the class; name and a guardian's phone in the grade,
    then in the school; same class and number under another name with the same family (a corrected name); last, those
    who had left and came back. A child that fits two equally well is paired with none and listed as ambiguous.
    """
    open_rows = {row.key: row for row in rows}
    everybody = list(known)
    open_known = {one.id: one for one in everybody if one.enrolled}
    done = Matching()

    def pair(row: PupilRow, one: Known) -> None:
        done.pairs[row.key] = one
        del open_rows[row.key]
        del open_known[one.id]

    def by(row_key: RowKey, known_key: KnownKey, fits: Callable[[PupilRow, Known], bool] | None = None) -> None:
        theirs: dict[Hashable, list[Known]] = defaultdict(list)
        ours: dict[Hashable, list[PupilRow]] = defaultdict(list)
        for one in open_known.values():
            theirs[known_key(one)].append(one)
        for row in open_rows.values():
            ours[row_key(row)].append(row)
        for key, group in ours.items():
            for row, one in _sole_pairs(group, theirs.get(key, []), fits):
                pair(row, one)

    def same_phone(row: PupilRow, one: Known) -> bool:
        return not phones.get(row.key, frozenset()).isdisjoint(one.phones)

    def same_family(row: PupilRow, one: Known) -> bool:
        named = adults.get(row.key, frozenset())
        return same_phone(row, one) or not named.isdisjoint(one.adults) or not (named or one.adults)

    by(lambda row: (*row.key, row.name), lambda one: (*(one.home or (0, 0)), one.number, one.name))
    by(lambda row: (row.grade, row.class_number, row.name), lambda one: (*(one.home or (0, 0)), one.name), same_phone)
    by(lambda row: (row.grade, row.class_number, row.name), lambda one: (*(one.home or (0, 0)), one.name))
    doubtful = _doubtful(open_rows.values(), open_known.values())
    by(lambda row: (row.grade, row.name), lambda one: ((one.home or (0, 0))[0], one.name), same_phone)
    by(lambda row: row.name, lambda one: one.name, same_phone)
    before = set(done.pairs)
    by(lambda row: row.key, lambda one: (*(one.home or (0, 0)), one.number), same_family)
    done.renamed = set(done.pairs) - before
    open_known = {one.id: one for one in everybody if not one.enrolled}
    by(lambda row: row.name, lambda one: one.name, same_phone)
    done.ambiguous = [row for key, row in open_rows.items() if key in doubtful]
    return done


def _sole_pairs(
    rows: list[PupilRow], known: list[Known], fits: Callable[[PupilRow, Known], bool] | None
) -> list[tuple[PupilRow, Known]]:
    """Return the pairs in which each fits the other and nobody else."""
    if fits is None:
        return [(rows[0], known[0])] if len(rows) == len(known) == 1 else []
    choices = {row.key: [one for one in known if fits(row, one)] for row in rows}
    wanted = [one.id for found in choices.values() for one in found]
    return [(row, found[0]) for row in rows if len(found := choices[row.key]) == 1 and wanted.count(found[0].id) == 1]


def _doubtful(rows: Iterable[PupilRow], known: Iterable[Known]) -> set[PupilKey]:
    """Return the rows that share class and name with a child on the register and still could not be told apart."""
    names = {(one.home, one.name) for one in known}
    return {row.key for row in rows if ((row.grade, row.class_number), row.name) in names}
