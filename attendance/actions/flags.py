"""Flags follow the records: raised, raised again, closed, or put before a person for a second look. Safe to run at any time."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Event, Session, Teacher, Term
from afterschool.support import clock
from attendance import discipline as rules
from attendance.discipline import What
from attendance.enums import FlagState, RuleKind
from attendance.flag_workflow import Move, Stage, stage, step
from attendance.models import AttendanceRule, Flag, FlagRecord
from attendance.queries.discipline import records_of

SHOWN_AS = {What.ABSENT: RuleKind.ABSENT, What.LATE: RuleKind.LATE_OFTEN, What.LEFT: RuleKind.LEFT}
Key = tuple[int, int, date]  # rule, teacher, first day of the window
Shown = set[tuple[int, str]]  # turn and what it shows


@transaction.atomic
def recount(term: Term, teachers: Collection[int] | None = None, *, by: Actor = SYSTEM) -> list[Flag]:
    """Hold the flags of a term, or of some teachers, against the records. Return those that changed."""
    if not AttendanceRule.objects.filter(term=term).exists():
        return []
    records = records_of(term, teachers)
    found = records.findings()
    standing: Shown = {(one.duty, SHOWN_AS[one.what]) for one in found if not one.pending}
    wanted: dict[Key, rules.Flag] = {(f.rule, f.teacher, f.first): f for f in rules.flags(found, records.rules)}
    rows = Flag.objects.filter(term=term).select_related("rule", "teacher").prefetch_related("records", "decisions")
    if teachers is not None:
        rows = rows.filter(teacher__in=teachers)
    known: dict[Key, Flag] = {(row.rule_id, row.teacher_id, row.first_day): row for row in rows}
    changed = [_raise(term, flag, by) for key, flag in wanted.items() if key not in known]
    for key, row in known.items():
        if _follow(row, wanted.get(key), standing, by):
            changed.append(row)
    return changed


def _raise(term: Term, found: rules.Flag, by: Actor) -> Flag:
    row = Flag.objects.create(
        term=term,
        rule_id=found.rule,
        teacher_id=found.teacher,
        first_day=found.first,
        last_day=found.last,
        raised_at=clock.now(),
    )
    _keep_records(row, _shown(found))
    record("flag.raised", subject=row, by=by, term_id=term.pk, data={"teacher": row.teacher_id, "rule": row.rule_id})
    _tell(row, "提出", by)
    return row


def _shown(found: rules.Flag | None) -> Shown:
    return {(one.duty, SHOWN_AS[one.what]) for one in found.findings} if found else set()


def _keep_records(row: Flag, shown: Shown) -> None:
    FlagRecord.objects.bulk_create(FlagRecord(flag=row, duty_id=duty, kind=kind) for duty, kind in sorted(shown))


def _follow(row: Flag, found: rules.Flag | None, standing: Shown, by: Actor) -> bool:
    """Bring one flag up to its records; tell whether anything about it changed."""
    before: Shown = {(one.duty_id, one.kind) for one in row.records.all() if one.standing}
    listed: Shown = {(one.duty_id, one.kind) for one in row.records.all()}
    now = _shown(found) | (listed & standing)
    if now != before:
        for one in row.records.all():
            holds = (one.duty_id, one.kind) in now
            if holds != one.standing:
                FlagRecord.objects.filter(pk=one.pk).update(standing=holds)
        _keep_records(row, now - listed)
    here = stage(FlagState(row.state), decided=bool(row.decisions.all()))
    move = _move(here, holds=found is not None, changed=now != before, in_use=row.rule.active)
    return _go(row, here, move, by) if move else now != before


def _move(here: Stage, *, holds: bool, changed: bool, in_use: bool) -> Move | None:
    if here == Stage.OPEN:
        return None if holds else Move.LAPSE
    if here == Stage.CLOSED:
        return Move.RAISE_AGAIN if holds else None
    if here == Stage.DROPPED:
        return Move.CHANGE if holds else None
    return Move.CHANGE if changed and in_use and here == Stage.DECIDED else None


def _go(row: Flag, here: Stage, move: Move, by: Actor) -> bool:
    found = step(here, move)
    if found is None:
        return False
    closed_at = clock.now() if found.to == FlagState.CLOSED else None
    if Flag.objects.filter(pk=row.pk, state=row.state).update(state=found.to, closed_at=closed_at) != 1:
        return False
    row.state, row.closed_at = found.to, closed_at
    verb = {Move.LAPSE: "flag.closed", Move.RAISE_AGAIN: "flag.raised", Move.CHANGE: "flag.changed"}[move]
    record(verb, subject=row, by=by, term_id=row.term_id, data={"teacher": row.teacher_id, "rule": row.rule_id})
    if move != Move.CHANGE:
        _tell(row, move.value, by)
    return True


def _tell(row: Flag, word: str, by: Actor) -> None:
    """Tell the teacher, and nobody else: an open flag waits for the office on its own page."""
    teacher = Teacher.objects.get(pk=row.teacher_id)
    if teacher.user_id is None:
        return
    what = AttendanceRule.objects.get(pk=row.rule_id).get_kind_display()
    body = {
        Move.LAPSE.value: "记录更正或请假批准后，这一条已自动关闭。",
        "提出": "点开看每一条记录，可以说明情况。由课程教学中心决定，不会自动生效。",
    }
    tell(
        [teacher.user_id],
        kind="teacher_attendance",
        title=f"考勤提醒（{what}）{'' if word == '提出' else word}：{row.first_day.month}月{row.first_day.day}日",
        body=body.get(word, "记录更正后，这一条又列出来了。"),
        url=reverse("attendance:flag", args=[row.pk]),
        term=row.term,
        by=by,
    )


def recount_when_due(term: Term) -> bool:
    """Recount the whole term once after each end of today's sessions, and once a day; tell whether it was due."""
    now = clock.now()
    ends = Session.objects.filter(term=term, date=now.date(), ends_at__lte=now.time())
    last = ends.order_by("-ends_at").values_list("ends_at", flat=True).first()
    due = clock.at(now.date(), last) if last else now.replace(hour=0, minute=0, second=0, microsecond=0)
    if Event.objects.filter(subject="term", verb="attendance.recounted", subject_id=term.pk, at__gte=due).exists():
        return False
    if not AttendanceRule.objects.filter(term=term, active=True).exists():
        return False
    recount(term)
    record("attendance.recounted", subject=term, by=SYSTEM, term_id=term.pk)
    return True
