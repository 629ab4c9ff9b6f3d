"""What every word of a family shares: who may say it, until when, and who is told of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind
from afterschool.school.messaging import tell
from afterschool.school.models import Guardianship, Session, Student, Term, User
from afterschool.school.templatetags.school import day as day_word
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance import access
from attendance.enums import LeaveSource
from attendance.models import ChildDay, DayFetcher, LeaveRequest, Mark
from attendance.queries.cutoffs import Cutoff, contacts, cutoff_of_change
from attendance.queries.leaves import service_days, session_of
from attendance.queries.roll_calls import standing_leaves
from scheduling.models import Duty


@dataclass(frozen=True)
class Word:
    """Whose word it is and how it came: by the guardian's own phone, on paper, or called in, and then by whom."""

    source: LeaveSource
    said_by: str = ""


def check_speaks(by: Actor, student: Student, word: Word, first: date, last: date) -> User:
    """Return the account that says it. A guardian speaks in the portal; for slips and calls there is the school.

    Refused: not_yours; today_only, for the teacher who has the child's group today and no more.
    """
    if by.user is not None:
        if word.source == LeaveSource.GUARDIAN:
            if access.acts_for(by, student):
                return by.user
        elif access.may_record(by, student):
            return by.user
        elif has_today(by, student):
            if first == last == clock.today():
                return by.user
            raise Refused("today_only", "带班教师只能登记今天的；以后的请班主任或课程教学中心登记。")
    raise Refused("not_yours", "只有孩子的监护人、班主任、今天的带班教师和课程教学中心可以登记。")


def check_may_take_back(by: Actor, student: Student, first: date, last: date) -> None:
    """Refuse whoever may not take a word back: those who may say it, the teacher on duty one of today only."""
    if by.user is None or not (
        access.may_speak_for(by, student) or (first == last == clock.today() and has_today(by, student))
    ):
        raise Refused("not_yours", "只有孩子的监护人、班主任、今天的带班教师和课程教学中心可以撤销。")


def has_today(by: Actor, student: Student) -> bool:
    """Tell whether the person has the session that the child is due in today."""
    if by.teacher is None:
        return False
    mine = Duty.objects.filter(teacher=by.teacher, active=True, session__date=clock.today())
    return any(_is_due(student, duty.session) for duty in mine.select_related("session__term"))


def _is_due(student: Student, session: Session) -> bool:
    due = session_of(student, session.term, session.date)
    return due is not None and due.pk == session.pk


def check_days(student: Student, term: Term, first: date, last: date) -> list[date] | None:
    """Return the service days of a span (see `service_days`). Refused: order, past, outside_term, no_service."""
    if last < first:
        raise Refused("order", "结束日期不能早于开始日期。")
    if first < clock.today():
        raise Refused("past", "过去的日子不能再改。")
    if last > term.ends_on:
        raise Refused("outside_term", f"这个学期到 {term.ends_on.month}月{term.ends_on.day}日为止。")
    days = service_days(student, term, first, last)
    if days == []:
        which = "这一天" if first == last else "这几天"
        raise Refused("no_service", f"{student.name}{which}没有课后服务，不用登记。")
    return days


def check_cutoff(cutoff: Cutoff, student: Student, session: Session | None) -> None:
    """Refuse a guardian's word for today once the school's time for it is past (too_late_today), with whom to call."""
    if cutoff.passed and cutoff.until is not None:
        numbers = "；".join(str(one) for one in contacts(student, session)) or "班主任"
        raise Refused("too_late_today", f"今天 {cutoff.until:%H:%M} 已过，今天要{cutoff.what}请打电话：{numbers}。")


def one_at_a_time(student: Student) -> None:
    """Let two who speak for one child at the same moment wait for each other (SQLite lets one write at a time anyway)."""
    Student.objects.select_for_update().filter(pk=student.pk).order_by("pk").values_list("pk").first()


def end_span(row: LeaveRequest | DayFetcher, *, by: Actor, today_stands: bool) -> date | None:
    """Take a span back: whole if none of it has been, else from today or tomorrow on. Return its new last day, if any.

    What was true of days that are over stays on record.
    """
    keep = clock.today() if today_stands else clock.today() - timedelta(days=1)
    seen = type(row).objects.filter(pk=row.pk, cancelled_at=None, last_day=row.last_day)
    if row.first_day > keep:
        changed = seen.update(cancelled_at=clock.now(), cancelled_by=by.user)
    else:
        changed = seen.update(last_day=keep)
        row.last_day = keep
    if changed != 1:
        raise somebody_was_faster()
    return None if row.first_day > keep else keep


def called_today(student: Student) -> bool:
    """Tell whether the roll of the child's group is being called today, or was."""
    marks = Mark.objects.filter(student=student, roll_call__session__date=clock.today())
    return marks.exclude(roll_call__session__group__kind=GroupKind.CLUB).exists()


def tell_of_word(
    student: Student, term: Term, title: str, body: str = "", *, kind: str, by: Actor, today: bool, recorded: bool
) -> None:
    """Tell those in charge and the family, never the one who said it.

    Head teacher always, the teacher on duty when it is for today; the other guardians, and all of them when the school
    recorded it: so that nobody speaks for a family unheard. A guardian with a ban hears nothing.
    """
    staff = set()
    if student.school_class and student.school_class.head_teacher:
        staff.add(student.school_class.head_teacher.user_id)
    if today and (session := session_of(student, term, clock.today())):
        staff |= set(Duty.objects.filter(session=session, active=True).values_list("teacher__user_id", flat=True))
    _tell(staff, title, body, kind=kind, student=student, term=term, by=by)
    family = Guardianship.objects.filter(student=student, acts=True, banned=False).values_list("guardian__user_id")
    family_title = f"学校已登记：{title}" if recorded else title
    heard = {pk for (pk,) in family} - staff
    _tell(heard, family_title, body, kind=kind, student=student, term=term, by=by)


def _tell(
    users: Iterable[int | None], title: str, body: str, *, kind: str, student: Student, term: Term, by: Actor
) -> None:
    if known := [pk for pk in users if pk is not None and pk != by.user_id]:
        tell(known, kind=kind, title=title, body=body, student=student, term=term, by=by)


def check_open(term: Term, student: Student, session: Session | None, day: date, source: LeaveSource) -> None:
    """Refuse a guardian after the school's time of the day, and anybody once the child has left."""
    if day != clock.today():
        return
    if source == LeaveSource.GUARDIAN and session is not None:
        check_cutoff(cutoff_of_change(term, clock.now()), student, session)
    check_still_here(student, day)


def check_not_on_leave(student: Student, day: date) -> None:
    """Refuse (on_leave) a word about the way home of a child who isn't there that day."""
    if standing_leaves(day).filter(student=student).exists():
        raise Refused("on_leave", f"{student.name}{when(day)}已请假，不用改接送；要来的话，请先撤销请假。")


def has_left(student: Student, day: date) -> ChildDay | None:
    """Return the child's row of a day if it is at an end."""
    return ChildDay.objects.filter(student=student, date=day, state__in=["fetched", "alone", "away"]).first()


def check_still_here(student: Student, day: date) -> None:
    """Refuse (gone) a word about a child who has left already."""
    row = has_left(student, day)
    if row is not None:
        at = row.since.astimezone(clock.SHANGHAI)
        raise Refused("gone", f"{student.name}现在是“{row.get_state_display()}”（{at:%H:%M} 起），不用再改。")


def when(first: date, last: date | None = None) -> str:
    """Return 今天, the day, or 周二 9月22日至周四 9月24日, as it stands in a sentence."""
    if last is not None and last != first:
        return f"{day_word(first)}至{day_word(last)}"
    return "今天" if first == clock.today() else f" {day_word(first)} "
