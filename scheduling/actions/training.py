"""Meetings and training: planned, told to those invited, marked, closed (plan section 6 (6); D9)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import SchoolClass, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling.enums import Attended, TrainingKind, TrainingState
from scheduling.models import Training, TrainingClass, TrainingPerson, Volunteer
from scheduling.queries.training import may_run

FIELDS = ("title", "date", "starts_at", "ends_at", "place", "host", "content", "required")


@dataclass(frozen=True)
class Audience:
    """Who is asked: teachers, volunteers, or classes that hear a talk."""

    teachers: Sequence[Teacher] = field(default_factory=list)
    volunteers: Sequence[Volunteer] = field(default_factory=list)
    classes: Sequence[SchoolClass] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.teachers or self.volunteers or self.classes)


def may_plan(by: Actor, kind: str) -> bool:
    """Tell whether a person may plan a meeting of this kind: the office any, a grade leader the grade's own."""
    return by.is_office or by.is_system or (kind == TrainingKind.GRADE and by.has(Role.GRADE_LEADER))


def _need_to_run(training: Training, by: Actor) -> None:
    if not may_run(by, training):
        raise PermissionDenied


def _check(training: Training) -> None:
    try:
        training.full_clean()
    except ValidationError as error:
        raise Refused("training_invalid", error.messages[0]) from error


@transaction.atomic
def plan_training(
    *,
    term: Term,
    kind: str,
    values: Mapping[str, Any],
    audience: Audience,
    makes_up: Training | None = None,
    by: Actor,
) -> Training:
    """Plan a meeting and tell those who are invited. `makes_up`: the meeting that its people missed.

    Refused with `nobody_invited`, `not_your_grade` (a grade leader asks a teacher of another grade) or `training_invalid`.
    """
    if not may_plan(by, kind) or by.user is None:
        raise PermissionDenied
    if not audience:
        raise Refused("nobody_invited", "请选择参加的人或班级。")
    if not by.is_office and any(teacher.grade not in by.grades for teacher in audience.teachers):
        raise Refused("not_your_grade", "年级组长只能请本年级的教师。")
    training = Training(term=term, kind=kind, makes_up=makes_up, made_by=by.user)
    for name in FIELDS:
        if name in values:
            setattr(training, name, values[name])
    _check(training)
    training.save()
    record("training.planned", subject=training, by=by, term_id=term.pk, data={"kind": kind})
    _invite(training, audience, by)
    return training


@transaction.atomic
def change_training(*, training: Training, values: Mapping[str, Any], by: Actor) -> list[str]:
    """Change a meeting that is to come; those invited are told of another time or place. Return what changed.

    Refused with `not_planned` or `training_invalid`.
    """
    _need_to_run(training, by)
    row = Training.objects.select_for_update().get(pk=training.pk)
    _need_planned(row)
    changed = [name for name in FIELDS if name in values and getattr(row, name) != values[name]]
    for name in changed:
        setattr(row, name, values[name])
    _check(row)
    row.save()
    record("training.changed", subject=row, by=by, term_id=row.term_id, data={"fields": changed})
    if {"date", "starts_at", "ends_at", "place"} & set(changed):
        _tell(row, _accounts(row), f"培训改了时间或地点：{row.title}", by)
    return changed


def _need_planned(training: Training) -> None:
    if training.state != TrainingState.PLANNED:
        raise Refused("not_planned", f"这次培训{training.get_state_display()}，不能再改。")


@transaction.atomic
def invite(*, training: Training, audience: Audience, by: Actor) -> int:
    """Ask more people or classes to a meeting; return how many were not on the list yet.

    Refused with `not_planned` or `not_your_grade`.
    """
    _need_to_run(training, by)
    _need_planned(Training.objects.get(pk=training.pk))
    if not by.is_office and any(teacher.grade not in by.grades for teacher in audience.teachers):
        raise Refused("not_your_grade", "年级组长只能请本年级的教师。")
    return _invite(training, audience, by)


def _invite(training: Training, audience: Audience, by: Actor) -> int:
    """Put on the list who isn't there yet, and tell them."""
    standing = TrainingPerson.objects.filter(training=training)
    teachers = set(standing.values_list("teacher_id", flat=True))
    volunteers = set(standing.values_list("volunteer_id", flat=True))
    classes = set(TrainingClass.objects.filter(training=training).values_list("school_class_id", flat=True))
    people = [TrainingPerson(training=training, teacher=t) for t in audience.teachers if t.pk not in teachers]
    people += [TrainingPerson(training=training, volunteer=v) for v in audience.volunteers if v.pk not in volunteers]
    told = [TrainingClass(training=training, school_class=c) for c in audience.classes if c.pk not in classes]
    TrainingPerson.objects.bulk_create(people)
    TrainingClass.objects.bulk_create(told)
    accounts = {t.user_id for t in audience.teachers if t.pk not in teachers}
    accounts |= {v.guardian.user_id for v in audience.volunteers if v.pk not in volunteers}
    accounts |= {c.school_class.head_teacher.user_id for c in told if c.school_class.head_teacher}
    _tell(training, {pk for pk in accounts if pk is not None}, f"{training.get_kind_display()}：{training.title}", by)
    number = len(people) + len(told)
    if number:
        record("training.invited", subject=training, by=by, term_id=training.term_id, data={"number": number})
    return number


def _accounts(training: Training) -> set[int]:
    rows = TrainingPerson.objects.filter(training=training)
    found = set(rows.values_list("teacher__user_id", flat=True))
    found |= set(rows.values_list("volunteer__guardian__user_id", flat=True))
    heads = TrainingClass.objects.filter(training=training).values_list(
        "school_class__head_teacher__user_id", flat=True
    )
    return {pk for pk in found | set(heads) if pk is not None}


def _tell(training: Training, accounts: Iterable[int], title: str, by: Actor) -> None:
    people = sorted(accounts)
    if not people:
        return
    when = f"{training.date.month}月{training.date.day}日"
    if training.starts_at and training.ends_at:
        when += f" {training.starts_at:%H:%M}—{training.ends_at:%H:%M}"
    tell(
        people,
        kind="training",
        title=title[:80],
        body="，".join(part for part in (when, training.place) if part) + "。",
        url=reverse("scheduling:training", args=[training.pk]),
        term=training.term,
        by=by,
    )


@transaction.atomic
def uninvite(*, person: TrainingPerson, by: Actor) -> None:
    """Take a person off the list of a meeting that is to come. Refused with `not_planned` or `somebody_was_faster`."""
    _need_to_run(person.training, by)
    _need_planned(Training.objects.get(pk=person.training_id))
    if not TrainingPerson.objects.filter(pk=person.pk, state=Attended.INVITED).delete()[0]:
        raise somebody_was_faster()
    data = {"teacher": person.teacher_id, "volunteer": person.volunteer_id}
    record("training.uninvited", subject=person.training, by=by, term_id=person.training.term_id, data=data)


@transaction.atomic
def mark(*, training: Training, states: Mapping[int, str], rest_present: bool = False, by: Actor) -> int:
    """Write who was there, by the row of the list; return how many changed. With `rest_present` who has no mark yet was there.

    A meeting that is closed can still be corrected. Refused with `too_early` before its day, or `cancelled`.
    """
    _need_to_run(training, by)
    if training.date > clock.today():
        raise Refused("too_early", "还没有到那一天，不能登记。")
    if not Training.objects.filter(pk=training.pk).exclude(state=TrainingState.CANCELLED).exists():
        raise Refused("cancelled", "这次培训已取消。")
    changed = []
    for row in TrainingPerson.objects.select_for_update().filter(training=training).order_by("pk"):
        wanted = states.get(row.pk, row.state)
        if rest_present and wanted == Attended.INVITED:
            wanted = Attended.PRESENT
        if wanted != row.state and wanted in Attended.values:
            changed.append({"row": row.pk, "old": row.state, "new": str(wanted)})
            row.state = wanted
            row.save(update_fields=["state"])
    if changed:
        record("training.marked", subject=training, by=by, term_id=training.term_id, data={"changed": changed})
    return len(changed)


@transaction.atomic
def close_training(*, training: Training, by: Actor) -> None:
    """Say that a meeting was held and who came is on record.

    Refused with `too_early`, `people_open` (somebody has no mark yet), `classes_open` or `somebody_was_faster`.
    """
    _need_to_run(training, by)
    if training.date > clock.today():
        raise Refused("too_early", "还没有到那一天，不能登记。")
    if number := TrainingPerson.objects.filter(training=training, state=Attended.INVITED).count():
        raise Refused("people_open", f"还有 {number} 人没有登记到或没到。")
    if number := TrainingClass.objects.filter(training=training, done_at=None).count():
        raise Refused("classes_open", f"还有 {number} 个班没有登记。")
    planned = Training.objects.filter(pk=training.pk, state=TrainingState.PLANNED)
    if planned.update(state=TrainingState.HELD, closed_by=by.user, closed_at=clock.now()) != 1:
        raise somebody_was_faster()
    record("training.held", subject=training, by=by, term_id=training.term_id)


@transaction.atomic
def cancel_training(*, training: Training, reason: str, by: Actor) -> None:
    """Call a meeting off; those invited are told. Refused with `reason_missing` or `somebody_was_faster`."""
    _need_to_run(training, by)
    reason = reason.strip()[:100]
    if not reason:
        raise Refused("reason_missing", "请写明为什么取消。")
    planned = Training.objects.filter(pk=training.pk, state=TrainingState.PLANNED)
    if planned.update(state=TrainingState.CANCELLED) != 1:
        raise somebody_was_faster()
    record("training.cancelled", subject=training, by=by, term_id=training.term_id, note=reason)
    _tell(training, _accounts(training), f"取消：{training.title}（{reason}）", by)


@transaction.atomic
def tell_class(*, row: TrainingClass, reached: int, by: Actor) -> None:
    """Say that a class heard the talk, or its families got the word, and how many. Again is a correction.

    Refused with `too_early`, or `cancelled`.
    """
    if not may_run(by, row.training) and row.school_class_id not in by.class_ids:
        raise PermissionDenied
    if row.training.date > clock.today():
        raise Refused("too_early", "还没有到那一天，不能登记。")
    if row.training.state == TrainingState.CANCELLED:
        raise Refused("cancelled", "这次活动已取消。")
    TrainingClass.objects.filter(pk=row.pk).update(reached=reached, done_at=clock.now(), done_by=by.user)
    data = {"class": row.school_class_id, "old": row.reached, "new": reached}
    record("training.class_told", subject=row.training, by=by, term_id=row.training.term_id, data=data)
