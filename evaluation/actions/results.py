"""A person decides a teacher's result of the term; a later decision is a new version beside the first."""

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation import access
from evaluation.models import Rubric, TermResult
from evaluation.queries import results


@transaction.atomic
def follow_proposals(*, term: Term, seen: int, by: Actor) -> int:
    """Give everybody the proposed grade who has none yet and nothing to be heeded. Return how many.

    Left for a decision of their own: who ties across an edge, has a breach or a decision on attendance, no points; oneself.
    `seen`: so many were on the page. Refused: `not_yours`, `no_rubric`, `nobody`, `somebody_was_faster`.
    """
    if not by.has(*access.REPORT_READERS):
        raise Refused("not_yours", "学期结果由课程教学中心或领导小组定。")
    found = results.overview(term)
    if found.rubric is None:
        raise Refused("no_rubric", "学校还没有在用的评价表。")
    plain = found.plain(by.teacher)
    if not plain:
        raise Refused("nobody", "没有可以一起定的人，请一位一位定。")
    if len(plain) != seen:
        raise somebody_was_faster()
    for case in plain:
        _write(term, found.rubric, case, band=case.proposed, reason="", by=by)
    return len(plain)


@transaction.atomic
def decide(*, term: Term, teacher: Teacher, band: str, reason: str, seen: int, by: Actor) -> TermResult:
    """Give a teacher a grade for the term, with everything it is made of. `seen`: the version on the page, 0 for none.

    A reason is needed where the grade differs from the proposed one, and for every change of an earlier decision.
    Refused: `not_yours`, `own_result`, `no_rubric`, `no_sheets`, `unknown_band`, `no_reason`, `somebody_was_faster`.
    """
    if not by.has(*access.REPORT_READERS):
        raise Refused("not_yours", "学期结果由课程教学中心或领导小组定。")
    if teacher == by.teacher:
        raise Refused("own_result", "不能定自己的结果。")
    found = results.overview(term, teacher)
    case = found.of(teacher)
    if found.rubric is None:
        raise Refused("no_rubric", "学校还没有在用的评价表。")
    if case.points is None and not case.unqualified:
        raise Refused("no_sheets", "还没有已完成的评价表，不能定结果。")
    if band not in case.choices:
        raise Refused("unknown_band", "请选一个等第。")
    last = case.result.version if case.result else 0
    if last != seen:
        raise somebody_was_faster()
    if not reason.strip() and (last or (case.proposed and band != case.proposed)):
        raise Refused("no_reason", "和建议的等第不同，或者改已定的结果，请写明原因。")
    return _write(term, found.rubric, case, band=band, reason=reason.strip(), by=by)


def _write(term: Term, rubric: Rubric, case: results.Case, *, band: str, reason: str, by: Actor) -> TermResult:
    teacher = case.teacher
    try:
        with transaction.atomic():
            row = TermResult.objects.create(
                term=term,
                teacher=teacher,
                rubric=rubric,
                version=(case.result.version if case.result else 0) + 1,
                points=case.points,
                band=band,
                unqualified=case.unqualified,
                downgraded=bool(case.downgrades),
                make_up=case.make_up,
                reason=reason,
                decided_by_id=by.user_id or 0,
                decided_at=clock.now(),
            )
    except IntegrityError:
        raise somebody_was_faster() from None
    record("term_result.decided", subject=row, by=by, term_id=term.pk, data={"version": row.version})
    if teacher.user_id:
        tell(
            [teacher.user_id],
            kind="term_result.decided",
            title=f"{term.name}的评价结果可以看了",
            url=reverse("evaluation:my-sheets"),
            by=by,
        )
    return row
