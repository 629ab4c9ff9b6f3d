"""Early and late pick-up, and somebody else who fetches: who may, when, who is told."""

from datetime import date, time, timedelta

import pytest

from afterschool.school.models import Guardian, Guardianship, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import fetchers, leaves, pickups, roll_calls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.fetchers import Someone
from attendance.actions.roll_calls import Wish
from attendance.actions.settings import save_afternoon
from attendance.enums import ChangeKind, CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, DayFetcher, LateCarePlace, PickupChange
from tests.cast import NOW, TODAY

pytestmark = pytest.mark.django_db
TOMORROW = TODAY + timedelta(days=1)
AUNT = Someone("周小慧", "姑姑", "13912340001")


def change(cast, *, child=0, by="guardian", source=LeaveSource.GUARDIAN, said_by="", **values):
    wish = {"day": TODAY, "kind": ChangeKind.EARLY, "at": time(16, 30)} | values
    return pickups.ask_pickup_change(
        term=cast.term,
        student=cast.students[child],
        wish=pickups.Wish(**wish),
        source=source,
        by=cast.actor(by),
        said_by=said_by,
    )


def name(cast, someone=AUNT, *, child=0, by="guardian", first=TODAY, last=None, source=LeaveSource.GUARDIAN):
    return fetchers.name_fetcher(
        term=cast.term,
        student=cast.students[child],
        someone=someone,
        first_day=first,
        last_day=last or first,
        source=source,
        by=cast.actor(by),
    )


def ban(cast, person, phone=""):
    guardian = Guardian.objects.create(name=person, phone=phone)
    Guardianship.objects.create(
        guardian=guardian,
        student=cast.students[0],
        acts=False,
        may_fetch=False,
        banned=True,
        ban_note="法院判决",
    )


def fetched(cast, someone):
    """The teacher calls the child; somebody named for the day takes it away after dismissal."""
    by = cast.actor("teacher")
    roll = roll_calls.begin(session=cast.session, by=by)
    wish = Wish(cast.students[0].pk, MarkState.NOT_CALLED, MarkState.PRESENT)
    roll_calls.mark(roll_call=roll, wishes=[wish], by=by)
    with clock.frozen(NOW.replace(hour=17, minute=40)):
        row = ChildDay.objects.select_related("term", "session").get(student=cast.students[0], date=TODAY)
        move_many([MoveRequest(row, CustodyState.FETCHED, day_fetcher=someone)], by=by)


# Early and late


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"at": time(17, 30)}, "not_early"),
        ({"at": time(17, 0), "kind": ChangeKind.LATE}, "not_late"),
        ({"at": time(15, 30)}, "past"),
        ({"alone": True}, "too_young"),
        ({"alone": True, "someone": AUNT}, "either_or"),
        ({"day": date(2026, 9, 27)}, "no_service"),
        ({"day": TODAY - timedelta(1)}, "past"),
        ({"day": date(2027, 2, 1)}, "outside_term"),
        ({"someone": Someone(" ", "姑姑")}, "nobody_named"),
    ],
)
def test_pickups_that_cannot_be_are_refused_and_leave_nothing(afternoon, values, code):
    with pytest.raises(Refused, match=code):
        change(afternoon, **values)
    assert not PickupChange.objects.exists()
    assert not DayFetcher.objects.exists()


@pytest.mark.parametrize("who", ["other_guardian", "other_head_teacher", "other_teacher", "gatekeeper", "duty_leader"])
def test_nobody_else_speaks_for_a_child(afternoon, who):
    for source in (LeaveSource.GUARDIAN, LeaveSource.PHONE):
        with pytest.raises(Refused, match="not_yours"):
            change(afternoon, by=who, source=source)
        with pytest.raises(Refused, match="not_yours"):
            name(afternoon, by=who, source=source)


def test_an_early_pickup_is_told_and_can_be_taken_back(afternoon):
    row = change(afternoon)
    told = Message.objects.get(kind="pickup.asked")
    assert {d.recipient for d in told.deliveries.all()} == {afternoon.head_teacher.user, afternoon.teacher.user}
    with pytest.raises(Refused, match="already_asked"):
        change(afternoon, kind=ChangeKind.LATE, at=time(18, 0))
    pickups.cancel_pickup_change(change=row, by=afternoon.actor("guardian"))
    change(afternoon, kind=ChangeKind.LATE, at=time(18, 0))


def test_nobody_is_fetched_after_late_care_has_closed(afternoon):
    LateCarePlace.objects.create(term=afternoon.term, name="门卫室", role="gatekeeper", closes_at=time(18, 30))
    with pytest.raises(Refused, match="too_late"):
        change(afternoon, kind=ChangeKind.LATE, at=time(23, 0))
    assert change(afternoon, kind=ChangeKind.LATE, at=time(18, 30))


def test_a_child_on_leave_goes_no_other_way_home(afternoon):
    leaves.ask_leave(
        term=afternoon.term,
        student=afternoon.students[0],
        first_day=TODAY,
        last_day=TODAY,
        source=LeaveSource.GUARDIAN,
        by=afternoon.actor("guardian"),
    )
    with pytest.raises(Refused, match="on_leave"):
        change(afternoon)
    with pytest.raises(Refused, match="on_leave"):
        name(afternoon)


def test_after_the_schools_time_a_guardian_reads_whom_to_call_and_the_school_still_records(afternoon):
    save_afternoon(afternoon.term, {"change_until": time(16, 0)}, by=afternoon.actor("office"))
    for act in (change, name):
        with pytest.raises(Refused, match="too_late_today") as caught:
            act(afternoon)
        assert afternoon.head_teacher.name in caught.value.sentence
    assert name(afternoon, first=TOMORROW)
    assert change(afternoon, by="teacher", source=LeaveSource.PHONE, said_by="妈妈")


def test_what_the_school_records_the_family_hears(afternoon):
    change(afternoon, by="head_teacher", source=LeaveSource.PHONE, said_by="妈妈", someone=AUNT)
    heard = Message.objects.get(deliveries__recipient=afternoon.guardian.user)
    assert heard.title == "学校已登记：王一今天早接 16:30，由姑姑周小慧接"


# Somebody else


def test_one_form_says_when_and_who(afternoon):
    change(afternoon, someone=AUNT)
    row = DayFetcher.objects.get()
    assert (row.name, row.relation, row.phone, row.first_day, row.last_day) == (
        "周小慧", "姑姑", "13912340001", TODAY, TODAY,
    )  # fmt: skip
    assert [row.title for row in Message.objects.filter(kind__startswith="pickup")] == [
        "王一今天早接 16:30，由姑姑周小慧接"
    ]


@pytest.mark.parametrize(("person", "phone"), [("周小慧", ""), ("周 小慧", "13800000000"), ("别的名字", AUNT.phone)])
def test_a_banned_person_is_refused_by_name_and_by_phone_and_the_note_stays_hidden(afternoon, person, phone):
    ban(afternoon, person, phone)
    for act in (lambda: name(afternoon), lambda: change(afternoon, someone=AUNT)):
        with pytest.raises(Refused, match="banned") as caught:
            act()
        assert "法院" not in caught.value.sentence
    assert not PickupChange.objects.exists()


def test_a_guardian_with_a_ban_sends_nobody_and_lets_no_child_go_alone(afternoon):
    Guardianship.objects.filter(guardian=afternoon.guardian).update(banned=True, may_fetch=False)
    afternoon.term.alone_from_grade = 1
    afternoon.term.save()
    for act in (lambda: name(afternoon), lambda: change(afternoon, alone=True)):
        with pytest.raises(Refused, match="may_not_name"):
            act()


@pytest.mark.parametrize(
    ("someone", "code"),
    [(Someone("", "姑姑"), "nobody_named"), (Someone("周小慧", ""), "nobody_named")],
)
def test_who_comes_has_a_name_and_a_relation(afternoon, someone, code):
    with pytest.raises(Refused, match=code):
        name(afternoon, someone)


def test_who_may_fetch_anyway_need_not_be_named(afternoon):
    mother = Someone(afternoon.guardian.name, "妈妈", afternoon.guardian.phone)
    with pytest.raises(Refused, match="on_the_list"):
        name(afternoon, mother)


def test_the_same_person_is_named_once_for_a_day(afternoon):
    name(afternoon, last=TOMORROW)
    with pytest.raises(Refused, match="already_named"):
        name(afternoon, first=TOMORROW)
    assert name(afternoon, Someone("钱伯伯", "邻居", "13912340002"), first=TOMORROW)


def test_a_span_taken_back_on_its_way_keeps_the_days_that_were(afternoon):
    with clock.frozen(NOW - timedelta(days=1)):
        row = name(afternoon, first=TODAY - timedelta(days=1), last=TOMORROW)
    fetchers.cancel_fetcher(fetcher=row, by=afternoon.actor("guardian"))
    row.refresh_from_db()
    assert (row.last_day, row.cancelled_at) == (TODAY - timedelta(days=1), None)


def test_once_the_child_has_gone_with_the_person_today_stands(afternoon):
    today, week = name(afternoon), name(afternoon, Someone("钱伯伯", "邻居"), last=TOMORROW)
    fetched(afternoon, today)
    with clock.frozen(NOW.replace(hour=17, minute=45)):
        with pytest.raises(Refused, match="gone"):
            fetchers.cancel_fetcher(fetcher=today, by=afternoon.actor("guardian"))
        fetchers.cancel_fetcher(fetcher=week, by=afternoon.actor("guardian"))
        with pytest.raises(Refused, match="gone"):
            change(afternoon, kind=ChangeKind.LATE, at=time(18, 0))
    week.refresh_from_db()
    assert week.last_day == TODAY
    with clock.frozen(NOW + timedelta(days=1)), pytest.raises(Refused, match="over"):
        fetchers.cancel_fetcher(fetcher=today, by=afternoon.actor("guardian"))


def test_taken_back_before_it_began_is_gone_whole_and_told(afternoon):
    row = name(afternoon)
    fetchers.cancel_fetcher(fetcher=row, by=afternoon.actor("guardian"))
    row.refresh_from_db()
    assert row.cancelled_by == afternoon.guardian.user
    assert Message.objects.filter(title="王一不再由姑姑周小慧接", deliveries__recipient=afternoon.teacher.user).exists()
    with pytest.raises(Refused, match="somebody_was_faster"):
        fetchers.cancel_fetcher(fetcher=row, by=afternoon.actor("head_teacher"))
    with pytest.raises(Refused, match="not_yours"):
        fetchers.cancel_fetcher(fetcher=row, by=afternoon.actor("other_guardian"))
