"""The demo's part of grouping."""

from datetime import date

from afterschool.demo.play.grouping import ACCEPTED_AT, play
from afterschool.school.models import Placement
from scheduling.models import Grouping
from tests.scheduling.applied import approve


def test_the_demo_proposes_twice_and_accepts(cast):
    approve(cast, *cast.students[:9])
    play(cast.term, cast.actor("office"))
    assert list(Grouping.objects.order_by("pk").values_list("state", flat=True)) == ["superseded", "accepted"]
    assert Grouping.objects.get(state="accepted").decided_at == ACCEPTED_AT
    assert set(Placement.objects.values_list("starts_on", flat=True)) == {date(2026, 9, 7)}
