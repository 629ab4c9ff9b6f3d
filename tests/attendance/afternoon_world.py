"""One afternoon for the machine that plays random days: a group, a club, a second group, and whoever may act."""

from itertools import pairwise

from afterschool.school.models import Guardianship
from afterschool.support import clock
from attendance.actions.days import ensure_day
from attendance.custody import ENDS, HELD
from attendance.defaults import install_late_care
from attendance.models import ChildDay, Handover, LateCarePlace
from tests.attendance.handing import club_today, second_group
from tests.cast import NOW, TODAY, Cast, build_cast, make_teacher, place_group

PEOPLE = [
    "teacher", "club_teacher", "third_teacher", "nurse", "head_teacher", "other_head_teacher", "duty_leader",
    "service_centre", "gatekeeper", "office",
]  # fmt: skip


class World:
    """Six children of a group, four of them due in a club, two who are not of the day; made once for all days."""

    def __init__(self) -> None:
        with clock.frozen(NOW):
            self.cast: Cast = build_cast()
            cast = self.cast
            place_group(cast)
            install_late_care(cast.term)
            self.place = LateCarePlace.objects.order_by("order")[0]
            self.club = club_today(cast, *cast.students[:4])
            cast.club_teacher = cast.other_teacher  # type: ignore[attr-defined]
            self.third, cast.third_teacher = second_group(cast)  # type: ignore[attr-defined]
            cast.nurse = make_teacher(40, "校医")  # type: ignore[attr-defined]
            for student in cast.students[1:6]:
                Guardianship.objects.create(guardian=cast.guardian, student=student)
            self.people = {name: cast.actor(name) for name in PEOPLE}
            ensure_day(cast.term, TODAY, self.people["office"])


def check_chain(row: ChildDay, chain: list[Handover]) -> None:
    """Check that a child is in exactly one place: no gap in its chain, the last link says what the row says, held if in care."""
    assert [link.number for link in chain] == list(range(1, row.links + 1))
    for earlier, later in pairwise(chain):
        assert later.from_state == earlier.to_state
        assert later.from_holder_id == earlier.to_holder_id
        assert later.at >= earlier.at
    assert (chain[-1].to_state, chain[-1].to_holder_id) == (row.state, row.holder_id)
    assert row.holder_id is None or row.state not in ENDS
    assert row.holder_id is not None or row.state not in HELD
