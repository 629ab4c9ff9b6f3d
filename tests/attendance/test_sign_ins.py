"""Sign-ins: by the roll call, from where, once."""

from datetime import timedelta

import pytest

from afterschool.support import clock
from attendance.actions import roll_calls
from attendance.devices import Device
from attendance.enums import SignInSource
from attendance.models import AfternoonSettings, ClassroomDevice, SignIn
from attendance.networks import broken, within
from tests.cast import NOW

pytestmark = pytest.mark.django_db
EARLIER = NOW - timedelta(minutes=50)
OUTSIDE = Device(address="203.0.113.7")
INSIDE = Device(address="10.1.4.20")


def begin(cast, who="teacher", device=OUTSIDE):
    return roll_calls.begin(session=cast.session, by=cast.actor(who), device=device)


@pytest.fixture
def networks(afternoon):
    return AfternoonSettings.objects.create(term=afternoon.term, school_networks="10.1.0.0/16\n\n192.168.3.0/24\n")


def test_opening_the_roll_call_signs_its_teacher_in_once(afternoon):
    begin(afternoon)
    begin(afternoon)
    row = SignIn.objects.get()
    assert (row.teacher, row.source, row.at, row.from_school) == (
        afternoon.teacher,
        SignInSource.ROLL_CALL,
        clock.now(),
        None,
    )


def test_somebody_else_who_opens_it_signs_nobody_in_and_the_teacher_still_can(afternoon):
    begin(afternoon, "duty_leader")
    assert not SignIn.objects.exists()
    begin(afternoon)
    assert SignIn.objects.get().teacher == afternoon.teacher


def test_where_the_school_sets_networks_one_from_outside_is_kept_apart(afternoon, networks):
    begin(afternoon)
    begin(afternoon)
    assert [row.from_school for row in SignIn.objects.all()] == [False]
    begin(afternoon, device=INSIDE)
    begin(afternoon, device=INSIDE)
    assert [row.from_school for row in SignIn.objects.all()] == [False, True]


def test_a_registered_classroom_pc_counts_wherever_the_network_says_it_is(afternoon, networks):
    pc = ClassroomDevice.objects.create(
        device_id="k1", name="一（1）班电脑", added_by=afternoon.office.user, added_at=NOW
    )
    begin(afternoon, device=Device(address="203.0.113.7", pc="k1"))
    assert SignIn.objects.get().from_school is True
    SignIn.objects.all().delete()
    ClassroomDevice.objects.filter(pk=pc.pk).update(active=False)
    begin(afternoon, device=Device(address="203.0.113.7", pc="k1"))
    assert SignIn.objects.get().from_school is False


def test_the_device_time_of_what_was_sent_later_is_kept(afternoon):
    begin(afternoon, device=Device("d1", EARLIER))
    row = SignIn.objects.get()
    assert (row.device_id, row.device_at, row.sent_later) == ("d1", EARLIER, True)


def test_an_address_lies_in_a_network_or_not():
    assert within("10.1.255.1", "10.1.0.0/16")
    assert within("::ffff:10.1.255.1", "10.1.0.0/16")
    assert within("2001:db8::7", "2001:db8::/32")
    assert not within("10.2.0.1", "10.1.0.0/16")
    assert not within("", "10.1.0.0/16")
    assert broken("10.1.0.0/16\n十号楼\n10.1.2.3") == ["十号楼"]
