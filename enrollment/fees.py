"""What a child owes for after-school service, line by line (B6): pure, exact to the cent. See docs/rules/fees.md.

The fee of a term, a month or the lessons of a period is split over the child's booked service days; what is not used, for a
reason that the school pays back, comes off again. Every line says how it came about; the lines' sum is the amount.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from itertools import groupby
from math import floor

from afterschool.school.naming import grade_name
from enrollment.enums import FeeBasis, LineKind, RefundUnit, Settlement

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Rate:
    """What one lesson, month or term costs in these grades, in yuan."""

    first_grade: int
    last_grade: int
    amount: Decimal


@dataclass(frozen=True)
class Terms:
    """How a term's fee is counted and paid back."""

    basis: FeeBasis
    settlement: Settlement
    refund_unit: RefundUnit
    rates: tuple[Rate, ...]
    sick_days: int = 0  # leave counts from this many booked days in a row; 0: never
    refund_cancelled: bool = True

    def rate(self, grade: int) -> Decimal | None:
        """Return what the grade pays; nothing where no amount was set for it."""
        return next((r.amount for r in self.rates if r.first_grade <= grade <= r.last_grade), None)


@dataclass(frozen=True)
class Period:
    """What a statement is for: from the first to the last day, both counted."""

    label: str
    first: date
    last: date


@dataclass(frozen=True)
class Day:
    """A service day of the term, with the weekday whose timetable it runs; cancelled by the school, or not."""

    date: date
    weekday: int
    cancelled: bool = False


@dataclass(frozen=True)
class Span:
    """From when to when a child is booked, and on which weekdays (digits, 1 is Monday)."""

    first: date
    last: date
    weekdays: str


@dataclass(frozen=True)
class Child:
    """What is known of one child: the whole term, not only the period (leave runs over a month's end)."""

    grade: int
    spans: tuple[Span, ...]
    attended: frozenset[date] = frozenset()
    on_leave: frozenset[date] = frozenset()
    percent: Decimal = ZERO  # waived, 0 to 100


@dataclass(frozen=True)
class Line:
    """One line of a statement."""

    kind: LineKind
    text: str
    amount: Decimal


@dataclass(frozen=True)
class Statement:
    """What is owed for the period, and how it came about. No lines: nothing to state."""

    lines: tuple[Line, ...] = ()
    percent: Decimal = ZERO

    @property
    def amount(self) -> Decimal:
        return sum((line.amount for line in self.lines), ZERO)

    def sum_of(self, kind: LineKind) -> Decimal:
        """Return the sum of the lines of one kind."""
        return sum((line.amount for line in self.lines if line.kind == kind), ZERO)


class Why(Enum):
    """What became of a booked day."""

    COUNTS = "counts"
    MISSED = "没有到"
    EARLIER = "参加以前"
    LATER = "不再参加以后"
    LEAVE = "请假"
    CANCELLED = "学校停办"


OUTSIDE = {Why.EARLIER, Why.LATER}


@dataclass(frozen=True)
class Booked:
    """One booked day of the child, and what became of it."""

    date: date
    why: Why


def cents(value: Fraction) -> Decimal:
    """Return a sum of yuan, not negative, rounded to 0.01; a half cent goes up."""
    return Decimal(floor(value * 100 + Fraction(1, 2))).scaleb(-2)


def yuan(amount: Decimal) -> str:
    """Return an amount as the lines write it."""
    return f"{amount:.2f} 元"


def statement(terms: Terms, period: Period, days: Iterable[Day], child: Child) -> Statement:
    """Return what this child owes for the period; `days` are all service days of the term.

    Without a fee, without an amount for the grade, or where the child isn't booked in the period, nothing is stated.
    """
    rate = terms.rate(child.grade)
    if terms.basis == FeeBasis.NONE or rate is None:
        return Statement()
    booked = [b for b in _booked(terms, days, child) if period.first <= b.date <= period.last]
    lines: list[Line] = []
    for label, some in _priced(terms.basis, period, booked):
        lines += _lines(terms, label, some, rate, child)
    rest = sum((line.amount for line in lines), ZERO)
    waived = cents(Fraction(rest) * Fraction(child.percent) / 100)
    if waived:
        text = f"减免 {child.percent.normalize():f}%：{yuan(rest)} × {child.percent.normalize():f}%"
        lines.append(Line(LineKind.WAIVER, text, -waived))
    return Statement(tuple(lines), child.percent if lines else ZERO)


def _booked(terms: Terms, days: Iterable[Day], child: Child) -> list[Booked]:
    """Return the child's booked days of the term in order. Before it joined and after it left, its weekdays are thought on."""
    spans = sorted(child.spans, key=lambda span: (span.first, span.last, span.weekdays))
    found = []
    for day in sorted(days, key=lambda day: day.date) if spans else []:
        weekdays, outside = _booking(spans, day.date)
        if str(day.weekday) in weekdays:
            found.append(Booked(day.date, outside or _became(terms, day, child)))
    return _as_paid(terms, _only_long_leaves(found, terms.sick_days))


def _booking(spans: Sequence[Span], on: date) -> tuple[str, Why | None]:
    now = [span.weekdays for span in spans if span.first <= on <= span.last]
    if now:
        return "".join(now), None
    earlier = [span for span in spans if span.last < on]
    return (earlier[-1].weekdays, Why.LATER) if earlier else (spans[0].weekdays, Why.EARLIER)


def _became(terms: Terms, day: Day, child: Child) -> Why:
    if day.date in child.attended:
        return Why.COUNTS
    if day.cancelled:
        return Why.CANCELLED
    if terms.settlement == Settlement.AFTER:
        return Why.MISSED
    return Why.LEAVE if day.date in child.on_leave else Why.COUNTS


def _only_long_leaves(booked: list[Booked], least: int) -> list[Booked]:
    """Keep leave as leave where it lasts; a day without service neither counts nor breaks the row."""
    held = [b for b in booked if b.why in {Why.COUNTS, Why.LEAVE}]
    short: set[date] = set()
    for why, run in groupby(held, key=lambda b: b.why):
        dates = [b.date for b in run]
        if why == Why.LEAVE and not 0 < least <= len(dates):
            short.update(dates)
    return [Booked(b.date, Why.COUNTS) if b.date in short else b for b in booked]


def _as_paid(terms: Terms, booked: list[Booked]) -> list[Booked]:
    """Where the school doesn't pay back the days it cancels, such a day counts as any other."""
    if terms.refund_cancelled:
        return booked
    as_other = Why.MISSED if terms.settlement == Settlement.AFTER else Why.COUNTS
    return [Booked(b.date, as_other) if b.why == Why.CANCELLED else b for b in booked]


def _priced(basis: FeeBasis, period: Period, booked: list[Booked]) -> Iterable[tuple[str, list[Booked]]]:
    """Yield what one fee is for: the term, each month, or the lessons of the period; only where the child was booked."""
    if basis == FeeBasis.MONTH:
        months = [list(some) for _, some in groupby(booked, key=lambda b: (b.date.year, b.date.month))]
        parts = [(f"{some[0].date.year}年{some[0].date.month}月", some) for some in months]
    else:
        charged = [b for b in booked if basis == FeeBasis.TERM or b.why != Why.EARLIER]
        parts = [(period.label, charged)]
    return [(label, some) for label, some in parts if any(b.why not in OUTSIDE for b in some)]


def _lines(terms: Terms, label: str, booked: list[Booked], rate: Decimal, child: Child) -> list[Line]:
    if terms.basis == FeeBasis.LESSON:
        return _lesson_lines(terms, label, booked, rate)
    word = "每月" if terms.basis == FeeBasis.MONTH else "每学期"
    lines = [Line(LineKind.FEE, f"{label}，{grade_name(child.grade)}{word} {yuan(rate)}", cents(Fraction(rate)))]
    units = _units(terms.refund_unit, booked)
    each = Fraction(rate) / len(units)
    return lines + _rounded(_refunds(terms, units, yuan(rate), each))


def _lesson_lines(terms: Terms, label: str, booked: list[Booked], rate: Decimal) -> list[Line]:
    came = [b for b in booked if b.why == Why.COUNTS]
    if terms.settlement == Settlement.AFTER:
        text = f"{label}，到了 {len(came)} 次，每次 {yuan(rate)}"
        return [Line(LineKind.FEE, text, cents(Fraction(rate) * len(came)))]
    text = f"{label}，报名 {len(booked)} 次，每次 {yuan(rate)}"
    units = _units(terms.refund_unit, booked)
    back = _refunded(terms, units)
    found = [
        (f"{why.value} {len(some)} 次：{len(some)} 次 × {yuan(rate)}", Fraction(rate) * len(some))
        for why in (Why.EARLIER, Why.LATER, Why.LEAVE, Why.CANCELLED)
        if (some := [b for b in back if b.why == why])
    ]
    return [Line(LineKind.FEE, text, cents(Fraction(rate) * len(booked))), *_rounded(found)]


Unit = list[Booked]


def _units(unit: RefundUnit, booked: Sequence[Booked]) -> list[Unit]:
    """Cut booked days into what is paid back whole: days, halves of a month (1 to 15, 16 to the end), months, or all in one."""
    cut: dict[RefundUnit, Callable[[date], Hashable]] = {
        RefundUnit.NONE: lambda _: None,
        RefundUnit.DAY: lambda day: day,
        RefundUnit.HALF_MONTH: lambda day: (day.year, day.month, day.day > 15),
        RefundUnit.MONTH: lambda day: (day.year, day.month),
    }
    return [list(some) for _, some in groupby(booked, key=lambda b: cut[unit](b.date))]


def _whole(terms: Terms, unit: Unit) -> bool:
    """Tell whether nothing of the unit was used, so that it is paid back whole."""
    if terms.settlement == Settlement.BEFORE and terms.refund_unit == RefundUnit.NONE:
        return False
    return all(b.why != Why.COUNTS for b in unit)


def _refunded(terms: Terms, units: Iterable[Unit]) -> list[Booked]:
    """Return the days that are paid back: those of units not used, and elsewhere those that the school cancelled."""
    return [b for unit in units for b in unit if _whole(terms, unit) or b.why == Why.CANCELLED]


def _refunds(terms: Terms, units: list[Unit], fee: str, each: Fraction) -> list[tuple[str, Fraction]]:
    """Return (how it came about, exact sum) of each refund; a unit is worth `each`, a day its even part of the unit."""
    whole = [unit for unit in units if _whole(terms, unit)]
    if terms.refund_unit == RefundUnit.DAY:
        return [
            (f"{why.value} {number} 天：{fee} ÷ {len(units)} 天 × {number} 天", each * number)
            for why in (Why.EARLIER, Why.LATER, Why.MISSED, Why.LEAVE, Why.CANCELLED)
            if (number := sum(unit[0].why == why for unit in whole))
        ]
    found = []
    if whole and terms.refund_unit == RefundUnit.NONE:
        found.append(("一次也没有到，不收费", each * len(whole)))
    elif whole:
        names, word = _names(terms.refund_unit, whole)
        share = f"{fee} ÷ {len(units)} {word} × {len(whole)} {word}" if len(units) > 1 else fee
        found.append((f"{names}没有参加：{share}", each * len(whole)))
    for unit in units:
        number = sum(b.why == Why.CANCELLED for b in unit)
        if number and unit not in whole:
            word = UNIT_WORDS.get(terms.refund_unit, "")
            share = f"{fee} ÷ {len(units)} {word}" if len(units) > 1 else fee
            text = f"学校停办 {number} 天：{share} ÷ {len(unit)} 天 × {number} 天"
            found.append((text, each * number / len(unit)))
    return found


MOST_NAMED = 6
UNIT_WORDS = {RefundUnit.HALF_MONTH: "段", RefundUnit.MONTH: "个月"}  # never "2 个半月", which is two months and a half


def _names(unit: RefundUnit, whole: Collection[Unit]) -> tuple[str, str]:
    if unit == RefundUnit.MONTH:
        names = [f"{some[0].date.month}月" for some in whole]
    else:
        names = [f"{some[0].date.month}月{'下' if some[0].date.day > 15 else '上'}半月" for some in whole]
    shown = "、".join(names[:MOST_NAMED]) + ("等" if len(names) > MOST_NAMED else "")
    return shown, UNIT_WORDS[unit]


def _rounded(refunds: Iterable[tuple[str, Fraction]]) -> list[Line]:
    """Round so that several refunds together are right to the cent: each is what the sum so far grew by."""
    lines, so_far = [], Fraction(0)
    for text, exact in refunds:
        amount = cents(so_far + exact) - cents(so_far)
        so_far += exact
        lines.append(Line(LineKind.REFUND, text, -amount))
    return lines


def allocate(owed: Sequence[Decimal], paid: Decimal) -> tuple[list[Decimal], Decimal]:
    """Spread what was paid over what is owed, the oldest first. Return what falls on each, and what is left over.

    The parts and the rest add up to what was paid; the rest is below nothing where more was paid back than had been paid.
    """
    parts, left = [], paid
    for amount in owed:
        part = min(amount, max(left, ZERO))
        parts.append(part)
        left -= part
    return parts, left
