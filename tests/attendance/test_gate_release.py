"""Children let go at the gate: by whom, to whom, what is refused, and what the slower of two reads."""

from datetime import time

import pytest
from django.urls import reverse

from afterschool.school.models import Guardianship, Message
from afterschool.support import clock
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.enums import ChangeKind, CustodyState, LeaveSource
from attendance.models import CallNote, Handover, PickupChange
from tests.attendance.handing import called, child, club_today
from tests.cast import NOW, TODAY, Cast, make_guardian

pytestmark = pytest.mark.django_db
S = CustodyState
AFTER = NOW.replace(hour=17, minute=33)
LATER = NOW.replace(hour=17, minute=50)


@pytest.fixture
def day(afternoon: Cast) -> Cast:
    ensure_day(afternoon.term, TODAY, afternoon.actor("office"))
    for number, student in enumerate(afternoon.students[2:6], 50):
        make_guardian(number, f"家长{number}", student, account=False)
    return afternoon


def url(name: str, *args) -> str:
    return reverse(f"attendance:{name}", args=args)


def test_a_child_goes_to_the_adult_who_is_chosen(day: Cast, login) -> None:
    called(day, 0)
    row = child(day, 0)
    Guardianship.objects.create(
        guardian=day.other_guardian, student=day.students[0], may_fetch=False, banned=True, relation="other"
    )
    client = login("gatekeeper")
    with clock.frozen(AFTER):
        page = client.get(url("gate-child", row.pk)).content.decode()
        assert "交给林晓岚（妈妈）" in page
        assert "不可接走" in page
        assert f'id="p{day.other_guardian.pk}"' not in page
        client.post(url("gate-release", row.pk), {"by": day.other_guardian.pk, "links": row.links})
        assert child(day, 0).state == S.GROUP
        page = client.post(
            url("gate-release", row.pk), {"by": day.guardian.pk, "links": row.links}, follow=True
        ).content.decode()
    assert "交给林晓岚" in page
    assert child(day, 0).state == S.FETCHED
    assert Message.objects.get(kind="custody.left").title == "王一 17:33 由林晓岚接走"


def test_an_older_page_releases_nobody(day: Cast, login) -> None:
    called(day, 0)
    row = child(day, 0)
    with clock.frozen(AFTER):
        login("gatekeeper").post(url("gate-release", row.pk), {"by": day.guardian.pk, "links": row.links - 1})
    assert child(day, 0).state == S.GROUP


def test_before_dismissal_the_page_offers_a_decision_only(day: Cast, login) -> None:
    called(day, 0)
    page = login("gatekeeper").get(url("gate-child", child(day, 0).pk)).content.decode()
    assert "还没放学" in page
    assert "data-release" not in page
    PickupChange.objects.create(
        term=day.term,
        student=day.students[0],
        date=TODAY,
        kind=ChangeKind.EARLY,
        time=time(16, 0),
        source=LeaveSource.GUARDIAN,
        asked_by=day.guardian.user,
        asked_at=NOW,
    )
    page = login("gatekeeper").get(url("gate-child", child(day, 0).pk)).content.decode()
    assert "data-release" in page


def test_a_named_decision_lets_a_neighbour_fetch_but_never_a_banned_person(day: Cast, login) -> None:
    called(day, 0)
    row = child(day, 0)
    Guardianship.objects.create(guardian=day.other_guardian, student=day.students[0], may_fetch=False, banned=True)
    asked = {
        "links": row.links,
        "who_came": "邻居张姨",
        "guardian": day.guardian.pk,
        "call": "同意张姨接",
        "decided_by": day.head_teacher.pk,
    }
    client = login("gatekeeper")
    with clock.frozen(AFTER):
        client.post(url("gate-decide", row.pk), asked | {"who_came": f"{day.other_guardian.name}，舅舅"})
        assert child(day, 0).state == S.GROUP
        assert not CallNote.objects.exists()
        client.post(url("gate-decide", row.pk), asked | {"decided_by": day.other_head_teacher.pk})
        assert child(day, 0).state == S.GROUP
        client.post(url("gate-decide", row.pk), asked)
    assert child(day, 0).state == S.FETCHED
    assert CallNote.objects.get().text == "同意张姨接"


def test_the_teacher_ticks_who_was_fetched_and_nobody_is_ticked_beforehand(
    day: Cast, login, django_assert_max_num_queries
) -> None:
    called(day, *range(6))
    client = login("teacher")
    with clock.frozen(AFTER):
        with django_assert_max_num_queries(8):
            page = client.get(url("gate")).content.decode()
        assert 'type="radio"' in page
        assert "checked" not in page
        rows = [child(day, n) for n in (0, 1)]
        data = {
            "child": [f"{row.pk}:{row.links}" for row in rows],
            f"by-{rows[0].pk}": day.guardian.pk,
            f"by-{rows[1].pk}": day.other_guardian.pk,
        }
        page = client.post(url("gate-class-release"), data, follow=True).content.decode()
    assert "2 人已放行" in page
    assert set(Handover.objects.filter(to_state=S.FETCHED).values_list("released_to", flat=True)) == {
        day.guardian.pk,
        day.other_guardian.pk,
    }


def test_a_release_is_corrected_by_the_same_person(day: Cast, login) -> None:
    called(day, 0)
    row = child(day, 0)
    client = login("gatekeeper")
    with clock.frozen(AFTER):
        client.post(url("gate-release", row.pk), {"by": day.guardian.pk, "links": row.links})
        assert url("gate-child", row.pk) in client.get(url("gate")).content.decode()
        client.post(url("gate-correct", row.pk), {"note": "点错了人"})
    assert child(day, 0).state == S.GROUP
    assert child(day, 0).handovers.last().undoes is not None
    told = Message.objects.get(kind="custody.corrected")
    assert "还在学校" in told.title
    assert told.deliveries.get().recipient == day.guardian.user


@pytest.mark.parametrize("children", [1, 3])
def test_the_gate_takes_eight_queries(day: Cast, login, django_assert_max_num_queries, children: int) -> None:
    called(day, *range(children))
    client = login("gatekeeper")
    with django_assert_max_num_queries(8):
        client.get(url("gate"))


def test_parents_and_the_leading_group_do_not_stand_at_the_gate(day: Cast, login) -> None:
    for name in ("guardian", "leading_group", "grade_leader"):
        assert login(name).get(url("gate")).status_code == 403


def test_the_gate_sees_of_who_went_with_others_only_that_they_went(day: Cast, login) -> None:
    called(day, 0, 1)
    client = login("gatekeeper")
    assert "谁来接" in client.get(url("gate-child", child(day, 0).pk)).content.decode()
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("teacher"))
        page = client.get(url("gate-child", child(day, 0).pk)).content.decode()
    assert "已由林晓岚于17:33接走" in page
    assert "陈立言放行" in page
    assert not {"谁来接", "更正", "tel:"} & {word for word in ("谁来接", "更正", "tel:") if word in page}
    with clock.frozen(AFTER.replace(day=22)):
        assert client.get(url("gate-child", child(day, 0).pk)).status_code == 404


@pytest.mark.parametrize("verb", ["gate-release", "gate-call", "gate-refuse", "gate-decide", "gate-correct"])
def test_whoever_was_slower_lands_on_a_page_that_says_who_was_faster(day: Cast, login, verb: str) -> None:
    called(day, 0)
    seen, client = child(day, 0), login("gatekeeper")
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("teacher"))
        data = {"by": day.guardian.pk, "links": seen.links, "who_came": "舅舅", "note": "记错"}
        answer = client.post(url(verb, seen.pk), data, follow=True)
    assert answer.redirect_chain == [(url("gate-child", seen.pk), 302)]
    assert "已由林晓岚于17:33接走" in answer.content.decode()
    assert Handover.objects.filter(to_state=S.FETCHED).count() == 1


def test_a_line_at_the_gate_names_who_went_with_the_teacher_meanwhile(day: Cast, login) -> None:
    called(day, 0, 1)
    seen, client = [child(day, 0), child(day, 1)], login("gatekeeper")
    with clock.frozen(AFTER):
        move_many([MoveRequest(seen[0], S.FETCHED, released_to=day.guardian)], by=day.actor("teacher"))
        data = {f"by-{seen[0].pk}": day.guardian.pk, f"by-{seen[1].pk}": day.other_guardian.pk}
        data |= {"child": [f"{row.pk}:{row.links}" for row in seen]}
        page = client.post(url("gate-class-release"), data, follow=True).content.decode()
    assert "1 人已放行" in page
    assert "刚才已有人处理过：王一（已接走 17:33）" in page


def test_a_club_teacher_whose_child_the_group_took_back_reads_who_has_it(day: Cast, login) -> None:
    called(day, 0)
    club = club_today(day, day.students[0])
    move_many([MoveRequest(child(day, 0), S.CLUB, at_session=club)], by=day.actor("other_teacher"))
    client = login("other_teacher")
    assert client.get(url("gate-child", child(day, 0).pk)).status_code == 200
    called(day, 0)
    assert "现在由陈立言负责" in client.get(url("gate-child", child(day, 0).pk)).content.decode()


def test_whom_the_gate_let_out_it_sees_for_that_day_only(day: Cast, login) -> None:
    called(day, 0)
    with clock.frozen(AFTER):
        move_many([MoveRequest(child(day, 0), S.FETCHED, released_to=day.guardian)], by=day.actor("gatekeeper"))
        assert login("gatekeeper").get(url("gate-child", child(day, 0).pk)).status_code == 200
    with clock.frozen(AFTER.replace(day=22)):
        assert login("gatekeeper").get(url("gate-child", child(day, 0).pk)).status_code == 404
        assert login("head_teacher").get(url("gate-child", child(day, 0).pk)).status_code == 200
