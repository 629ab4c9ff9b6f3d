"""The days to come: who is on duty, where and when, whether a session can take place as planned."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.urls import reverse

from afterschool.school.enums import SERVICE_GROUPS, DayKind, SessionState
from afterschool.school.models import Group, SchoolDay, Session, Term
from afterschool.support import clock
from attendance.enums import DefectState
from attendance.models import Defect
from evaluation.queries.integrity.values import AHEAD, Line, day_word, group_url, where
from scheduling.enums import TeacherLeaveState
from scheduling.models import Duty, Substitution, TeacherLeave, VolunteerTurn


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
        yield Line(f"{where(session)}：{'教师已停用' if gone else '没有教师'}", url)


def stand_in_without_duty(term: Term) -> Iterable[Line]:
    """A confirmed stand-in or swap whose turn is not the taker's."""
    rows = Substitution.objects.filter(
        term=term, state="confirmed", duty__session__date__gte=clock.today(), duty__session__state=SessionState.PLANNED
    )
    taken = Duty.objects.filter(session=OuterRef("duty__session"), active=True, teacher=OuterRef("teacher"))
    for row in rows.filter(~Exists(taken)).select_related("duty__session__group", "teacher"):
        yield Line(
            f"{where(row.duty.session)}：已确认由{row.teacher.name}来，值班表上不是",
            reverse("scheduling:standins-duty", args=[row.duty_id]),
        )


def room_clash(term: Term) -> Iterable[Line]:
    """Two sessions in one room at one time."""
    rows = Session.objects.filter(
        term=term,
        state=SessionState.PLANNED,
        room__isnull=False,
        date__range=(clock.today(), clock.today() + AHEAD),
    )
    together: dict[tuple[date, int], list[Session]] = defaultdict(list)
    for session in rows.select_related("group__club", "room").order_by("date", "starts_at", "pk"):
        together[session.date, session.room_id or 0].append(session)
    for sessions in together.values():
        for place, one in enumerate(sessions):
            for other in sessions[place + 1 :]:
                if one.starts_at < other.ends_at and other.starts_at < one.ends_at and one.room:
                    yield Line(f"{where(one)} 和 {other.group.name}：都在{one.room.name}", group_url(other.group))


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


def _ahead(term: Term) -> Q:
    """Return which sessions are planned for the days looked at."""
    today = clock.today()
    return Q(term=term, state=SessionState.PLANNED, date__range=(today, today + AHEAD))


def teacher_on_leave(term: Term) -> Iterable[Line]:
    """A turn ahead of a teacher whose leave of that day was granted."""
    away = TeacherLeave.objects.filter(
        teacher=OuterRef("teacher"),
        state=TeacherLeaveState.CONFIRMED,
        first_day__lte=OuterRef("session__date"),
        last_day__gte=OuterRef("session__date"),
    )
    duties = Duty.objects.filter(Exists(away), active=True, session__in=Session.objects.filter(_ahead(term)))
    for duty in duties.select_related("teacher", "session__group").order_by("session__date", "pk"):
        yield Line(
            f"{where(duty.session)}：{duty.teacher.name}已批准请假，还没有人代",
            reverse("scheduling:standins-duty", args=[duty.pk]),
        )


def teacher_twice(term: Term) -> Iterable[Line]:
    """A teacher with two turns ahead at one time."""
    duties = Duty.objects.filter(active=True, session__in=Session.objects.filter(_ahead(term)))
    other = duties.filter(
        teacher=OuterRef("teacher"),
        session__date=OuterRef("session__date"),
        session__starts_at__lt=OuterRef("session__ends_at"),
        session__ends_at__gt=OuterRef("session__starts_at"),
        pk__lt=OuterRef("pk"),
    )
    found = duties.filter(Exists(other)).annotate(also=Subquery(other.values("session__group__name")[:1]))
    for duty in found.select_related("teacher", "session__group").order_by("session__date", "pk"):
        yield Line(
            f"{where(duty.session)}：{duty.teacher.name}同一时间也在{duty.also}",
            reverse("scheduling:standins-duty", args=[duty.pk]),
        )


def group_without_room(term: Term) -> Iterable[Line]:
    """A service group with sessions ahead and no room to meet in."""
    sessions = Session.objects.filter(_ahead(term), room__isnull=True)
    groups = Group.objects.filter(kind__in=SERVICE_GROUPS).annotate(
        n=Count("sessions", filter=Q(sessions__in=sessions))
    )
    for group in groups.filter(n__gt=0).order_by("grade", "order", "pk"):
        yield Line(f"{group.name}：两周内 {group.n} 场没有地点", group_url(group))


def session_on_free_day(term: Term) -> Iterable[Line]:
    """A day ahead without service on which groups would meet."""
    sessions = Session.objects.filter(_ahead(term), date=OuterRef("date"))
    days = SchoolDay.objects.filter(Exists(sessions), term=term).exclude(kind=DayKind.SERVICE)
    for day in days.order_by("date"):
        yield Line(
            f"{day_word(day.date)}：{day.get_kind_display()}，却有班要上",
            reverse("scheduling:calendar-day", args=[day.pk]),
        )


def closed_room_used(term: Term) -> Iterable[Line]:
    """A room that is closed until it is repaired, with sessions ahead."""
    closing = Defect.objects.filter(closes_room=True, room=OuterRef("room")).exclude(state=DefectState.CLOSED)
    sessions = Session.objects.filter(_ahead(term)).annotate(defect=Subquery(closing.order_by("pk").values("pk")[:1]))
    found = sessions.filter(defect__isnull=False).order_by().values("defect", "room__name").annotate(n=Count("pk"))
    for row in sorted(found, key=lambda row: row["defect"]):
        yield Line(
            f"{row['room__name']}：修好以前不用，两周内还有 {row['n']} 场",
            reverse("attendance:defect", args=[row["defect"]]),
        )


def volunteer_alone(term: Term) -> Iterable[Line]:
    """A parent beside a teacher who isn't there: a volunteer never holds the children alone."""
    duty = Duty.objects.filter(session=OuterRef("session"), active=True, teacher__active=True)
    turns = VolunteerTurn.objects.filter(~Exists(duty), session__in=Session.objects.filter(_ahead(term)))
    for turn in turns.select_related("volunteer__guardian", "session__group").order_by("session__date", "pk"):
        yield Line(
            f"{where(turn.session)}：家长志愿者{turn.volunteer.guardian.name}身边没有教师",
            reverse("scheduling:volunteers"),
        )
