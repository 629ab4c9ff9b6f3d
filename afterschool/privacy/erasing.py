"""Erasing one child's data across all apps, and what time itself makes forget (A5; 个人信息保护法 47)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max, Q

from afterschool.privacy.inventory import OF_FAMILY, copy_of
from afterschool.privacy.mentions import names_of, take_out
from afterschool.privacy.reach import drop_notes
from afterschool.school import erasure as school
from afterschool.school.access import Actor
from afterschool.school.closed_terms import lifted
from afterschool.school.enums import StudentState
from afterschool.school.events import record
from afterschool.school.looks import as_what
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import Guardian, Message, Placement, School, Student, Term
from afterschool.school.privacy import Kind, Reader, scope_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance import erasure as attendance
from attendance.enums import OPEN
from attendance.models import ChildDay
from enrollment import erasure as enrollment
from enrollment.actions.rights import settle
from enrollment.enums import RightsKind, RightsState
from enrollment.models import RightsRequest, Signature
from evaluation import erasure as evaluation
from scheduling import erasure as scheduling

APPS = (attendance, evaluation, scheduling, enrollment, school)  # those that lean on others first
UNENDED = timedelta(
    days=30
)  # a day that nobody ended holds the erasure so long: where the child went is still to be found
AT_ONCE = 20  # children whose time is over, in one round of the tick


@dataclass(frozen=True)
class Line:
    """One kind of data on the office's page: how many rows there are of this child."""

    kind: Kind
    rows: int


def what_goes(student: Student) -> list[Line]:
    """Return every kind of data with the number of rows about this child."""
    counts: Counter[str] = Counter()
    for section in copy_of(Reader(Guardian(pk=0), student)):
        counts[section.kind] += len(section.rows)
    people = school.people_of(student)
    counts["account"] = len(people.accounts)
    counts["messages"] = Message.objects.filter(student=student).count()
    counts["papers"] = school.papers_naming(student, people).count()
    return [Line(kind, counts[kind.key]) for kind in OF_FAMILY]


def why_not_now(student: Student) -> str:
    """Return why a child's data can't be erased yet; empty where nothing stands against it."""
    today = clock.today()
    places = Placement.objects.filter(student=student).filter(Q(ends_on=None) | Q(ends_on__gte=today))
    if places.exists():
        return "孩子在服务班里还有位置。先撤回申请或撤回同意，从第二天起才能删。"
    since = today - UNENDED
    days = ChildDay.objects.filter(student=student, date__range=(since, today), state__in=OPEN).order_by("date")
    still = days.values_list("date", flat=True).first()
    if still == today:
        return "孩子今天还在学校，去向还没记完。等今天结束再删。"
    if still is not None:
        return f"{still.month}月{still.day}日孩子的去向还没记完。请先在“孩子在哪里”里记完、结束那一天，再删。"
    return ""


@transaction.atomic
def note_list_seen(*, student: Student, by: Actor) -> None:
    """Keep on record that somebody looked at what there is of a child before erasing it."""
    record("erasure.looked", subject=student, by=by, student_id=student.pk, data={"role": as_what(by, student)})


@transaction.atomic
def erase_child(*, student: Student, typed: str, by: Actor) -> None:
    """Erase all that names a child and the guardians who have no other child here: by the office, who types its name.

    All or nothing; again it only clears what came in since. History keeps ids and codes.
    Refused: `not_yours`, `erased_already`, `wrong_name`, `still_here`.
    """
    if not (by.is_office or by.is_system):
        raise Refused("not_yours", "删除资料由课程教学中心办理。")
    held = Student.objects.select_for_update().get(pk=student.pk)
    if held.erased_at is not None and not by.is_system and typed.strip() != held.name:
        raise Refused("erased_already", "这个孩子的资料刚才已经删除。")
    if typed.strip() != held.name:
        raise Refused("wrong_name", "写的姓名和孩子的姓名不一样，没有删除。请再写一遍。")
    if hindered := why_not_now(held):
        raise Refused("still_here", hindered)
    people = school.people_of(held)
    staying = set(guardians_of(held)) - {account.pk for account in people.accounts}
    for request in RightsRequest.objects.filter(student=held, kind=RightsKind.ERASE, state=RightsState.ASKED):
        settle(request=request, done=True, words="", by=by)
    names = names_of(held, people)
    with lifted():  # the right to be forgotten reaches into closed terms
        drop_notes(scope_of(student=held))
        for app in APPS:
            app.erase(scope_of(student=held))
        evaluation.erase_people(people)
        enrollment.erase_child(held, people)
        school.erase_files(held, people)
        school.erase_people(held, people)
        take_out(names)
    record("student.erased", subject=held, by=by, student_id=held.pk, data={"guardians": len(people.guardians)})
    if staying:
        said = "孩子的姓名、联系方式和文字都已删除；留下的出勤和账目没有姓名。"
        tell(staying, kind="rights.erased", title="您要求的资料删除已办好", body=said, by=by)


@transaction.atomic
def forget_term(*, term: Term, by: Actor) -> None:
    """Delete the words of a term whose time is over: texts, persons, categories, messages, signed files."""
    with lifted():  # a closed term is forgotten as any other
        drop_notes(scope_of(term=term))
        for app in APPS:
            app.erase(scope_of(term=term))
        enrollment.erase_term(scope_of(term=term))
        Term.objects.filter(pk=term.pk).update(forgotten_at=clock.now())
    record("term.forgotten", subject=term, by=by, term_id=term.pk)


def forget_what_is_due(*, by: Actor) -> int:
    """Forget what the terms' settings say: health when a term ends, a term's words and children who left after `keep_years`.

    Return how many terms and children were forgotten. Safe to run at any time.
    """
    today = clock.today()
    enrollment.forget_needs()
    due = [
        term for term in Term.objects.filter(forgotten_at=None, ends_on__lt=today) if _over(term.ends_on, term, today)
    ]
    for term in due:
        forget_term(term=term, by=by)
    children = _long_gone(today)
    for student in children:
        erase_child(student=student, typed=student.name, by=by)
    _drop_sealed(today)
    return len(due) + len(children)


def _over(since: date, term: Term, today: date) -> bool:
    """Tell whether `keep_years` of the term have passed since a date."""
    return (since.year + term.keep_years, since.month, since.day) < (today.year, today.month, today.day)


def _long_gone(today: date) -> Sequence[Student]:
    """Return some of the children who left the school longer ago than the current term's `keep_years`."""
    school_now = School.objects.select_related("current_term").filter(pk=1).first()
    term = school_now.current_term if school_now else None
    if term is None:
        return []
    left = Student.objects.filter(state=StudentState.LEFT, erased_at=None).annotate(last=Max("memberships__ends_on"))
    found = [one for one in left.filter(last__lt=today).order_by("pk")[: AT_ONCE * 5] if _over(one.last, term, today)]
    return [one for one in found if not why_not_now(one)][:AT_ONCE]


def _drop_sealed(today: date) -> None:
    """Delete the sealed files of erased children once their term's time is over."""
    sealed = Signature.objects.filter(
        application__student__erased_at__isnull=False, application__term__ends_on__lt=today
    ).exclude(pdf="")
    for signature in sealed.select_related("application__term"):
        if _over(signature.application.term.ends_on, signature.application.term, today):
            with lifted():
                enrollment.drop_file(signature)
