"""Messages of parents: the own ones, one by its code, those of the desk, what was upheld (G6)."""

from datetime import date

from django.db.models import Count, Q, QuerySet
from django.utils.crypto import constant_time_compare

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Group, Student, Teacher, Term
from evaluation.enums import FeedbackKind, FeedbackState, Finding
from evaluation.models import Feedback

DESK = (Role.ADMINISTRATOR, Role.LEADING_GROUP)


def own_children(actor: Actor) -> QuerySet[Student]:
    """Return the children this guardian acts for."""
    if actor.guardian is None:
        return Student.objects.none()
    return Student.objects.filter(links__guardian=actor.guardian, links__acts=True).distinct()


def own_groups(actor: Actor, term: Term) -> list[Group]:
    """Return the groups and clubs that the own children are or were in this term."""
    groups = Group.objects.filter(term=term, placements__student__in=own_children(actor)).distinct()
    return list(groups.order_by("kind", "grade", "order", "name"))


def own_teachers(actor: Actor, term: Term) -> list[Teacher]:
    """Return the teachers who had or have a turn with a group of the own children this term."""
    groups = Group.objects.filter(term=term, placements__student__in=own_children(actor)).values("pk")
    teachers = Teacher.objects.filter(duties__session__group__in=groups, duties__active=True).distinct()
    return list(teachers.order_by("pinyin", "pk"))


def mine(actor: Actor) -> QuerySet[Feedback]:
    """Return the named messages of this account, newest first."""
    own = Feedback.objects.filter(user_id=actor.user_id or 0).select_related("term", "student", "teacher", "group")
    return own.order_by("-sent_at", "-pk")


def by_hash(code_hash: str) -> Feedback | None:
    """Return the unnamed message behind the hash of a code."""
    found = Feedback.objects.filter(code_hash=code_hash).exclude(code_hash="").select_related("term").first()
    return found if found and constant_time_compare(found.code_hash, code_hash) else None


def desk(actor: Actor, term: Term) -> QuerySet[Feedback]:
    """Return the messages that this person may see: all for office and leading group, else those to be looked into.

    A message about oneself is not for oneself, whatever the post.
    """
    rows = Feedback.objects.filter(term=term).select_related("teacher", "group", "owner", "user", "student", "term")
    if actor.teacher is None:
        return rows.none()
    if not actor.has(*DESK):
        rows = rows.filter(owner=actor.teacher)
    return rows.exclude(teacher=actor.teacher)


def counts(actor: Actor, term: Term) -> dict[str, int]:
    """Return how many messages are in which state, and of which kind: one question."""
    rows = desk(actor, term).order_by()
    return rows.aggregate(
        all=Count("pk"),
        **{state.value: Count("pk", filter=Q(state=state)) for state in FeedbackState},
        **{kind.value: Count("pk", filter=Q(kind=kind)) for kind in FeedbackKind},
    )


def upheld(term: Term, teacher: Teacher, first: date, last: date) -> list[Feedback]:
    """Return praise and complaints about a teacher that were upheld: only these may support a score (rules, section 9)."""
    rows = Feedback.objects.filter(
        term=term, teacher=teacher, finding=Finding.UPHELD, sent_on__range=(first, last),
        kind__in=[FeedbackKind.PRAISE, FeedbackKind.COMPLAINT],
    )  # fmt: skip
    return list(rows.order_by("sent_on", "pk"))
