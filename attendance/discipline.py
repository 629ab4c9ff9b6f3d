"""Who came late, who stayed away, who left, and which rule that meets (management rule 2; docs/rules/teachers-attendance.md).

Pure: records in, flags out, in any order. A flag says what was counted; only a person decides what follows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from attendance.enums import RuleKind, Window


class What(Enum):
    """What a turn can show against its teacher."""

    ABSENT = "缺席"
    LATE = "迟到"
    LEFT = "中途离开"


COUNTS = {
    RuleKind.ABSENT: What.ABSENT,
    RuleKind.ABSENT_OFTEN: What.ABSENT,
    RuleKind.LATE_OFTEN: What.LATE,
    RuleKind.LEFT: What.LEFT,
}


@dataclass(frozen=True)
class Duty:
    """One turn at one session, with the teacher whom the rota named. `held`: children were there, by some record."""

    id: int
    session: int
    teacher: int
    date: date
    starts: datetime
    ends: datetime
    held: bool = True
    ended_at: datetime | None = None
    ended_by: int | None = None  # the teacher who let the last child go; nobody: not on record


@dataclass(frozen=True)
class SignIn:
    """That a teacher was at a session. `counts` is false outside the school's networks, where the school has set them."""

    session: int
    teacher: int
    at: datetime
    device_at: datetime | None = None
    sent_later: bool = False
    counts: bool = True

    @property
    def moment(self) -> datetime:
        """When it was: by the device's clock where it was sent later; never later than it came in."""
        return min(self.device_at, self.at) if self.sent_later and self.device_at else self.at


@dataclass(frozen=True)
class Leave:
    """A time in which a teacher is away: leave, training, patrol. Neither confirmed nor open: it excuses nothing."""

    teacher: int
    starts: datetime
    ends: datetime
    confirmed: bool = False
    asked_on: date | None = None  # undecided since then
    why: str = ""

    def touches(self, duty: Duty) -> bool:
        """Tell whether it and the time of a turn overlap."""
        return self.starts < duty.ends and duty.starts < self.ends


@dataclass(frozen=True)
class Substitution:
    """A duty that went to another, from the confirmation on. A swap is two of them."""

    duty: int
    teacher: int
    at: datetime


@dataclass(frozen=True)
class Check:
    """What a leader saw: the teacher there or not; not there and nobody named: no teacher was with the children."""

    session: int
    at: datetime
    there: bool
    held_by: int | None = None


@dataclass(frozen=True)
class Rule:
    """How often what, within which window. `id` is the caller's."""

    id: int
    kind: RuleKind
    count: int
    window: Window


@dataclass(frozen=True)
class Rules:
    """The rules in use and what they are read with: the term's ends, its school days, the grace, and now."""

    rules: Sequence[Rule]
    first: date
    last: date
    now: datetime
    grace_minutes: int = 0
    school_days: Collection[date] = ()
    wait_days: int = 3


@dataclass(frozen=True)
class Finding:
    """One turn with something against its teacher. `pending`: a leave asked for it is not decided yet."""

    date: date
    duty: int
    teacher: int
    what: What
    minutes: int = 0
    pending: bool = False

    @property
    def order(self) -> tuple[int, int, int, str]:
        return self.date.toordinal(), self.duty, self.teacher, self.what.name


@dataclass(frozen=True)
class Flag:
    """A rule that a teacher's records meet in one window, with these records."""

    rule: int
    teacher: int
    first: date
    last: date
    findings: tuple[Finding, ...]


def judge(
    duties: Iterable[Duty],
    sign_ins: Iterable[SignIn],
    leaves: Iterable[Leave],
    substitutions: Iterable[Substitution],
    patrols: Iterable[Check],
    *,
    rules: Rules,
) -> list[Flag]:
    """Return the flags that hold now, by rule, teacher and window."""
    return flags(findings(duties, sign_ins, leaves, substitutions, patrols, rules=rules), rules)


def findings(
    duties: Iterable[Duty],
    sign_ins: Iterable[SignIn],
    leaves: Iterable[Leave],
    substitutions: Iterable[Substitution],
    patrols: Iterable[Check],
    *,
    rules: Rules,
) -> list[Finding]:
    """Return what each held turn shows against whoever owns it now, excused ones left out."""
    came: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    away: dict[int, list[Leave]] = defaultdict(list)
    given: dict[int, list[Substitution]] = defaultdict(list)
    seen: dict[int, list[Check]] = defaultdict(list)
    for sign_in in sign_ins:
        if sign_in.counts:
            came[sign_in.session, sign_in.teacher].append(sign_in.moment)
    for leave in leaves:
        away[leave.teacher].append(leave)
    for one in substitutions:
        given[one.duty].append(one)
    for check in patrols:
        seen[check.session].append(check)
    found = []
    for duty in duties:
        if not duty.held or not rules.first <= duty.date <= rules.last:
            continue
        teacher, since = owner(duty, given[duty.id])
        mine = [leave for leave in away[teacher] if leave.touches(duty)]
        if any(leave.confirmed for leave in mine):
            continue
        pending = any(_waits(leave, duty.date, rules) for leave in mine)
        signed = min(came[duty.session, teacher], default=None)
        for what, minutes in _shown(duty, (teacher, since), signed, seen[duty.session], rules):
            found.append(Finding(duty.date, duty.id, teacher, what, minutes, pending))
    return sorted(found, key=lambda one: one.order)


def owner(duty: Duty, given: Iterable[Substitution]) -> tuple[int, datetime]:
    """Return whose turn it is and from when: the last confirmed stand-in's, else the teacher's of the rota."""
    last = max(given, key=lambda one: (one.at, one.teacher), default=None)
    return (duty.teacher, duty.starts) if last is None else (last.teacher, max(duty.starts, last.at))


def _shown(
    duty: Duty, owned: tuple[int, datetime], signed: datetime | None, seen: list[Check], rules: Rules
) -> list[tuple[What, int]]:
    teacher, since = owned
    if signed is None or signed > duty.ends:
        return [(What.ABSENT, 0)] if rules.now >= duty.ends else []
    shown = []
    minutes = minutes_late(since, signed)
    if minutes > rules.grace_minutes:
        shown.append((What.LATE, minutes))
    if _left(duty, teacher, signed, seen):
        shown.append((What.LEFT, 0))
    return shown


def minutes_late(starts: datetime, signed: datetime) -> int:
    """Return by how many whole minutes of the clock somebody came after the start: 15:15:40 is not after 15:15."""
    clock, due = (at.replace(second=0, microsecond=0) for at in (signed, starts))
    return max(0, int((clock - due) / timedelta(minutes=1)))


def _left(duty: Duty, teacher: int, signed: datetime, seen: list[Check]) -> bool:
    """Tell whether a record says that the teacher was gone before the session closed; without a record nobody left."""
    closed = duty.ended_at or duty.ends
    if any(not one.there and one.held_by != teacher and signed < one.at < closed for one in seen):
        return True
    return duty.ended_by is not None and duty.ended_by != teacher


def _waits(leave: Leave, day: date, rules: Rules) -> bool:
    """Tell whether an undecided leave still holds a flag back: for three school days after the turn or the asking."""
    if leave.asked_on is None:
        return False
    since, today = max(day, leave.asked_on), rules.now.date()
    return sum(since < one <= today for one in set(rules.school_days)) <= rules.wait_days


def flags(found: Iterable[Finding], rules: Rules) -> list[Flag]:
    """Count findings by rule, teacher and window; two turns of one afternoon count once. Pending ones never count."""
    counted = sorted({one for one in found if not one.pending}, key=lambda one: one.order)
    by_window: dict[tuple[int, int, date, date], list[Finding]] = defaultdict(list)
    wanted = {rule.id: rule.count for rule in rules.rules}
    for rule in rules.rules:
        for one in counted:
            if one.what == COUNTS[rule.kind]:
                by_window[rule.id, one.teacher, *span(rule.window, one.date, (rules.first, rules.last))].append(one)
    return [
        Flag(*key, tuple(ones))
        for key, ones in sorted(by_window.items())
        if len({one.date for one in ones}) >= wanted[key[0]]
    ]


def span(window: Window, day: date, term: tuple[date, date]) -> tuple[date, date]:
    """Return the first and last day of the window a date falls in: weeks from Monday, calendar months, within the term."""
    if window == Window.OCCASION:
        return day, day
    if window == Window.WEEK:
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=6)
    elif window == Window.MONTH:
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    else:
        return term
    return max(first, term[0]), min(last, term[1])


def unqualified(confirmed: Iterable[date], first: date, last: date) -> bool:
    """Tell whether a confirmed breach makes the period's rating 不合格, whatever the points: one is enough (rule 3)."""
    return any(first <= day <= last for day in confirmed)
