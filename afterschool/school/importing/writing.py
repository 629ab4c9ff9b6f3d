"""Carrying out a plan. Called by `actions.roster` alone, inside its transaction: bulk statements, whatever the size."""

from datetime import timedelta

from django.db.models import F

from afterschool.school.access import Actor
from afterschool.school.actions.placements import let_go
from afterschool.school.enums import StudentState
from afterschool.school.events import event, record_many
from afterschool.school.importing.plan import GuardianKey, Plan
from afterschool.school.importing.roster import ClassKey, PupilKey, RoomRow, StaffRow
from afterschool.school.models import (
    ClassMembership,
    Guardian,
    Guardianship,
    Room,
    SchoolClass,
    StaffRole,
    Student,
    Teacher,
)
from afterschool.support import clock

BATCH = 500
ASIDE = 1_000_000_000  # numbers are put aside while children of a class change theirs


def write(plan: Plan, *, year: int, remove_missing: bool, by: Actor) -> None:
    """Write the plan into the register. What is missing from the file is taken away only if `remove_missing`."""
    _write_rooms(plan)
    _write_staff(plan, remove_missing)
    _write_classes(plan, year)
    classes = {
        (grade, number): pk
        for pk, grade, number in SchoolClass.objects.filter(school_year=year).values_list("pk", "grade", "number")
    }
    write_leavers([*plan.graduates, *(plan.pupils_missing if remove_missing else [])], by)
    _write_changed_pupils(plan, classes, by)
    ids = plan.pupil_ids | _write_new_pupils(plan, classes)
    _write_families(plan, ids, remove_missing)


def _room(row: RoomRow, pk: int | None = None) -> Room:
    return Room(pk=pk, name=row.name, kind=row.kind, capacity=row.capacity, floor=row.floor, active=True)


def _write_rooms(plan: Plan) -> None:
    Room.objects.bulk_create([_room(row) for row in plan.rooms_new], batch_size=BATCH)
    Room.objects.bulk_update(
        [_room(row, pk) for pk, row in plan.rooms_changed], ["kind", "capacity", "floor", "active"], batch_size=BATCH
    )


def _teacher(row: StaffRow, pk: int | None = None) -> Teacher:
    teacher = Teacher(
        pk=pk,
        staff_number=row.number,
        name=row.name,
        phone=row.phone,
        subject=row.subject,
        grade=row.grade,
        days_off=row.days_off,
        active=True,
    )
    teacher.spell()
    return teacher


def _write_staff(plan: Plan, remove_missing: bool) -> None:
    Teacher.objects.bulk_create([_teacher(row) for row in plan.staff_new], batch_size=BATCH)
    Teacher.objects.bulk_update(
        [_teacher(row, pk) for pk, row in plan.staff_changed],
        ["name", "pinyin", "initials", "phone", "subject", "grade", "days_off", "active"],
        batch_size=BATCH,
    )
    if plan.roles_new:
        ids = dict(Teacher.objects.values_list("staff_number", "pk"))
        StaffRole.objects.bulk_create(
            [StaffRole(teacher_id=ids[number], role=role, grade=grade) for number, role, grade in plan.roles_new],
            batch_size=BATCH,
        )
    if remove_missing:
        Teacher.objects.filter(pk__in=plan.staff_missing).update(active=False)
        StaffRole.objects.filter(pk__in=plan.roles_missing).delete()


def _write_classes(plan: Plan, year: int) -> None:
    if not (plan.classes_new or plan.classes_changed):
        return
    heads = dict(Teacher.objects.values_list("staff_number", "pk"))
    rooms = dict(Room.objects.values_list("name", "pk"))
    changed = [
        SchoolClass(pk=pk, head_teacher_id=heads.get(row.head), room_id=rooms.get(row.room))
        for pk, row in plan.classes_changed
    ]
    # Two classes may swap rooms: give them all back first.
    SchoolClass.objects.filter(pk__in=[one.pk for one in changed]).update(room=None)
    SchoolClass.objects.bulk_update(changed, ["head_teacher", "room"], batch_size=BATCH)
    SchoolClass.objects.bulk_create(
        [
            SchoolClass(
                school_year=year,
                grade=row.grade,
                number=row.number,
                head_teacher_id=heads.get(row.head),
                room_id=rooms.get(row.room),
            )
            for row in plan.classes_new
        ],
        batch_size=BATCH,
    )


def close_memberships(students: list[int]) -> None:
    """End the open memberships with yesterday; one that began today ends today."""
    today = clock.today()
    still_open = ClassMembership.objects.filter(student__in=students, ends_on__isnull=True)
    still_open.filter(starts_on__gte=today).update(ends_on=F("starts_on"))
    still_open.update(ends_on=today - timedelta(days=1))


def write_leavers(students: list[int], by: Actor) -> None:
    """Take children off the roll: memberships and what they take part in end, numbers become free."""
    if not students:
        return
    close_memberships(students)
    leaving = list(Student.objects.filter(pk__in=students))
    Student.objects.filter(pk__in=students).update(state=StudentState.LEFT, school_class=None, number=None)
    let_go(students, starts=clock.today() + timedelta(days=1), by=by)
    record_many(event("student.left", subject=one, student_id=one.pk, by=by) for one in leaving)


def _write_changed_pupils(plan: Plan, classes: dict[ClassKey, int], by: Actor) -> None:
    Student.objects.filter(pk__in=plan.numbers_freed).update(number=None)
    if not plan.pupils_changed:
        return
    pks = [pk for pk, _ in plan.pupils_changed]
    old_class = dict(Student.objects.filter(pk__in=pks, state=StudentState.ENROLLED).values_list("pk", "school_class"))
    Student.objects.filter(pk__in=pks, number__isnull=False).update(number=F("pk") + ASIDE)
    students, moved = [], []
    for pk, row in plan.pupils_changed:
        home = classes[row.key[:2]]
        student = Student(pk=pk, name=row.name, school_class_id=home, number=row.number, state=StudentState.ENROLLED)
        student.spell()
        students.append(student)
        if old_class.get(pk) != home:
            moved.append(student)
    Student.objects.bulk_update(
        students, ["name", "pinyin", "initials", "school_class", "number", "state"], batch_size=BATCH
    )
    close_memberships([one.pk for one in moved])
    open_memberships(moved)
    numbers = {one.pk: one.number for one in students}
    stale = [
        membership
        for membership in ClassMembership.objects.filter(student__in=pks, ends_on__isnull=True)
        if membership.number != numbers[membership.student_id]
    ]
    for membership in stale:
        membership.number = numbers[membership.student_id] or 0
    ClassMembership.objects.bulk_update(stale, ["number"], batch_size=BATCH)
    record_many(
        event("student.changed", subject=one, student_id=one.pk, by=by, data={"class": one.school_class_id})
        for one in students
    )


def open_memberships(students: list[Student]) -> None:
    """Begin memberships of these children in the classes they now have, from today."""
    ClassMembership.objects.bulk_create(
        [
            ClassMembership(
                student_id=one.pk, school_class_id=one.school_class_id, number=one.number, starts_on=clock.today()
            )
            for one in students
            if one.school_class_id is not None and one.number is not None
        ],
        batch_size=BATCH,
    )


def _write_new_pupils(plan: Plan, classes: dict[ClassKey, int]) -> dict[PupilKey, int]:
    students = []
    for row in plan.pupils_new:
        student = Student(name=row.name, school_class_id=classes[row.key[:2]], number=row.number)
        student.spell()
        students.append(student)
    made = Student.objects.bulk_create(students, batch_size=BATCH)
    open_memberships(made)
    return {row.key: student.pk for row, student in zip(plan.pupils_new, made, strict=True)}


def _write_families(plan: Plan, pupils: dict[PupilKey, int], remove_missing: bool) -> None:
    if remove_missing:
        Guardianship.objects.filter(pk__in=plan.links_missing).delete()
    Guardian.objects.bulk_update(
        [Guardian(pk=pk, phone=phone) for pk, phone in plan.guardians_changed], ["phone"], batch_size=BATCH
    )
    adults = _write_new_adults(plan)
    Guardianship.objects.bulk_create(
        [
            Guardianship(
                guardian_id=guardian if guardian is not None else adults[key],
                student_id=pupils[row.pupil],
                relation=row.relation,
                acts=row.acts,
                may_fetch=row.may_fetch,
            )
            for row, key, guardian in plan.links_new
        ],
        batch_size=BATCH,
    )
    banned = set(Guardianship.objects.filter(banned=True).values_list("pk", flat=True))
    Guardianship.objects.bulk_update(
        [
            Guardianship(
                pk=pk,
                relation=row.relation,
                acts=row.acts and pk not in banned,
                may_fetch=row.may_fetch and pk not in banned,
            )
            for pk, row in plan.links_changed
        ],
        ["relation", "acts", "may_fetch"],
        batch_size=BATCH,
    )


def _write_new_adults(plan: Plan) -> dict[GuardianKey, int]:
    adults = []
    for name, phone, _ in plan.guardians_new:
        adult = Guardian(name=name, phone=phone)
        adult.spell()
        adults.append(adult)
    made = Guardian.objects.bulk_create(adults, batch_size=BATCH)
    return {key: adult.pk for key, adult in zip(plan.guardians_new, made, strict=True)}
