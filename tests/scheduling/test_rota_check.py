"""A turn put by hand is judged by the same rule; stand-ins are suggested in its order."""

import pytest
from hypothesis import given, settings

from scheduling.rota import Check, Person, Window, check_turn, propose, suggest
from tests.scheduling.rotas import FIRST, SECOND, as_map, club, floater, schools, week

(MONDAY,) = week(7, 1, "1")
(TUESDAY,) = week(7, 1, "2")


@pytest.mark.parametrize(
    ("person", "held", "code", "words"),
    [
        (Person(1, 1), [], Check.OK, ""),
        (Person(1, 1), [(MONDAY, "一年级1班")], Check.OK, ""),
        (Person(1, 1), [(club(5, 1, (1,)), "合唱社")], Check.TWO_PLACES, "赵一这一天已在合唱社，不能同时在两处。"),
        (Person(1, 1), week(8, 1, "1", (800, 900)), Check.TWO_PLACES, "赵一这一天已在二班，一天只带一个服务班。"),
        (Person(1, 1, busy=(Window(1, 900, 961, "巡查"),)), [], Check.TAKEN_OTHERWISE, "15:00—16:01 有巡查"),
        (Person(1, 1, "1"), [], Check.DAY_OFF, "赵一周一不排班，请写明原因。"),
        (Person(1, 1, most_turns=1), [(TUESDAY, "一班")], Check.TOO_MANY, "每周最多 1 次，已有 1 次，请写明原因。"),
        (Person(1, 2), [], Check.OTHER_GRADE, "赵一不是本年级教师，请写明原因。"),
    ],
)
def test_a_turn_by_hand_is_judged(person, held, code, words):
    held = [turn if isinstance(turn, tuple) else (turn, "二班") for turn in held]
    verdict = check_turn(MONDAY, person, held, name="赵一")
    assert (verdict.code, verdict.ok) == (code, code == Check.OK)
    assert words in verdict.sentence
    with_reason = check_turn(MONDAY, person, held, name="赵一", reason="年级外出")
    assert with_reason.ok == (verdict.ok or verdict.by_reason)


def test_nothing_but_two_places_is_beyond_a_reason():
    everything = Person(1, 2, "1", most_turns=0)
    assert check_turn(MONDAY, everything, [], name="赵一").by_reason
    assert check_turn(MONDAY, everything, [], name="赵一", reason=" ").code == Check.OTHER_GRADE
    assert check_turn(MONDAY, everything, [], name="赵一", reason="年级外出").ok


def test_a_club_at_another_hour_of_the_day_is_no_second_place():
    (post,) = week(7, 1, "1", SECOND)
    assert check_turn(post, Person(1, 1), [(club(5, 1, (1,), FIRST), "合唱社")], name="赵一").ok


def test_a_club_by_hand_names_its_own_teachers():
    assert (
        check_turn(club(5, 1, (2,)), Person(1, 1), [], name="赵一").sentence == "赵一不是这个社团的教师，请写明原因。"
    )


@settings(max_examples=60, deadline=None)
@given(schools())
def test_every_turn_of_a_proposal_passes_the_check_by_hand(school):
    people, posts, _, _ = school
    taken = as_map(propose(people, posts))
    by_key = {post.key: post for post in posts}
    for key, pk in taken.items():
        held = [(by_key[other], "") for other, teacher in taken.items() if teacher == pk and other != key]
        assert check_turn(by_key[key], people[pk - 1], held, name="").ok


def test_stand_ins_are_suggested_same_grade_first_then_by_load_then_by_number():
    people = [
        Person(1, 1),
        Person(2, 1),
        Person(3, 2),
        Person(4, None),
        Person(5, 1, "1"),
        Person(6, 1),
        Person(7, 1, busy=(Window(1, 960, 970),)),
        Person(8, 1, most_turns=0),
        Person(9, 1),
    ]
    held = {1: [TUESDAY, floater(1, 3)], 6: week(8, 1, "1"), 9: [floater(1, 1, hours=(800, 900))]}
    assert [(s.person_id, s.words) for s in suggest(MONDAY, people, held)] == [
        (2, "本年级，本周 0 次，当天空"),
        (9, "本年级，本周 1 次，当天另有 1 次，时间不冲突"),
        (1, "本年级，本周 2 次，当天空"),
        (3, "二年级，本周 0 次，当天空"),
        (4, "不分年级，本周 0 次，当天空"),
    ]


def test_a_floater_of_the_day_comes_before_all_others():
    people = [Person(1, 1), Person(2, 1), Person(3, 2)]
    found = suggest(MONDAY, people, {}, {1: 0, 2: 9, 3: 0}, floaters={2, 3})
    assert [(s.person_id, s.words) for s in found] == [
        (2, "当天机动，本年级，本周 0 次，当天空"),
        (3, "当天机动，二年级，本周 0 次，当天空"),
        (1, "本年级，本周 0 次，当天空"),
    ]


def test_a_club_asks_its_helping_teachers_first():
    found = suggest(club(5, 1, (2, 3)), [Person(1, 1), Person(3, 2)], {3: [TUESDAY]})
    assert [(s.person_id, s.words) for s in found] == [
        (3, "本社团教师，本周 1 次，当天空"),
        (1, "一年级，本周 0 次，当天空"),
    ]
