"""Care categories (plan section 5, B4): who records and looks, and each look is on record."""

from collections.abc import Collection
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import Max

from afterschool.school.access import Actor
from afterschool.school.events import event, record, record_many
from afterschool.school.looks import as_what
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import reviews_class
from enrollment.models import CareCategory, CareRecord


def _may(by: Actor, student: Student) -> None:
    if not (by.is_office or reviews_class(by, student.school_class_id)):
        raise Refused("not_yours", "关爱类别只由本班班主任和课程教学中心登记、查看。")


@transaction.atomic
def look(*, term: Term, student: Student, by: Actor) -> list[CareRecord]:
    """Return a child's care records; the look itself goes on record, also when there is nothing to see."""
    _may(by, student)
    data = {"role": as_what(by, student)}
    record("care.looked", subject=student, by=by, student_id=student.pk, term_id=term.pk, data=data)
    return list(CareRecord.objects.filter(term=term, student=student).select_related("category"))


@transaction.atomic
def set_care(*, term: Term, student: Student, category_ids: Collection[int], by: Actor) -> None:
    """Write which categories a child is of: the head teacher of its class, or the office."""
    _may(by, student)
    wanted = set(category_ids)
    held = set(CareRecord.objects.filter(term=term, student=student).values_list("category_id", flat=True))
    if CareCategory.objects.filter(pk__in=wanted - held, active=True).count() != len(wanted - held):
        raise Refused("unknown_category", "有的类别已经停用，请重新选择。")
    CareRecord.objects.filter(term=term, student=student, category_id__in=held - wanted).delete()
    now = clock.now()
    CareRecord.objects.bulk_create(
        CareRecord(term=term, student=student, category_id=pk, recorded_by=by.user, recorded_at=now)
        for pk in sorted(wanted - held)
    )
    if wanted != held:
        data = {"was": sorted(held), "now": sorted(wanted)}
        record("care.set", subject=student, by=by, student_id=student.pk, term_id=term.pk, data=data)


@transaction.atomic
def set_care_many(*, term: Term, students: dict[Student, int], by: Actor) -> None:
    """Write one further category for many children at once: a list from the office, or one class's own."""
    for student in students:
        _may(by, student)
    now = clock.now()
    CareRecord.objects.bulk_create(
        [
            CareRecord(term=term, student=student, category_id=pk, recorded_by=by.user, recorded_at=now)
            for student, pk in students.items()
        ],
        ignore_conflicts=True,
    )
    record_many(
        event("care.set", subject=s, by=by, student_id=s.pk, term_id=term.pk, data={"now": [pk]})
        for s, pk in students.items()
    )


def _office_only(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "关爱类别由课程教学中心设置。")


@transaction.atomic
def add_category(*, name: str, by: Actor) -> CareCategory:
    """Add a kind of family that is served first."""
    _office_only(by)
    last = CareCategory.objects.aggregate(last=Max("order"))["last"] or 0
    try:
        with transaction.atomic():
            made = CareCategory.objects.create(code=f"c{uuid4().hex[:8]}", name=_name(name), order=last + 1)
    except IntegrityError:
        raise Refused("same_name", "已有同名的类别。") from None
    record("care.category_added", subject=made, by=by, note=made.name)
    return made


@transaction.atomic
def change_category(*, category: CareCategory, name: str, active: bool, by: Actor) -> None:
    """Rename a category, retire it, or take it up again. What was recorded stays."""
    _office_only(by)
    old = category.name
    try:
        with transaction.atomic():
            seen = CareCategory.objects.filter(pk=category.pk, name=old)
            if seen.update(name=_name(name), active=active) != 1:
                raise somebody_was_faster()
    except IntegrityError:
        raise Refused("same_name", "已有同名的类别。") from None
    record("care.category_changed", subject=category, by=by, data={"active": active}, note=f"{old} → {name.strip()}")


def _name(name: str) -> str:
    name = name.strip()
    if not name or len(name) > 40:
        raise Refused("bad_name", "类别名称要 1 到 40 字。")
    return name
