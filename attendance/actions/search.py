"""A search for a missing child: guardians told on the teacher's word, leaders told again by the clock, and its end.

Nothing closes a search by itself: a child comes off the list when it is found, or by a guardian's word (moves 4 and 5).
"""

from datetime import timedelta

from django.db import IntegrityError, transaction

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import StaffRole, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.access import may_search
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.told import child_url
from attendance.custody import State
from attendance.enums import CustodyState, MarkState, SearchKind
from attendance.models import ChildDay, Mark, SearchStep
from attendance.queries.missing import lost, lost_link
from attendance.queries.settings import afternoon
from scheduling.queries.patrol import patrols_between

# With another teacher the child still isn't in its group: that mark stays until the group's teacher has the child.
# A guardian's word afterwards makes no leave asked for beforehand: the month's report keeps the absence.
MARKS = {State.GROUP: MarkState.LATE, State.CLUB: MarkState.LATE}


@transaction.atomic
def settle(*, child_day: ChildDay, to: State, by: Actor, place: str = "") -> None:
    """End the search for a missing child (moves 4 and 5) and mend the roll on which it was marked absent.

    Refused as the chain of custody refuses: not_yours, no_place, no_guardian_word, somebody_was_faster.
    """
    session_id = child_day.at_session_id or child_day.session_id
    reason = "guardian_word" if to == State.AWAY else "found"
    club = child_day.at_session if to == State.CLUB else None  # a child missing in a club goes back there
    move_many([MoveRequest(child_day, to, at_session=club, place=place, reason=reason)], by=by)
    if child_day.at_session_id != session_id:
        return  # not there: missing at a club and found in the own group, a child was not in the club
    wanted = MARKS.get(to)
    mark = Mark.objects.filter(roll_call__session=session_id, student=child_day.student_id, state=MarkState.ABSENT)
    row = mark.select_related("roll_call").first()
    if wanted is None or row is None:
        return
    changed = mark.filter(pk=row.pk).update(
        state=wanted, marked_by=by.user, marked_at=clock.now(), device_id="", device_at=None
    )
    if changed:
        record(
            "roll_call.mended" if row.roll_call.closed_at else "roll_call.marked",
            subject=row.roll_call,
            by=by,
            student_id=child_day.student_id,
            term_id=child_day.term_id,
            data={"from": MarkState.ABSENT.value, "to": wanted.value},
        )


@transaction.atomic
def tell_guardians(child_day: ChildDay, *, by: Actor) -> SearchStep:
    """Tell the guardians that their child is missing: on a person's word, as a child may just be late. Once a search.

    Refused: not_yours, not_missing, no_account (nobody reads the portal: a call is needed), told_already.
    """
    if by.user is None or not may_search(by, child_day):
        raise Refused("not_yours", "由在找孩子的老师、班主任或值班行政来告诉家长。")
    locked = ChildDay.objects.select_for_update(of=("self",)).filter(pk=child_day.pk, state=CustodyState.MISSING)
    if not locked.exists():
        raise Refused("not_missing", f"{child_day.student.name}现在不是“未到”，不用告诉家长。")
    accounts = guardians_of(child_day.student)
    if not accounts:
        raise Refused("no_account", "家长还没有用过课后服务系统，收不到消息，请打电话。")
    number, since = lost_link(child_day)
    step = _step(child_day, number, SearchKind.GUARDIANS, by)
    if step is None:
        raise Refused("told_already", "已经告诉过家长了。")
    head = child_day.student.school_class.head_teacher if child_day.student.school_class else None
    whom = [f"{head.name} {head.phone}"] if head and head.phone else []
    whom += [f"{by.teacher.name} {by.teacher.phone}"] if by.teacher and by.teacher.phone and by.teacher != head else []
    tell(
        accounts,
        kind="custody.guardians",
        title=f"{child_day.student.name}还没有到课后服务班",
        body=f"{since.astimezone(clock.SHANGHAI):%H:%M} 点名时没有看到孩子。已接走或知道孩子在哪里，请马上打电话："
        f"{'，'.join(whom) or '学校'}。",
        student=child_day.student,
        term=child_day.term,
        by=by,
    )
    return step


def _step(child_day: ChildDay, number: int, kind: SearchKind, by: Actor) -> SearchStep | None:
    """Note that somebody was told; None where this was done already, even at this very moment."""
    try:
        with transaction.atomic():
            return SearchStep.objects.create(child_day=child_day, link=number, kind=kind, by=by.user, at=clock.now())
    except IntegrityError:
        return None


def escalate(term: Term, *, by: Actor = SYSTEM) -> int:
    """Tell of every child who is missing for the set minutes: the duty leaders again, then the leading group.

    Each once a search, however often and from how many places it is called. Return how many were told of.
    """
    rows = list(lost(term))
    if not rows:
        return 0
    settings, now = afternoon(term), clock.now()
    steps = SearchStep.objects.filter(child_day__in=rows).values_list("child_day_id", "link", "kind")
    told = set(steps)
    done = 0
    for kind, minutes in (
        (SearchKind.DUTY_LEADER, settings.leader_minutes),
        (SearchKind.LEADING_GROUP, settings.group_minutes),
    ):
        for row in rows:
            over = now - row.lost_at >= timedelta(minutes=minutes)  # type: ignore[attr-defined]
            if over and (row.pk, row.lost_link, kind) not in told:  # type: ignore[attr-defined]
                done += _escalate(row, kind, minutes, by)
    return done


@transaction.atomic
def _escalate(row: ChildDay, kind: SearchKind, minutes: int, by: Actor) -> int:
    missing = ChildDay.objects.select_for_update(of=("self",)).filter(pk=row.pk, state=CustodyState.MISSING)
    if not missing.exists() or _step(row, row.lost_link, kind, by) is None:  # type: ignore[attr-defined]
        return 0
    seeker = f"{row.holder.name}在找。" if row.holder else "还没有人在找。"
    recipients = _leaders(row) if kind == SearchKind.DUTY_LEADER else _with_role(Role.LEADING_GROUP)
    if recipients:
        tell(
            recipients,
            kind="custody.escalated",
            title=f"{row.student.name} 未到已 {minutes} 分钟，还没有着落",
            body=f"{row.student.school_class or ''}，{seeker}请看打过的电话，决定下一步。",
            url=child_url(row.pk),
            student=row.student,
            term=row.term,
            by=by,
        )
    return 1


def _leaders(row: ChildDay) -> list[int]:
    """Return the duty leaders who have a post on that day; all of them where nobody has one."""
    all_leaders = _with_role(Role.DUTY_LEADER)
    posts = [teacher for teacher, _ in patrols_between(row.term_id, [row.date])]
    on_post = StaffRole.objects.filter(role=Role.DUTY_LEADER, teacher__in=posts, teacher__user__isnull=False)
    return list(on_post.values_list("teacher__user_id", flat=True)) or all_leaders


def _with_role(role: Role) -> list[int]:
    holders = StaffRole.objects.filter(role=role, teacher__active=True, teacher__user__isnull=False)
    return list(holders.values_list("teacher__user_id", flat=True))
