"""Walking children along the chain of custody as their marks say, many at once."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.enums import GroupKind
from afterschool.school.models import Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import begin_chains
from attendance.actions.passes import open_passes
from attendance.enums import HERE, IN_CARE, CustodyState, MarkState
from attendance.models import ChildDay, Handover, RollCall
from attendance.queries.roll_elsewhere import apart_of
from attendance.roll_path import NoWay, path
from scheduling.models import Duty

WORD_TO_TEACHER = "点名时由点名的老师记请假"


def child_days(session: Session, students: "Sequence[int] | set[int]", by: Actor = SYSTEM) -> dict[int, ChildDay]:
    """Return the day's row of each child, made with its first link where a child has none (clubs, passes)."""
    rows = ChildDay.objects.filter(student__in=list(students), date=session.date).select_related("term")
    known = {row.student_id: row for row in rows}
    unknown = sorted(set(students) - known.keys())
    if unknown:
        ChildDay.objects.bulk_create(
            ChildDay(
                term=session.term,
                student_id=pk,
                date=session.date,
                session=session,
                at_session=session,
                links=1,
                since=clock.now(),
            )
            for pk in unknown
        )
        begin_chains(session.term, session.date, by)
        known |= {row.student_id: row for row in rows.all()}
    return known


def walk(
    session: Session,
    changes: Sequence[tuple[ChildDay, MarkState, MarkState]],
    duty: Duty | None,
    by: Actor,
    *,
    reason: str,
    device_at: datetime | None,
) -> None:
    """Move the children to where their marks say, step by step, all that can go together in one batch."""
    club = session.group.kind == GroupKind.CLUB
    holder = duty.teacher if duty and _signed_in(session, duty) else by.teacher
    _refuse_if_elsewhere(changes, session)
    undo_to = _undo_to([day for day, _, _ in changes], by)
    _let_in([day for day, _, new in changes if new in HERE and day.pk not in undo_to], session, by)
    routes, home = [], []
    for day, old, new in changes:
        try:
            way = path(CustodyState(day.state), old, new, club=club, undo_to=undo_to.get(day.pk))
        except NoWay:
            raise Refused("already_gone", f"孩子现在是“{day.get_state_display()}”，不能再改点名。") from None
        if not way and _comes_home(day, old, new, session):
            way = [CustodyState.GROUP]
            home.append(day.pk)
        routes.append((day, way))
    for step in range(max((len(way) for _, way in routes), default=0)):
        moves = [_move(day, way[step], session, holder, reason) for day, way in routes if len(way) > step]
        move_many(moves, by=by, device_at=device_at)
    if home:
        ChildDay.objects.filter(pk__in=home).update(is_pass=False)


def _signed_in(session: Session, duty: Duty) -> bool:
    """Tell whether the teacher on duty opened the roll call and so answers, also for what a leader enters later."""
    roll_call: RollCall | None = getattr(session, "roll_call", None)
    return roll_call is not None and roll_call.opened_by_id == duty.teacher.user_id


def _comes_home(day: ChildDay, old: MarkState, new: MarkState, session: Session) -> bool:
    """Tell whether a child taken in by another group, missed here or not called, is back with its own (move 8)."""
    elsewhere = day.state == CustodyState.GROUP and day.at_session_id != session.pk == day.session_id
    return elsewhere and old not in HERE and new in HERE


def _refuse_if_elsewhere(changes: Sequence[tuple[ChildDay, MarkState, MarkState]], session: Session) -> None:
    """Refuse to call a child absent whom somebody else has in care: elsewhere. Whose club is over may be looked for."""
    wanted = [day.student_id for day, old, new in changes if old == MarkState.NOT_CALLED and new not in HERE]
    held = [day for day, _, _ in changes if day.student_id in wanted and day.state in IN_CARE]
    away = apart_of(session, [day.student_id for day in held])
    for day in held:
        if day.student_id in away and not _club_is_over(day):
            raise Refused("elsewhere", f"{day.student.name}{away[day.student_id].words}，这里不用记。")


def _club_is_over(day: ChildDay) -> bool:
    club = day.at_session if day.state == CustodyState.CLUB else None
    return club is not None and clock.at(day.date, club.ends_at) <= clock.now()


def _undo_to(days: Sequence[ChildDay], by: Actor) -> dict[int, CustodyState]:
    """Return where children who are away were before, for those whom this person said to be away."""
    away = [day.pk for day in days if day.state == CustodyState.AWAY]
    if not away:
        return {}
    last = Handover.objects.filter(child_day__in=away, number=F("child_day__links"))
    if not by.is_office:
        last = last.filter(by=by.user)
    return {link.child_day_id: CustodyState(link.from_state) for link in last}


def _let_in(days: Sequence[ChildDay], session: Session, by: Actor) -> None:
    """A child that another person said to be away, and who turns up all the same, is a pass."""
    away = [day for day in days if day.state == CustodyState.AWAY]
    if away:
        ChildDay.objects.filter(pk__in=[day.pk for day in away]).update(is_pass=True)
        open_passes(away, session, by)


def _move(day: ChildDay, to: CustodyState, session: Session, holder: Teacher | None, reason: str) -> MoveRequest:
    here = to in (CustodyState.GROUP, CustodyState.CLUB, CustodyState.MISSING)
    return MoveRequest(
        day,
        to,
        holder=holder if here else None,
        at_session=session if here else None,
        place=str(session.room or session.group.name) if day.state == CustodyState.MISSING else "",
        reason=reason,
        note=WORD_TO_TEACHER if to == CustodyState.AWAY and reason == "roll_call" else "",
    )
