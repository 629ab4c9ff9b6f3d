"""A teacher objects to the own sheet; another person than the scorer answers."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import StaffRole
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation import access
from evaluation.actions.lines import points_of
from evaluation.enums import ObjectionState, SheetState
from evaluation.models import ScoreSheet, SheetObjection


@transaction.atomic
def object_to(*, sheet: ScoreSheet, text: str, by: Actor) -> SheetObjection:
    """Keep what a teacher says against the own finished sheet, and tell those who may answer.

    Refused: `not_yours`, `not_final`, `no_text`, `already` (one waits for its answer).
    """
    if by.teacher is None or sheet.teacher_id != by.teacher.pk:
        raise Refused("not_yours", "只能对自己的评价表提出异议。")
    if not sheet.is_final:
        raise Refused("not_final", "这张评价表还没有完成。")
    if not text.strip():
        raise Refused("no_text", "请写一写哪一项、为什么。")
    try:
        with transaction.atomic():
            row = SheetObjection.objects.create(sheet=sheet, text=text.strip(), by_id=by.user_id or 0, at=clock.now())
    except IntegrityError:
        raise Refused("already", "您已提出异议，正等答复。") from None
    record("score_sheet.objected", subject=sheet, by=by, term_id=sheet.term_id, data={"objection": row.pk})
    people = _may_answer(sheet)
    if people:
        tell(
            people,
            kind="score_sheet.objected",
            title="一位教师对评价表提出异议，请答复",
            url=reverse("evaluation:teacher-sheet", args=[sheet.pk]),
            by=by,
        )
    return row


def _may_answer(sheet: ScoreSheet) -> set[int]:
    rows = StaffRole.objects.filter(
        role__in=access.REPORT_READERS, teacher__active=True, teacher__user__isnull=False
    ).exclude(teacher=sheet.teacher_id)
    return set(rows.values_list("teacher__user_id", flat=True)) - {sheet.scored_by_id}


@transaction.atomic
def answer(*, objection: SheetObjection, uphold: bool, text: str, by: Actor) -> None:
    """Answer an objection; where it is upheld the sheet is opened again, for its scorer to mend.

    Refused: `not_yours` (office or leading group, neither the scorer nor the teacher), `no_text`, `somebody_was_faster`.
    """
    sheet = objection.sheet
    if not access.may_answer(by, sheet):
        raise Refused("not_yours", "异议由评价人以外的人答复。")
    if not text.strip():
        raise Refused("no_text", "请写一句答复。")
    state = ObjectionState.UPHELD if uphold else ObjectionState.DISMISSED
    changed = SheetObjection.objects.filter(pk=objection.pk, state=ObjectionState.OPEN).update(
        state=state, answer=text.strip(), answered_by=by.user_id, answered_at=clock.now()
    )
    if changed != 1:
        raise somebody_was_faster()
    data = {"objection": objection.pk, "points": points_of(sheet)}
    record(f"score_sheet.objection_{state}", subject=sheet, by=by, term_id=sheet.term_id, data=data)
    if uphold:
        ScoreSheet.objects.filter(pk=sheet.pk, state=SheetState.FINAL).update(state=SheetState.DRAFT)
        _tell_scorer(sheet, by)
    tell(
        [objection.by_id],
        kind="score_sheet.objection_answered",
        title="您的异议已答复",
        url=reverse("evaluation:my-sheets"),
        by=by,
    )


def _tell_scorer(sheet: ScoreSheet, by: Actor) -> None:
    tell(
        [sheet.scored_by_id],
        kind="score_sheet.reopened",
        title="您写的一张评价表已重新打开，请改好再完成",
        url=reverse("evaluation:teacher-sheet", args=[sheet.pk]),
        by=by,
    )
