"""What the constraints can't hold, counted from the records, each with the page where it is mended (integrity page)."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from afterschool.school.enums import SERVICE_GROUPS, GroupKind, PlacementKind, SessionState, StudentState
from afterschool.school.models import (
    Group,
    Guardianship,
    Placement,
    SchoolClass,
    SchoolDay,
    Session,
    StaffRole,
    Student,
    Teacher,
    Term,
)
from afterschool.support import clock
from attendance.enums import HERE, OPEN, PassState
from attendance.models import ChildDay, LeaveRequest, Mark, Pass, RollCall
from scheduling.models import Duty, Substitution
from scheduling.queries.grouping import idle_places, shifted_places, unplaced

SHOWN = 30  # lines of a finding on the page; the number is always whole
AHEAD = timedelta(days=14)  # what is coming is looked at so far ahead
BEHIND = timedelta(days=30)


@dataclass(frozen=True)
class Line:
    """One thing that is not as it should be, and where it is mended."""

    text: str
    url: str


@dataclass(frozen=True)
class Finding:
    """One kind of disagreement: what it is, how it is mended, the lines."""

    key: str
    title: str
    repair: str
    lines: list[Line] = field(default_factory=list)

    @property
    def number(self) -> int:
        return len(self.lines)

    @property
    def shown(self) -> list[Line]:
        return self.lines[:SHOWN]

    @property
    def more(self) -> int:
        return max(0, self.number - SHOWN)


Look = Callable[[Term], Iterable[Line]]


def findings(term: Term) -> list[Finding]:
    """Return every check with what it found, the day's first: about twenty questions, whatever the size of the school."""
    return [Finding(key, title, repair, list(look(term))) for key, title, repair, look in CHECKS]


def _where(session: Session) -> str:
    return f"{session.date.month}月{session.date.day}日 {session.group.name}"


def present_despite_leave(term: Term) -> Iterable[Line]:
    """A child with a standing leave of that day whom a roll call has as present or late."""
    leave = LeaveRequest.objects.filter(
        student=OuterRef("student"),
        first_day__lte=OuterRef("roll_call__session__date"),
        last_day__gte=OuterRef("roll_call__session__date"),
        cancelled_at__isnull=True,
    )
    marks = Mark.objects.filter(
        Exists(leave),
        roll_call__session__term=term,
        state__in=HERE,
        roll_call__session__date__gte=clock.today() - BEHIND,
    ).exclude(roll_call__session__group__kind=GroupKind.CLUB)
    for mark in marks.select_related("student", "roll_call__session__group").order_by(
        "-roll_call__session__date", "pk"
    ):
        session = mark.roll_call.session
        yield Line(
            f"{mark.student.name}，{_where(session)}：有请假，点名为“{mark.get_state_display()}”",
            reverse("attendance:roll-call-child", args=[session.pk, mark.student_id]),
        )


def two_places(term: Term) -> Iterable[Line]:
    """A child whom two service groups have as present on one day."""
    here = Mark.objects.filter(
        roll_call__session__term=term,
        roll_call__session__group__kind__in=SERVICE_GROUPS,
        roll_call__session__date__gte=clock.today() - BEHIND,
        state__in=HERE,
    ).order_by()
    twice = here.values("student", "student__name", "roll_call__session__date").annotate(
        n=Count("roll_call", distinct=True)
    )
    days = dict(ChildDay.objects.filter(term=term, date__gte=clock.today() - BEHIND).values_list("student", "pk"))
    for row in twice.filter(n__gt=1).order_by("-roll_call__session__date", "student"):
        day = row["roll_call__session__date"]
        url = reverse("attendance:board") + f"?day={day:%Y-%m-%d}"
        if day == clock.today() and row["student"] in days:
            url = reverse("attendance:child", args=[days[row["student"]]])
        yield Line(f"{row['student__name']}，{day.month}月{day.day}日：{row['n']} 个服务班都点了到", url)


def open_before(term: Term) -> Iterable[Line]:
    """An earlier day on which a child is at no end: midnight closes nothing."""
    rows = ChildDay.objects.filter(term=term, date__lt=clock.today(), state__in=OPEN).order_by()
    for day, number in sorted(rows.values_list("date").annotate(n=Count("pk"))):
        yield Line(
            f"{day.month}月{day.day}日：{number} 个孩子没有去向",
            reverse("attendance:board") + f"?day={day:%Y-%m-%d}",
        )


def roll_not_closed(term: Term) -> Iterable[Line]:
    """A session of an earlier day whose roll nobody closed."""
    sessions = Session.objects.filter(
        term=term,
        state=SessionState.PLANNED,
        date__lt=clock.today(),
        date__gte=clock.today() - BEHIND,
        roll_call__closed_at__isnull=True,
    )
    for session in sessions.select_related("group").order_by("-date", "group__grade", "group__order"):
        yield Line(_where(session), reverse("attendance:roll-call", args=[session.pk]))


def pass_undecided(term: Term) -> Iterable[Line]:
    """A child taken in unlisted whom nobody has accepted or refused."""
    rows = Pass.objects.filter(child_day__term=term, state=PassState.WAITING)
    for row in rows.select_related("child_day__student", "session__group").order_by("-at"):
        yield Line(
            f"{row.child_day.student.name}，{_where(row.session)}：临时加入，没有人答复",
            reverse("attendance:child", args=[row.child_day_id]),
        )


def duty_without_teacher(term: Term) -> Iterable[Line]:
    """A session from today on without a teacher, or with one who has left."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True, teacher__active=True)
    sessions = Session.objects.filter(
        ~Exists(active),
        term=term,
        state=SessionState.PLANNED,
        date__range=(clock.today(), clock.today() + AHEAD),
    )
    gone_of = Duty.objects.filter(session=OuterRef("pk"), active=True).order_by("-pk").values("pk")[:1]
    listed = sessions.select_related("group").annotate(gone=Subquery(gone_of))
    for session in listed.order_by("date", "group__grade", "group__order"):
        gone = session.gone
        url = reverse("scheduling:standins-duty", args=[gone]) if gone else reverse("scheduling:rota")
        yield Line(f"{_where(session)}：{'教师已停用' if gone else '没有教师'}", url)


def room_clash(term: Term) -> Iterable[Line]:
    """Two sessions in one room at one time."""
    rows = Session.objects.filter(
        term=term,
        state=SessionState.PLANNED,
        room__isnull=False,
        date__range=(clock.today(), clock.today() + AHEAD),
    )
    together: dict[tuple[date, int], list[Session]] = defaultdict(list)
    for session in rows.select_related("group", "room").order_by("date", "starts_at", "pk"):
        together[session.date, session.room_id or 0].append(session)
    for sessions in together.values():
        for place, one in enumerate(sessions):
            for other in sessions[place + 1 :]:
                if one.starts_at < other.ends_at and other.starts_at < one.ends_at and one.room:
                    url = reverse("scheduling:group", args=[other.group_id])
                    if other.group.kind == GroupKind.CLUB:
                        url = reverse("scheduling:club", args=[other.group_id])
                    yield Line(f"{_where(one)} 和 {other.group.name}：都在{one.room.name}", url)


def over_the_cap(term: Term) -> Iterable[Line]:
    """A service group with more children on a weekday than the term's cap."""
    today = clock.today()
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        term=term,
        kind=PlacementKind.SERVICE,
        student__state=StudentState.ENROLLED,
    )
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for pk, weekdays in places.values_list("group", "weekdays"):
        for day in weekdays:
            counts[pk][day] += 1
    over = {pk: most for pk, days in counts.items() if (most := max(days.values(), default=0)) > term.cap}
    for group in Group.objects.filter(pk__in=over).order_by("grade", "order"):
        yield Line(
            f"{group.name}：{over[group.pk]} 人，上限 {term.cap} 人", reverse("scheduling:group", args=[group.pk])
        )


def child_in_no_group(term: Term) -> Iterable[Line]:
    """A child approved without a place in a service group."""
    for student in unplaced(term):
        yield Line(f"{student.school_class or ''}{student.name}：已通过，没有服务班", reverse("scheduling:groups"))


def place_without_approval(term: Term) -> Iterable[Line]:
    """A child with a place whose application no longer stands."""
    for place in idle_places(term).select_related("student__school_class", "group"):
        student = place.student
        yield Line(
            f"{student.school_class or ''}{student.name}：在{place.group.name}，申请已撤回或不在校",
            reverse("scheduling:group", args=[place.group_id]),
        )


def weekdays_differ(term: Term) -> Iterable[Line]:
    """A child whose place has other weekdays than its application."""
    for place in shifted_places(term).select_related("student__school_class", "group"):
        student = place.student
        yield Line(
            f"{student.school_class or ''}{student.name}：星期和申请不同，在{place.group.name}",
            reverse("scheduling:group", args=[place.group_id]),
        )


def _of_service(term: Term) -> "QuerySet[Student]":
    placed = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=clock.today()), term=term, student=OuterRef("pk")
    )
    return Student.objects.filter(Exists(placed), state=StudentState.ENROLLED).select_related("school_class")


def guardian_without_phone(term: Term) -> Iterable[Line]:
    """A child of the service with no acting guardian who has a phone: nobody to call."""
    phone = Guardianship.objects.filter(student=OuterRef("pk"), acts=True).exclude(guardian__phone="")
    for student in _of_service(term).filter(~Exists(phone)).order_by("school_class", "number"):
        yield Line(
            f"{student.school_class or ''}{student.name}：没有能打通的监护人电话",
            reverse("school:student", args=[student.pk]),
        )


def nobody_may_fetch(term: Term) -> Iterable[Line]:
    """A child of the service with nobody who may fetch it."""
    may = Guardianship.objects.filter(student=OuterRef("pk"), may_fetch=True, banned=False)
    for student in _of_service(term).filter(~Exists(may)).order_by("school_class", "number"):
        yield Line(
            f"{student.school_class or ''}{student.name}：没有可以接的人",
            reverse("school:student", args=[student.pk]),
        )


def class_without_head(term: Term) -> Iterable[Line]:
    """A class with children and no head teacher, or one who has left."""
    children = Student.objects.filter(school_class=OuterRef("pk"), state=StudentState.ENROLLED)
    classes = SchoolClass.objects.filter(Exists(children), school_year=term.school_year)
    for one in classes.filter(Q(head_teacher__isnull=True) | Q(head_teacher__active=False)).order_by("grade", "number"):
        yield Line(f"{one}：没有班主任", reverse("school:class-register", args=[one.pk]))


def staff_without_account(term: Term) -> Iterable[Line]:
    """Somebody with turns ahead, or with a post, who can't log in."""
    ahead = Duty.objects.filter(
        teacher=OuterRef("pk"), active=True, session__term=term, session__date__gte=clock.today()
    )
    posts = StaffRole.objects.filter(teacher=OuterRef("pk"))
    people = Teacher.objects.filter(Exists(ahead) | Exists(posts), active=True)
    for person in people.filter(Q(user__isnull=True) | Q(user__is_active=False)).order_by("staff_number"):
        yield Line(
            f"{person.name}（{person.staff_number}）：有班或岗位，没有账号",
            reverse("school:staff-member", args=[person.pk]),
        )


def service_day_without_sessions(term: Term) -> Iterable[Line]:
    """A day of service ahead on which no group meets, though groups stand."""
    if not Group.objects.filter(term=term, kind__in=SERVICE_GROUPS).exists():
        return
    met = Session.objects.filter(term=term, date=OuterRef("date"), state=SessionState.PLANNED)
    days = SchoolDay.objects.filter(
        ~Exists(met), term=term, kind="service", date__range=(clock.today(), clock.today() + AHEAD)
    )
    for day in days.order_by("date"):
        yield Line(f"{day.date.month}月{day.date.day}日：是服务日，没有一个班上", reverse("scheduling:calendar"))


def stand_in_without_duty(term: Term) -> Iterable[Line]:
    """A confirmed stand-in or swap whose turn is not the taker's."""
    rows = Substitution.objects.filter(
        term=term, state="confirmed", duty__session__date__gte=clock.today(), duty__session__state=SessionState.PLANNED
    )
    taken = Duty.objects.filter(session=OuterRef("duty__session"), active=True, teacher=OuterRef("teacher"))
    for row in rows.filter(~Exists(taken)).select_related("duty__session__group", "teacher"):
        yield Line(
            f"{_where(row.duty.session)}：已确认由{row.teacher.name}来，值班表上不是",
            reverse("scheduling:standins-duty", args=[row.duty_id]),
        )


def roll_of_others(term: Term) -> Iterable[Line]:
    """A closed roll call of today with a child due in the group that has no mark."""
    today = clock.today()
    weekday = SchoolDay.objects.filter(date=today).values_list("runs_weekday", flat=True).first()
    rolls = RollCall.objects.filter(
        session__term=term, session__date=today, closed_at__isnull=False, session__group__kind__in=SERVICE_GROUPS
    )
    by_group = {roll.session.group_id: roll for roll in rolls.select_related("session__group")}
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        group__in=by_group,
        starts_on__lte=today,
        weekdays__contains=str(weekday or today.isoweekday()),
        student__state=StudentState.ENROLLED,
    ).exclude(student__marks__roll_call__in=[roll.pk for roll in by_group.values()])
    for place in places.select_related("student"):
        session = by_group[place.group_id].session
        yield Line(
            f"{place.student.name}，{_where(session)}：应该在班，点名册上没有",
            reverse("attendance:roll-call", args=[session.pk]),
        )


CHECKS: list[tuple[str, str, str, Look]] = [
    ("present_despite_leave", "有请假，却点了到", "打开点名改正，或请家长撤销请假。", present_despite_leave),
    ("two_places", "同一天在两个服务班点了到", "看孩子当天的去向，把不在的那边改正。", two_places),
    ("roll_of_others", "应该在班，点名册上没有", "重新打开这一班的点名，会补上。", roll_of_others),
    ("open_before", "以前的日子还有孩子没有去向", "写明去向，由值班行政关闭那一天。", open_before),
    ("roll_not_closed", "以前的点名没有完成", "按纸质点名册补录，写明原因。", roll_not_closed),
    ("pass_undecided", "临时加入没有人答复", "班主任或值班行政答复：同意留下，或请家长接走。", pass_undecided),
    ("duty_without_teacher", "两周内没有教师的场次", "安排代课，或在值班表上补人。", duty_without_teacher),
    ("stand_in_without_duty", "代课已确认，值班表上不是那位教师", "打开这一次，重新确认。", stand_in_without_duty),
    ("room_clash", "同一时间同一场地", "换一个场地。", room_clash),
    ("service_day_without_sessions", "服务日没有一个班上", "在校历里重新生成场次，或把这一天停办。", service_day_without_sessions),
    ("over_the_cap", "超过每班上限", "调几个孩子，或写明超过的原因。", over_the_cap),
    ("child_in_no_group", "已通过，没有服务班", "编入一个服务班。", child_in_no_group),
    ("place_without_approval", "在服务班，申请已不算数", "把名额结束。", place_without_approval),
    ("weekdays_differ", "星期和申请不同", "按申请改星期，或请家长改申请。", weekdays_differ),
    ("guardian_without_phone", "没有监护人电话", "补上电话。", guardian_without_phone),
    ("nobody_may_fetch", "没有可以接的人", "请家长写明谁可以接。", nobody_may_fetch),
    ("class_without_head", "没有班主任", "在名册里补上。", class_without_head),
    ("staff_without_account", "有班或岗位，没有账号", "发绑定单，或换人。", staff_without_account),
]  # fmt: skip
