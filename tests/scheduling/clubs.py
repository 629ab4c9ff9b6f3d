"""Clubs for tests: approved ones with their group, made straight into the tables."""

from afterschool.school.enums import ActivityKind, GroupKind, RoomKind
from afterschool.school.models import Group, Room, SchoolClass
from afterschool.support import clock
from scheduling.enums import ClubKind, ClubState
from scheduling.models import Club, ClubShare
from tests.cast import Cast


def make_room(name: str, kind: RoomKind = RoomKind.SPECIAL) -> Room:
    """Make a special room."""
    return Room.objects.create(name=name, kind=kind)


def make_club(
    cast: Cast,
    name: str = "围棋",
    *,
    grades: dict[int, int | None] | None = None,
    classes: dict[SchoolClass, int | None] | None = None,
    **changes: object,
) -> Club:
    """Make a club: approved, on Tuesdays, of grade 1 and 2, for ten children, unless told otherwise."""
    values: dict[str, object] = {
        "kind": ClubKind.SCHOOL,
        "activity": ActivityKind.WIDER,
        "description": "学规则，下对局。",
        "content": "每次讲一个定式，再两两对局。",
        "teacher": cast.other_teacher,
        "weekdays": "2",
        "largest": 10,
        "state": ClubState.APPROVED,
        "by_own_teacher": True,
        "no_lessons": True,
        "proposed_by": cast.office.user,
        "proposed_at": clock.now(),
    }
    values |= changes
    if values["state"] in (ClubState.APPROVED, ClubState.CLOSED) and "group" not in values:
        values["group"] = Group.objects.create(
            term=cast.term,
            kind=GroupKind.CLUB,
            name=name,
            room=values.get("room"),
            starts_on=cast.term.service_starts_on,
        )
    club = Club.objects.create(term=cast.term, name=name, **values)
    for grade, places in ({1: None, 2: None} if grades is None and classes is None else grades or {}).items():
        ClubShare.objects.create(club=club, grade=grade, places=places)
    for school_class, places in (classes or {}).items():
        ClubShare.objects.create(club=club, school_class=school_class, places=places)
    return club
