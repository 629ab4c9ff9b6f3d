"""Visits and talks that are written down: by the office, and by head teachers about their own class (走访, G3)."""

from dataclasses import dataclass
from datetime import date

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.events import record
from afterschool.school.models import Student, Term, User
from afterschool.school.queries.people import students_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from evaluation.models import VisitRecord


@dataclass(frozen=True)
class Talk:
    """What is written of a visit."""

    kind: str
    date: date
    people: int
    topic: str
    student: Student | None = None
    with_whom: str = ""
    found: str = ""


def _checked(term: Term, talk: Talk, by: Actor) -> User:
    if by.user is None or not by.has(Role.ADMINISTRATOR, Role.HEAD_TEACHER):
        raise Refused("not_yours", "走访由课程教学中心和班主任记录。")
    if talk.student is not None and not students_of(by).filter(pk=talk.student.pk).exists():
        raise Refused("not_your_child", "只能写本班的孩子。")
    if not term.starts_on <= talk.date <= min(term.ends_on, clock.today()):
        raise Refused("wrong_day", "日期要在本学期，不能在今天以后。")
    return by.user


@transaction.atomic
def write_visit(*, term: Term, talk: Talk, by: Actor) -> VisitRecord:
    """Keep a visit. Refused: not_yours, not_your_child, wrong_day."""
    user = _checked(term, talk, by)
    row = VisitRecord.objects.create(term=term, by=user, at=clock.now(), **vars(talk))
    _record("visit.written", row, by)
    return row


@transaction.atomic
def change_visit(row: VisitRecord, *, talk: Talk, by: Actor) -> None:
    """Put a visit right: who wrote it, or the office. Refused: not_yours, not_your_child, wrong_day."""
    if not by.is_office and row.by_id != by.user_id:
        raise Refused("not_yours", "由记录的人或课程教学中心修改。")
    _checked(row.term, talk, by)
    VisitRecord.objects.filter(pk=row.pk).update(**vars(talk))
    row.refresh_from_db()
    _record("visit.changed", row, by)


def _record(verb: str, row: VisitRecord, by: Actor) -> None:
    record(verb, subject=row, by=by, student_id=row.student_id, term_id=row.term_id, data={"kind": row.kind})
