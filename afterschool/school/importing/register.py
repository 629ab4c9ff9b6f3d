"""The register as the plan sees it: nine queries, however large the school."""

from collections import defaultdict

from afterschool.school.enums import Origin, StudentState
from afterschool.school.importing.matching import Known
from afterschool.school.importing.plan import KnownLink, KnownRoom, KnownStaff, Register
from afterschool.school.importing.roster import ClassKey, ClassRow, RoomRow, StaffRow
from afterschool.school.models import Guardian, Guardianship, Room, SchoolClass, StaffRole, Student, Teacher


def newest_year() -> int | None:
    """Return the newest school year on the register, None while there is none."""
    return SchoolClass.objects.order_by("-school_year").values_list("school_year", flat=True).first()


def load(year: int) -> Register:
    """Return the register seen from `year`, the school year of a file."""
    newest = newest_year()
    links = _links()
    return Register(
        year=year,
        newest_year=newest,
        rooms={room.name: KnownRoom(room.pk, _room(room), room.active) for room in Room.objects.all()},
        staff=_staff(),
        classes=_classes(year),
        pupils=_pupils(links, rise=1 if newest is not None and year == newest + 1 else 0),
        guardians={(g.name, g.phone): g.pk for g in Guardian.objects.exclude(phone="").only("name", "phone")},
        links=links,
    )


def _room(room: Room) -> RoomRow:
    return RoomRow(room.name, room.kind, room.capacity, room.floor)


def _staff() -> dict[str, KnownStaff]:
    roles: dict[int, dict[tuple[str, int | None], int]] = defaultdict(dict)
    for pk, teacher, role, grade in StaffRole.objects.order_by("pk").values_list("pk", "teacher_id", "role", "grade"):
        roles[teacher][role, grade] = pk
    return {
        one.staff_number: KnownStaff(
            one.pk,
            StaffRow(one.staff_number, one.name, one.phone, one.subject, one.grade, one.days_off, ()),
            one.active,
            roles[one.pk],
        )
        for one in Teacher.objects.all()
    }


def _classes(year: int) -> dict[ClassKey, tuple[int, ClassRow]]:
    rows = SchoolClass.objects.filter(school_year=year).values_list(
        "pk", "grade", "number", "head_teacher__staff_number", "room__name"
    )
    return {
        (grade, number): (pk, ClassRow(grade, number, head or "", room or "")) for pk, grade, number, head, room in rows
    }


def _links() -> list[KnownLink]:
    rows = Guardianship.objects.order_by("pk").values_list(
        "pk", "guardian_id", "student_id", "guardian__name", "guardian__phone",
        "relation", "acts", "may_fetch", "banned", "origin",
    )  # fmt: skip
    return [KnownLink(*row[:9], row[9] == Origin.HAND) for row in rows]


def _pupils(links: list[KnownLink], *, rise: int) -> list[Known]:
    phones: dict[int, set[str]] = defaultdict(set)
    adults: dict[int, set[str]] = defaultdict(set)
    for link in links:
        adults[link.pupil].add(link.name)
        if link.phone:
            phones[link.pupil].add(link.phone)
    rows = Student.objects.order_by("pk").values_list(
        "pk", "name", "number", "state", "origin", "school_class__grade", "school_class__number"
    )
    return [
        Known(
            id=pk,
            home=(grade + rise, class_number) if grade is not None else None,
            number=number,
            name=name,
            enrolled=state == StudentState.ENROLLED,
            by_hand=origin == Origin.HAND,
            phones=frozenset(phones[pk]),
            adults=frozenset(adults[pk]),
        )
        for pk, name, number, state, origin, grade, class_number in rows
    ]
