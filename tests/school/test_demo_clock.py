from datetime import timedelta

import pytest

from afterschool.demo import build
from afterschool.demo.clock import move_forward, resume
from afterschool.school.access import SYSTEM
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import School
from afterschool.support import clock
from afterschool.support.refusal import Refused
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(cast):
    School.objects.update(demo=True)
    cast.school.refresh_from_db()
    return cast


def test_the_clock_goes_on_from_the_newest_record(demo):
    with clock.frozen(NOW + timedelta(minutes=40)):
        record("test.done", subject=demo.term, by=SYSTEM)
    resume(NOW)
    offset = School.objects.get().clock_offset_seconds
    resume(NOW + timedelta(hours=2))
    assert School.objects.get().clock_offset_seconds - offset == pytest.approx(79 * 60 + 59, abs=2)


def test_the_office_moves_the_clock_forward_only(demo):
    office = demo.actor("office")
    move_forward(demo.school, NOW + timedelta(minutes=15), by=office)
    assert School.objects.get().clock_offset_seconds != 0
    with pytest.raises(Refused) as refused:
        move_forward(demo.school, NOW - timedelta(minutes=1), by=office)
    assert refused.value.code == "backwards"


def test_nobody_else_moves_it(demo):
    with pytest.raises(Refused) as refused:
        move_forward(demo.school, NOW + timedelta(minutes=15), by=demo.actor("teacher"))
    assert refused.value.code == "not_allowed"


def test_a_real_school_has_no_such_control(login, cast):
    assert login("office").get("/demo/clock/").status_code == 404
    with pytest.raises(Refused) as refused:
        move_forward(cast.school, NOW + timedelta(minutes=15), by=cast.actor("office"))
    assert refused.value.code == "no_demo"


def test_the_page_moves_the_clock(login, demo):
    client = login("office")
    assert "示范时钟" in client.get("/demo/clock/").content.decode()
    before = School.objects.get().clock_offset_seconds
    assert client.post("/demo/clock/forward/", {"minutes": "30"}).status_code == 302
    assert School.objects.get().clock_offset_seconds != before
    assert login("teacher").get("/demo/clock/").status_code == 403


def test_a_later_start_never_goes_behind_a_move_of_the_clock_or_a_message(demo):
    office = demo.actor("office")
    move_forward(demo.school, clock.now() + timedelta(minutes=15), by=office)
    with clock.frozen(NOW + timedelta(minutes=50)):
        tell([demo.guardian.user], kind="test", title="已接走", by=SYSTEM)
    resume(NOW)
    offset = School.objects.get().clock_offset_seconds
    resume(NOW + timedelta(hours=2))
    assert School.objects.get().clock_offset_seconds - offset == pytest.approx(69 * 60 + 59, abs=2)


def test_what_a_part_of_the_play_does_at_no_time_of_its_own_happens_on_the_demos_afternoon(monkeypatch):
    monkeypatch.setattr(build, "_play", lambda *args: clock.now())
    assert build.build(public_url="", office_login=("", "", ""), say=print) == build.DEMO_NOW
