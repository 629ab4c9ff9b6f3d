"""Somebody else fetches: by a guardian's word of the day, at the gate and in the chain of custody."""

from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest

from afterschool.school.models import Guardian, Guardianship, Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import roll_calls
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.enums import ChangeKind, CustodyState, LeaveSource
from attendance.models import ChildDay, DayFetcher, Handover, PickupChange
from attendance.queries.fetchers import fetchers_on
from attendance.queries.roll_calls import session_of
from attendance.queries.roll_page import roll_page
from tests.cast import NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
S = CustodyState
AUNT = "周小慧"
AUNTS_PHONE = "13912340001"


def named(cast: Cast, number: int = 0, *, first: date = TODAY, last: date | None = None, **what: object) -> DayFetcher:
    values: dict[str, object] = {"name": AUNT, "relation": "姑姑", "phone": AUNTS_PHONE} | what
    return DayFetcher.objects.create(
        term=cast.term,
        student=cast.students[number],
        first_day=first,
        last_day=last or first,
        source=LeaveSource.GUARDIAN,
        asked_by=cast.guardian.user,
        asked_at=clock.now(),
        **values,
    )


def ask_early(cast: Cast, number: int, at: time) -> None:
    PickupChange.objects.create(
        term=cast.term,
        student=cast.students[number],
        date=TODAY,
        kind=ChangeKind.EARLY,
        time=at,
        source=LeaveSource.GUARDIAN,
        asked_by=cast.guardian.user,
        asked_at=clock.now(),
    )


@pytest.fixture
def in_class(afternoon: Cast) -> Cast:
    """All children are in their group, called by their teacher."""
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    rows = ChildDay.objects.select_related("term", "session")
    move_many([MoveRequest(row, S.GROUP) for row in rows], by=afternoon.actor("teacher"))
    return afternoon


@pytest.fixture
def after_dismissal(in_class: Cast) -> Iterator[None]:
    with clock.frozen(NOW.replace(hour=17, minute=35)):
        yield


def release(cast: Cast, fetcher: DayFetcher, number: int = 0) -> Handover:
    row = ChildDay.objects.select_related("term", "session").get(student=cast.students[number], date=TODAY)
    return move_many([MoveRequest(row, S.FETCHED, day_fetcher=fetcher)], by=cast.actor("gatekeeper"))[0]


def ban(cast: Cast, name: str, phone: str = "") -> None:
    guardian = Guardian.objects.create(name=name, phone=phone)
    Guardianship.objects.create(
        guardian=guardian, student=cast.students[0], relation="other", acts=False, may_fetch=False, banned=True
    )


@pytest.mark.usefixtures("after_dismissal")
def test_whom_a_guardian_named_may_fetch_and_the_family_reads_who_it_was(in_class: Cast) -> None:
    fetcher = named(in_class)
    link = release(in_class, fetcher)
    assert (link.released_to, link.released_to_other) == (None, fetcher)
    title = Message.objects.get(kind="custody.left").title
    assert title.endswith("17:35 由周小慧（姑姑）接走")


@pytest.mark.usefixtures("after_dismissal")
@pytest.mark.parametrize(
    "what",
    [
        {"first": TODAY + timedelta(1)},
        {"first": TODAY - timedelta(2), "last": TODAY - timedelta(1)},
        {"cancelled_at": NOW, "cancelled_by": True},
    ],
)
def test_not_on_another_day_nor_once_it_was_taken_back(in_class: Cast, what) -> None:
    if "cancelled_by" in what:
        what = what | {"cancelled_by": in_class.guardian.user}
    with pytest.raises(Refused, match="not_on_the_list"):
        release(in_class, named(in_class, **what))


@pytest.mark.usefixtures("after_dismissal")
def test_the_word_for_one_child_is_none_for_another(in_class: Cast) -> None:
    with pytest.raises(Refused, match="not_on_the_list"):
        release(in_class, named(in_class, 1), 0)


@pytest.mark.usefixtures("after_dismissal")
@pytest.mark.parametrize(("name", "phone"), [("周 小慧", ""), ("别的名字", AUNTS_PHONE)])
def test_a_ban_that_came_later_stands_against_the_word_of_the_day(in_class: Cast, name, phone) -> None:
    fetcher = named(in_class)
    ban(in_class, name, phone)
    with pytest.raises(Refused, match="banned"):
        release(in_class, fetcher)


def test_before_dismissal_an_early_pickup_must_have_been_asked_for(in_class: Cast) -> None:
    fetcher = named(in_class)
    with pytest.raises(Refused, match="before_dismissal"):
        release(in_class, fetcher)
    ask_early(in_class, 0, NOW.time())
    assert release(in_class, fetcher).to_state == S.FETCHED


@pytest.mark.parametrize("number", [1, 3])
def test_who_fetches_is_one_question_for_all_children(afternoon: Cast, number, django_assert_num_queries) -> None:
    for child in range(number):
        named(afternoon, child, last=TODAY + timedelta(3))
    named(afternoon, 0, name="昨天的人", first=TODAY - timedelta(1))
    students = [child.pk for child in afternoon.students]
    with django_assert_num_queries(1):
        found = fetchers_on(TODAY, students)
    assert {pk: [row.name for row in rows] for pk, rows in found.items()} == {
        child.pk: [AUNT] for child in afternoon.students[:number]
    }


@pytest.mark.parametrize("opened", [False, True])
def test_the_roll_call_says_who_fetches(afternoon: Cast, opened: bool) -> None:
    by = afternoon.actor("teacher")
    if opened:
        roll_calls.begin(session=afternoon.session, by=by)
    named(afternoon, 0)
    named(afternoon, 1)
    ask_early(afternoon, 1, time(16, 30))
    notes = [row.note for row in roll_page(session_of(by, afternoon.session.pk), by).rows]
    assert notes[:3] == ["姑姑来接", "早接 16:30 姑姑", ""]
