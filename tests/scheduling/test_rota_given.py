from datetime import date, time, timedelta

import pytest

from afterschool.school.enums import Role
from afterschool.school.models import Placement, Teacher
from afterschool.support import clock
from scheduling.actions.rota import accept_rota, change_turn, free_turn, propose_rota
from scheduling.actions.rota_people import Setting, Wished, set_floaters, set_people, set_wishes
from scheduling.actions.sessions import make_sessions
from scheduling.actions.timetables import Part, Row, put_timetable
from scheduling.enums import ClubState, SlotKind, WishKind
from scheduling.models import ClubHelper, PatrolTurn, RotaTurn, Timetable, Training, TrainingPerson
from scheduling.queries.rota_given import fixed_turns, past_turns, people_for_rota, posts_for_rota, rota_given
from scheduling.queries.rota_load import carry_from, floaters_on, loads_of
from scheduling.rota import Kind, Window, Wish
from scheduling.rota import WishKind as Rule
from tests.cast import make_teacher, make_term
from tests.scheduling.arranged import BEFORE, arrange
from tests.scheduling.clubs import make_club

pytestmark = pytest.mark.django_db
FIRST = date(2026, 9, 7)


@pytest.fixture
def arranged(cast):
    with clock.frozen(BEFORE):
        cast.groups = arrange(cast)
        make_sessions(term=cast.term, by=cast.actor("office"))
    return cast


def publish(cast):
    with clock.frozen(BEFORE):
        rota = propose_rota(term=cast.term, by=cast.actor("office"))
        accept_rota(rota=rota, by=cast.actor("office"))
    rota.refresh_from_db()
    return rota


def add_club(cast, teacher, *helpers):
    club = make_club(cast, teacher=teacher, weekdays="3")
    for helper in helpers:
        ClubHelper.objects.create(club=club, teacher=helper)
    return club


def teacher_named(name):
    return Teacher.objects.get(name=name)


def test_a_group_has_a_post_on_each_weekday_on_which_a_child_comes_with_the_hours_of_that_weekday(arranged):
    table = Timetable.objects.get(band__first_grade=1)
    rows = [Row(time(14, 30), time(16, 45), (Part(SlotKind.STUDY, "学习时光"),))]
    put_timetable(
        band=table.band, weekdays="5", valid_from=None, dismissal=time(16, 45), rows=rows, by=arranged.actor("office")
    )
    Placement.objects.filter(group=arranged.groups[0]).update(weekdays="15")
    posts = [p for p in posts_for_rota(arranged.term, FIRST) if p.of == arranged.groups[0].pk]
    assert [(p.weekday, p.start, p.end, p.grade) for p in posts] == [
        (1, 15 * 60 + 15, 17 * 60 + 30, 1),
        (5, 14 * 60 + 30, 16 * 60 + 45, 1),
    ]


def test_an_approved_club_is_a_post_of_its_slot_for_its_teacher_then_its_helpers(arranged):
    lead, helper = teacher_named("周敏"), teacher_named("温岚")
    club = add_club(arranged, lead, helper)
    (post,) = [p for p in posts_for_rota(arranged.term, FIRST) if p.kind == Kind.CLUB]
    assert (post.of, post.weekday, post.candidates) == (club.group_id, 3, (lead.pk, helper.pk))
    assert 15 * 60 + 15 <= post.start < post.end <= 17 * 60 + 30
    club.state = ClubState.CLOSED
    club.save()
    assert not [p for p in posts_for_rota(arranged.term, FIRST) if p.kind == Kind.CLUB]


def test_floaters_are_posts_of_each_grade_and_weekday_that_meets(arranged):
    set_floaters(term=arranged.term, floaters=2, by=arranged.actor("office"))
    posts = [p for p in posts_for_rota(arranged.term, FIRST) if p.kind == Kind.FLOATER]
    assert len(posts) == 2 * 2 * 5
    assert {(p.grade, p.number) for p in posts} == {(1, 1), (1, 2), (2, 1), (2, 2)}


def test_what_the_office_set_comes_before_the_register(arranged):
    office, one = arranged.actor("office"), teacher_named("周敏")
    Teacher.objects.filter(pk=one.pk).update(days_off="12")
    by_id = {p.id: p for p in people_for_rota(arranged.term, FIRST)}
    assert (by_id[one.pk].days_off, by_id[one.pk].most_turns) == ("12", None)
    set_people(term=arranged.term, settings=[Setting(one, True, "3", 2, 4)], by=office)
    by_id = {p.id: p for p in people_for_rota(arranged.term, FIRST)}
    person = by_id[one.pk]
    assert (person.days_off, person.most_turns, person.past_turns) == ("3", 2, 4)


def test_who_takes_no_part_keeps_the_own_club_alone(arranged):
    one = teacher_named("周敏")
    set_people(term=arranged.term, settings=[Setting(one, False)], by=arranged.actor("office"))
    assert one.pk not in {p.id for p in people_for_rota(arranged.term, FIRST)}
    add_club(arranged, one)
    (person,) = [p for p in people_for_rota(arranged.term, FIRST) if p.id == one.pk]
    assert person.grade is None


def test_patrol_takes_the_whole_service_and_a_training_the_hours_once_it_is_weekly(arranged):
    one, other = teacher_named("周敏"), teacher_named("孟平")
    PatrolTurn.objects.create(term=arranged.term, weekday=2, post="admin", teacher=one)
    for week in range(3):
        meeting = Training.objects.create(
            term=arranged.term,
            kind="subject",
            title="语文组",
            date=date(2026, 9, 9) + timedelta(days=7 * week),
            starts_at=time(15, 30),
            ends_at=time(16, 30),
            made_by=arranged.office.user,
        )
        TrainingPerson.objects.create(training=meeting, teacher=other)
        windows = {p.id: p.busy for p in people_for_rota(arranged.term, FIRST)}
        assert bool(windows[other.pk]) == (week == 2)
    assert windows[one.pk] == (Window(2, 15 * 60 + 15, 17 * 60 + 55, "巡视"),)
    assert windows[other.pk] == (Window(3, 15 * 60 + 30, 16 * 60 + 30, "学科组研究"),)
    rota = publish(arranged)
    assert not RotaTurn.objects.filter(rota=rota, teacher=one, weekday=2).exists()


def test_wishes_reach_the_rule(arranged):
    one = teacher_named("周敏")
    wishes = [Wished(WishKind.AVOID, 3), Wished(WishKind.GROUP, group=arranged.groups[0])]
    set_wishes(term=arranged.term, teacher=one, wishes=wishes, by=arranged.actor("head_teacher"))
    (person,) = [p for p in people_for_rota(arranged.term, FIRST) if p.id == one.pk]
    assert set(person.wishes) == {Wish(Rule.AVOID_DAY, 3), Wish(Rule.PREFER_GROUP, arranged.groups[0].pk)}


def test_past_turns_are_sessions_and_days_at_hand(arranged):
    set_floaters(term=arranged.term, floaters=1, by=arranged.actor("office"))
    publish(arranged)
    past = past_turns(arranged.term, date(2026, 9, 14))
    turns = RotaTurn.objects.exclude(teacher=None)
    assert sum(past.values()) == turns.count() == 3 * 5 + 2 * 5
    assert past == {pk: turns.filter(teacher=pk).count() for pk in past}


def test_turns_by_hand_are_kept_until_they_are_freed(arranged):
    office = arranged.actor("office")
    rota = publish(arranged)
    turn = RotaTurn.objects.select_related("rota__term").filter(rota=rota, group=arranged.groups[0], weekday=1).get()
    stranger = teacher_named("叶甲")
    held = RotaTurn.objects.filter(rota=rota, teacher=stranger, weekday=1).first()
    if held:
        change_turn(turn=held, teacher=None, by=office)
    change_turn(turn=turn, teacher=stranger, reason="熟悉这个班", by=office)
    assert stranger.pk in fixed_turns(arranged.term).values()
    draft = propose_rota(term=arranged.term, by=office)
    kept = RotaTurn.objects.get(rota=draft, group=arranged.groups[0], weekday=1)
    assert (kept.teacher, kept.by_hand, kept.reason) == (stranger, True, "熟悉这个班")
    free_turn(turn=kept, by=office)
    again = propose_rota(term=arranged.term, by=office)
    back = RotaTurn.objects.get(rota=again, group=arranged.groups[0], weekday=1)
    assert back.teacher != stranger
    assert not back.by_hand


def test_a_change_of_the_published_rota_reaches_the_next_draft_though_an_older_draft_stands(arranged):
    office = arranged.actor("office")
    rota = publish(arranged)
    propose_rota(term=arranged.term, by=office)
    turn = RotaTurn.objects.select_related("rota__term").filter(rota=rota, group=arranged.groups[2], weekday=2).get()
    other = RotaTurn.objects.filter(rota=rota, teacher__grade=2).exclude(teacher=turn.teacher).first().teacher
    RotaTurn.objects.filter(rota=rota, weekday=2, teacher=other).update(teacher=None)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        change_turn(turn=turn, teacher=other, by=office)
        draft = propose_rota(term=arranged.term, by=office)
    assert RotaTurn.objects.get(rota=draft, group=arranged.groups[2], weekday=2).teacher == other


def test_who_is_at_hand_on_a_date_is_read_from_the_rota_that_holds(arranged):
    set_floaters(term=arranged.term, floaters=1, by=arranged.actor("office"))
    rota = publish(arranged)
    found = floaters_on(date(2026, 9, 21))
    named = RotaTurn.objects.filter(rota=rota, kind="floater", weekday=1).order_by("grade")
    assert [(f.teacher, f.grade, f.free) for f in found] == [(t.teacher, t.grade, True) for t in named]
    assert not floaters_on(date(2026, 9, 20))
    sessions = {d.teacher for d in arranged.groups[0].sessions.get(date=date(2026, 9, 21)).duties.all()}
    assert not sessions & {f.teacher for f in found}


def test_the_load_names_the_fair_share_of_those_who_are_there_half_the_week(arranged):
    one = teacher_named("周敏")
    set_people(term=arranged.term, settings=[Setting(one, True, "345")], by=arranged.actor("office"))
    rota = publish(arranged)
    load = next(g for g in loads_of(arranged.term, rota, FIRST) if g.grade == 1)
    line = next(n for n in load.lines if n.teacher == one)
    assert (line.days, line.fair) == (2, round(10 * 2 / 12, 1))
    assert line.turns in (1, 2)


def test_what_is_beyond_the_fair_share_is_carried_to_the_next_term(arranged):
    publish(arranged)
    former = arranged.term
    make_teacher(31, "新来的", Role.TEACHER, grade=1)
    later = make_term(
        name="2027年春季学期",
        starts_on=date(2027, 2, 22),
        ends_on=date(2027, 7, 2),
        service_starts_on=date(2027, 3, 1),
    )
    left = carry_from(later)
    past = past_turns(former, former.ends_on + timedelta(days=1))
    grade_1 = Teacher.objects.filter(grade=1, roles__role=Role.TEACHER)
    fair = sum(past[t.pk] for t in grade_1) / grade_1.count()
    assert left == left | {t.pk: round(past[t.pk] - fair) for t in grade_1}
    assert left[teacher_named("新来的").pk] < 0


def test_what_the_rota_is_made_from_costs_the_same_for_any_number(arranged, django_assert_num_queries):
    add_club(arranged, teacher_named("周敏"))
    with django_assert_num_queries(QUERIES):
        rota_given(arranged.term, FIRST)
    make_teacher(41, "甲", Role.TEACHER, grade=1)
    make_teacher(42, "乙", Role.TEACHER, grade=2)
    PatrolTurn.objects.create(term=arranged.term, weekday=2, post="admin", teacher=teacher_named("甲"))
    with django_assert_num_queries(QUERIES + 2):  # patrols ask for the timetables' hours
        rota_given(arranged.term, FIRST)


QUERIES = 26
