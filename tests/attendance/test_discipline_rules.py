"""Lateness, absence, leaving and the four rules: worked examples, properties, and a recount by brute force."""

from datetime import date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterschool.support.clock import SHANGHAI
from attendance.discipline import (
    Check,
    Duty,
    Finding,
    Flag,
    Leave,
    Rule,
    Rules,
    SignIn,
    Substitution,
    What,
    findings,
    flags,
    judge,
    minutes_late,
    unqualified,
)
from attendance.enums import RuleKind, Window

FIRST, LAST = date(2026, 9, 1), date(2027, 1, 22)
MONDAY = date(2026, 9, 14)
R1 = Rule(1, RuleKind.ABSENT, 1, Window.OCCASION)
R2 = Rule(2, RuleKind.ABSENT_OFTEN, 3, Window.MONTH)
R3 = Rule(3, RuleKind.LATE_OFTEN, 3, Window.WEEK)
R4 = Rule(4, RuleKind.LEFT, 1, Window.OCCASION)
RULES = (R1, R2, R3, R4)
WANG, LI = 1, 2


def when(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def after(days: int) -> date:
    return MONDAY + timedelta(days=days)


def duty(day: date = MONDAY, number: int = 0, *, teacher: int = WANG, starts: str = "15:15", **values: object) -> Duty:
    pk = day.toordinal() * 10 + number
    ends = {"15:15": "17:30", "16:20": "17:30"}[starts]
    return Duty(pk, pk, teacher, day, when(day, starts), when(day, ends), **values)


def came(one: Duty, clock: str, teacher: int = WANG, **values: object) -> SignIn:
    return SignIn(one.session, teacher, when(one.date, clock), **values)


def saw(one: Duty, clock: str, *, there: bool = False, held_by: int | None = None) -> Check:
    return Check(one.session, when(one.date, clock), there, held_by)


def leave(day: date, *, teacher: int = WANG, confirmed: bool = True, asked_on: date | None = None) -> Leave:
    return Leave(teacher, when(day, "00:00"), when(day, "23:59"), confirmed, asked_on)


def rules(*wanted: Rule, today: date = date(2026, 12, 1), **values: object) -> Rules:
    days = [FIRST + timedelta(days=n) for n in range(140)]
    return Rules(
        wanted or RULES,
        FIRST,
        LAST,
        when(today, "18:00"),
        school_days=[d for d in days if d.weekday() < 5],
        **values,
    )


def kinds(found: list[Flag]) -> list[int]:
    return [flag.rule for flag in found]


def test_opening_at_the_start_is_on_time_and_a_minute_later_is_late() -> None:
    one = duty()
    assert findings([one], [came(one, "15:15")], [], [], [], rules=rules()) == []
    assert findings([one], [came(one, "15:16")], [], [], [], rules=rules())[0].minutes == 1
    assert findings([one], [came(one, "15:20")], [], [], [], rules=rules(grace_minutes=5)) == []


def test_seconds_within_the_minute_of_the_start_are_not_late() -> None:
    assert minutes_late(when(MONDAY, "15:15"), when(MONDAY, "15:15") + timedelta(seconds=40)) == 0
    assert minutes_late(when(MONDAY, "15:15"), when(MONDAY, "15:16")) == 1


def test_who_comes_at_all_is_late_and_not_absent() -> None:
    one = duty()
    assert [f.what for f in findings([one], [came(one, "17:29")], [], [], [], rules=rules())] == [What.LATE]
    assert [f.what for f in findings([one], [came(one, "17:31")], [], [], [], rules=rules())] == [What.ABSENT]
    assert [f.what for f in findings([one], [], [], [], [], rules=rules())] == [What.ABSENT]


def test_nobody_is_absent_before_the_end() -> None:
    one = duty()
    early = Rules(RULES, FIRST, LAST, when(MONDAY, "17:00"))
    assert findings([one], [], [], [], [], rules=early) == []


def test_a_session_that_was_not_held_or_lies_outside_the_term_counts_for_nobody() -> None:
    assert judge([duty(held=False), duty(date(2026, 8, 31))], [], [], [], [], rules=rules()) == []


def test_only_the_own_sign_in_and_only_one_that_counts_is_one() -> None:
    one = duty()
    for sign_in in (came(one, "15:10", LI), came(one, "15:10", counts=False)):
        assert kinds(judge([one], [sign_in], [], [], [], rules=rules())) == [1]


def test_the_clock_of_the_device_counts_when_a_sign_in_was_sent_later() -> None:
    one = duty()
    later = came(one, "16:30", device_at=when(MONDAY, "15:14"), sent_later=True)
    assert findings([one], [later], [], [], [], rules=rules()) == []
    ahead = came(one, "15:20", device_at=when(MONDAY, "15:40"), sent_later=True)
    assert findings([one], [ahead], [], [], [], rules=rules())[0].minutes == 5
    beside = came(one, "15:20", device_at=when(MONDAY, "15:10"))
    assert findings([one], [beside], [], [], [], rules=rules())[0].minutes == 5


def test_two_turns_of_one_afternoon_count_one_absence_and_one_lateness() -> None:
    ones = [duty(after(d), n, starts=s) for d in range(2) for n, s in enumerate(["15:15", "16:20"])]
    late = [came(one, "16:40") for one in ones]
    assert judge(ones, late, [], [], [], rules=rules(R3)) == []
    absent = judge(ones, [], [], [], [], rules=rules())
    assert [(flag.rule, len(flag.findings)) for flag in absent] == [(1, 2), (1, 2)]


def test_three_times_late_in_a_week_is_a_flag_with_its_three_records() -> None:
    ones = [duty(after(d)) for d in (0, 2, 4)]
    found = judge(ones, [came(one, "15:30") for one in ones], [], [], [], rules=rules())
    assert [(f.rule, f.first, f.last, len(f.findings)) for f in found] == [(3, MONDAY, after(6), 3)]


def test_a_moved_saturday_counts_in_its_own_week_and_sunday_never_with_monday() -> None:
    saturday = [duty(after(d)) for d in (3, 4, 5)]
    assert kinds(judge(saturday, [came(one, "15:30") for one in saturday], [], [], [], rules=rules())) == [3]
    over = [duty(after(d)) for d in (5, 6, 7)]
    assert judge(over, [came(one, "15:30") for one in over], [], [], [], rules=rules()) == []


def test_a_month_of_three_absences_is_flagged_beside_each_and_adds_none() -> None:
    ones = [duty(after(d)) for d in (0, 1, 7)]
    found = judge(ones, [], [], [], [], rules=rules())
    assert kinds(found) == [1, 1, 1, 2]
    assert sum(len(f.findings) for f in found if f.rule == 2) == 3


def test_a_window_stops_at_the_end_of_the_term() -> None:
    late = [duty(date(2027, 1, d)) for d in (18, 19, 20)]
    (flag,) = judge(late, [came(one, "15:30") for one in late], [], [], [], rules=rules())
    assert (flag.first, flag.last) == (date(2027, 1, 18), LAST)


@pytest.mark.parametrize(
    ("check", "left"),
    [
        (("16:30", False, None), True),
        (("16:30", False, LI), True),
        (("16:30", False, WANG), False),
        (("16:30", True, None), False),
        (("15:00", False, None), False),
        (("17:40", False, None), False),
    ],
)
def test_who_left_midway_is_seen_between_sign_in_and_end(check: tuple[str, bool, int | None], left: bool) -> None:
    one = duty()
    clock, there, held_by = check
    found = judge([one], [came(one, "15:10")], [], [], [saw(one, clock, there=there, held_by=held_by)], rules=rules())
    assert kinds(found) == ([4] if left else [])


def test_an_end_left_to_others_is_leaving_and_an_unrecorded_end_is_not() -> None:
    for ended_by, wanted in [(LI, [4]), (WANG, []), (None, [])]:
        one = duty(ended_at=when(MONDAY, "17:20"), ended_by=ended_by)
        assert kinds(judge([one], [came(one, "15:10")], [], [], [], rules=rules())) == wanted


def test_a_check_after_the_last_child_went_sees_nobody_for_good_reason() -> None:
    one = duty(ended_at=when(MONDAY, "16:00"), ended_by=WANG)
    assert judge([one], [came(one, "15:10")], [], [], [saw(one, "16:30")], rules=rules()) == []


def test_from_confirmation_the_duty_is_the_stand_ins_alone() -> None:
    one = duty()
    given = [Substitution(one.id, LI, when(MONDAY, "10:00"))]
    absent = findings([one], [], [], given, [], rules=rules())
    assert [(f.teacher, f.what) for f in absent] == [(LI, What.ABSENT)]
    late = findings([one], [came(one, "15:25", LI)], [], given, [], rules=rules())
    assert [(f.teacher, f.minutes) for f in late] == [(LI, 10)]


def test_a_stand_in_put_on_during_the_session_is_late_from_then_on_only() -> None:
    one = duty()
    given = [Substitution(one.id, LI, when(MONDAY, "15:40"))]
    assert findings([one], [came(one, "15:40", LI)], [], given, [], rules=rules()) == []
    assert findings([one], [came(one, "15:45", LI)], [], given, [], rules=rules())[0].minutes == 5


def test_a_swap_changes_both_owners() -> None:
    mine, theirs = duty(MONDAY), duty(after(1), teacher=LI)
    swapped = [Substitution(mine.id, LI, when(MONDAY, "09:00")), Substitution(theirs.id, WANG, when(MONDAY, "09:00"))]
    assert [f.teacher for f in findings([mine, theirs], [], [], swapped, [], rules=rules())] == [LI, WANG]


def test_unconfirmed_help_leaves_the_first_teacher_the_owner() -> None:
    one = duty()
    assert kinds(judge([one], [came(one, "15:10", LI)], [], [], [saw(one, "15:30", held_by=LI)], rules=rules())) == [1]


def test_a_confirmed_leave_excuses_also_afterwards_and_a_part_of_the_day_excuses_what_it_touches() -> None:
    one = duty()
    training = Leave(WANG, when(MONDAY, "15:00"), when(MONDAY, "16:00"), confirmed=True)
    morning = Leave(WANG, when(MONDAY, "08:00"), when(MONDAY, "12:00"), confirmed=True)
    assert judge([one], [], [leave(MONDAY)], [], [], rules=rules()) == []
    assert judge([one], [], [training], [], [], rules=rules()) == []
    assert kinds(judge([one], [], [morning], [], [], rules=rules())) == [1]


def test_an_undecided_leave_holds_the_flag_back_for_three_school_days() -> None:
    friday = after(4)
    one, asked = duty(friday), [leave(friday, confirmed=False, asked_on=MONDAY)]
    for today in (friday, after(7), after(9)):  # the weekend counts nothing
        assert judge([one], [], asked, [], [], rules=rules(today=today)) == []
        assert findings([one], [], asked, [], [], rules=rules(today=today))[0].pending
    assert kinds(judge([one], [], asked, [], [], rules=rules(today=after(10)))) == [1]
    declined = [leave(friday, confirmed=False)]
    assert kinds(judge([one], [], declined, [], [], rules=rules(today=friday))) == [1]


def test_one_confirmed_breach_in_the_period_is_enough() -> None:
    assert unqualified([date(2026, 9, 30)], date(2026, 9, 1), date(2026, 9, 30))
    assert not unqualified([date(2026, 10, 1)], date(2026, 9, 1), date(2026, 9, 30))


# Properties


@st.composite
def afternoons(draw: st.DrawFn) -> dict[str, list]:
    """A few weeks of turns of three teachers with everything that can happen to them."""
    values: dict[str, list] = {name: [] for name in ("duties", "sign_ins", "leaves", "substitutions", "patrols")}
    clocks = st.sampled_from(["15:00", "15:15", "15:16", "15:40", "16:30", "17:20", "17:31"])
    people = st.integers(1, 3)
    for day in draw(st.lists(st.integers(0, 20), min_size=1, max_size=9, unique=True)):
        for number, starts in enumerate(draw(st.sampled_from([["15:15"], ["15:15", "16:20"]]))):
            one = duty(after(day), number, teacher=draw(people), starts=starts, held=draw(st.integers(0, 9)) > 0)
            values["duties"].append(one)
            values["sign_ins"] += [
                came(one, clock, draw(people), counts=draw(st.booleans()))
                for clock in draw(st.lists(clocks, max_size=2))
            ]
            if draw(st.integers(0, 4)) == 0:
                values["substitutions"].append(Substitution(one.id, draw(people), when(one.date, draw(clocks))))
            if draw(st.integers(0, 2)) == 0:
                there = draw(st.booleans())
                held_by = None if there else draw(st.none() | people)
                values["patrols"].append(saw(one, draw(clocks), there=there, held_by=held_by))
        if draw(st.integers(0, 3)) == 0:
            confirmed = draw(st.booleans())
            values["leaves"].append(leave(after(day), teacher=draw(people), confirmed=confirmed, asked_on=after(day)))
    return values


def keys(found: list[Flag]) -> set[tuple[int, int, date]]:
    return {(flag.rule, flag.teacher, flag.first) for flag in found}


TODAY = st.sampled_from([after(3), after(12), after(40)])


@given(afternoons(), TODAY, st.randoms(use_true_random=False))
def test_the_order_of_records_changes_nothing(values: dict[str, list], today: date, random: object) -> None:
    shuffled = {name: random.sample(rows, len(rows)) for name, rows in values.items()}  # type: ignore[attr-defined]
    assert judge(**values, rules=rules(today=today)) == judge(**shuffled, rules=rules(today=today))


@given(afternoons(), TODAY, st.integers(0, 20), st.integers(1, 3), st.booleans())
def test_leave_never_adds_a_flag(values: dict[str, list], today: date, day: int, teacher: int, confirmed: bool) -> None:
    before = keys(judge(**values, rules=rules(today=today)))
    more = leave(after(day), teacher=teacher, confirmed=confirmed, asked_on=after(day))
    assert keys(judge(**{**values, "leaves": [*values["leaves"], more]}, rules=rules(today=today))) <= before


@given(afternoons(), st.integers(0, 20), st.integers(1, 3))
def test_one_more_lateness_never_removes_a_flag(values: dict[str, list], day: int, teacher: int) -> None:
    before = keys(judge(**values, rules=rules()))
    extra = duty(after(day), 7, teacher=teacher)
    late = came(extra, "15:40", teacher)
    more = {**values, "duties": [*values["duties"], extra], "sign_ins": [*values["sign_ins"], late]}
    assert keys(judge(**more, rules=rules())) >= before


@given(st.lists(st.integers(0, 6), min_size=3, max_size=3, unique=True), st.integers(0, 2))
def test_excusing_one_of_three_late_marks_closes_the_third_rule(days: list[int], excused: int) -> None:
    ones = [duty(after(d)) for d in days]
    late = [came(one, "15:30") for one in ones]
    assert kinds(judge(ones, late, [], [], [], rules=rules())) == [3]
    by_leave = [leave(ones[excused].date)]
    assert judge(ones, late, by_leave, [], [], rules=rules()) == []
    assert judge(ones, [*late, came(ones[excused], "15:15")], [], [], [], rules=rules()) == []  # the office's entry


@given(afternoons())
def test_sunday_and_the_next_monday_are_never_one_window(values: dict[str, list]) -> None:
    for flag in judge(**values, rules=rules(R3)):
        assert flag.first.weekday() == 0
        assert (flag.last - flag.first).days == 6
        assert all(flag.first <= one.date <= flag.last for one in flag.findings)


@given(afternoons())
def test_the_second_rule_adds_no_absence_to_the_first(values: dict[str, list]) -> None:
    together = judge(**values, rules=rules())
    alone = judge(**values, rules=rules(R1))
    assert [flag for flag in together if flag.rule == 1] == alone


def recount(found: list[Finding], rule: Rule) -> set[tuple[int, int, date]]:
    """Count a rule of the plan by looking at every `count` of afternoons whether they lie in one window."""
    what = {1: What.ABSENT, 2: What.ABSENT, 3: What.LATE, 4: What.LEFT}[rule.id]
    met = set()
    for teacher in {one.teacher for one in found}:
        days = sorted({one.date for one in found if one.teacher == teacher and one.what == what and not one.pending})
        for some in combinations(days, rule.count):
            week, month = {d.isocalendar()[:2] for d in some}, {(d.year, d.month) for d in some}
            if rule.window == Window.OCCASION:
                met.add((rule.id, teacher, some[0]))
            elif rule.window == Window.WEEK and len(week) == 1:
                met.add((rule.id, teacher, max(FIRST, date.fromisocalendar(*week.pop(), 1))))
            elif rule.window == Window.MONTH and len(month) == 1:
                met.add((rule.id, teacher, date(*month.pop(), 1)))
    return met


@given(afternoons(), TODAY)
def test_a_recount_by_brute_force_finds_the_same(values: dict[str, list], today: date) -> None:
    settings = rules(today=today)
    found = findings(**values, rules=settings)
    wanted = set().union(*(recount(found, rule) for rule in RULES))
    assert keys(flags(found, settings)) == wanted
