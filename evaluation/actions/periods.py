"""A teacher's sheet of a month or of the term."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation import access
from evaluation.actions.lines import Scores, as_data, check, check_reasons, points_of, rubric_for, write_lines
from evaluation.enums import RubricKind, SheetState
from evaluation.models import Rubric, ScoreSheet
from evaluation.month import Period
from evaluation.queries import periods, teacher_facts


@transaction.atomic
def score_period(
    *,
    term: Term,
    teacher: Teacher,
    period: Period,
    scores: Scores,
    final: bool,
    seen: str,
    rubric: Rubric | None = None,
    by: Actor,
) -> ScoreSheet:
    """Write the one sheet of a teacher for a month or the term; a draft may be continued by another who may score.

    `seen` is when the draft on the page was written, empty where there was none; `rubric` the version the page showed.
    Refused: `not_yours`, `own_sheet`, `not_yet`, `no_rubric`, `new_version`, `unknown_item`, `below_zero`,
    `over_limit`, `incomplete`, `no_reason`, `final`, `somebody_was_faster`.
    """
    if period.first > clock.today():
        raise Refused("not_yet", "还没到，不能先评。")
    if not access.teachers_to_score(by, term, period).filter(pk=teacher.pk).exists():
        raise Refused("not_yours", "这位教师的这张表不归您评。")
    if teacher == by.teacher:
        raise Refused("own_sheet", "不能评自己。")
    existing = periods.sheet_of(term, teacher, period)
    if existing is not None and existing.is_final:
        raise Refused("final", "这张评价表已完成，不能再改；要改请课程教学中心重新打开。")
    if periods.stamp_of(existing) != seen:
        raise somebody_was_faster()
    rubric = rubric_for(RubricKind.TEACHER, existing.rubric if existing else None, rubric)
    check(rubric, scores.points, final=final)
    proposals = teacher_facts.proposals_for(by, rubric, term, teacher, first=period.first, last=period.last)
    if final:
        check_reasons(rubric, scores, proposals)
    old = points_of(existing)
    sheet = existing or ScoreSheet(
        term=term, rubric=rubric, occasion=period.occasion, teacher=teacher, date=period.last
    )
    _keep(sheet, scores, final=final, by=by)
    write_lines([(sheet, scores)], rubric, {sheet.pk: proposals})
    verb = "score_sheet.finished" if final else "score_sheet.drafted"
    record(verb, subject=sheet, by=by, term_id=term.pk, data={"old": old, "new": as_data(scores.points)})
    if final and teacher.user_id:
        tell(
            [teacher.user_id],
            kind="score_sheet.finished",
            title=f"{period}的评价可以看了",
            url=reverse("evaluation:teacher-sheet", args=[sheet.pk]),
            by=by,
        )
    return sheet


def _keep(sheet: ScoreSheet, scores: Scores, *, final: bool, by: Actor) -> None:
    """Insert a new sheet, or change a draft that is still as it was read."""
    read_at = sheet.scored_at
    values = {
        "comment": scores.comment,
        "state": SheetState.FINAL if final else SheetState.DRAFT,
        "scored_by_id": by.user_id or 0,
        "scored_at": clock.now(),
    }
    for name, value in values.items():
        setattr(sheet, name, value)
    if sheet.pk is None:
        try:
            with transaction.atomic():
                sheet.save(force_insert=True)
        except IntegrityError:
            raise somebody_was_faster() from None
    elif ScoreSheet.objects.filter(pk=sheet.pk, state=SheetState.DRAFT, scored_at=read_at).update(**values) != 1:
        raise somebody_was_faster()
