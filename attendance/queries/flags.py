"""Flags before people: whose one sees, who may do what, the records behind each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import Term
from attendance.enums import FlagState, RuleKind, SignInSource, StatementKind
from attendance.flag_workflow import Move, Stage, Who, moves, stage
from attendance.models import Flag, FlagDecision, FlagRecord, SignIn, StaffCheck
from attendance.queries.teacher_attendance import TurnLine, lines_of

READERS = (Role.ADMINISTRATOR, Role.LEADING_GROUP)
RELATED = ("rule", "teacher__user", "term")
UNSETTLED = (FlagState.OPEN, FlagState.REVIEW)


def flags_for(actor: Actor, term: Term) -> QuerySet[Flag]:
    """Return the flags a person sees: office and leading group all, a teacher the own."""
    rows = Flag.objects.filter(term=term).select_related(*RELATED).prefetch_related("statements__by", "decisions__by")
    if actor.has(*READERS):
        return rows
    return rows.filter(teacher=actor.teacher) if actor.teacher else rows.none()


def stage_of(flag: Flag) -> Stage:
    """Return where a flag stands, appeals included."""
    decisions = list(flag.decisions.all())
    return stage(
        FlagState(flag.state),
        decided=bool(decisions),
        appealed=any(one.kind == StatementKind.APPEAL for one in flag.statements.all()),
        settled=any(one.on_appeal for one in decisions),
    )


def holds(flag: Flag) -> bool:
    """Tell whether the standing records of a flag still meet its rule."""
    days = FlagRecord.objects.filter(flag=flag, standing=True).values_list("duty__session__date", flat=True)
    return len(set(days)) >= flag.rule.count


def recorders(flag: Flag) -> set[int]:
    """Return the accounts that made a record behind a flag: who checked, who entered a sign-in, who ended the session."""
    sessions = FlagRecord.objects.filter(flag=flag).values("duty__session")
    found = set(StaffCheck.objects.filter(session__in=sessions).values_list("by", flat=True))
    entered = SignIn.objects.filter(session__in=sessions, source=SignInSource.OFFICE)
    found |= set(entered.values_list("by", flat=True))
    left = FlagRecord.objects.filter(flag=flag, kind=RuleKind.LEFT, duty__session__roll_call__ended_by__isnull=False)
    return found | set(left.values_list("duty__session__roll_call__ended_by", flat=True))


def who_of(actor: Actor, flag: Flag) -> frozenset[Who]:
    """Return as whom the table of moves sees this person."""
    if actor.user is None:
        return frozenset()
    if flag.teacher.user_id == actor.user.pk:
        return frozenset({Who.TEACHER})  # never a judge in the own case
    found: set[Who] = set()
    if not actor.has(*READERS) or actor.user.pk in recorders(flag):
        return frozenset(found)
    if actor.is_office:
        found.add(Who.DECIDER)
    if not any(one.by_id == actor.user.pk for one in flag.decisions.all()):
        found.add(Who.OTHER)
    return frozenset(found)


@dataclass(frozen=True)
class FlagPage:
    """One flag with its records, what was said and decided, and what this person may do."""

    flag: Flag
    stage: Stage
    records: list[tuple[FlagRecord, TurnLine | None]]
    moves: list[Move]
    decisions: list[FlagDecision]

    def may(self, move: Move) -> bool:
        """Tell whether a move is open."""
        return move in self.moves

    @property
    def may_answer(self) -> bool:
        return self.may(Move.ANSWER)

    @property
    def may_appeal(self) -> bool:
        return self.may(Move.APPEAL)

    @property
    def may_decide(self) -> bool:
        return self.may(Move.DECIDE) or self.may(Move.DECIDE_APPEAL)

    @property
    def may_review(self) -> bool:
        return self.may(Move.KEEP)


def flag_page(actor: Actor, flag: Flag) -> FlagPage:
    """Return what the page of one flag shows."""
    records = list(flag.records.select_related("duty__session").order_by("duty__session__date", "pk"))
    lines = {line.duty.pk: line for line in lines_of(flag.term, duties=[one.duty_id for one in records])}
    here = stage_of(flag)
    return FlagPage(
        flag,
        here,
        [(one, lines.get(one.duty_id)) for one in records],
        moves(here, who_of(actor, flag)),
        list(flag.decisions.all()),
    )


@dataclass(frozen=True)
class FlagLine:
    """One flag in a list."""

    flag: Flag
    stage: Stage
    days: list[str]
    verdict: str


def flag_lines(flags: Iterable[Flag]) -> list[FlagLine]:
    """Return flags as lists show them, with the dates of their records: one query more."""
    rows = list(flags)
    records = FlagRecord.objects.filter(flag__in=rows, standing=True).order_by("duty__session__date")
    days: dict[int, list[str]] = {}
    for flag_id, day in records.values_list("flag", "duty__session__date"):
        word = f"{day.month}月{day.day}日"
        if word not in days.setdefault(flag_id, []):
            days[flag_id].append(word)
    found = []
    for row in rows:
        decisions = list(row.decisions.all())
        verdict = decisions[-1].get_verdict_display() if decisions else ""
        found.append(FlagLine(row, stage_of(row), days.get(row.pk, []), verdict))
    return found


def undecided(term: Term) -> QuerySet[Flag]:
    """Return the flags that wait for a person: open, to be looked at again, or appealed."""
    appealed = Q(state=FlagState.DECIDED, statements__kind=StatementKind.APPEAL)
    settled = FlagDecision.objects.filter(on_appeal=True).values("flag")
    rows = Flag.objects.filter(term=term).filter(Q(state__in=UNSETTLED) | (appealed & ~Q(pk__in=settled)))
    return rows.distinct()
