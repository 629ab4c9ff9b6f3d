"""Clubs as the pages show them: the catalogue, one club, and who is in it (D2, D4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import ActivityKind, Role
from afterschool.school.models import SchoolClass, Student, Teacher, Term
from afterschool.school.naming import grade_name, grades_name
from afterschool.support import clock
from afterschool.support.weekdays import show
from scheduling.access import club_roles
from scheduling.club_hours import Seasons, Span, span_on
from scheduling.club_workflow import Move, Who, moves
from scheduling.enums import ClubState, PlaceState
from scheduling.models import Club, ClubHelper, ClubPlace, ClubShare, Duty, RotaSettings
from scheduling.queries.club_hours import seasons, wanted_of, with_shares

WHOLE_SCHOOL = (Role.ADMINISTRATOR, Role.LEADING_GROUP, Role.DUTY_LEADER)
STANDING = (ClubState.APPROVED, ClubState.CLOSED)


@dataclass(frozen=True)
class ClubLine:
    """A club with the words that its page and the lists show."""

    club: Club
    hours: str
    grades: str
    limits: str = ""

    @property
    def left(self) -> int:
        return max(0, self.club.largest - self.club.taken)

    @property
    def below(self) -> bool:
        """Whether an approved club has fewer children than it needs."""
        return self.club.state == ClubState.APPROVED and self.club.taken < self.club.smallest

    @property
    def place(self) -> str:
        return str(self.club.room) if self.club.room else "本班教室"


@dataclass(frozen=True)
class Shelf:
    """The clubs of one kind of activity."""

    word: str
    lines: list[ClubLine]


def clubs_seen_by(actor: Actor, term: Term) -> QuerySet[Club]:
    """Return the clubs this person may open: all for those in charge; approved and own ones for the staff; none for others."""
    rows = (
        Club.objects.filter(term=term)
        .select_related("teacher", "room", "group", "term", "proposed_by", "decided_by")
        .prefetch_related(with_shares())
    )
    if actor.has(*WHOLE_SCHOOL):
        return rows
    if not actor.is_staff:
        return rows.none()
    mine = Q(proposed_by=actor.user)
    if actor.teacher is not None:
        mine |= Q(teacher=actor.teacher) | Q(pk__in=ClubHelper.objects.filter(teacher=actor.teacher).values("club"))
    return rows.filter(Q(state=ClubState.APPROVED) | mine)


def lines_of(term: Term, clubs: Iterable[Club]) -> list[ClubLine]:
    """Return clubs (shares prefetched) with hours and grades in words: four queries, whatever their number."""
    given = seasons(term)
    return [
        ClubLine(club, hours_words(given, club), grades_words(club.shares.all()), limits_words(club.shares.all()))
        for club in clubs
    ]


def hours_words(given: Seasons, club: Club) -> str:
    """Return 周二、四 16:10—17:10 of the season that holds now, weekdays with other hours after a comma."""
    wanted = wanted_of(club)
    today = clock.today()
    now = max((day for day in given.starts if day <= today), default=given.starts[0])
    by_span: dict[Span | None, str] = {}
    for day in club.weekdays:
        span = span_on(given, wanted, weekday=int(day), day=now)
        by_span[span] = by_span.get(span, "") + day
    return "，".join(
        f"{show(days)} {span[0]:%H:%M}—{span[1]:%H:%M}" if span else f"{show(days)}（课表里没有这个时段）"
        for span, days in by_span.items()
    )


def grades_words(shares: Iterable[ClubShare]) -> str:
    """Return 一至三年级 or 一（1）班、一（2）班: whom a club takes."""
    grades = sorted({share.grade for share in shares if share.grade is not None})
    runs: list[list[int]] = []
    for grade in grades:
        if runs and runs[-1][1] == grade - 1:
            runs[-1][1] = grade
        else:
            runs.append([grade, grade])
    classes = [str(s.school_class) for s in shares if s.school_class and s.school_class.grade not in grades]
    return "、".join([grades_name(first, last) for first, last in runs] + classes)


def limits_words(shares: Iterable[ClubShare]) -> str:
    """Return 一年级最多 10 人，一（2）班最多 3 人; empty where neither grade nor class has a limit of its own."""
    return "，".join(
        f"{share.school_class or grade_name(share.grade or 0)}最多 {share.places} 人"
        for share in shares
        if share.places is not None
    )


def shelves(lines: Sequence[ClubLine]) -> list[Shelf]:
    """Return clubs by kind of activity, in the plan's order; an empty kind is left out."""
    found = [Shelf(str(kind.label), [line for line in lines if line.club.activity == kind]) for kind in ActivityKind]
    return [shelf for shelf in found if shelf.lines]


@dataclass(frozen=True)
class Tally:
    """Figures in the head of the catalogue."""

    approved: int
    waiting: int
    children: int
    places: int
    below: int


def tally(lines: Sequence[ClubLine]) -> Tally:
    """Return the figures of these clubs."""
    open_ones = [line for line in lines if line.club.state == ClubState.APPROVED]
    return Tally(
        len(open_ones),
        sum(line.club.state == ClubState.PROPOSED for line in lines),
        sum(line.club.taken for line in open_ones),
        sum(line.club.largest for line in open_ones),
        sum(line.below for line in open_ones),
    )


def clubs_per_teacher(term: Term) -> int:
    """Return how many clubs one teacher may lead; 0 is no limit."""
    return RotaSettings.objects.filter(term=term).values_list("clubs_per_teacher", flat=True).first() or 0


@dataclass(frozen=True)
class ClubPage:
    """One club, with what the person who asks may do and see of it."""

    line: ClubLine
    helpers: list[Teacher]
    can: frozenset[Move]
    sees_members: bool
    members: list[ClubPlace] = field(default_factory=list)

    @property
    def club(self) -> Club:
        return self.line.club


def club_page(actor: Actor, club: Club) -> ClubPage:
    """Return one club as this person sees it: eight queries."""
    helpers = [row.teacher for row in ClubHelper.objects.filter(club=club).select_related("teacher")]
    whole = sees_all_members(actor, club)
    return ClubPage(
        lines_of(club.term, [club])[0],
        helpers,
        moves(ClubState(club.state), club_roles(actor, club)),
        whole,
        list(members(actor, club, whole=whole)),
    )


def sees_all_members(actor: Actor, club: Club, day: date | None = None) -> bool:
    """Tell whether this person sees the whole list: office, leadership, its teacher, and who has the club that day."""
    if actor.has(*WHOLE_SCHOOL) or Who.TEACHER in club_roles(actor, club):
        return True
    if actor.teacher is None or club.group_id is None:
        return False
    duties = Duty.objects.filter(teacher=actor.teacher, active=True, session__group=club.group_id)
    return duties.filter(session__date=day or clock.today()).exists()


def members(actor: Actor, club: Club, *, whole: bool | None = None) -> QuerySet[ClubPlace]:
    """Return who is in a club, by class and number: all, or for a head teacher those of the own class."""
    rows = ClubPlace.objects.filter(club=club).exclude(state=PlaceState.LEFT)
    if not (sees_all_members(actor, club) if whole is None else whole):
        rows = rows.filter(student__school_class__in=actor.class_ids)
    return rows.select_related("student__school_class", "placement", "club").order_by(
        "student__school_class__grade", "student__school_class__number", "student__number", "student"
    )


def places_seen_by(actor: Actor, term: Term) -> QuerySet[ClubPlace]:
    """Return the places in clubs of those clubs whose members this person may change."""
    rows = ClubPlace.objects.filter(club__term=term).exclude(state=PlaceState.LEFT)
    if not actor.is_office:
        rows = rows.filter(club__teacher=actor.teacher) if actor.teacher else rows.none()
    return rows.select_related("club__term", "club__teacher", "student__school_class")


def candidates(club: Club, words: str) -> list[Student]:
    """Return children of the club's grades and classes by name, pinyin or initials, who are not in it."""
    words = words.strip().lower().replace(" ", "")
    if not words:
        return []
    shares = list(club.shares.all())
    whom = Q(school_class__grade__in=[s.grade for s in shares if s.grade]) | Q(
        school_class__in=[s.school_class_id for s in shares if s.school_class_id]
    )
    hit = Q(name__contains=words) | Q(pinyin__contains=words) | Q(initials__contains=words)
    inside = ClubPlace.objects.filter(club=club).exclude(state=PlaceState.LEFT).values("student")
    rows = Student.objects.filter(whom, hit, state="enrolled").exclude(pk__in=inside).select_related("school_class")
    return list(rows.order_by("school_class__grade", "school_class__number", "number")[:20])


def class_members(actor: Actor, term: Term) -> list[tuple[SchoolClass, list[ClubPlace]]]:
    """Return who of the own classes is in which club, for a head teacher: two queries."""
    classes = list(SchoolClass.objects.filter(pk__in=actor.class_ids))
    rows = ClubPlace.objects.filter(club__term=term, student__school_class__in=classes).exclude(state=PlaceState.LEFT)
    places = list(
        rows.select_related("student", "club__teacher", "club__room").order_by("student__number", "club__weekdays")
    )
    return [(one, [place for place in places if place.student.school_class_id == one.pk]) for one in classes]
