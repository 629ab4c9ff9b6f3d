"""A round as the office and the public see it: counts, what the draw brought, what waits for a decision."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q

from afterschool.school.models import Student, Term
from enrollment.queries import approved
from scheduling.choosing.results import ClubFigures, Looked, by_ticket, look
from scheduling.enums import ClubState, DrawState, PlaceState, RoundState, WaitState
from scheduling.models import Club, ClubDraw, ClubPlace, ClubRound, ClubWait, ClubWish, RoundClub, WishSheet
from scheduling.queries.choosing_pages import places_of

LIGHT = ("full_input", "result")  # half a megabyte each, where they are not asked for


@dataclass(frozen=True)
class Counts:
    """How far the families are."""

    children: int
    sheets: int
    none: int
    wishes: int
    places: int
    waiting: int


def counts_of(found: ClubRound) -> Counts:
    """Return how many children there are, how many filled in a sheet, and what they have now: four queries."""
    sheets = WishSheet.objects.filter(round=found).aggregate(
        all=Count("pk"), none=Count("pk", filter=Q(none_wanted=True))
    )
    places = ClubPlace.objects.filter(club__term=found.term).exclude(state=PlaceState.LEFT).count()
    waiting = ClubWait.objects.filter(club__term=found.term, state=WaitState.WAITING).count()
    wished = ClubWish.objects.filter(sheet__round=found).order_by().values("sheet").distinct().count()
    return Counts(len(approved(found.term)), sheets["all"], sheets["none"], wished, places, waiting)


@dataclass(frozen=True)
class OfferLine:
    """One club of a round for the office: what the draw brought, what is held now, who waits."""

    offer: RoundClub
    figures: ClubFigures | None
    held: int
    waiting: int
    wanted: int
    first: int

    @property
    def club(self) -> Club:
        return self.offer.club

    @property
    def left(self) -> int:
        return max(0, self.club.largest - self.club.taken)

    @property
    def short(self) -> int:
        """Return how many are missing to the smallest size."""
        return max(0, self.club.smallest - self.members)

    @property
    def members(self) -> int:
        """Return who is in, and while a result is looked at who would come in by it."""
        drawn = self.figures.placed if self.figures and self.offer.round.state == RoundState.DRAWN else 0
        return self.held + drawn


def offer_lines(found: ClubRound, figures: tuple[ClubFigures, ...] = ()) -> list[OfferLine]:
    """Return the clubs of a round, by name: four queries."""
    by_club = {one.club: one for one in figures}
    offers = found.offers.select_related("club__teacher", "merged_into", "round").order_by("club__name", "pk")
    held = _count(ClubPlace.objects.exclude(state=PlaceState.LEFT), found)
    waiting = _count(ClubWait.objects.filter(state=WaitState.WAITING), found)
    wished = ClubWish.objects.filter(sheet__round=found).order_by().values("club_id")
    asked = {
        row["club_id"]: (row["all"], row["first"])
        for row in wished.annotate(all=Count("pk"), first=Count("pk", filter=Q(rank=1)))
    }
    return [
        OfferLine(
            offer,
            by_club.get(offer.club_id),
            held.get(offer.club_id, 0),
            waiting.get(offer.club_id, 0),
            *asked.get(offer.club_id, (0, 0)),
        )
        for offer in offers
    ]


def too_small(found: ClubRound, lines: list[OfferLine]) -> list[OfferLine]:
    """Return the approved clubs under their smallest size. Before there is a result nobody is too few."""
    if found.state not in {RoundState.DRAWN, RoundState.CONFIRMED}:
        return []
    return [line for line in lines if line.short and line.club.state == ClubState.APPROVED]


def _count(rows, found: ClubRound) -> dict[int, int]:  # type: ignore[no-untyped-def]
    counted = rows.filter(club__offers__round=found).order_by().values_list("club_id")
    return dict(counted.annotate(Count("pk")))


def runs_of(found: ClubRound) -> list[ClubDraw]:
    """Return the runs of a round's draw with who repeated them, without their large columns: two queries."""
    return list(found.draws.defer(*LIGHT).prefetch_related("checks__by").select_related("by").order_by("number"))


def result_run(found: ClubRound) -> ClubDraw | None:
    """Return the run whose result is looked at or confirmed, if there is one."""
    return found.draws.filter(state__in=[DrawState.DONE, DrawState.CONFIRMED]).defer("full_input").first()


def looked_at(found: ClubRound, run: ClubDraw) -> tuple[Looked, list[Student]]:
    """Return the figures of a result, and the children who ranked several clubs and got none, by class."""
    wishes = dict(
        WishSheet.objects.filter(round=found).order_by().values_list("ticket").annotate(number=Count("wishes"))
    )
    looked = look(run.result, wishes)
    students = Student.objects.filter(wish_sheets__round=found, wish_sheets__ticket__in=looked.unlucky)
    students = students.select_related("school_class").order_by("school_class__grade", "school_class__number", "number")
    return looked, list(students)


def published(run: ClubDraw, term: Term) -> list[tuple[str, str]]:
    """Return what the public page shows of a result: each ticket with its clubs, by ticket."""
    names = dict(Club.objects.filter(term=term).order_by().values_list("pk", "name"))
    return sorted((ticket, "、".join(names[pk] for pk in clubs)) for ticket, clubs in by_ticket(run.result).items())


@dataclass(frozen=True)
class ResultRow:
    """One child of a round in the office's list."""

    student: Student
    ticket: str
    wishes: list[str]
    rank: int | None
    clubs: list[str]
    waits: list[str]


def result_rows(found: ClubRound) -> list[ResultRow]:
    """Return the children who take part in the service and wrote a sheet or have a club, by class: six queries."""
    sheets = {sheet.student_id: sheet for sheet in WishSheet.objects.filter(round=found)}
    wishes: dict[int, list[str]] = defaultdict(list)
    rows = ClubWish.objects.filter(sheet__round=found).order_by("sheet", "rank")
    for student_id, name in rows.values_list("sheet__student_id", "club__name"):
        wishes[student_id].append(name)
    ids = {child.student_id for child in approved(found.term)} | set(sheets)
    places = places_of(ids, found.term)
    waits: dict[int, list[str]] = defaultdict(list)
    standing = ClubWait.objects.filter(club__term=found.term, state__in=[WaitState.WAITING, WaitState.OFFERED])
    for student_id, name in standing.order_by("at").values_list("student_id", "club__name"):
        waits[student_id].append(name)
    students = Student.objects.filter(pk__in=ids).select_related("school_class")
    return [
        ResultRow(
            student,
            sheets[student.pk].ticket if student.pk in sheets else "",
            wishes[student.pk],
            _rank(sheets.get(student.pk)),
            [place.club.name for place in places.get(student.pk, [])],
            waits[student.pk],
        )
        for student in students.order_by("school_class__grade", "school_class__number", "number", "pk")
        if student.pk in sheets or student.pk in places
    ]


def _rank(sheet: WishSheet | None) -> int | None:
    return sheet.outcome[0][3] if sheet and sheet.outcome else None
