"""The demo school's gate and places: visitors of today and of Friday, rooms checked before the term and since, two defects."""

from datetime import date, datetime, time, timedelta

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import Role, RoomKind
from afterschool.school.models import Room, StaffRole, Teacher, Term
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from attendance.actions.checks import Found, check_room
from attendance.actions.defects import arrange, repair
from attendance.actions.visitors import Entry, leave, register_visitor
from attendance.check_defaults import install_check_lists
from attendance.enums import Answer, VisitorPaper
from attendance.models import Defect
from attendance.queries.checks import items_of, latest_check, lists_in_use, rooms_in_order
from scheduling.models import Duty

BEFORE = datetime(2026, 8, 31, 14, 0, tzinfo=SHANGHAI)
AGAIN = [date(2026, 9, 7), date(2026, 9, 14)]  # halls and pitches come more often
FRIDAY = date(2026, 9, 18)
SOCKET = "靠窗的插座面板松动"
DESK = "第三排一张课桌桌腿松动"


def play(term: Term, now: datetime) -> None:
    """Check the places, find two defects, let visitors in: one is still inside at `now`."""
    install_check_lists()
    centre, gate = _who_holds(Role.SERVICE_CENTRE), _who_holds(Role.GATEKEEPER)
    if centre is None or gate is None:
        return
    rooms = list(rooms_in_order())
    _check(term, rooms, centre, BEFORE)
    outdoors = [room for room in rooms if room.kind in (RoomKind.HALL, RoomKind.PITCH)]
    for day in AGAIN:
        _check(term, outdoors, centre, clock.at(day, time(8, 0)))
    leader = _who_holds(Role.DUTY_LEADER) or centre
    _find_defects(term, rooms, leader, centre)
    _let_in(term, gate, now)


def _who_holds(role: Role) -> Actor | None:
    holders = StaffRole.objects.filter(role=role, teacher__user__isnull=False, teacher__active=True)
    first = holders.select_related("teacher__user").order_by("teacher__staff_number").first()
    return actor_for(first.teacher.user) if first and first.teacher.user else None


def _check(term: Term, rooms: list[Room], by: Actor, at: datetime, found: dict[str, Found] | None = None) -> None:
    """Check rooms by the lists of their kind; in what `found` names a room, its first item is not in order."""
    lists = list(lists_in_use())
    with clock.frozen(at):
        for room in rooms:
            for one in lists:
                if one.room_kind != room.kind:
                    continue
                bad = (found or {}).get(room.name)
                items = {items_of(one)[1].pk: bad} if bad else {}
                check_room(
                    term=term,
                    room=room,
                    check_list=one,
                    found=items,
                    rest_good=True,
                    seen=latest_check(room, one),
                    by=by,
                )


def _find_defects(term: Term, rooms: list[Room], leader: Actor, centre: Actor) -> None:
    """On Friday the leader of the day finds two: one waits for its owner, one is repaired and waits for a second look."""
    homes = [room for room in rooms if room.kind in (RoomKind.HOME, RoomKind.SPECIAL)][:2]
    if len(homes) < 2 or centre.teacher is None:
        return
    found = {
        room.name: Found(Answer.BAD, text, closes_room=False) for room, text in zip(homes, (SOCKET, DESK), strict=True)
    }
    _check(term, homes, leader, clock.at(FRIDAY, time(12, 30)), found)
    defects = list(Defect.objects.select_related("room", "owner", "term").order_by("pk"))
    with clock.frozen(clock.at(FRIDAY, time(13, 0))):
        for defect in defects:
            due = FRIDAY + timedelta(days=4)
            arrange(defect=defect, owner=centre.teacher, due_on=due, closes_room=False, by=centre)
    with clock.frozen(clock.at(FRIDAY, time(16, 40))):
        done = Defect.objects.select_related("room", "owner", "term").get(pk=defects[-1].pk)
        repair(defect=done, words="换了螺丝，重新拧紧", by=centre)


def _let_in(term: Term, gate: Actor, now: datetime) -> None:
    """Four visits: on Friday one whose exit was forgotten; today three, the last of two persons still inside."""
    duty = (
        Duty.objects.filter(session__date=now.date(), active=True, teacher__user__isnull=False).order_by("pk").first()
    )
    teacher = duty.teacher if duty else None
    friday = clock.at(FRIDAY, time(15, 5))
    meeting = (
        {"purpose": "家长面谈", "visits": teacher} if teacher else {"purpose": "家长面谈", "visits_other": "校长室"}
    )
    _visit(term, gate, friday, None, name="尹先生", phone="13900007001", visits_other="财务室", purpose="办手续")
    _visit(term, gate, now.replace(hour=8, minute=40), 25, name="龚师傅", visits_other="食堂", purpose="送货")
    _visit(term, gate, now.replace(hour=14, minute=20), 35, name="沈女士", phone="13900007002", **meeting)
    values: dict[str, str | int] = {
        "visits_other": "服务保障中心",
        "purpose": "维修",
        "persons": 2,
        "paper": VisitorPaper.WORK,
    }
    _visit(term, gate, now - timedelta(minutes=18), None, name="邵师傅", phone="13900007003", **values)


def _visit(term: Term, gate: Actor, at: datetime, minutes: int | None, **values: str | int | Teacher) -> None:
    entry = Entry(**({"paper": VisitorPaper.IDENTITY, "paper_tail": "0427"} | values))  # type: ignore[arg-type]
    with clock.frozen(at):
        visitor = register_visitor(term=term, entry=entry, by=gate)
    if minutes is not None:
        with clock.frozen(at + timedelta(minutes=minutes)):
            leave(visitor=visitor, by=gate)
