"""Groups, places and people: who is where by the applications, whom the school can call, who can log in."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from afterschool.school.enums import SERVICE_GROUPS, PlacementKind, StudentState
from afterschool.school.models import (
    Group,
    Guardian,
    Guardianship,
    Placement,
    SchoolClass,
    StaffRole,
    Student,
    Teacher,
    Term,
)
from afterschool.support import clock
from evaluation.queries.integrity.values import Line, group_url
from scheduling.models import Duty
from scheduling.queries.grouping import idle_places, shifted_places, unplaced


def over_the_cap(term: Term) -> Iterable[Line]:
    """A service group with more children on a weekday than the term's cap, from tomorrow on: from then on a change counts."""
    today = clock.today()
    places = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=today),
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
    """Return the children of the service. Asked as a list: SQLite would look through the term's places child by child."""
    placed = Placement.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=clock.today()), term=term)
    rows = Student.objects.filter(pk__in=placed.values("student"), state=StudentState.ENROLLED)
    return rows.select_related("school_class")


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
        yield Line(f"{one}：没有班主任", reverse("school:imports"))


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


def room_too_small(term: Term) -> Iterable[Line]:
    """A service group with more children than its room takes."""
    places = Q(placements__ends_on__isnull=True, placements__kind=PlacementKind.SERVICE)
    groups = Group.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=clock.today()),
        term=term,
        kind__in=SERVICE_GROUPS,
        room__capacity__isnull=False,
    ).annotate(n=Count("placements", filter=places))
    for group in groups.filter(n__gt=F("room__capacity")).select_related("room").order_by("grade", "order", "pk"):
        if group.room:
            yield Line(f"{group.name}：{group.n} 人，{group.room.name}可容 {group.room.capacity} 人", group_url(group))


def account_without_child(term: Term) -> Iterable[Line]:
    """A parent who can log in and acts for no child: the account was bound wrongly, or was taken off and not bound again."""
    acts = Guardianship.objects.filter(guardian=OuterRef("pk"), acts=True)
    parents = Guardian.objects.filter(~Exists(acts), user__is_active=True, user__teacher__isnull=True)
    for parent in parents.order_by("name", "pk"):
        yield Line(f"{parent.name}：有家长账号，没有绑定孩子", reverse("school:register"))
