"""A teacher's turns with what the records say of each; and the figures of a term for statements (F1)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import OuterRef, Q

from afterschool.school.access import Actor
from afterschool.school.models import Session, Teacher, Term
from afterschool.support import clock
from attendance import discipline as rules
from attendance.discipline import What
from attendance.enums import Verdict
from attendance.models import Flag, RollCall, SignIn
from attendance.queries.discipline import HANDED, Records, records_of, turns, was_seen
from scheduling.enums import DutySource
from scheduling.models import Duty

TONES = {What.ABSENT: "refused", What.LATE: "late", What.LEFT: "returned"}


@dataclass(frozen=True)
class TurnLine:
    """One turn: when it began, when the teacher signed in and how, what that shows, what excuses it."""

    duty: Duty
    signed: SignIn | None
    outside: SignIn | None  # signed in, but not from the school
    findings: list[rules.Finding]
    excuse: str
    held: bool

    @property
    def first_seen(self) -> str:
        """Return the time of the sign-in that counts, in the school's hours."""
        return f"{_moment(self.signed).astimezone(clock.SHANGHAI):%H:%M}" if self.signed else ""

    @property
    def late(self) -> int:
        """Return the minutes late."""
        return next((one.minutes for one in self.findings if one.what == What.LATE), 0)

    @property
    def pending(self) -> bool:
        return any(one.pending for one in self.findings)

    @property
    def stood_in(self) -> str:
        """Return how the turn came to its teacher, where not by the rota."""
        if self.duty.source not in HANDED or self.duty.replaces is None:
            return ""
        return f"{self.duty.get_source_display()}，原由{self.duty.replaces.teacher.name}"

    @property
    def states(self) -> list[tuple[str, str]]:
        """Return tone and word of everything the turn shows; on time where it shows nothing."""
        if self.excuse:
            return [("leave", self.excuse)]
        if self.findings:
            return [(TONES[one.what], _word(one)) for one in self.findings]
        if self.signed:
            return [("done", "准时")]
        session = self.duty.session
        if clock.now() < clock.at(session.date, session.ends_at):
            return [("none", "还没有到岗记录")]
        return [("none", "没有任何记录" if not self.held else "")]


def _word(one: rules.Finding) -> str:
    word = f"迟到 {one.minutes} 分钟" if one.what == What.LATE else one.what.value
    return f"{word}（待定）" if one.pending else word


def _moment(row: SignIn) -> datetime:
    return min(row.device_at, row.at) if row.sent_later and row.device_at else row.at


def lines_of(
    term: Term,
    teachers: Collection[int] | None = None,
    *,
    duties: Collection[int] | None = None,
    day: date | None = None,
) -> list[TurnLine]:
    """Return turns up to today with their records, newest first: of some teachers, of some turns, or of one day."""
    if duties is not None:
        teachers = set(Duty.objects.filter(pk__in=duties).values_list("teacher", flat=True))
    rows = turns(term, teachers)
    if duties is not None:
        rows = rows.filter(pk__in=duties)
    if day is not None:
        rows = rows.filter(session__date=day)
    related = ("teacher", "replaces__teacher", "session__group", "session__room")
    found = list(rows.select_related(*related).order_by("-session__date", "session__starts_at", "pk"))
    days = [row.session.date for row in found] or [term.starts_on]
    return _lines(found, records_of(term, {row.teacher_id for row in found}, between=(min(days), max(days))))


def _lines(rows: Iterable[Duty], records: Records) -> list[TurnLine]:
    rows = list(rows)
    shown: dict[int, list[rules.Finding]] = defaultdict(list)
    for one in records.findings():
        shown[one.duty].append(one)
    by_id = {one.id: one for one in records.duties}
    signed: dict[tuple[int, int], list[SignIn]] = defaultdict(list)
    sessions = [row.session_id for row in rows]
    for sign_in in SignIn.objects.filter(session__in=sessions).select_related("by"):
        signed[sign_in.session_id, sign_in.teacher_id].append(sign_in)
    lines = []
    for row in rows:
        mine = sorted(signed[row.session_id, row.teacher_id], key=_moment)
        turn = by_id.get(row.pk)
        excuses = [
            one.why
            for one in records.leaves
            if turn and one.teacher == row.teacher_id and one.confirmed and one.touches(turn)
        ]
        lines.append(
            TurnLine(
                row,
                next((one for one in mine if one.from_school is not False), None),
                next((one for one in mine if one.from_school is False), None),
                shown[row.pk],
                excuses[0] if excuses else "",
                turn.held if turn else False,
            )
        )
    return lines


def is_unsigned(session: Session, roll_call: RollCall, actor: Actor) -> bool:
    """Tell whether somebody else opened today's roll call of this teacher, who has not signed in: mostly without a query."""
    if actor.teacher is None or roll_call.opened_by_id == actor.user_id or session.date != clock.today():
        return False
    return not SignIn.objects.filter(session=session, teacher=actor.teacher).exclude(from_school=False).exists()


@dataclass(frozen=True)
class Attendance:
    """A teacher's term in figures: turns held, of them stood in for others, what they showed, and the flags."""

    teacher: Teacher
    held: int = 0
    stand_ins: int = 0
    was_stood_in_for: int = 0
    late: int = 0
    absent: int = 0
    left: int = 0
    excused: int = 0
    flags: list[Flag] = field(default_factory=list)

    @property
    def truant(self) -> list[Flag]:
        """Return the flags that were decided as 按旷工处理, the last decision of each counted."""
        return [one for one in self.flags if (made := list(one.decisions.all())) and made[-1].verdict == Verdict.TRUANT]


def attendance_of(term: Term, first: date, last: date, teachers: Collection[int] | None = None) -> list[Attendance]:
    """Return the figures of each teacher who had a turn between two dates, both included: for statements.

    Lateness, absence and leaving count once an afternoon, as the rules count them; what awaits a leave's decision does not.
    """
    records = records_of(term, teachers, between=(first, last))
    people = {row.pk: row.teacher for row in turns(term, teachers).select_related("teacher")}
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    owner_of = {}
    for turn in records.duties:
        teacher = people[turn.id]
        owner_of[teacher.pk] = teacher
        if turn.held:
            counts[teacher.pk]["held"] += 1
            if any(one.teacher == teacher.pk and one.confirmed and one.touches(turn) for one in records.leaves):
                counts[teacher.pk]["excused"] += 1
    seen = {(f.teacher, f.what, f.date) for f in records.findings() if not f.pending}
    for pk, what, _ in seen:
        counts[pk][{What.LATE: "late", What.ABSENT: "absent", What.LEFT: "left"}[what]] += 1
    for pk, kind in _handed(term, first, last):
        counts[pk][kind] += 1
    flags: dict[int, list[Flag]] = defaultdict(list)
    for flag in Flag.objects.filter(term=term, first_day__lte=last, last_day__gte=first).prefetch_related("decisions"):
        flags[flag.teacher_id].append(flag)
    return [Attendance(owner_of[pk], flags=flags[pk], **counts[pk]) for pk in sorted(owner_of)]


def _handed(term: Term, first: date, last: date) -> list[tuple[int, str]]:
    """Return who stood in and who was stood in for, of turns that were held: a swap is neither."""
    rows = turns(term).filter(
        Q(session__roll_call__isnull=False) | was_seen(OuterRef("session")),
        source=DutySource.STAND_IN,
        session__date__range=(first, last),
    )
    found = []
    for taker, giver in rows.values_list("teacher", "replaces__teacher"):
        found.append((taker, "stand_ins"))
        if giver is not None:
            found.append((giver, "was_stood_in_for"))
    return found
