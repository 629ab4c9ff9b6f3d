"""A round by lot from plan to places: who may do what, when, and what families are told."""

import hashlib
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from afterschool.school.models import Message, Placement
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.models import CareCategory, CareRecord
from scheduling.actions import drawing, rounds, wishes
from scheduling.actions.club_places import take_place
from scheduling.choosing.passes import draw_all, read_file
from scheduling.choosing.results import by_ticket, kept, look
from scheduling.enums import DrawState, PlaceSource
from scheduling.models import Club, ClubDraw, ClubPlace, DrawCheck, WishSheet
from scheduling.tasks import run_check
from tests.cast import Cast
from tests.scheduling.clubs import make_club
from tests.scheduling.rounds import AFTER, CLOSES, DURING, OPENS, confirmed, drawn, let_in, plan, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(cast: Cast) -> Cast:
    let_in(cast)
    return cast


def wish(cast, found, student, *clubs, who="office", at=DURING, **kwargs):
    with clock.frozen(at):
        return wishes.save_wishes(
            found=found, student=student, clubs=[club.pk for club in clubs], by=cast.actor(who), **kwargs
        )


def refused(code, act, *args, **kwargs):
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.code == code, caught.value
    return caught.value.sentence


def test_a_round_by_lot_gives_places_told_with_reasons(school):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱", largest=5, weekdays="2")
    found = published(school, chess, choir)
    assert Message.objects.get(kind="choosing.published").title.startswith("第一轮：从9月8日 08:00开始选")
    first, second = school.students[0], school.students[1]
    wish(school, found, first, chess, choir, who="guardian")
    wish(school, found, second, chess, choir, who="head_teacher")
    sheets = {sheet.student_id: sheet for sheet in WishSheet.objects.all()}
    assert sheets[first.pk].guardian == school.guardian
    assert sheets[first.pk].recorded_by is None
    assert sheets[second.pk].guardian is None
    assert sheets[second.pk].recorded_by == school.head_teacher.user
    run = confirmed(school, found)
    assert run.state == DrawState.CONFIRMED
    places = {place.student_id: place.club for place in ClubPlace.objects.select_related("club")}
    assert {places[first.pk], places[second.pk]} == {chess, choir}
    assert ClubPlace.objects.filter(source=PlaceSource.DRAW).count() == Placement.objects.count() == 2
    assert Club.objects.get(pk=chess.pk).taken == 1
    told = Message.objects.get(kind="choosing.result", student=first)
    assert told.title == f"第一轮结果：{first.name}分到{places[first.pk].name}"
    loser = Message.objects.get(kind="choosing.result", title__endswith="合唱")
    assert "围棋：有2人报（其中第一志愿2人）、1个名额，抽签没有抽中。" in loser.body


def test_the_fingerprint_is_kept_before_the_seed_is_made(school):
    chess = make_club(school)
    found = published(school, chess)
    wish(school, found, school.students[0], chess)
    with clock.frozen(CLOSES - timedelta(minutes=1)):
        refused("window_open", drawing.seal_wishes, found=found, by=school.actor("office"))
    with clock.frozen(CLOSES):
        refused("wrong_state", drawing.start_draw, found=found, by=school.actor("office"))
        run = drawing.seal_wishes(found=found, by=school.actor("office"))
    assert run.seed == ""
    assert run.fingerprint == hashlib.sha256(run.full_input.encode()).hexdigest()
    assert school.students[0].name not in run.full_input
    with clock.frozen(AFTER):
        refused("bad_seed", drawing.start_draw, found=found, by=school.actor("office"), typed="三六二一")
        refused("bad_seed", drawing.start_draw, found=found, by=school.actor("office"), typed="36")
        run = drawing.start_draw(found=found, by=school.actor("office"), typed=" 3 6 2 1 ", in_background=False)
    assert (run.seed, run.seed_typed, run.seed_at) == ("3621", True, AFTER)


def test_a_confirmed_draw_is_never_drawn_again_and_an_unconfirmed_one_only_for_a_reason(school):
    chess = make_club(school)
    found = published(school, chess)
    wish(school, found, school.students[0], chess)
    first = drawn(school, found)
    office = school.actor("office")
    with clock.frozen(AFTER):
        refused("no_reason", drawing.draw_again, found=found, reason=" ", by=office)
        second = drawing.draw_again(found=found, reason="漏了一张纸质志愿", by=office)
    assert (second.number, second.reason, second.seed) == (2, "漏了一张纸质志愿", "")
    first.refresh_from_db()
    assert first.state == DrawState.ASIDE
    assert first.seed
    confirmed(school, found, "abcd1234")
    with clock.frozen(AFTER):
        refused("wrong_state", drawing.draw_again, found=found, reason="再来", by=office)
        refused("wrong_state", drawing.confirm_draw, found=found, by=office)
        refused("wrong_state", drawing.start_draw, found=found, by=office)
    assert [run.state for run in ClubDraw.objects.order_by("number")] == [DrawState.ASIDE, DrawState.CONFIRMED]


def test_two_who_confirm_at_once_confirm_once(school):
    chess = make_club(school)
    found = published(school, chess)
    wish(school, found, school.students[0], chess)
    drawn(school, found)
    stale = type(found).objects.get(pk=found.pk)
    drawing.confirm_draw(found=found, by=school.actor("office"))
    refused("somebody_was_faster", drawing.confirm_draw, found=stale, by=school.actor("office"))
    assert ClubPlace.objects.count() == 1


def test_children_of_a_care_category_come_first_and_only_the_full_file_says_so(school):
    chess = make_club(school, largest=1)
    found = published(school, chess)
    for student in school.students[:6]:
        wish(school, found, student, chess)
    category = CareCategory.objects.first() or CareCategory.objects.create(code="left", name="留守儿童")
    CareRecord.objects.create(term=school.term, student=school.students[4], category=category, recorded_at=DURING)
    run = confirmed(school, found)
    assert ClubPlace.objects.get().student == school.students[4]
    assert run.full_input.count('"priority":true') == 1
    for message in Message.objects.filter(kind="choosing.result"):
        assert "优先" not in message.body + message.title
        assert not any(other.name in message.body for other in school.students)


def test_brothers_and_sisters_who_tick_it_share_a_club_or_have_none(school):
    chess, choir = make_club(school, "围棋", largest=1), make_club(school, "合唱", largest=2)
    found = published(school, chess, choir)
    for student in (school.students[0], school.students[6]):  # of one guardian
        wish(school, found, student, chess, choir, who="guardian", together=True)
    confirmed(school, found)
    assert set(ClubPlace.objects.values_list("club", flat=True)) == {choir.pk}
    assert ClubPlace.objects.count() == 2


def test_what_is_wrong_with_wishes_is_said(school):
    chess = make_club(school, "围棋", grades={1: None})
    second = make_club(school, "合唱", weekdays="34")
    other = make_club(school, "书法")
    found = published(school, chess, second, most_wishes=1)
    child, office = school.students[0], school.actor("office")

    def save(*clubs, student=child, by=office, **kwargs):
        return wishes.save_wishes(found=found, student=student, clubs=[c.pk for c in clubs], by=by, **kwargs)

    with clock.frozen(OPENS - timedelta(minutes=1)):
        refused("window_before", save, chess)
    with clock.frozen(CLOSES):
        refused("window_after", save, chess)
    with clock.frozen(DURING):
        refused("not_offered", save, other)
        refused("too_many", save, chess, second)
        refused("none_and_some", save, chess, none_wanted=True)
        refused("not_admitted", save, chess, student=school.students[12])
        refused("not_yours", save, chess, by=school.actor("other_guardian"))
        with pytest.raises((Refused, PermissionDenied)):
            save(chess, by=school.actor("teacher"))
        save(none_wanted=True)
        save(chess)
    sheet = WishSheet.objects.get()
    assert not sheet.none_wanted
    assert [w.club for w in sheet.wishes.all()] == [chess]


def test_a_ticket_stays_when_wishes_change(school):
    chess, choir = make_club(school, "围棋"), make_club(school, "合唱")
    found = published(school, chess, choir)
    ticket = wish(school, found, school.students[0], chess).ticket
    assert wish(school, found, school.students[0], choir, chess).ticket == ticket
    assert len(ticket) == 6


def test_two_clubs_a_child_are_two_draws_that_cross_nothing(school):
    chess, choir = make_club(school, "围棋", weekdays="2"), make_club(school, "合唱", weekdays="2")
    art = make_club(school, "绘画", weekdays="4")
    found = published(school, chess, choir, art, clubs_per_child=2)
    wish(school, found, school.students[0], chess, choir, art)
    run = confirmed(school, found)
    assert set(ClubPlace.objects.values_list("club__name", flat=True)) == {"围棋", "绘画"}
    assert by_ticket(run.result) == {WishSheet.objects.get().ticket: [chess.pk, art.pk]}
    assert kept(draw_all(read_file(run.full_input), run.seed)) == run.result
    assert look(run.result, {}).second == 1


def test_anybody_named_repeats_the_draw_with_the_same_result(school):
    chess = make_club(school, largest=2)
    found = published(school, chess, checker=school.teacher)
    for student in school.students[:4]:
        wish(school, found, student, chess)
    run = confirmed(school, found)
    check = drawing.ask_check(run=run, by=school.actor("teacher"), in_background=False)
    run_check.func(check.pk)
    check.refresh_from_db()
    assert check.same is True
    ClubDraw.objects.filter(pk=run.pk).update(full_input=run.full_input.replace('"grade":1', '"grade":2', 1))
    other = drawing.ask_check(run=ClubDraw.objects.get(pk=run.pk), by=school.actor("office"), in_background=False)
    run_check.func(other.pk)
    assert DrawCheck.objects.get(pk=other.pk).same is False


def test_a_child_who_left_the_service_meanwhile_gets_no_place_and_others_keep_theirs(school):
    chess = make_club(school)
    found = published(school, chess)
    for student in school.students[:2]:
        wish(school, found, student, chess)
    drawn(school, found)
    school.term.applications.filter(student=school.students[0]).update(state="withdrawn")
    lost = drawing.confirm_draw(found=found, by=school.actor("office"))
    assert lost == ["孩子没有已通过的课后服务申请，不能参加社团。"]
    assert ClubPlace.objects.get().student == school.students[1]


def test_who_got_a_club_by_another_way_since_the_sealing_keeps_that_one(school):
    chess, choir = make_club(school), make_club(school, "合唱", weekdays="4")
    found = published(school, chess)
    for student in school.students[:2]:
        wish(school, found, student, chess)
    drawn(school, found)
    office, first = school.actor("office"), school.students[0]
    take_place(
        club=choir, student=first, source=PlaceSource.FIRST, starts_on=clock.today() + timedelta(days=1), by=office
    )
    assert drawing.confirm_draw(found=found, by=office) == ["封存以后孩子已有1个社团，每个孩子最多1个。"]
    assert {(place.student, place.club) for place in ClubPlace.objects.all()} == {
        (first, choir),
        (school.students[1], chess),
    }
    told = Message.objects.filter(kind="choosing.result", student=first).first()
    assert "没有分到社团" in told.title
    assert "名额没有给" in told.body
    assert "第一志愿" not in told.body


def test_a_window_can_be_put_off_but_not_brought_forward(school):
    chess = make_club(school)
    found = published(school, chess)
    office = school.actor("office")
    with clock.frozen(DURING):
        refused("not_later", rounds.extend_round, found=found, closes_at=CLOSES, by=office)
        rounds.extend_round(found=found, closes_at=CLOSES + timedelta(days=1), by=office)
    assert wish(school, found, school.students[0], chess, at=CLOSES + timedelta(hours=1))
    found = plan(school, chess, name="第二轮")
    refused("window_over", rounds.publish_round, found=found, by=office)
    with clock.frozen(DURING):
        rounds.cancel_round(found=found, reason="", by=office)
