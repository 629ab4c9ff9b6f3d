"""The rule of fees: worked cases of docs/rules/fees.md, properties, and a count day by day that knows nothing of units."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrollment.enums import FeeBasis, LineKind, RefundUnit, Settlement
from enrollment.fees import Child, Day, Period, Rate, Span, Statement, Terms, cents, statement

FIRST, LAST = date(2026, 9, 1), date(2026, 10, 31)
TERM = Period("全学期", FIRST, LAST)
SEPTEMBER = Period("2026年9月", date(2026, 9, 1), date(2026, 9, 30))
OCTOBER = Period("2026年10月", date(2026, 10, 1), date(2026, 10, 31))


def weekdays_from(first: date, last: date, *, cancelled: frozenset[date] = frozenset()) -> list[Day]:
    """All Mondays to Fridays."""
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [Day(d, d.isoweekday(), d in cancelled) for d in dates if d.isoweekday() <= 5]


DAYS = weekdays_from(FIRST, LAST)  # 22 in September, 22 in October


def terms(basis="month", settlement="before", unit="day", rate="300", **more) -> Terms:
    rates = (Rate(1, 6, Decimal(rate)),)
    return Terms(FeeBasis(basis), Settlement(settlement), RefundUnit(unit), rates, **more)


def child(first=FIRST, last=LAST, weekdays="12345", **more) -> Child:
    return Child(1, (Span(first, last, weekdays),), **more)


def owed(plan: Terms, one: Child, period=SEPTEMBER, days=DAYS) -> list[tuple[str, str]]:
    return [(line.kind.value, f"{line.amount:.2f}") for line in statement(plan, period, days, one).lines]


class TestWorkedCases:
    def test_a_month_costs_what_the_grade_pays(self):
        plan = replace(terms(), rates=(Rate(1, 2, Decimal(180)), Rate(3, 6, Decimal("200.5"))))
        assert owed(plan, child()) == [("fee", "180.00")]
        assert owed(plan, replace(child(), grade=4)) == [("fee", "200.50")]
        assert owed(plan, replace(child(), grade=7)) == []

    def test_nothing_is_stated_without_a_fee_or_a_booking(self):
        assert statement(terms("none"), SEPTEMBER, DAYS, child()) == Statement()
        assert owed(terms(), Child(1, ())) == []
        assert owed(terms(), child(last=date(2026, 9, 30)), OCTOBER) == []

    def test_lessons_are_counted_on_booked_service_days(self):
        # Tuesdays and Thursdays of September 2026: 1 3 8 10 15 17 22 24 29
        assert owed(terms("lesson", rate="3"), child(weekdays="24")) == [("fee", "27.00")]

    def test_lessons_attended_are_paid_and_no_other(self):
        came = frozenset({date(2026, 9, 1), date(2026, 9, 2), date(2026, 9, 3), date(2026, 9, 5)})
        plan = terms("lesson", "after", rate="3")
        assert owed(plan, child(weekdays="24", attended=came)) == [("fee", "6.00")]
        assert owed(plan, child(weekdays="24")) == [("fee", "0.00")]

    def test_a_made_up_working_day_runs_the_weekday_the_school_says(self):
        saturday = Day(date(2026, 9, 19), 3)
        assert owed(terms("lesson", rate="3"), child(weekdays="3"), days=[*DAYS, saturday]) == [("fee", "18.00")]

    def test_leaving_on_the_14th_gives_back_days_or_the_second_half_or_nothing(self):
        left = child(last=date(2026, 9, 14))  # 10 of 22 days used; 12 left, 11 of them in the second half
        assert owed(terms(unit="day"), left) == [("fee", "300.00"), ("refund", "-163.64")]
        assert owed(terms(unit="half_month"), left) == [("fee", "300.00"), ("refund", "-150.00")]
        assert owed(terms(unit="month"), left) == [("fee", "300.00")]
        assert owed(terms(unit="none"), left) == [("fee", "300.00")]

    def test_joining_late_is_counted_like_leaving_early(self):
        late = child(first=date(2026, 9, 16))
        assert owed(terms(unit="half_month"), late) == [("fee", "300.00"), ("refund", "-150.00")]
        assert owed(terms("lesson", rate="3"), late) == [("fee", "33.00")]

    def test_a_whole_month_not_used_of_a_term_is_its_even_part(self):
        left = child(last=date(2026, 9, 20))
        assert owed(terms("term", unit="month"), left, TERM) == [("fee", "300.00"), ("refund", "-150.00")]
        assert owed(terms("term", unit="half_month"), left, TERM) == [("fee", "300.00"), ("refund", "-150.00")]

    def test_leave_pays_back_from_the_set_number_of_days_in_a_row(self):
        ill = frozenset({date(2026, 9, d) for d in (10, 11, 14, 15)})  # Thursday to Tuesday: four booked days
        assert owed(terms(sick_days=5), child(on_leave=ill)) == [("fee", "300.00")]
        assert owed(terms(sick_days=4), child(on_leave=ill)) == [("fee", "300.00"), ("refund", "-54.55")]
        assert owed(terms(sick_days=0), child(on_leave=ill)) == [("fee", "300.00")]

    def test_leave_runs_over_the_end_of_a_month(self):
        ill = frozenset({date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1)})
        assert owed(terms(sick_days=3), child(on_leave=ill)) == [("fee", "300.00"), ("refund", "-27.27")]
        assert owed(terms(sick_days=3), child(on_leave=ill), OCTOBER) == [("fee", "300.00"), ("refund", "-13.64")]

    def test_who_came_in_spite_of_leave_pays(self):
        ill = frozenset({date(2026, 9, 10), date(2026, 9, 11)})
        came = frozenset({date(2026, 9, 11)})
        assert owed(terms(sick_days=2), child(on_leave=ill, attended=came)) == [("fee", "300.00")]

    @pytest.mark.parametrize(("unit", "back"), [("none", "-27.27"), ("day", "-27.27"), ("half_month", "-27.27")])
    def test_days_that_the_school_cancels_are_paid_back_under_every_rule(self, unit, back):
        days = weekdays_from(FIRST, LAST, cancelled=frozenset({date(2026, 9, 8), date(2026, 9, 9)}))
        assert owed(terms(unit=unit), child(), days=days) == [("fee", "300.00"), ("refund", back)]
        assert owed(terms(unit=unit, refund_cancelled=False), child(), days=days) == [("fee", "300.00")]

    def test_a_waiver_comes_off_what_is_left(self):
        left = child(last=date(2026, 9, 14), percent=Decimal("33.3"))
        found = statement(terms(unit="half_month"), SEPTEMBER, DAYS, left)
        assert [line.amount for line in found.lines] == [Decimal(300), Decimal(-150), Decimal("-49.95")]
        assert found.lines[-1].text == "减免 33.3%：150.00 元 × 33.3%"
        assert found.amount == Decimal("100.05")

    def test_after_the_fact_a_month_costs_what_was_attended(self):
        came = frozenset(date(2026, 9, d) for d in (1, 2, 3))
        assert owed(terms(settlement="after"), child(attended=came)) == [("fee", "300.00"), ("refund", "-259.09")]
        assert owed(terms(settlement="after", unit="half_month"), child(attended=came))[1] == ("refund", "-150.00")
        assert owed(terms(settlement="after", unit="none"), child(attended=came)) == [("fee", "300.00")]
        assert owed(terms(settlement="after", unit="none"), child()) == [("fee", "300.00"), ("refund", "-300.00")]

    def test_lines_say_their_numbers(self):
        left = child(last=date(2026, 9, 14))
        texts = [line.text for line in statement(terms(), SEPTEMBER, DAYS, left).lines]
        assert texts == ["2026年9月，一年级每月 300.00 元", "不再参加以后 12 天：300.00 元 ÷ 22 天 × 12 天"]


# Properties

dates = st.sampled_from([day.date for day in DAYS])
some_dates = st.frozensets(dates, max_size=20)
money = st.decimals("0", "999.99", places=2)


@st.composite
def plans(draw, **fixed) -> Terms:
    values = {
        "basis": draw(st.sampled_from([FeeBasis.TERM, FeeBasis.MONTH, FeeBasis.LESSON])),
        "settlement": draw(st.sampled_from(list(Settlement))),
        "refund_unit": draw(st.sampled_from(list(RefundUnit))),
        "rates": (Rate(1, 6, draw(money)),),
        "sick_days": draw(st.integers(0, 5)),
        "refund_cancelled": draw(st.booleans()),
    }
    return Terms(**(values | fixed))


@st.composite
def children(draw) -> Child:
    edges = sorted(draw(st.lists(dates, min_size=2, max_size=4)))
    weekdays = st.sets(st.sampled_from("12345"), min_size=1).map(lambda s: "".join(sorted(s)))
    spans = [Span(a, b, draw(weekdays)) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    percent = draw(st.sampled_from([Decimal(0), Decimal(50), Decimal("33.33"), Decimal(100)]))
    return Child(draw(st.integers(1, 6)), tuple(spans), draw(some_dates), draw(some_dates), percent)


calendars = st.frozensets(dates, max_size=8).map(lambda off: weekdays_from(FIRST, LAST, cancelled=off))
periods = st.sampled_from([TERM, SEPTEMBER, OCTOBER])


@given(plans(), periods, calendars, children())
def test_the_lines_add_up_and_never_go_below_nothing(plan, period, days, one):
    found = statement(plan, period, days, one)
    fee, back, waived = (found.sum_of(kind) for kind in (LineKind.FEE, LineKind.REFUND, LineKind.WAIVER))
    assert found.amount == fee + back + waived
    assert 0 <= -back <= fee
    assert waived <= 0 <= found.amount
    assert all(line.amount == line.amount.quantize(Decimal("0.01")) for line in found.lines)
    assert all(len(line.text) <= 120 for line in found.lines)


@given(plans(), periods, calendars, children())
def test_who_is_spared_all_owes_nothing(plan, period, days, one):
    assert statement(plan, period, days, replace(one, percent=Decimal(100))).amount == 0


@given(plans(), periods, calendars, children(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_known_changes_nothing(plan, period, days, one, rng):
    shuffled, spans = list(days), list(one.spans)
    rng.shuffle(shuffled)
    rng.shuffle(spans)
    assert statement(plan, period, shuffled, replace(one, spans=tuple(spans))) == statement(plan, period, days, one)


@given(plans(settlement=Settlement.AFTER), periods, calendars, children(), dates)
def test_one_more_lesson_never_lowers_a_fee_settled_afterwards(plan, period, days, one, more):
    before = statement(plan, period, days, one).amount
    assert statement(plan, period, days, replace(one, attended=one.attended | {more})).amount >= before


@given(plans(), periods, calendars, children())
def test_a_larger_waiver_never_raises_the_amount(plan, period, days, one):
    less, more = (statement(plan, period, days, replace(one, percent=Decimal(p))).amount for p in (20, 60))
    assert more <= less


# Brute force: one day after the other, with no notion of lines


def half_up(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def book(days: list[Day], one: Child) -> dict[Day, bool]:
    """Return the booked days, and whether each lies inside what was booked."""
    spans = sorted(one.spans, key=lambda s: s.first)
    found = {}
    for day in sorted(days, key=lambda d: d.date):
        holding = [s for s in spans if s.first <= day.date <= s.last]
        use = holding or [s for s in spans if s.last < day.date][-1:] or spans[:1]
        if any(str(day.weekday) in s.weekdays for s in use):
            found[day] = bool(holding)
    return found


def long_leaves(plan: Terms, one: Child, held: list[date]) -> set[date]:
    """Return the leaves that last, of the days that were held."""
    found: set[date] = set()
    row: list[date] = []
    for on in [*held, None]:
        if on in one.on_leave and on not in one.attended:
            row.append(on)
            continue
        if plan.sick_days and len(row) >= plan.sick_days:
            found.update(row)
        row = []
    return found


def by_hand(plan: Terms, period: Period, days: list[Day], one: Child) -> Decimal:
    """Walk over the dates; ask of each what it costs and whether it is given back."""
    rate, booked = Fraction(plan.rates[0].amount), book(days, one)
    inside = {day.date: there for day, there in booked.items()}
    off = {d.date for d, there in booked.items() if d.cancelled and there and d.date not in one.attended}
    closed = off if plan.refund_cancelled else set()
    if plan.settlement == Settlement.AFTER:
        back = {on for on, there in inside.items() if on not in one.attended or not there}
    else:
        held = [on for on, there in inside.items() if there and on not in off]
        back = {on for on, there in inside.items() if not there} | closed | long_leaves(plan, one, held)
    total = Decimal(0)
    for month in (9, 10) if plan.basis == FeeBasis.MONTH else (None,):
        some = [on for on in inside if period.first <= on <= period.last and month in {None, on.month}]
        if plan.basis == FeeBasis.LESSON:
            some = [on for on in some if inside[on] or any(s.last < on for s in one.spans)]
        if any(inside[on] for on in some):
            total += of_time(plan, rate, some, back, closed)
    return total - half_up(Fraction(total) * Fraction(one.percent) / 100)


def of_time(plan: Terms, rate: Fraction, some: list[date], back: set[date], closed: set[date]) -> Decimal:
    """Return what a term, a month or the lessons of a period cost."""
    if plan.basis == FeeBasis.LESSON and plan.settlement == Settlement.AFTER:
        return half_up(rate * sum(on not in back for on in some))
    given_back = Fraction(0)
    bins = {bin_of(plan, on): [x for x in some if bin_of(plan, x) == bin_of(plan, on)] for on in some}
    for mates in bins.values():
        worth = rate * len(mates) if plan.basis == FeeBasis.LESSON else rate / len(bins)
        nothing = plan.settlement == Settlement.BEFORE and plan.refund_unit == RefundUnit.NONE
        if not nothing and all(on in back for on in mates):
            given_back += worth
        else:
            given_back += worth * sum(on in closed for on in mates) / len(mates)
    return half_up(rate * len(some) if plan.basis == FeeBasis.LESSON else rate) - half_up(given_back)


def bin_of(plan: Terms, on: date) -> object:
    return {"day": on, "half_month": (on.month, on.day > 15), "month": on.month, "none": 0}[plan.refund_unit.value]


@given(plans(), periods, calendars, children())
def test_it_agrees_with_a_count_day_by_day(plan, period, days, one):
    assert statement(plan, period, days, one).amount == by_hand(plan, period, days, one)


@given(st.fractions(0, 1000, max_denominator=1000))
def test_half_a_cent_goes_up(value):
    assert cents(value) == half_up(value)
