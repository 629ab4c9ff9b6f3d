"""The line-up before the service (清点、整队): the head teacher or last teacher counts the class against the names."""

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import SchoolClass, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance.models import LineUp
from attendance.queries.line_ups import expected_children, may_line_up


@transaction.atomic
def count_line_up(
    *, term: Term, school_class: SchoolClass, counted: int, note: str = "", seen: int | None = None, by: Actor
) -> LineUp:
    """Write how many of a class stand in line today; `seen` is the number that a mend replaces.

    What was counted before stays in history. Refused: not_yours, nobody_expected, no_note (a count that differs says
    why), somebody_was_faster.
    """
    day = clock.today()
    if by.user is None or not may_line_up(by, school_class.pk, day):
        raise Refused("not_yours", "由班主任或今天带班的老师清点。")
    expected = len(expected_children(school_class, day))
    if not expected:
        raise Refused("nobody_expected", "这个班今天没有要来的孩子。")
    if counted != expected and not note.strip():
        raise Refused("no_note", f"应到 {expected} 人，实点 {counted} 人：请写明谁不在、为什么。")
    values = {"expected": expected, "counted": counted, "note": note.strip()[:100], "by": by.user, "at": clock.now()}
    if seen is None:
        try:
            with transaction.atomic():
                row = LineUp.objects.create(term=term, school_class=school_class, date=day, **values)
        except IntegrityError:
            raise somebody_was_faster() from None
        record("line_up.counted", subject=row, by=by, term_id=term.pk, data={"counted": counted, "expected": expected})
        return row
    changed = LineUp.objects.filter(school_class=school_class, date=day, counted=seen).update(**values)
    if changed != 1:
        raise somebody_was_faster()
    row = LineUp.objects.get(school_class=school_class, date=day)
    record(
        "line_up.mended",
        subject=row,
        by=by,
        term_id=term.pk,
        data={"from": seen, "to": counted, "expected": expected},
    )
    return row
