"""The afternoon's settings: who sets them, what is refused, what history keeps, and what the page shows."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.school.models import Event
from afterschool.support.refusal import Refused
from attendance.actions.settings import save_afternoon
from attendance.models import AfternoonSettings
from attendance.queries.settings import afternoon
from attendance.settings_forms import FIELDS, AfternoonForm

pytestmark = pytest.mark.django_db
PAGE = "attendance:afternoon-settings"


def typed(**changes: str) -> dict[str, str]:
    usual = {name: AfternoonForm(instance=AfternoonSettings())[name].value() for name in FIELDS}
    return (
        {name: "" if value is None else str(value) for name, value in usual.items()} | {"paper_counts": "on"} | changes
    )


def test_every_setting_is_on_the_page_and_has_a_name_people_read():
    names = {field.name for field in AfternoonSettings._meta.fields} - {"term"}
    assert set(FIELDS) == names


def test_history_keeps_what_was_and_what_is(cast):
    save_afternoon(cast.term, {"leave_until": time(15, 20), "leader_minutes": 12}, by=cast.actor("office"))
    assert afternoon(cast.term).leave_until == time(15, 20)
    assert Event.objects.get(verb="afternoon.set").data == {"leave_until": [None, "15:20"], "leader_minutes": [10, 12]}
    save_afternoon(cast.term, {"leader_minutes": 12}, by=cast.actor("office"))
    assert Event.objects.filter(verb="afternoon.set").count() == 1
    assert afternoon(cast.term).leave_until == time(15, 20)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"leave_until": time(18, 0)}, "time_wrong"),
        ({"change_until": time(5, 59)}, "time_wrong"),
        ({"not_taken_minutes": 121}, "number_wrong"),
        ({"late_pickup_count": 0}, "number_wrong"),
        ({"leader_minutes": 21}, "minutes_order"),
        ({"leader_minutes": 30, "group_minutes": 29}, "minutes_order"),
        ({"school_networks": "10.1.0.0/16\nzehn"}, "network_wrong"),
    ],
)
def test_what_cannot_be_is_refused(cast, values, code):
    with pytest.raises(Refused, match=code):
        save_afternoon(cast.term, values, by=cast.actor("office"))
    assert not AfternoonSettings.objects.exists()


def test_nobody_but_the_office_sets_them(cast):
    for name in ("duty_leader", "leading_group", "head_teacher", "guardian"):
        with pytest.raises(Refused, match="not_yours"):
            save_afternoon(cast.term, {"leader_minutes": 12}, by=cast.actor(name))


def test_the_office_sets_them_on_the_page(cast, login):
    client = login("office")
    page = client.get(reverse(PAGE)).content.decode()
    assert "原定：5" in page
    assert "原定：是" in page
    assert reverse("attendance:late-care-places") in page
    answer = client.post(reverse(PAGE), typed(leave_until="15:20", school_networks=" 10.1.0.0/16 \n\n10.2.3.4"))
    assert answer.status_code == 302
    row = afternoon(cast.term)
    assert (row.leave_until, row.school_networks) == (time(15, 20), "10.1.0.0/16\n10.2.3.4")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"school_networks": "10.1.0.0/16\n学校"}, "看不懂：学校"),
        ({"leave_until": "25:00"}, "时间请写成 15:20 这样。"),
        ({"leader_minutes": "五"}, "请写一个整数。"),
        ({"leave_until": "19:00"}, "请假截止要在"),
    ],
)
def test_a_slip_keeps_what_was_typed(cast, login, changes, sentence):
    page = login("office").post(reverse(PAGE), typed(**changes)).content.decode()
    assert sentence in page
    assert next(iter(changes.values())).split("\n")[-1] in page
    assert not AfternoonSettings.objects.exists()


def test_the_settings_page_leads_there(cast, login):
    assert reverse(PAGE) in login("office").get(reverse("setup:settings")).content.decode()
