"""What the pages of choosing show, read in a fixed number of queries whatever the number of clubs and children."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Count, F, Q

from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.weekdays import show
from scheduling.choosing import Phase, Window
from scheduling.choosing.results import outcome_of
from scheduling.club_hours import Seasons, Wanted, span_on
from scheduling.draw.words import outcome_sentence, reason_sentence
from scheduling.enums import ClubState, PlaceSource, PlaceState, RoundMode, RoundState, SwapState, WaitState
from scheduling.models import Club, ClubPlace, ClubRound, ClubSwap, ClubWait, ClubWish, WishSheet
from scheduling.place_rules import Child, fits, left_for
from scheduling.queries.choosing import clubs_given_out, displaced_ids, rounds_seen, window_of
from scheduling.queries.club_hours import seasons, with_shares
from scheduling.queries.club_places import children_of, rooms_of

STANDING = [WaitState.WAITING, WaitState.OFFERED]


def hours_text(given: Seasons, club: Club, grade: int) -> str:
    """Return "周二、四 15:55—16:40" for a child of this grade, as the hours are today; the weekdays alone where none fit."""
    day = max(clock.today(), given.starts[0])
    spans: dict[tuple[str, str], str] = defaultdict(str)
    for weekday in club.weekdays:
        wanted = Wanted(frozenset({grade}), club.kind, club.nth, weekday)
        span = span_on(given, wanted, weekday=int(weekday), day=day)
        if span:
            spans[f"{span[0]:%H:%M}", f"{span[1]:%H:%M}"] += weekday
    if not spans:
        return show(club.weekdays)
    return "，".join(f"{show(days)} {starts}—{ends}" for (starts, ends), days in spans.items())


@dataclass(frozen=True)
class ClubLine:
    """One club as one child's page shows it. `code` and `why`: why the child can't take part; none: it can."""

    club: Club
    hours: str
    code: str
    why: str
    left: int
    rank: int | None = None
    place: ClubPlace | None = None
    wait: ClubWait | None = None
    given_out: bool = False
    asked: int = 0

    @property
    def possible(self) -> bool:
        return not self.code

    @property
    def full(self) -> bool:
        return self.left <= 0


def lines_of(
    term: Term, student: Student, clubs: Iterable[Club], *, ranks: Mapping[int, int] | None = None, freely: bool = False
) -> list[ClubLine]:
    """Return these clubs (shares prefetched) as one child's page shows them, those it can take first.

    `freely`: as if the child had no club yet (it may give up the one it has).
    """
    found = list(clubs)
    given = seasons(term)
    rooms = rooms_of(term, found)
    child = children_of(term, [student.pk])[student.pk]
    held = {place.club_id: place for place in places_of([student.pk], term).get(student.pk, [])}
    asking = _free_of_own(child, held.values()) if freely else child
    waits = {
        wait.club_id: wait for wait in ClubWait.objects.filter(student=student, state__in=STANDING, club__term=term)
    }
    out = clubs_given_out(term)
    lines = []
    for club in found:
        verdict = fits(rooms[club.pk], child if club.pk in held else asking)
        lines.append(
            ClubLine(
                club,
                hours_text(given, club, child.grade or 0),
                verdict.code,
                verdict.sentence,
                left_for(rooms[club.pk], child),
                (ranks or {}).get(club.pk),
                held.get(club.pk),
                waits.get(club.pk),
                club.pk in out,
            )
        )
    return sorted(lines, key=lambda line: (line.code not in {"", "already_in"}, line.rank or 99, line.club.name))


def _free_of_own(child: Child, held: Iterable[ClubPlace]) -> Child:
    own = {place.club.name for place in held if place.source != PlaceSource.RESERVED}
    return replace(child, sittings={key: name for key, name in child.sittings.items() if name not in own})


def clubs_of_term(term: Term) -> list[Club]:
    """Return the approved clubs of a term with what their lines need: two queries."""
    clubs = Club.objects.filter(term=term, state=ClubState.APPROVED).select_related("teacher", "room")
    return list(clubs.prefetch_related(with_shares()).order_by("name", "pk"))


def clubs_of_round(found: ClubRound) -> list[Club]:
    """Return the clubs of a round that stand, with what their lines need: two queries."""
    clubs = Club.objects.filter(offers__round=found, state=ClubState.APPROVED).select_related("teacher", "room")
    return list(clubs.prefetch_related(with_shares()).order_by("name", "pk"))


def places_of(student_ids: Collection[int], term: Term) -> dict[int, list[ClubPlace]]:
    """Return the places each of these children has now: one query."""
    rows = ClubPlace.objects.filter(student__in=student_ids, club__term=term).exclude(state=PlaceState.LEFT)
    found: dict[int, list[ClubPlace]] = defaultdict(list)
    for place in rows.select_related("club__teacher", "club__room", "placement").order_by("pk"):
        found[place.student_id].append(place)
    return found


# One family


@dataclass
class RoundOfChild:
    """A round as one child's card shows it."""

    round: ClubRound
    window: Window
    sheet: WishSheet | None
    wishes: list[str]
    waits_for_displaced: bool

    @property
    def may_choose(self) -> bool:
        return self.window.is_open and not self.waits_for_displaced

    @property
    def by_lot(self) -> bool:
        return self.round.mode == RoundMode.LOT


@dataclass
class ChildClubs:
    """All about clubs of one child of the family."""

    student: Student
    places: list[tuple[ClubPlace, str, bool]]
    waits: list[tuple[ClubWait, int]]
    swaps: list[ClubSwap]
    rounds: list[RoundOfChild]
    results: list[tuple[ClubRound, WishSheet, list[str]]] = field(default_factory=list)

    @property
    def offers(self) -> list[ClubWait]:
        return [wait for wait, _ in self.waits if wait.state == WaitState.OFFERED]

    @property
    def waiting(self) -> list[tuple[ClubWait, int]]:
        return [(wait, number) for wait, number in self.waits if wait.state == WaitState.WAITING]


def family_clubs(term: Term, children: list[Student]) -> list[ChildClubs]:
    """Return what each child of a family has, waits for and can choose: some fifteen queries, however many children."""
    ids = [child.pk for child in children]
    given = seasons(term)
    places = places_of(ids, term)
    waits = _waits(ids, term)
    swaps: dict[int, list[ClubSwap]] = defaultdict(list)
    for swap in ClubSwap.objects.filter(place__student__in=ids, state=SwapState.OPEN).select_related(
        "place__club", "to_club"
    ):
        swaps[swap.place.student_id].append(swap)
    rounds = list(rounds_seen(term))
    sheets = {
        (sheet.round_id, sheet.student_id): sheet
        for sheet in WishSheet.objects.filter(student__in=ids, round__in=rounds)
    }
    wishes: dict[int, list[str]] = defaultdict(list)
    rows = ClubWish.objects.filter(sheet__in=[sheet.pk for sheet in sheets.values()]).order_by("sheet", "rank")
    for sheet_id, name in rows.values_list("sheet_id", "club__name"):
        wishes[sheet_id].append(name)
    lost = displaced_ids(term)
    merged = _merged(places, term)
    names = dict(Club.objects.filter(term=term).order_by().values_list("pk", "name"))
    found = []
    for child in children:
        grade = child.school_class.grade if child.school_class else 0
        own = [
            (place, hours_text(given, place.club, grade), (child.pk, place.club_id) in merged)
            for place in places[child.pk]
        ]
        mine = ChildClubs(child, own, waits[child.pk], swaps[child.pk], [])
        for one in rounds:
            sheet = sheets.get((one.pk, child.pk))
            if one.state == RoundState.CONFIRMED:
                if sheet and sheet.outcome:
                    mine.results.append((one, sheet, _lines_of_outcome(sheet, names)))
                continue
            gate = window_of(one)
            waits_first = gate.phase is Phase.FIRST and child.pk not in lost
            mine.rounds.append(RoundOfChild(one, gate, sheet, wishes[sheet.pk] if sheet else [], waits_first))
        found.append(mine)
    return found


def _waits(ids: Collection[int], term: Term) -> dict[int, list[tuple[ClubWait, int]]]:
    """Return the waits of these children, each with its place in line."""
    number = Count("club__waits", filter=Q(club__waits__state=WaitState.WAITING, club__waits__order__lt=F("order")))
    rows = ClubWait.objects.filter(student__in=ids, club__term=term, state__in=STANDING).annotate(ahead=number)
    found: dict[int, list[tuple[ClubWait, int]]] = defaultdict(list)
    for wait in rows.select_related("club", "instead_of__club").order_by("at", "pk"):
        found[wait.student_id].append((wait, wait.ahead + 1))
    return found


def _merged(places: Mapping[int, list[ClubPlace]], term: Term) -> set[tuple[int, int]]:
    """Return which of these places came by merging: (child, club)."""
    by_office = {p.student_id for rows in places.values() for p in rows if p.source == PlaceSource.OFFICE}
    if not by_office:
        return set()
    old = ClubPlace.objects.filter(student__in=by_office, club__term=term, state=PlaceState.LEFT)
    rows = old.filter(club__offers__merged_into__isnull=False).order_by()
    return set(rows.values_list("student_id", "club__offers__merged_into"))


def _lines_of_outcome(sheet: WishSheet, names: Mapping[int, str]) -> list[str]:
    lines = []
    for row in sheet.outcome:
        outcome = outcome_of(row)
        lines.append(outcome_sentence(outcome, names))
        lines += [reason_sentence(reason, names) for reason in outcome.reasons]
    return lines


def siblings_in(
    found: ClubRound, student: Student, family: Iterable[Student]
) -> list[tuple[Student, WishSheet | None, list[str]]]:
    """Return the other children of a family with their sheets and wishes: for the tick 一起."""
    others = [child for child in family if child.pk != student.pk]
    sheets = (
        {
            sheet.student_id: sheet
            for sheet in WishSheet.objects.filter(
                round=found, student__in=[child.pk for child in others]
            ).prefetch_related("wishes__club")
        }
        if others
        else {}
    )
    return [
        (
            child,
            sheets.get(child.pk),
            [wish.club.name for wish in sheets[child.pk].wishes.all()] if child.pk in sheets else [],
        )
        for child in others
    ]


# One class


@dataclass(frozen=True)
class ClassLine:
    """One child on the class's list of a round."""

    student: Student
    sheet: WishSheet | None
    wishes: int
    clubs: str


def class_lines(found: ClubRound, students: list[Student]) -> list[ClassLine]:
    """Return the children of a class with how far their wishes are: three queries. No ticket: it is the family's."""
    ids = [student.pk for student in students]
    sheets = {
        sheet.student_id: sheet
        for sheet in WishSheet.objects.filter(round=found, student__in=ids)
        .defer("outcome")
        .annotate(number=Count("wishes"))
    }
    clubs = places_of(ids, found.term)
    return [
        ClassLine(
            student,
            sheets.get(student.pk),
            sheets[student.pk].number if student.pk in sheets else 0,
            "、".join(place.club.name for place in clubs.get(student.pk, [])),
        )
        for student in students
    ]
