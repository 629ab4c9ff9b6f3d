"""Teachers' sheets of a month or the term: who has one, how far it is."""

from dataclasses import dataclass

from afterschool.school.access import Actor
from afterschool.school.models import Teacher, Term
from evaluation.access import teacher_sheets, teachers_to_score
from evaluation.models import ScoreSheet
from evaluation.month import Period


@dataclass(frozen=True)
class PeriodRow:
    """A teacher of the period and the sheet of it, where one was begun. `total` is for finished sheets only."""

    teacher: Teacher
    sheet: ScoreSheet | None
    own: bool
    readable: bool


def rows(actor: Actor, term: Term, period: Period) -> list[PeriodRow]:
    """Return the teachers this person may score for a period by staff number, never by points: three queries."""
    teachers = list(teachers_to_score(actor, term, period))
    begun = {
        sheet.teacher_id: sheet
        for sheet in ScoreSheet.objects.filter(
            term=term, teacher__in=teachers, occasion=period.occasion, date=period.last
        ).select_related("scored_by")
    }
    readable = set(teacher_sheets(actor, term).filter(occasion=period.occasion).values_list("pk", flat=True))
    found = []
    for teacher in teachers:
        sheet, own = begun.get(teacher.pk), teacher == actor.teacher
        may_read = sheet is not None and (sheet.pk in readable) and (not own or sheet.is_final)
        found.append(PeriodRow(teacher, sheet, own, may_read))
    return found


def sheet_of(term: Term, teacher: Teacher, period: Period) -> ScoreSheet | None:
    """Return the sheet of a teacher for a period with its lines, or nothing where none was begun."""
    found = ScoreSheet.objects.filter(term=term, teacher=teacher, occasion=period.occasion, date=period.last)
    return found.select_related("rubric").prefetch_related("lines").first()


def stamp_of(sheet: ScoreSheet | None) -> str:
    """Return when a sheet was last written, for a form to carry; empty where there is none."""
    return f"{sheet.scored_at.timestamp():.6f}" if sheet else ""
