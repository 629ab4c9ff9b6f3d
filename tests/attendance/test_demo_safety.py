"""The demo's gate and places, played on the small school."""

import pytest

from afterschool.demo.play import safety
from afterschool.school.enums import RoomKind
from afterschool.school.models import Room, StaffRole
from attendance.enums import DefectState
from attendance.models import Defect, SafetyCheck, Visitor
from attendance.queries.checks import rooms_due
from attendance.queries.visitors import desk, persons_inside
from attendance.safety import Due
from tests.cast import NOW

pytestmark = pytest.mark.django_db


def test_somebody_is_inside_and_a_defect_waits(afternoon):
    Room.objects.create(name="操场", kind=RoomKind.PITCH)
    safety.play(afternoon.term, NOW)
    seen = desk(afternoon.term)
    assert (persons_inside(afternoon.term), len(seen.forgotten), Visitor.objects.count()) == (2, 1, 4)
    assert sorted(Defect.objects.values_list("state", flat=True)) == [DefectState.OPEN, DefectState.REPAIRED]
    rooms = rooms_due()
    assert [line.due for line in rooms.waiting] == [Due.SOON]
    assert not [line for line in rooms.waiting if line.due == Due.NEVER]


def test_without_a_gatekeeper_nothing_is_played(afternoon):
    StaffRole.objects.filter(teacher=afternoon.gatekeeper).delete()
    safety.play(afternoon.term, NOW)
    assert not SafetyCheck.objects.exists()
