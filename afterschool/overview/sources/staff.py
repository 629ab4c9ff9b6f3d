"""Teachers: turns with a sign-in, a late one or none, stand-ins, leave, flags. Not for a class, and never by person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.urls import reverse

from afterschool.overview.ask import Ask
from afterschool.overview.figures import Figure, Line, Source, having
from afterschool.overview.sources.lines import day_word, span_word
from afterschool.school.enums import SERVICE_GROUPS, SessionState
from afterschool.support import clock
from attendance.discipline import minutes_late
from attendance.enums import SignInSource
from attendance.models import Flag
from attendance.queries.discipline import HANDED
from attendance.queries.flags import undecided
from scheduling.enums import TeacherLeaveState
from scheduling.models import Duty, TeacherLeave


def not_of_a_class(ask: Ask) -> bool:
    """Teachers' attendance is no matter of a head teacher."""
    return not ask.scope.is_class


def turns(ask: Ask) -> QuerySet[Duty]:
    """The turns at sessions of service groups that have begun, with who has them now."""
    now = clock.now()
    begun = Q(session__date__lt=now.date()) | Q(session__date=now.date(), session__starts_at__lte=now.time())
    rows = Duty.objects.filter(
        begun,
        active=True,
        session__term=ask.term,
        session__state=SessionState.PLANNED,
        session__group__kind__in=SERVICE_GROUPS,
        session__date__range=ask.span.days,
    )
    return rows.filter(ask.scope.of_group("session__group"))


@dataclass
class Turn:
    """When a turn begins and ends, and when its teacher was first known to be there."""

    starts: datetime
    ends: datetime
    first: datetime | None = None
    by_roll: bool = False

    @property
    def came(self) -> bool:
        return self.first is not None and self.first <= self.ends

    def saw(self, moment: datetime) -> None:
        """Take a sign-in that counts."""
        self.first = min(moment, self.first or moment)


SIGN_IN = ("mine__source", "mine__at", "mine__device_at", "mine__sent_later", "mine__from_school")
ROLL = ("session__roll_call__opened_at", "session__roll_call__opened_by__teacher")


def signed(ask: Ask) -> dict[str, list[int]]:
    """Return the turns of each figure, by the first sign-in that counts: one query. Leave and training aren't weighed here.

    As the rule reads them (`attendance.discipline`): by the device's clock where sent later; who opened the roll call
    before the turn was theirs was there too.
    """
    mine = FilteredRelation("session__sign_ins", condition=Q(session__sign_ins__teacher=F("teacher")))
    rows = turns(ask).order_by().annotate(mine=mine)
    times = ("session__date", "session__starts_at", "session__ends_at")
    found: dict[int, Turn] = {}
    openers: dict[int, datetime] = {}
    for row in rows.values_list("pk", "teacher", *times, *SIGN_IN, *ROLL):
        pk, teacher, day, starts, ends, source, at, device_at, later, from_school, opened_at, opener = row
        turn = found.setdefault(pk, Turn(clock.at(day, starts), clock.at(day, ends)))
        if at is not None and from_school is not False:
            turn.saw(min(device_at, at) if later and device_at else at)
        turn.by_roll |= source == SignInSource.ROLL_CALL
        if opener == teacher:
            openers[pk] = opened_at
    for pk, opened_at in openers.items():
        if not found[pk].by_roll:
            found[pk].saw(opened_at)
    return _sorted(found, ask.term.sign_in_grace_minutes)


def _sorted(turns: dict[int, Turn], grace: int) -> dict[str, list[int]]:
    now = clock.now()
    return {
        "turns": list(turns),
        "signed": [pk for pk, one in turns.items() if one.came],
        "signed-late": [
            pk for pk, one in turns.items() if one.came and one.first and minutes_late(one.starts, one.first) > grace
        ],
        "not-signed": [pk for pk, one in turns.items() if not one.came and one.ends <= now],
        "not-yet": [pk for pk, one in turns.items() if not one.came and one.ends > now],
    }


def _turn_line(row: Duty, ask: Ask) -> Line:
    session = row.session
    hint = f"{day_word(session.date)} {session.starts_at:%H:%M}　{session.group.name}"
    url = reverse("attendance:roll-call", args=[session.pk])
    if ask.actor.is_office:
        url = f"{reverse('attendance:teacher-day')}?day={session.date:%Y-%m-%d}"
    return Line(row.teacher.name, hint, url)


BY_TIME = ("-session__date", "session__starts_at", "session__group__grade", "session__group__order", "pk")
SIGNED = "按签到记录算；请假、培训、代课是否抵消，由教师考勤判断。"
TURNS = Source(
    key="turns",
    rows=turns,
    figures=(
        Figure("signed", "已到岗", main=True, note=SIGNED),
        Figure("turns", "应到岗"),
        Figure("signed-late", "到岗迟", note=SIGNED),
        Figure("not-yet", "还没到岗", note=SIGNED),
        Figure("not-signed", "没有到岗记录", note=SIGNED),
    ),
    line=_turn_line,
    related=("teacher", "session__group"),
    order=BY_TIME,
    seen=not_of_a_class,
    known=signed,
)


def handed(ask: Ask) -> QuerySet[Duty]:
    """The turns that somebody took over, in sessions that take place, also those to come."""
    rows = Duty.objects.filter(
        active=True,
        source__in=HANDED,
        session__term=ask.term,
        session__state=SessionState.PLANNED,
        session__group__kind__in=SERVICE_GROUPS,
        session__date__range=ask.span.days,
    )
    return rows.filter(ask.scope.of_group("session__group"))


def _handed_line(row: Duty, ask: Ask) -> Line:
    session = row.session
    before = f"　原由{row.replaces.teacher.name}" if row.replaces else ""
    hint = f"{day_word(session.date)} {session.starts_at:%H:%M}　{session.group.name}{before}"
    url = reverse("attendance:roll-call", args=[session.pk])
    return Line(row.teacher.name, hint, url, "moved", str(row.get_source_display()))


STAND_INS = Source(
    key="stand_ins",
    rows=handed,
    figures=(Figure("stand-ins", "代课、调课"),),
    line=_handed_line,
    related=("teacher", "session__group", "replaces__teacher"),
    order=BY_TIME,
    seen=not_of_a_class,
)


def leaves(ask: Ask) -> QuerySet[TeacherLeave]:
    """The leaves of teachers that touch these days, by the grade a teacher belongs to."""
    rows = TeacherLeave.objects.filter(term=ask.term, first_day__lte=ask.span.last, last_day__gte=ask.span.first)
    return rows.filter(teacher__grade=ask.scope.grade) if ask.scope.grade is not None else rows


def _leave_line(row: TeacherLeave, ask: Ask) -> Line:
    hint = f"{span_word(row.first_day, row.last_day)}　{row.get_kind_display()}"
    state = TeacherLeaveState(row.state)
    return Line(row.teacher.name, hint, reverse("scheduling:standins-leave", args=[row.pk]), row.tone, str(state.label))


LEAVES = Source(
    key="teacher_leaves",
    rows=leaves,
    figures=(
        Figure("teachers-away", "教师请假", having(Q(state=TeacherLeaveState.CONFIRMED))),
        Figure("teachers-asked", "教师请假待批", having(Q(state=TeacherLeaveState.ASKED))),
    ),
    line=_leave_line,
    related=("teacher",),
    order=("-first_day", "pk"),
    seen=not_of_a_class,
)


def flags(ask: Ask) -> QuerySet[Flag]:
    """The flags that wait for a person's decision, whatever days they are of."""
    return Flag.objects.filter(pk__in=undecided(ask.term).order_by().values("pk"))


def _flag_line(row: Any, ask: Ask) -> Line:
    days = span_word(row.first_day, row.last_day)
    return Line(row.teacher.name, f"{row.rule}　{days}", reverse("attendance:flag", args=[row.pk]))


FLAGS = Source(
    key="flags",
    rows=flags,
    figures=(Figure("flags", "考勤预警待决定"),),
    line=_flag_line,
    related=("teacher", "rule"),
    order=("-first_day", "pk"),
    seen=lambda ask: ask.scope.is_school,
)
