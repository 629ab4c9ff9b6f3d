"""Writing sheets: a visit to a teacher, a month of a group's children, and the office opening a finished one again."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import tell
from afterschool.school.models import Event, Group, Guardianship, Session, Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation import access
from evaluation.actions.lines import Scores, as_data, check, check_reasons, points_of, rubric_for, write_lines
from evaluation.enums import Occasion, RubricKind, SheetState
from evaluation.models import Rubric, ScoreSheet
from evaluation.month import Period
from evaluation.queries import child_facts, children, periods, teacher_facts
from evaluation.queries.sheets import items_of
from evaluation.rubric import tally
from scheduling.models import Duty

__all__ = ["Scores", "reopen", "save_month", "score_visit"]


@transaction.atomic
def score_visit(
    *,
    session: Session,
    scores: Scores,
    final: bool,
    rubric: Rubric | None = None,
    seen: str | None = None,
    by: Actor,
) -> ScoreSheet:
    """Write the sheet of one visit to the teacher of a session; a draft may be written again, a finished one not.

    `rubric` is the version the page showed, `seen` when the draft on it was written (empty where there was none).
    Refused: `not_yours`, `not_yet`, `cancelled`, `no_teacher`, `own_duty`, `no_rubric`, `new_version`, `unknown_item`,
    `below_zero`, `over_limit`, `incomplete` (finished with items open), `no_reason` (other points than proposed, without
    a word why), `final`, `somebody_was_faster`.
    """
    teacher = _teacher_to_score(session, by)
    existing = ScoreSheet.objects.filter(
        occasion=Occasion.VISIT, session=session, teacher=teacher, scored_by_id=by.user_id
    ).first()
    if existing is not None and existing.state == SheetState.FINAL:
        raise Refused("final", "这张评价表已完成，不能再改；要改请课程教学中心重新打开。")
    if seen is not None and periods.stamp_of(existing) != seen:
        raise somebody_was_faster()
    rubric = rubric_for(RubricKind.TEACHER, existing.rubric if existing else None, rubric)
    proposals = teacher_facts.proposals_for(
        by, rubric, session.term, teacher, first=session.date, last=session.date, session=session
    )
    check(rubric, scores.points, final=final)
    if final:
        check_reasons(rubric, scores, proposals)
    sheet = existing or ScoreSheet(
        term_id=session.term_id, rubric=rubric, occasion=Occasion.VISIT, teacher=teacher, session=session
    )
    old = points_of(existing)
    sheet.date, sheet.comment, sheet.scored_by_id, sheet.scored_at = (
        session.date,
        scores.comment,
        by.user_id or 0,
        clock.now(),
    )
    sheet.state = SheetState.FINAL if final else SheetState.DRAFT
    _keep(sheet, existing)
    write_lines([(sheet, scores)], rubric, {sheet.pk: proposals})
    verb = "score_sheet.finished" if final else "score_sheet.drafted"
    record(verb, subject=sheet, by=by, term_id=session.term_id, data={"old": old, "new": as_data(scores.points)})
    if final and teacher.user_id:
        tell(
            [teacher.user_id],
            kind="score_sheet.finished",
            title=f"{session.date.month}月{session.date.day}日的巡视评价可以看了",
            url=reverse("evaluation:teacher-sheet", args=[sheet.pk]),
            by=by,
        )
    return sheet


def _teacher_to_score(session: Session, by: Actor) -> Teacher:
    if session.state == "cancelled":
        raise Refused("cancelled", "这一场已取消，不评。")
    if not access.sessions_to_score(by, session.term).filter(pk=session.pk).exists():
        raise Refused("not_yours", "这一场不归您评。")
    if access.too_early(session, clock.today()):
        raise Refused("not_yet", "这一场还没到，不能先评。")
    duty = Duty.objects.filter(session=session, active=True).select_related("teacher").first()
    if duty is None:
        raise Refused("no_teacher", "这一场还没有负责的教师，请先排值班。")
    if duty.teacher == by.teacher:
        raise Refused("own_duty", "不能评自己。")
    return duty.teacher


def _keep(sheet: ScoreSheet, existing: ScoreSheet | None) -> None:
    if existing is None:
        sheet.save(force_insert=True)
        return
    changed = ScoreSheet.objects.filter(pk=sheet.pk, state=SheetState.DRAFT).update(
        state=sheet.state, comment=sheet.comment, scored_at=sheet.scored_at
    )
    if changed != 1:
        raise somebody_was_faster()


@transaction.atomic
def save_month(
    *,
    group: Group,
    month: Period,
    scores: Mapping[int, Scores],
    finish: bool,
    seen: str | None,
    rubric: Rubric | None = None,
    by: Actor,
) -> tuple[int, int]:
    """Write what one page says of a group's children for a month or the term, in one go. Return (sheets written, of them finished).

    `scores` by student. Finished sheets are left alone; with `finish` the complete ones are finished, the others stay
    drafts. `seen` is the fingerprint of the page it was written on: `somebody_was_faster` where another person saved since.
    `rubric` is the version it showed.
    Refused: `not_yours`, `not_yet`, `no_rubric`, `new_version`, `unknown_item`, `below_zero`, `over_limit`.
    """
    if not access.groups_to_score(by, group.term, month).filter(pk=group.pk).exists():
        raise Refused("not_yours", "这个月这个班不归您评。")
    if month.first > clock.today():
        raise Refused("not_yet", "这个月还没到，不能先评。")
    Group.objects.select_for_update().get(pk=group.pk)  # two teachers of one group save one after the other
    found = children.rows(group, month)
    if seen is not None and seen != children.fingerprint(found):
        raise somebody_was_faster()
    rubric = rubric_for(RubricKind.STUDENT, children.rubric_of(found), rubric)
    written, events = [], []
    for row in found:
        given = scores.get(row.student.pk)
        if given is None or row.final:
            continue
        check(rubric, given.points, final=False)
        done = finish and tally(items_of(rubric), given.points).complete
        if (dict(given.points), given.comment) == (row.points, row.comment) and not done:
            continue
        written.append((_month_sheet(row, rubric, group.term, month, given, done=done, by=by), given))
    _keep_month([sheet for sheet, _ in written])
    proposed = child_facts.proposals_for(rubric, group.term, [sheet.student_id or 0 for sheet, _ in written], month)
    write_lines(written, rubric, {sheet.pk: proposed[sheet.student_id or 0] for sheet, _ in written})
    before = {row.student.pk: row.points for row in found}
    for sheet, given in written:
        events.append(_month_event(sheet, before[sheet.student_id or 0], given, by=by))
    record_many(events)
    finished = [sheet for sheet, _ in written if sheet.state == SheetState.FINAL]
    _tell_guardians(finished, month, by=by)
    return len(written), len(finished)


def _month_sheet(
    row: children.ChildRow, rubric: Rubric, term: Term, month: Period, given: Scores, *, done: bool, by: Actor
) -> ScoreSheet:
    sheet = row.sheet or ScoreSheet(
        term=term, rubric=rubric, occasion=month.occasion, student=row.student, date=month.last
    )
    sheet.comment, sheet.scored_by_id, sheet.scored_at = given.comment, by.user_id or 0, clock.now()
    sheet.state = SheetState.FINAL if done else SheetState.DRAFT
    return sheet


def _keep_month(sheets: Sequence[ScoreSheet]) -> None:
    old = [sheet for sheet in sheets if sheet.pk]
    ScoreSheet.objects.bulk_create([sheet for sheet in sheets if not sheet.pk])
    ScoreSheet.objects.bulk_update(old, ["comment", "state", "scored_by", "scored_at"])


def _month_event(sheet: ScoreSheet, old: Mapping[int, int], given: Scores, *, by: Actor) -> Event:
    verb = "score_sheet.finished" if sheet.state == SheetState.FINAL else "score_sheet.drafted"
    data = {"old": as_data(old), "new": as_data(given.points)}
    return event(verb, subject=sheet, by=by, student_id=sheet.student_id, term_id=sheet.term_id, data=data)


def _tell_guardians(finished: Sequence[ScoreSheet], month: Period, *, by: Actor) -> None:
    if not finished:
        return
    links = Guardianship.objects.filter(
        student__in=[sheet.student_id for sheet in finished], acts=True, guardian__user__isnull=False
    )
    people = set(links.values_list("guardian__user_id", flat=True))
    if people:
        tell(
            people,
            kind="score_sheet.finished",
            title=f"{month}的课后服务评价可以看了",
            url=reverse("evaluation:child-sheets"),
            by=by,
        )


@transaction.atomic
def reopen(*, sheet: ScoreSheet, reason: str, by: Actor) -> None:
    """Open a finished sheet again, so that its writer can mend it; the reason is kept.

    Refused: `not_yours` (the office alone), `no_reason`, `somebody_was_faster` (no longer finished).
    """
    if not access.may_reopen(by):
        raise Refused("not_yours", "只有课程教学中心可以重新打开评价表。")
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么要重新打开。")
    if ScoreSheet.objects.filter(pk=sheet.pk, state=SheetState.FINAL).update(state=SheetState.DRAFT) != 1:
        raise somebody_was_faster()
    record(
        "score_sheet.reopened",
        subject=sheet,
        by=by,
        student_id=sheet.student_id,
        term_id=sheet.term_id,
        data={"points": points_of(sheet)},
        note=reason.strip(),
    )
