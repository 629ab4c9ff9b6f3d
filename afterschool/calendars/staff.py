"""A teacher's calendar: duties with stand-ins and swaps as they stand, clubs, patrol, training."""

from collections.abc import Iterator
from datetime import date

from afterschool.calendars.values import Entry, Span
from afterschool.school.enums import DayKind, GroupKind, SessionState
from afterschool.school.models import Session, Teacher
from scheduling.enums import DutySource, SubstitutionState, TrainingState
from scheduling.models import Duty, PatrolChange, PatrolTurn, Substitution, TrainingPerson

OPEN = (SubstitutionState.ASKED, SubstitutionState.ACCEPTED)
HANDED = (DutySource.STAND_IN, DutySource.SWAP)


def entries(teacher: Teacher, span: Span) -> list[Entry]:
    """Return what a teacher has on: seven queries, however many duties."""
    return [*_duties(teacher, span), *_asked(teacher, span), *_patrol(teacher, span), *_trainings(teacher, span)]


def _duties(teacher: Teacher, span: Span) -> Iterator[Entry]:
    of_span = Duty.objects.filter(session__term=span.term, session__date__range=(span.first, span.last), active=True)
    rows = of_span.select_related("session__group", "session__room", "replaces__teacher", "teacher")
    asked = {
        row.duty_id: row
        for row in Substitution.objects.filter(
            duty__teacher=teacher, duty__session__date__range=(span.first, span.last), state__in=OPEN
        ).select_related("teacher")
    }
    for duty in rows.filter(teacher=teacher):
        sub = asked.get(duty.pk)
        instead = f"代{duty.replaces.teacher.name}" if duty.source in HANDED and duty.replaces else ""
        note = f"已请{sub.teacher.name}{sub.get_kind_display()}，{sub.get_state_display()}" if sub else instead
        state = duty.get_source_display() if duty.source in HANDED else ""
        yield _of_session(duty.session, f"duty-{duty.session_id}", note=note, state=state, tone="moved")
    for duty in rows.filter(replaces__teacher=teacher, source__in=HANDED).exclude(teacher=teacher):
        note = f"由{duty.teacher.name}{duty.get_source_display()}"
        yield _of_session(duty.session, f"duty-{duty.session_id}", note=note, state="不用去", tone="none", handed=True)


def _of_session(
    session: Session, key: str, *, note: str, state: str, tone: str, handed: bool = False, tentative: bool = False
) -> Entry:
    off = session.state == SessionState.CANCELLED
    word = "社团" if session.group.kind == GroupKind.CLUB else "值班"
    place = str(session.room or "")
    return Entry(
        key=key,
        date=session.date,
        title=f"{word}：{session.group.name}",
        outside=f"{word}：{session.group.name}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place=place,
        outside_place=place,
        note=session.cancel_reason if off else note,
        state="停办" if off else state,
        tone="refused" if off else tone,
        cancelled=off or handed,
        tentative=tentative,
    )


def _asked(teacher: Teacher, span: Span) -> Iterator[Entry]:
    """Give the duties that others have asked this teacher to take, not settled yet."""
    rows = Substitution.objects.filter(
        teacher=teacher, term=span.term, state__in=OPEN, duty__session__date__range=(span.first, span.last)
    )
    for row in rows.select_related("duty__session__group", "duty__session__room", "duty__teacher"):
        yield _of_session(
            row.duty.session,
            f"asked-{row.pk}",
            note=f"{row.duty.teacher.name}请您{row.get_kind_display()}",
            state=row.get_state_display(),
            tone="unread",
            tentative=True,
        )


def _patrol(teacher: Teacher, span: Span) -> Iterator[Entry]:
    own = {turn.pk: turn for turn in PatrolTurn.objects.filter(term=span.term, teacher=teacher)}
    rows = PatrolChange.objects.filter(turn__term=span.term, date__range=(span.first, span.last))
    changes = list(rows.select_related("turn"))
    given = {(change.turn_id, change.date) for change in changes}
    days = span.days()
    for day in days.values():
        for turn in own.values():
            if turn.weekday == day.runs_weekday and day.kind == DayKind.SERVICE and (turn.pk, day.date) not in given:
                yield _round(turn, f"patrol-{turn.pk}-{day.date}", day.date)
    for change in changes:
        served = change.date in days and days[change.date].kind == DayKind.SERVICE
        if change.teacher_id == teacher.pk and served:
            yield _round(change.turn, f"patrol-{change.turn_id}-{change.date}", change.date, note=change.reason)


def _round(turn: PatrolTurn, key: str, day: date, note: str = "") -> Entry:
    title = f"巡视：{turn.get_post_display()}"
    return Entry(key=key, date=day, title=title, outside=title, note=note)


def _trainings(teacher: Teacher, span: Span) -> Iterator[Entry]:
    rows = TrainingPerson.objects.filter(
        teacher=teacher, training__term=span.term, training__date__range=(span.first, span.last)
    )
    for row in rows.select_related("training"):
        training = row.training
        off = training.state == TrainingState.CANCELLED
        yield Entry(
            key=f"training-{training.pk}",
            date=training.date,
            title=f"{training.get_kind_display()}：{training.title}",
            outside=f"{training.get_kind_display()}：{training.title}",
            starts_at=training.starts_at,
            ends_at=training.ends_at,
            place=training.place,
            outside_place=training.place,
            state="已取消" if off else "",
            tone="refused",
            cancelled=off,
        )
