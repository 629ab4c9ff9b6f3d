"""Leave, changed pick-ups and who fetches: whose rows a person may see, and the days of a child's service."""

from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import SERVICE_GROUPS, DayKind, SessionState, StudentState
from afterschool.school.models import Guardianship, Placement, SchoolClass, SchoolDay, Session, Student, Term
from afterschool.support import clock
from attendance.models import DayFetcher, LeaveRequest, PickupChange
from attendance.queries.custody import CLASS_WORDS, GRADES
from scheduling.models import Duty

MEETINGS_AHEAD = 30  # meetings to look through for the next one on a child's own weekdays
PARTIES = ("term", "student__school_class__head_teacher")  # whom an action on a leave turns to


def find(actor: Actor, words: str) -> list[Student]:
    """Return children of the scope by name, pinyin, initials or class (二3, 2-3); without words the own classes and groups."""
    register = ("school_class__grade", "school_class__number", "number", "pk")
    children = children_of(actor).select_related("school_class__head_teacher").order_by(*register)
    if found := CLASS_WORDS.match(words):
        grade = GRADES.index(found[1]) + 1 if found[1] in GRADES else int(found[1])
        return list(children.filter(school_class__grade=grade, school_class__number=int(found[2]))[:80])
    if words:
        hit = Q(name__contains=words) | Q(pinyin__contains=words) | Q(initials__contains=words)
        return list(children.filter(hit)[:30])
    return list(children.filter(Q(school_class__in=actor.class_ids) | Q(pk__in=due_with(actor)))[:120])


def own_children(actor: Actor) -> QuerySet[Student]:
    """Return the children this person speaks for on any day: own children, those of the own classes, all for the office."""
    children = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    if actor.is_office:
        return children
    scope = Q(school_class__in=actor.class_ids)
    if actor.guardian is not None:
        own = Guardianship.objects.filter(guardian=actor.guardian, acts=True)
        scope |= Q(pk__in=own.values("student_id"))
    return children.filter(scope)


def due_with(actor: Actor) -> QuerySet[Placement, int]:
    """Return the children placed in the groups that this person has today, as ids."""
    today = clock.today()
    if actor.teacher is None:
        return Placement.objects.none().values_list("student_id", flat=True)
    mine = Duty.objects.filter(teacher=actor.teacher, active=True, session__date=today)
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=today)
    placed = Placement.objects.filter(running, group__in=mine.values("session__group"), starts_on__lte=today)
    return placed.order_by().values_list("student_id", flat=True)


def children_of(actor: Actor) -> QuerySet[Student]:
    """Return the children this person may record leave for: the own ones, and today those of the groups on duty."""
    if actor.is_office:
        return own_children(actor)
    children = Student.objects.filter(state=StudentState.ENROLLED).select_related("school_class")
    return children.filter(Q(pk__in=own_children(actor).values("pk")) | Q(pk__in=due_with(actor)))


def leaves_for(actor: Actor, term: Term | None) -> QuerySet[LeaveRequest]:
    """Return the leaves within this person's scope: of the day alone where the person only has the group today."""
    own, today = Q(student__in=own_children(actor).values("pk")), clock.today()
    of_today = Q(student__in=due_with(actor), first_day__lte=today, last_day__gte=today)
    return LeaveRequest.objects.filter(own | of_today, term=term)


def changes_for(actor: Actor, term: Term | None) -> QuerySet[PickupChange]:
    """Return the changed pick-ups within this person's scope, as `leaves_for`."""
    own = Q(student__in=own_children(actor).values("pk"))
    return PickupChange.objects.filter(own | Q(student__in=due_with(actor), date=clock.today()), term=term)


def fetchers_for(actor: Actor, term: Term | None) -> QuerySet[DayFetcher]:
    """Return the people named for a day within this person's scope, as `leaves_for`."""
    own, today = Q(student__in=own_children(actor).values("pk")), clock.today()
    of_today = Q(student__in=due_with(actor), first_day__lte=today, last_day__gte=today)
    return DayFetcher.objects.filter(own | of_today, term=term)


def classes_of(actor: Actor) -> list[SchoolClass]:
    """Return the classes to choose from when slips are recorded: all for the office, else none."""
    return list(SchoolClass.objects.order_by("grade", "number")) if actor.is_office else []


def session_of(student: Student, term: Term, day: date) -> Session | None:
    """Return the service session a child is due in on a day, or None: not a day of this child's service."""
    runs = SchoolDay.objects.filter(date=day).values_list("runs_weekday", flat=True).first()
    return (
        Session.objects.filter(
            Q(group__placements__ends_on__isnull=True) | Q(group__placements__ends_on__gte=day),
            term=term,
            date=day,
            state=SessionState.PLANNED,
            group__kind__in=SERVICE_GROUPS,
            group__placements__student=student,
            group__placements__starts_on__lte=day,
            group__placements__weekdays__contains=str(runs or day.isoweekday()),
        )
        .select_related("group", "room")
        .order_by("starts_at")
        .first()
    )


def next_session_of(student: Student, term: Term, day: date) -> Session | None:
    """Return the child's next meeting from a day on: two queries."""
    placed = Placement.objects.filter(term=term, student=student, group__kind__in=SERVICE_GROUPS)
    places = list(placed.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=day)))
    sessions = Session.objects.filter(
        group__in=[place.group_id for place in places], date__gte=day, state=SessionState.PLANNED
    ).annotate(runs=Subquery(SchoolDay.objects.filter(date=OuterRef("date")).values("runs_weekday")[:1]))
    for session in sessions.order_by("date", "starts_at")[:MEETINGS_AHEAD]:
        runs = str(getattr(session, "runs", None) or session.date.isoweekday())
        if any(_covers(place, session.date, runs) for place in places if place.group_id == session.group_id):
            return session
    return None


def _covers(place: Placement, day: date, runs: str) -> bool:
    return place.starts_on <= day and (place.ends_on is None or day <= place.ends_on) and runs in place.weekdays


def service_days(student: Student, term: Term, first: date, last: date) -> list[date] | None:
    """Return the days of a span on which the child has service; nothing is known (None) while no calendar is drawn up.

    A child who has no group yet is due on every service day. Three queries.
    """
    calendar = list(SchoolDay.objects.filter(term=term, date__range=(first, last)).order_by("date"))
    if not calendar:
        return None
    placed = Placement.objects.filter(term=term, student=student, group__kind__in=SERVICE_GROUPS)
    places = list(placed)
    called_off = Session.objects.filter(
        group__in=placed.values("group"), date__range=(first, last), state=SessionState.CANCELLED
    )
    off = set(called_off.values_list("date", flat=True))
    return [
        day.date
        for day in calendar
        if day.kind == DayKind.SERVICE
        and day.date not in off
        and (not places or any(_covers(place, day.date, str(day.runs_weekday)) for place in places))
    ]
