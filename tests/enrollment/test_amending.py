"""What may be changed of an approved application, from when, and who decides: the whole rule, against brute force."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.amending import MOVES, Arrangement, Span, first_day, moves, problems, takes_effect
from enrollment.details import Limits, Person
from enrollment.enums import AmendmentState, AmendMove
from enrollment.workflow import Who

S, M = AmendmentState, AmendMove
MOTHER, AUNT = Person("林晓岚", "mother", "13900000001"), Person("林小", "other", "13900000002")
HELD = Arrangement("12345", (MOTHER,))
LIMITS = Limits("12345", 3, 3)
SPAN = Span(date(2026, 9, 22), date(2027, 1, 22))
MAY = {
    (None, M.ASK): {Who.PARENT},
    (None, M.RECORD): {Who.HEAD},
    (S.ASKED, M.ACCEPT): {Who.HEAD, Who.OFFICE},
    (S.ASKED, M.DECLINE): {Who.HEAD, Who.OFFICE},
    (S.ASKED, M.WITHDRAW): {Who.PARENT},
}


@pytest.mark.parametrize(("state", "move", "who"), list(product([None, *S], M, Who)))
def test_who_may_do_what_in_which_state_is_this_table_and_no_more(state, move, who):
    assert (move in moves(state, {who})) == (who in MAY.get((state, move), set()))


def test_every_decision_ends_a_request_and_only_asking_opens_one():
    assert {to for (_, move), (_, to) in MOVES.items() if move != M.ASK} == set(S) - {S.ASKED}
    assert MOVES[None, M.ASK][1] == S.ASKED


DAYS = st.dates(date(2026, 8, 25), date(2027, 1, 30))


@given(
    today=DAYS,
    service_from=DAYS,
    weekdays=st.sets(st.sampled_from("12345"), min_size=1).map(lambda s: "".join(sorted(s))),
    service_days=st.sets(DAYS, max_size=8),
    not_before=st.none() | DAYS,
)
def test_the_first_day_is_the_earliest_service_day_after_today(today, service_from, weekdays, service_days, not_before):
    last = date(2027, 1, 22)
    found = first_day(
        today=today,
        service_from=service_from,
        last=last,
        weekdays=weekdays,
        service_days=service_days,
        not_before=not_before,
    )
    every = [date(2026, 8, 25) + timedelta(days=n) for n in range(200)]
    brute = [
        day
        for day in every
        if today < day <= last
        and day >= service_from
        and (not_before is None or day >= not_before)
        and (day in service_days if service_days else str(day.isoweekday()) in weekdays)
    ]
    assert found == (brute[0] if brute else None)


@pytest.mark.parametrize(
    ("wish", "starts_on", "limits", "code"),
    [
        (HELD, SPAN.first, LIMITS, "no_change"),
        (Arrangement("135", (MOTHER,)), None, LIMITS, "no_day"),
        (Arrangement("135", (MOTHER,)), date(2026, 9, 21), LIMITS, "too_soon"),
        (Arrangement("135", (MOTHER,)), date(2027, 1, 23), LIMITS, "too_late"),
        (Arrangement("", (MOTHER,)), SPAN.first, LIMITS, "no_weekdays"),
        (Arrangement("16", (MOTHER,)), SPAN.first, LIMITS, "weekday_not_served"),
        (Arrangement("135", ()), SPAN.first, LIMITS, "nobody_fetches"),
        (Arrangement("135", (MOTHER, MOTHER)), SPAN.first, LIMITS, "person_twice"),
        (Arrangement("135", (MOTHER,), may_go_alone=True), SPAN.first, Limits("12345", 2, 3), "too_young"),
        (Arrangement("135", (MOTHER,)), SPAN.first, LIMITS, None),
        (Arrangement("12345", (MOTHER, AUNT)), SPAN.last, LIMITS, None),
        (Arrangement("12345", (MOTHER,), may_go_alone=True), SPAN.first, LIMITS, None),
    ],
)
def test_what_may_be_asked(wish, starts_on, limits, code):
    found = problems(wish, HELD, limits, starts_on, SPAN)
    assert [one for one, _ in found.values()] == ([code] if code else [])


def test_nothing_can_be_changed_when_no_service_day_is_left():
    wish = Arrangement("135", (MOTHER,))
    assert problems(wish, HELD, LIMITS, SPAN.last, Span(None, SPAN.last))["starts_on"][0] == "no_service_day"


@given(DAYS, st.none() | DAYS)
def test_an_accepted_change_never_begins_before_it_was_asked_for_nor_in_the_past(asked, earliest):
    found = takes_effect(asked, earliest)
    assert found is None if earliest is None else (found is not None and found >= asked and found >= earliest)
