from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from afterschool.school.models import Delivery, Event, Placement, Session, Teacher
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import rota as actions
from scheduling.actions.rota import (
    accept_rota,
    ask_rota,
    change_turn,
    free_turn,
    propose_rota,
    restart_stuck,
    solve_asked,
)
from scheduling.actions.rota_people import Setting, Wished, carry_over, set_floaters, set_people, set_wishes
from scheduling.actions.sessions import make_sessions
from scheduling.enums import RotaState, WishKind
from scheduling.models import Duty, Rota, RotaPerson, RotaTurn, RotaWish
from scheduling.queries.rota import week_of
from scheduling.queries.rota_changes import changes_between
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club

pytestmark = pytest.mark.django_db
NEXT = date(2026, 9, 28)


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


@pytest.fixture
def published(arranged):
    with clock.frozen(BEFORE):
        arranged.rota = propose_rota(term=arranged.term, by=arranged.actor("office"))
        accept_rota(rota=arranged.rota, by=arranged.actor("office"))
    arranged.rota.refresh_from_db()
    return arranged


def ask(cast, **changes):
    return ask_rota(term=cast.term, by=cast.actor("office"), in_background=False, **changes)


def told(kind):
    return dict(Delivery.objects.filter(message__kind=kind).values_list("recipient__name", "message__body"))


# In the background


def test_the_worker_solves_what_was_asked_for_and_a_second_run_changes_nothing(arranged):
    rota = ask(arranged)
    assert rota.state == RotaState.SOLVING
    solve_asked.call(rota.pk)
    rota.refresh_from_db()
    assert (rota.state, rota.percent, rota.tries) == (RotaState.DRAFT, 100, 1)
    before = list(RotaTurn.objects.values_list("pk", "teacher"))
    solve_asked.call(rota.pk)
    assert list(RotaTurn.objects.values_list("pk", "teacher")) == before


def test_asking_again_gives_up_what_is_being_solved(arranged):
    first, second = ask(arranged), ask(arranged)
    solve_asked.call(first.pk)
    assert not RotaTurn.objects.exists()
    solve_asked.call(second.pk)
    first.refresh_from_db()
    assert first.state == RotaState.SUPERSEDED
    assert RotaTurn.objects.filter(rota=second).count() == 15


def test_what_was_replaced_while_it_was_solved_is_not_written(arranged):
    rota = ask(arranged)

    def replaced(*args, **kwargs):
        Rota.objects.filter(pk=rota.pk).update(state=RotaState.SUPERSEDED)
        return solved(*args, **kwargs)

    solved = actions.propose
    with patch.object(actions, "propose", replaced):
        solve_asked.call(rota.pk)
    rota.refresh_from_db()
    assert rota.state == RotaState.SUPERSEDED
    assert not RotaTurn.objects.exists()


def test_a_crash_is_said_and_the_older_draft_stays(arranged):
    draft = propose_rota(term=arranged.term, by=arranged.actor("office"))
    rota = ask(arranged)
    with patch.object(actions, "propose", side_effect=RuntimeError), pytest.raises(RuntimeError):
        solve_asked.call(rota.pk)
    rota.refresh_from_db()
    draft.refresh_from_db()
    assert (rota.state, draft.state) == (RotaState.FAILED, RotaState.DRAFT)
    assert "出错" in rota.error


def test_a_dead_worker_does_no_harm(arranged, django_capture_on_commit_callbacks):
    rota = ask(arranged)
    Rota.objects.filter(pk=rota.pk).update(began_at=timezone.now() - timedelta(minutes=11), tries=1)
    assert restart_stuck() == 1
    rota.refresh_from_db()
    assert rota.state == RotaState.DRAFT
    stuck = ask(arranged)
    Rota.objects.filter(pk=stuck.pk).update(began_at=timezone.now() - timedelta(minutes=11), tries=3)
    assert restart_stuck() == 0
    stuck.refresh_from_db()
    assert stuck.state == RotaState.FAILED


# Few changes, or turns that rotate


def test_a_new_day_off_changes_little_while_rotating_follows_what_each_has_had(published):
    office = published.actor("office")
    one = RotaTurn.objects.filter(rota=published.rota, group=published.groups[0], weekday=3).get().teacher
    set_people(term=published.term, settings=[Setting(one, True, "3")], by=office)
    draft = propose_rota(term=published.term, by=office)
    changes = changes_between(published.rota, draft)
    assert 0 < len(changes.turns) <= 3
    assert all(person.teacher.grade == 1 for person in changes.people)
    assert draft.counts_until == published.rota.starts_on
    rotated = propose_rota(term=published.term, by=office, rotate=True)
    assert rotated.counts_until == clock.today()


# Publishing


def test_a_rota_published_from_a_date_leaves_the_days_before_to_the_former_one(published):
    office = published.actor("office")
    old = {t.weekday: t.teacher for t in RotaTurn.objects.filter(rota=published.rota, group=published.groups[2])}
    draft = propose_rota(term=published.term, by=office)
    turn = RotaTurn.objects.select_related("rota__term").get(rota=draft, group=published.groups[2], weekday=1)
    change_turn(turn=turn, teacher=None, by=office)
    accept_rota(rota=draft, starts_on=date(2026, 10, 12), by=office)

    def teachers(day):
        return [d.teacher for d in Duty.objects.filter(session__group=turn.group, session__date=day, active=True)]

    assert teachers(NEXT) == [old[1]]
    assert teachers(date(2026, 10, 12)) == []
    make_sessions(term=published.term, by=office)
    assert teachers(NEXT) == [old[1]]
    draft.refresh_from_db()
    for monday, held in ((NEXT, old[1]), (date(2026, 10, 12), None)):
        week = week_of(published.term, draft, monday, actor=office)
        line = next(n for g in week.grades for n in g.lines if n.group == turn.group)
        assert line.cells[0].teacher == held


def test_each_person_whose_turns_change_reads_the_own_ones_and_families_if_the_office_wants_it(published):
    office = published.actor("office")
    Delivery.objects.all().delete()
    draft = propose_rota(term=published.term, by=office)
    turn = RotaTurn.objects.select_related("rota__term", "teacher").get(
        rota=draft, group=published.groups[0], weekday=1
    )
    gone = turn.teacher
    change_turn(turn=turn, teacher=None, by=office)
    accept_rota(rota=draft, starts_on=NEXT, tell_families=True, by=office)
    own = told("rota.turns")
    assert set(own) == {gone.name}
    assert own[gone.name].startswith("自9月28日起您每周 ")
    assert gone.name not in told("rota.accepted")
    families = told("rota.families")
    assert set(families) == {"林晓岚", "何文"}
    assert "周一待定" in families["林晓岚"]


def test_a_rota_does_not_begin_in_the_past_nor_after_the_term(published):
    office = published.actor("office")
    draft = propose_rota(term=published.term, by=office)
    for day, code in ((date(2026, 9, 18), "starts_in_past"), (date(2027, 3, 1), "starts_after_term")):
        with pytest.raises(Refused) as refused:
            accept_rota(rota=draft, starts_on=day, by=office)
        assert refused.value.code == code
    assert Rota.objects.get(state=RotaState.ACCEPTED) == published.rota


def test_a_club_goes_to_its_turn_else_to_its_own_teacher_where_nothing_else_keeps_them(published):
    office = published.actor("office")
    lead = Teacher.objects.get(name="温岚")
    club = make_club(published, teacher=lead, weekdays="12345")
    Placement.objects.create(
        term=published.term,
        student=published.students[0],
        group=club.group,
        kind="club",
        weekdays="12345",
        starts_on=clock.today(),
    )
    make_sessions(term=published.term, by=office)
    sessions = list(Session.objects.filter(group=club.group, date__gt=clock.today()))
    assert sessions
    busy = set(RotaTurn.objects.filter(rota=published.rota, teacher=lead).values_list("weekday", flat=True))
    for session in sessions:
        held = [d.teacher for d in session.duties.filter(active=True)]
        assert held == ([] if session.date.isoweekday() in busy else [lead])


# By hand


def test_a_turn_by_hand_is_checked_with_the_hours_of_everything_else(published):
    office = published.actor("office")
    turn = RotaTurn.objects.select_related("rota__term").get(rota=published.rota, group=published.groups[0], weekday=1)
    fresh = Teacher.objects.get(name="叶乙")
    RotaTurn.objects.filter(rota=published.rota, teacher=fresh).update(teacher=None)
    set_people(term=published.term, settings=[Setting(fresh, False)], by=office)
    with pytest.raises(Refused) as refused:
        change_turn(turn=turn, teacher=fresh, by=office)
    assert refused.value.code == "reason_missing"
    assert "不参加排班" in refused.value.sentence
    set_people(term=published.term, settings=[Setting(fresh, True, "1")], by=office)
    with pytest.raises(Refused) as refused:
        change_turn(turn=turn, teacher=fresh, by=office)
    assert refused.value.code == "reason_missing"
    change_turn(turn=turn, teacher=fresh, reason="只此一次", by=office)
    turn.refresh_from_db()
    assert (turn.by_hand, turn.reason, turn.hand_at) == (True, "只此一次", clock.now())


def test_an_old_rota_is_changed_no_more_and_a_free_turn_is_not_freed_twice(published):
    office = published.actor("office")
    turn = RotaTurn.objects.select_related("rota__term").filter(rota=published.rota).first()
    with pytest.raises(Refused) as refused:
        free_turn(turn=turn, by=office)
    assert refused.value.code == "somebody_was_faster"
    turn.rota.state = RotaState.SUPERSEDED
    with pytest.raises(Refused) as refused:
        change_turn(turn=turn, teacher=None, by=office)
    assert refused.value.code == "rota_is_old"


# Settings and wishes


def test_settings_are_written_where_they_differ_and_no_others(arranged):
    office = arranged.actor("office")
    staff = list(Teacher.objects.filter(grade=1, roles__role="teacher"))
    rows = [Setting(staff[0], days_off="3"), *(Setting(one) for one in staff[1:])]
    assert set_people(term=arranged.term, settings=rows, by=office) == 1
    assert set_people(term=arranged.term, settings=rows, by=office) == 0
    row = RotaPerson.objects.get()
    assert (row.teacher, row.days_off) == (staff[0], "3")
    assert Event.objects.get(verb="rota.person_set").data == {"days_off": "3"}


def test_only_the_office_sets_and_a_teacher_wishes_for_nobody_else(arranged):
    teacher, other = arranged.actor("teacher"), Teacher.objects.get(name="周敏")
    for act in (
        lambda: set_floaters(term=arranged.term, floaters=1, by=teacher),
        lambda: set_people(term=arranged.term, settings=[Setting(other, False)], by=teacher),
        lambda: carry_over(term=arranged.term, by=teacher),
        lambda: set_wishes(term=arranged.term, teacher=other, wishes=[], by=teacher),
        lambda: ask_rota(term=arranged.term, by=teacher),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_wishes_are_open_until_the_office_asks_for_a_rota(arranged):
    own, office = arranged.actor("teacher"), arranged.actor("office")
    one = [Wished(WishKind.AVOID, 3)]
    set_wishes(term=arranged.term, teacher=arranged.teacher, wishes=one, by=own)
    set_wishes(term=arranged.term, teacher=arranged.teacher, wishes=[Wished(WishKind.PREFER, 3)], by=own)
    assert RotaWish.objects.get().kind == WishKind.PREFER
    ask(arranged)
    with pytest.raises(Refused) as refused:
        set_wishes(term=arranged.term, teacher=arranged.teacher, wishes=one, by=own)
    assert refused.value.code == "wishes_closed"
    set_wishes(term=arranged.term, teacher=arranged.teacher, wishes=one, by=office)
    assert RotaWish.objects.get().kind == WishKind.AVOID


def test_nothing_to_carry_over_is_said(arranged):
    with pytest.raises(Refused) as refused:
        carry_over(term=arranged.term, by=arranged.actor("office"))
    assert refused.value.code == "no_term_before"


def test_who_has_a_group_this_afternoon_keeps_it_today(published):
    office = published.actor("office")
    session = Session.objects.filter(date=clock.today(), starts_at__lte=clock.now().time()).first()
    assert session is not None, "the service of today has begun"
    draft = propose_rota(term=published.term, by=office)
    accept_rota(rota=draft, by=office)
    draft.refresh_from_db()
    assert draft.starts_on == clock.today() + timedelta(days=1)
