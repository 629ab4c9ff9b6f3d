"""Who can have a place in which club, and why not. Pure; plain values in, a verdict out (D2, D3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from afterschool.school.naming import class_name, grade_name
from afterschool.support.weekdays import NAMES, show
from scheduling.club_hours import Key, weekday_of


@dataclass(frozen=True)
class Share:
    """How many places a grade or a class may have (none: no limit of its own), and how many are taken."""

    id: int
    places: int | None
    taken: int


@dataclass(frozen=True)
class ClubRoom:
    """A club as far as its places go. `keys`: what it takes of the weeks; `grades`, `classes`: whom it admits."""

    id: int
    name: str
    group_id: int | None
    is_open: bool
    weekdays: str
    largest: int
    taken: int
    grades: Mapping[int, Share]
    classes: Mapping[int, Share]
    keys: frozenset[Key]


@dataclass(frozen=True)
class Child:
    """A child as far as clubs go. No weekdays: not in the service. `sittings`: the club it is in at each key."""

    id: int
    grade: int | None
    class_id: int | None
    class_number: int
    weekdays: str
    clubs: frozenset[int] = frozenset()
    sittings: Mapping[Key, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """Why a place can't be had, as a code and a sentence; no code: it can, counted in these shares, at these keys."""

    code: str = ""
    sentence: str = ""
    grade_share: int | None = None
    class_share: int | None = None
    keys: frozenset[Key] = frozenset()

    @property
    def shares(self) -> list[int]:
        return [pk for pk in (self.grade_share, self.class_share) if pk is not None]


@dataclass
class Book:
    """Clubs and children, and what has been given out while one asks after the other."""

    clubs: Mapping[int, ClubRoom]
    children: Mapping[int, Child]
    given: dict[int, int] = field(default_factory=dict)
    given_shares: dict[int, int] = field(default_factory=dict)
    sittings: dict[int, dict[Key, str]] = field(default_factory=dict)
    entered: set[tuple[int, int]] = field(default_factory=set)

    def ask(self, student_id: int, club_id: int) -> Verdict:
        """Say whether this child can have a place in this club beside all that this book gave out before; if so, give it."""
        club, child = self.clubs[club_id], self.children[student_id]
        verdict = fits(club, child)
        if verdict.code:
            return verdict
        if (student_id, club_id) in self.entered:
            return Verdict("already_in", f"孩子已在“{club.name}”。")
        verdict = _busy(club, self.sittings.get(student_id, {})) or self._full(club, child) or verdict
        if not verdict.code:
            self._enter(club, child, verdict)
        return verdict

    def ask_all(self, student_ids: Sequence[int], club_id: int) -> list[Verdict]:
        """Give a club's places to all of these children, or none of them to any (an empty list)."""
        trial = replace(
            self,
            given=dict(self.given),
            given_shares=dict(self.given_shares),
            sittings=dict(self.sittings),
            entered=set(self.entered),
        )
        found = [trial.ask(pk, club_id) for pk in student_ids]
        if any(verdict.code for verdict in found):
            return []
        self.given, self.given_shares = trial.given, trial.given_shares
        self.sittings, self.entered = trial.sittings, trial.entered
        return found

    def _full(self, club: ClubRoom, child: Child) -> Verdict | None:
        if club.taken + self.given.get(club.id, 0) >= club.largest:
            return Verdict("club_full", f"“{club.name}”的 {club.largest} 个名额已满。")
        for code, share, whose in _shares(club, child):
            if share.places is not None and share.taken + self.given_shares.get(share.id, 0) >= share.places:
                return Verdict(code, f"“{club.name}”给{whose}的 {share.places} 个名额已满。")
        return None

    def _enter(self, club: ClubRoom, child: Child, verdict: Verdict) -> None:
        self.entered.add((child.id, club.id))
        self.given[club.id] = self.given.get(club.id, 0) + 1
        for share in verdict.shares:
            self.given_shares[share] = self.given_shares.get(share, 0) + 1
        self.sittings.setdefault(child.id, {}).update(dict.fromkeys(verdict.keys, club.name))


def fits(club: ClubRoom, child: Child) -> Verdict:
    """Say whether a club takes this child at all, leaving aside how many places are left: the first reason that holds."""
    if not club.is_open:
        return Verdict("club_not_open", f"“{club.name}”现在不收人。")
    if club.id in child.clubs:
        return Verdict("already_in", f"孩子已在“{club.name}”。")
    if not child.weekdays:
        return Verdict("not_in_service", "孩子没有已通过的课后服务申请，不能参加社团。")
    if not admits(club, child):
        return Verdict("not_admitted", f"“{club.name}”不收孩子所在的年级或班级。")
    absent = "".join(day for day in club.weekdays if day not in child.weekdays)
    if absent:
        return Verdict("weekday_not_attended", f"“{club.name}”在{show(absent)}活动，孩子这天不参加课后服务。")
    busy = _busy(club, child.sittings)
    if busy is not None:
        return busy
    by_code = {code: share.id for code, share, _ in _shares(club, child)}
    return Verdict(grade_share=by_code.get("grade_full"), class_share=by_code.get("class_full"), keys=club.keys)


def admits(club: ClubRoom, child: Child) -> bool:
    """Tell whether a club takes children of this grade or class."""
    return child.grade in club.grades or child.class_id in club.classes


def left_for(club: ClubRoom, child: Child) -> int:
    """Return how many places are left for a child of this grade and class."""
    rooms = [share.places - share.taken for _, share, _ in _shares(club, child) if share.places is not None]
    return max(0, min([club.largest - club.taken, *rooms]))


def _busy(club: ClubRoom, sittings: Mapping[Key, str]) -> Verdict | None:
    clash = club.keys & sittings.keys()
    if not clash:
        return None
    other = sittings[min(clash)]
    return Verdict("busy_then", f"孩子{NAMES[str(weekday_of(clash))]}这个时间已在“{other}”，和“{club.name}”冲突。")


def _shares(club: ClubRoom, child: Child) -> list[tuple[str, Share, str]]:
    found = []
    if child.grade in club.grades and child.grade is not None:
        found.append(("grade_full", club.grades[child.grade], grade_name(child.grade)))
    if child.class_id in club.classes and child.class_id is not None and child.grade is not None:
        found.append(("class_full", club.classes[child.class_id], class_name(child.grade, child.class_number)))
    return found
