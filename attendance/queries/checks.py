"""Safety checks: which rooms are due, what was found, which defects are open, which rooms are closed by one (E10)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, F, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Value

from afterschool.school.access import Actor
from afterschool.school.models import Room, SchoolClass, Teacher, Term
from afterschool.support import clock
from attendance.access import ARRANGERS, KEEPERS, ROOM_CHECKERS, ROOM_READERS
from attendance.enums import Answer, DefectMove, DefectState
from attendance.models import CheckItem, CheckList, Defect, DefectPhoto, SafetyCheck
from attendance.safety import Due, Who, due, moves, next_on

OVERDUE_WORD = "defect.overdue"  # of the question asked beside the roles, see `overdue_beside`
CLOSED_SHOWN = 30
TONES = {Due.NEVER: "act", Due.OVERDUE: "act", Due.SOON: "wait", Due.FINE: "done"}


@dataclass(frozen=True)
class Line:
    """One room with one list: when it was last checked, and when it is due."""

    room: Room
    check_list: CheckList
    last: date | None
    due: Due
    next_on: date | None
    late: int  # days over
    open_defects: int
    closed: bool

    @property
    def tone(self) -> str:
        return TONES[self.due]

    @property
    def word(self) -> str:
        match self.due:
            case Due.NEVER:
                return "还没查过"
            case Due.OVERDUE:
                return f"过期 {self.late} 天"
            case Due.SOON:
                return "快到期"
        return "已查"


@dataclass(frozen=True)
class Rooms:
    """All rooms with their lists: those that are due, the longest waiting first, and the rest."""

    waiting: list[Line]
    rest: list[Line]

    @property
    def overdue(self) -> int:
        return sum(line.due in (Due.NEVER, Due.OVERDUE) for line in self.waiting)


def lists_in_use() -> QuerySet[CheckList]:
    """Return the lists in use that have something to look at."""
    return CheckList.objects.filter(active=True, items__active=True).distinct().order_by("title")


def lists_for(room: Room) -> QuerySet[CheckList]:
    """Return the lists by which a room is checked: those of its kind, and those of all rooms."""
    return lists_in_use().filter(room_kind__in=["", room.kind])


def items_of(check_list: CheckList) -> list[CheckItem]:
    """Return what is looked at now, in order: one query."""
    return list(check_list.items.filter(active=True))


def rooms_in_order() -> QuerySet[Room]:
    """Return the rooms in use, home rooms in the order of their classes."""
    home = SchoolClass.objects.current().filter(room=OuterRef("pk")).order_by()
    rooms = Room.objects.filter(active=True)
    rooms = rooms.annotate(grade=Subquery(home.values("grade")[:1]), number=Subquery(home.values("number")[:1]))
    return rooms.order_by("kind", F("grade").asc(nulls_last=True), "number", "name")


def rooms_due() -> Rooms:
    """Return how each room stands with its lists: four queries, however many rooms."""
    today = clock.today()
    rooms = list(rooms_in_order())
    lists = list(lists_in_use())
    checks = SafetyCheck.objects.order_by().values_list("room", "check_list").annotate(last=Max("date"))
    last = {(room, check_list): day for room, check_list, day in checks}
    counted = Defect.objects.exclude(state=DefectState.CLOSED).order_by().values_list("room")
    found = counted.annotate(n=Count("pk"), closing=Count("pk", filter=Q(closes_room=True)))
    defects = {room: (n, closing) for room, n, closing in found}
    lines = []
    for room in rooms:
        n, closing = defects.get(room.pk, (0, 0))
        for one in lists:
            if one.room_kind in ("", room.kind):
                before = last.get((room.pk, one.pk))
                until = next_on(before, one.every_days)
                late = max((today - until).days, 0) if until else 0
                stands = due(before, one.every_days, today)
                lines.append(Line(room, one, before, stands, until, late, n, closing > 0))
    waiting = [line for line in lines if line.due != Due.FINE]
    waiting.sort(key=lambda line: line.next_on or date.min)  # within a date in the order of the rooms
    return Rooms(waiting, [line for line in lines if line.due == Due.FINE])


def latest_check(room: Room, check_list: CheckList) -> int:
    """Return the number of the newest check of a room by a list, 0 where there is none: what a form was opened upon."""
    return SafetyCheck.objects.filter(room=room, check_list=check_list).aggregate(n=Max("pk"))["n"] or 0


def checks_between(term: Term, first: date, last: date) -> list[SafetyCheck]:
    """Return the checks of these dates, each with what was not in order: two queries."""
    rows = SafetyCheck.objects.filter(term=term, date__gte=first, date__lte=last).select_related(
        "room", "check_list", "by"
    )
    counted = rows.annotate(
        items=Count("results"),
        bad=Count("results", filter=Q(results__answer=Answer.BAD)),
    )
    found = Defect.objects.select_related("owner").order_by("pk")
    return list(counted.prefetch_related(Prefetch("results__defects", found)).order_by("date", "pk"))


def defects_of_check(check: SafetyCheck) -> list[Defect]:
    """Return the defects that a check found, in the order of its list."""
    rows = Defect.objects.filter(result__check_done=check).select_related("owner").prefetch_related("photos")
    return list(rows.order_by("result__item__position", "pk"))


def defects_of(actor: Actor) -> QuerySet[Defect]:
    """Return which defects exist for this person: all for those who check, else the own to repair and those reported."""
    rows = Defect.objects.select_related("room", "owner", "found_by", "repaired_by", "closed_by", "term")
    if actor.has(*ROOM_READERS):
        return rows
    mine = Q(found_by=actor.user) if actor.user else Q(pk__in=[])
    return rows.filter(mine | Q(owner=actor.teacher) if actor.teacher else mine)


@dataclass(frozen=True)
class Defects:
    """The defects a person sees, by what has to be done next."""

    unowned: list[Defect]
    overdue: list[Defect]
    open: list[Defect]
    repaired: list[Defect]
    closed: list[Defect]

    @property
    def to_repair(self) -> int:
        return len(self.unowned) + len(self.overdue) + len(self.open)


def defects_by_state(actor: Actor) -> Defects:
    """Return a person's defects; of those closed the newest: two queries."""
    today = clock.today()
    rows = list(defects_of(actor).exclude(state=DefectState.CLOSED).order_by("due_on", "found_at", "pk"))
    still = [row for row in rows if row.state == DefectState.OPEN]
    closed = defects_of(actor).filter(state=DefectState.CLOSED).order_by("-closed_at")
    return Defects(
        unowned=[row for row in still if row.owner_id is None],
        overdue=[row for row in still if row.owner_id and row.due_on and row.due_on < today],
        open=[row for row in still if row.owner_id and not (row.due_on and row.due_on < today)],
        repaired=[row for row in rows if row.state == DefectState.REPAIRED],
        closed=list(closed[:CLOSED_SHOWN]),
    )


def who_of(actor: Actor, defect: Defect) -> frozenset[Who]:
    """Return what a person is to one defect."""
    found = {
        Who.OWNER: actor.teacher is not None and actor.teacher.pk == defect.owner_id,
        Who.KEEPER: actor.has(*KEEPERS),
        Who.ARRANGER: actor.has(*ARRANGERS),
        Who.CHECKER: actor.has(*ROOM_CHECKERS),
    }
    return frozenset(who for who, is_so in found.items() if is_so)


def moves_of(actor: Actor, defect: Defect) -> list[DefectMove]:
    """Return what a person may do with a defect now: the buttons of its page."""
    repairer = defect.repaired_by_id is not None and defect.repaired_by_id == actor.user_id
    return moves(DefectState(defect.state), who_of(actor, defect), repairer=repairer)


def photos_seen(actor: Actor) -> QuerySet[DefectPhoto]:
    """Return the photos of the defects that exist for this person."""
    return DefectPhoto.objects.filter(defect__in=defects_of(actor).values("pk"))


def closed_rooms(rooms: Iterable[int] | None = None) -> dict[int, list[Defect]]:
    """Return which rooms (of these, or of all) may not be used until something is repaired, and why: one query."""
    rows = Defect.objects.filter(closes_room=True).exclude(state=DefectState.CLOSED).order_by("pk")
    if rooms is not None:
        rows = rows.filter(room__in=rooms)
    found: dict[int, list[Defect]] = defaultdict(list)
    for row in rows:
        found[row.room_id].append(row)
    return dict(found)


def overdue_beside(day: date, teacher: Teacher) -> QuerySet[Defect, tuple[str, int, str, str]]:
    """Ask for what should have been repaired before this date, beside the roles of whoever opens a page.

    Rows (word, owner, what, where): the home pages of owner and office name them at no query of their own.
    """
    rows = Defect.objects.filter(state=DefectState.OPEN, owner__isnull=False, due_on__lt=day).order_by()
    return rows.values_list(Value(OVERDUE_WORD), "owner_id", "text", "room__name")


def overdue_for(actor: Actor) -> list[tuple[str, str]]:
    """Return what this person should have had repaired (what, where); all of it for the office. No query."""
    mine = actor.teacher.pk if actor.teacher else None
    rows = [row for row in actor.beside if row[0] == OVERDUE_WORD and (actor.is_office or row[1] == mine)]
    return [(text, room) for _, _, text, room in rows]


def staff_to_repair() -> QuerySet[Teacher]:
    """Return who can be asked to repair something: all staff in service, by name."""
    return Teacher.objects.filter(active=True).order_by("pinyin", "staff_number")
