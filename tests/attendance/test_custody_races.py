"""Two people at the same moment: one wins, the other is told what is true now, and the chain tells of one."""

import os
from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import connections

from afterschool.school.models import Message
from afterschool.support import clock
from afterschool.support.refusal import Refused
from attendance.actions import offers, search
from attendance.actions.custody import MoveRequest, move_many
from attendance.actions.days import ensure_day
from attendance.actions.passes import decide_pass
from attendance.actions.roll_calls import Wish, begin, mark, take_in
from attendance.custody import State
from attendance.enums import MarkState, OfferState, SearchKind
from attendance.models import Handover, HandoverOffer, OfferChild, Pass, SearchStep
from tests.attendance.handing import called, child, club_today
from tests.cast import NOW, TODAY, Cast, make_teacher

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = int(os.environ.get("ROUNDS", "4"))
AFTER = NOW.replace(hour=17, minute=33)


def at_once(*deeds: Callable[[], object]) -> list[object]:
    """Begin all deeds at the same moment after dismissal; return a value or a refusal of each, raise anything else."""
    gate, brought = Barrier(len(deeds)), [None] * len(deeds)

    def run(place: int, deed: Callable[[], object]) -> None:
        try:
            with clock.frozen(AFTER):
                gate.wait(timeout=10)
                brought[place] = deed()
        except BaseException as error:
            brought[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=one) for one in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    for one in brought:
        if isinstance(one, BaseException) and not isinstance(one, Refused):
            raise one
    return brought


def refusals(brought: list[object]) -> list[Refused]:
    return [one for one in brought if isinstance(one, Refused)]


@pytest.fixture
def day(cast: Cast) -> Cast:
    from tests.cast import place_group

    place_group(cast)
    ensure_day(cast.term, TODAY, cast.actor("office"))
    return cast


def chain_is_whole(cast: Cast, number: int) -> None:
    row = child(cast, number)
    links = list(row.handovers.order_by("number"))
    assert [link.number for link in links] == list(range(1, row.links + 1))
    assert (links[-1].to_state, links[-1].to_holder_id) == (row.state, row.holder_id)


def test_two_gatekeepers_release_the_same_child(day: Cast) -> None:
    cast = day
    cast.second_gate = make_teacher(50, "钱师傅", "gatekeeper")  # type: ignore[attr-defined]
    gates = [cast.actor("gatekeeper"), cast.actor("second_gate")]
    for number in range(min(ROUNDS, 6)):
        called(cast, number)
        pages = [child(cast, number) for _ in gates]
        links = cast.students[number].links
        links.get_or_create(guardian=cast.guardian, defaults={"relation": "mother"})
        brought = at_once(
            *(
                lambda page=page, by=by: move_many([MoveRequest(page, State.FETCHED, released_to=cast.guardian)], by=by)
                for page, by in zip(pages, gates, strict=True)
            )
        )
        lost = refusals(brought)
        assert [one.code for one in lost] == ["somebody_was_faster"]
        assert "已接走" in lost[0].sentence
        chain_is_whole(cast, number)
        assert Handover.objects.filter(child_day=pages[0], to_state=State.FETCHED).count() == 1
        assert Message.objects.filter(kind="custody.left", student=cast.students[number]).count() == 1


def test_a_list_is_accepted_once(day: Cast) -> None:
    chess = club_today(day, *day.students[:6])
    by = day.actor("other_teacher")
    for number in range(min(ROUNDS, 6)):
        made = offers.offer(called(day, number), to_session=chess, by=day.actor("teacher"))
        pages = [
            HandoverOffer.objects.select_related("to_session__group", "giver", "term").get(pk=made.pk) for _ in "ab"
        ]
        brought = at_once(*(lambda page=page: offers.accept(page, by=by) for page in pages))
        lost = refusals(brought)
        assert [one.code for one in lost] == ["somebody_was_faster"]
        assert "已接收" in lost[0].sentence
        chain_is_whole(day, number)
        assert child(day, number).holder == day.other_teacher


@pytest.mark.parametrize("other", ["withdraw", "missing", "roll"])
def test_accepting_while_something_else_happens_to_the_children(day: Cast, other: str) -> None:
    chess = club_today(day, *day.students[:6])
    teacher, receiver = day.actor("teacher"), day.actor("other_teacher")
    roll = begin(session=chess, by=receiver) if other == "roll" else None
    for number in range(min(ROUNDS, 6)):
        made = offers.offer(called(day, number), to_session=chess, by=teacher)
        page, row = (
            HandoverOffer.objects.select_related("to_session__group", "giver", "term").get(pk=made.pk),
            child(day, number),
        )
        wish = Wish(row.student_id, MarkState.NOT_CALLED, MarkState.PRESENT)
        deeds = {
            "withdraw": lambda made=made: offers.withdraw(made, by=teacher),
            "missing": lambda row=row: move_many([MoveRequest(row, State.MISSING)], by=teacher),
            "roll": lambda wish=wish: mark(roll_call=roll, wishes=[wish], by=receiver),  # type: ignore[arg-type]
        }
        brought = at_once(lambda page=page: offers.accept(page, by=receiver), deeds[other])
        assert len(refusals(brought)) <= 1
        assert {one.code for one in refusals(brought)} <= {"somebody_was_faster", "nobody_received"}
        chain_is_whole(day, number)
        made.refresh_from_db()
        assert made.state != OfferState.WAITING
        assert not OfferChild.objects.filter(offer=made, taken=None).exists()
        taken = OfferChild.objects.get(offer=made).taken
        assert taken == (child(day, number).holder == day.other_teacher)


def test_a_pass_is_answered_once(day: Cast) -> None:
    by = day.actor("teacher")
    roll = begin(session=day.session, by=by)
    take_in(roll_call=roll, student=day.students[6], by=by)
    pages = [Pass.objects.select_related("child_day__student__school_class", "child_day__term").get() for _ in "ab"]
    brought = at_once(
        lambda: decide_pass(pages[0], accept=True, by=day.actor("other_head_teacher")),
        lambda: decide_pass(pages[1], accept=False, answer="没有报名", by=day.actor("duty_leader")),
    )
    assert [one.code for one in refusals(brought)] == ["somebody_was_faster"]


def test_two_ticks_at_once_tell_the_leaders_once(day: Cast) -> None:
    for number in range(3):
        move_many([MoveRequest(child(day, number), State.MISSING)], by=day.actor("teacher"))
    at_once(lambda: search.escalate(day.term), lambda: search.escalate(day.term))
    assert SearchStep.objects.filter(kind=SearchKind.DUTY_LEADER).count() == 3
    assert Message.objects.filter(kind="custody.escalated").count() == 6  # three to the leader, three to the group
