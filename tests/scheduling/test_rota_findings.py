"""What the rota could not meet: codes, numbers, what would help (tried out), and the sentences."""

from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings

from scheduling.rota import (
    Code,
    Finding,
    Help,
    HelpKind,
    Kind,
    Names,
    Person,
    Window,
    Wish,
    WishKind,
    finding_of,
    propose,
    sentence,
)
from tests.scheduling.rotas import FIRST, SECOND, as_map, by_force, club, floater, schools, week

NAMES = Names(
    people={1: "赵一", 2: "钱二", 3: "孙三", 4: "李四"}, groups={7: "一年级1班", 8: "一年级2班"}, clubs={5: "合唱社"}
)


def said(people, posts, **more):
    return [sentence(finding, NAMES) for finding in propose(people, posts, **more).findings]


def test_what_cannot_be_filled_is_named_with_its_numbers():
    proposal = propose([Person(1, 1)], [*week(7, 1, "12"), *week(8, 1, "1"), *week(9, 2, "34")])
    assert [(f.code, f.grade, f.weekday, f.numbers[:2]) for f in proposal.findings] == [
        (Code.OPEN_TURN, 1, 1, (1, 2)),
        (Code.NO_TEACHERS, 2, 0, (2,)),
    ]


def test_hours_kept_free_that_make_turns_uneven_are_named():
    people = [Person(1, 1, busy=tuple(Window(day, 900, 1000) for day in (3, 4, 5))), Person(2, 1), Person(3, 1)]
    posts = week(7, 1, "345") + week(8, 1, "345")
    assert [(f.code, f.person_id, f.numbers) for f in propose(people, posts).findings] == [
        (Code.UNEVEN, 1, (0, 3, 0, 2))
    ]
    assert said(people, posts) == [
        "一年级每人每周最少 0 次、最多 3 次，不能更平均：赵一每周 0 次，按能来的天数应有 2 次左右。"
        "减少不排班的星期、放宽每周最多次数可以改善。"
    ]


def test_a_short_week_that_has_its_fair_share_is_not_called_uneven():
    people = [Person(1, 1, "2345"), Person(2, 1), Person(3, 1)]
    assert propose(people, week(7, 1, "12345") + week(8, 1, "2345")).findings == ()


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (Person(2, 1, "3"), "若钱二周三可以值班，这一班就有人。"),
        (Person(2, 1, most_turns=0), "若钱二每周多排 1 次，这一班就有人。"),
        (Person(2, 1, busy=(Window(3, 960, 980, "巡查"),)), "若钱二周三这个时间不做别的工作，这一班就有人。"),
    ],
)
def test_an_open_turn_says_what_would_fill_it(second, words):
    (text,) = said([Person(1, 1), second, Person(3, 2)], week(7, 1, "3") + week(8, 1, "3"))
    assert text.startswith("周三，一年级1班没有教师：一年级这一天可排 1 人，服务班 2 个")
    assert words in text
    assert text.endswith("也可手工安排一位其他年级的教师（这个时间空着 1 人）。")


def test_a_day_off_that_alone_does_not_help_is_not_offered():
    people = [Person(1, 1), Person(2, 1, "3", busy=(Window(3, 960, 980),))]
    (finding,) = propose(people, week(7, 1, "3") + week(8, 1, "3")).findings
    assert finding.helps == ()
    assert sentence(finding, NAMES).endswith("要手工安排一位其他年级的教师（这个时间空着 0 人）。")


def test_a_day_that_helps_by_moving_another_turn_is_found():
    """The second teacher may do one turn and has it on Tuesday; free on Wednesday, the first takes over the Tuesday."""
    people = [Person(1, 1), Person(2, 1, "3", most_turns=1)]
    posts = [*week(7, 1, "2", FIRST), *week(7, 1, "3"), *week(8, 1, "3"), floater(1, 2, hours=SECOND)]
    people[0] = replace(people[0], busy=())
    fixed = as_map(propose(people, posts))
    (finding,) = propose(people, posts, previous=fixed).findings
    assert finding.helps == (Help(HelpKind.FREE_DAY, 2),)


@settings(max_examples=80, deadline=None)
@given(schools())
def test_each_help_named_fills_one_turn_more(school):
    people, posts, fixed, _ = school
    proposal = propose(people, posts, fixed=fixed)
    for finding in proposal.findings:
        for help_ in finding.helps:
            changed = [_with(p, help_, finding, as_map(proposal)) if p.id == help_.person_id else p for p in people]
            assert by_force(changed, posts, fixed)[0] < proposal.stages[0].value


def _with(person, help_, finding, taken):
    if help_.kind == HelpKind.FREE_DAY:
        return replace(person, days_off=person.days_off.replace(str(finding.weekday), ""))
    if help_.kind == HelpKind.ONE_MORE:
        return replace(person, most_turns=list(taken.values()).count(person.id) + 1)
    return replace(person, busy=tuple(w for w in person.busy if w.weekday != finding.weekday))


def test_a_club_and_a_floater_without_anybody_are_named_by_their_own_words():
    texts = said([Person(1, 1, "1"), Person(2, 1, "1")], [club(5, 1, (1, 2)), floater(1, 1), floater(None, 1)])
    assert texts[0] == (
        "周一，合唱社没有教师：带社团和协助的教师这一天都排不上，赵一、钱二不排班。"
        "若赵一周一可以值班，或钱二周一可以值班，这一班就有人。"
    )
    assert texts[1].startswith("周一，全校机动没有教师：这一天全校可排 0 人，机动班次 1 个")
    assert texts[2].startswith("周一，一年级机动没有教师：一年级这一天可排 0 人，机动班次 1 个")


def test_refused_wishes_fixed_turns_that_clash_and_missed_training_are_said():
    people = [
        Person(1, 1, wishes=(Wish(WishKind.AVOID_DAY, 1), Wish(WishKind.PREFER_GROUP, 8)), trained=False),
        Person(2, 1, wishes=(Wish(WishKind.PREFER_DAY, 2),)),
    ]
    posts = week(7, 1, "1") + week(8, 1, "1")
    texts = said(people, posts, fixed={("group", 7, 1, 0): 1, ("group", 8, 1, 0): 1})
    assert texts == [
        "手工安排的赵一周一一年级2班没有保留：同一时间还有别的安排，不能同时在两处。请改其中一个手工安排。",
        "赵一希望周一不值班，没能满足：先要排满、排匀，再看愿望。一定不能来的话，请把周一设为不排班。",
        "赵一希望带一年级2班，没能满足：先要排满、排匀，再看愿望。可以手工调换。",
        "赵一还没有参加岗前培训，已排每周 1 次。请先安排补训。",
        "钱二希望周二值班，没能满足：先要排满、排匀，再看愿望。可以手工调换。",
    ]


def test_what_is_kept_of_a_finding_gives_the_same_finding_back():
    people = [Person(1, 1), Person(2, 1, "3"), Person(3, 1, "3")]
    for finding in propose(people, week(7, 1, "3") + week(8, 1, "3")).findings:
        assert finding_of(asdict(finding)) == finding


def test_what_an_older_rota_kept_can_still_be_said():
    row = {"code": "open_turn", "grade": 1, "weekday": 3, "group_id": 7, "numbers": [1, 2]}
    assert sentence(finding_of(row), NAMES) == (
        "周三，一年级1班没有教师：一年级这一天可排 1 人，服务班 2 个。要手工安排一位其他年级的教师。"
    )
    old = Finding(Code.UNEVEN, 1, numbers=(1, 4))
    assert sentence(old, NAMES).startswith("一年级每人每周最少 1 次、最多 4 次，不能更平均。")
    assert old.kind == Kind.GROUP
