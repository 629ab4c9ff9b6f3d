"""Who is who in the access table, and how its rows are written."""

from tests.cast import ROLES

Row = tuple[str, str, frozenset[str]]


def only(*names: str) -> frozenset[str]:
    assert set(names) <= set(ROLES)
    return frozenset(names)


ANYBODY = only(*ROLES)
WORLD = ANYBODY | {"anonymous"}
NOBODY = only()
PARENTS = only("guardian", "other_guardian")
STAFF = ANYBODY - PARENTS
OFFICE = only("office")
HEADS = only("head_teacher", "other_head_teacher")
TEACHERS = HEADS | {"teacher", "other_teacher"}
WHOLE_SCHOOL = only("office", "duty_leader", "leading_group")
LEADERS = WHOLE_SCHOOL | {"grade_leader"}

# A child of class 1-1 and what its family, its class and the office share.
FAMILY_AND_CLASS = only("guardian", "head_teacher", "office")
CLASS_AND_OFFICE = only("head_teacher", "office")

# A child of the day: its class, its group of today, its grade, those in charge; the gate only while it is here.
IN_CHARGE = WHOLE_SCHOOL | {"service_centre"}
OF_THE_CHILD = IN_CHARGE | {"head_teacher", "teacher", "grade_leader"}
AT_THE_GATE = only("head_teacher", "teacher", "duty_leader", "service_centre", "office")
OF_A_FOREIGN_CHILD = {
    "board": IN_CHARGE,
    "gate": only("duty_leader", "service_centre", "office"),
    "late": IN_CHARGE,
}
CALLERS_TODAY = LEADERS | {"teacher"}
CALLERS_TOMORROW = LEADERS | {"other_teacher"}


def each(names: str, *rows: tuple[str, frozenset[str]]) -> list[Row]:
    """Give several addresses the same things and persons."""
    return [(name, thing, inside) for name in names.split() for thing, inside in rows]
