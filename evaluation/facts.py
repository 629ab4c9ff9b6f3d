"""What evaluation sees of its own work, for the work list (`scheduling/facts.py`)."""

from datetime import datetime

from django.db.models import Max, Q

from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Term
from evaluation.enums import ClassTableState
from evaluation.models import ClassTable
from evaluation.queries.halfmonth import sent_at
from scheduling import facts
from scheduling.models import Task


def figures_sent(term: Term, task: Task) -> datetime | None:
    """Tell when the half-monthly figures due on that day were sent."""
    return sent_at(term, task.due_on)


def class_tables_confirmed(term: Term, task: Task) -> datetime | None:
    """Tell when the last table due on that day was confirmed: a head teacher's own, the leader's grade, or all classes."""
    tables = ClassTable.objects.filter(term=term, due_on=task.due_on)
    if task.teacher_id is not None:
        led = StaffRole.objects.filter(teacher=task.teacher_id, role=Role.GRADE_LEADER, grade__isnull=False)
        own = Q(school_class__head_teacher=task.teacher_id)
        tables = tables.filter(own | Q(school_class__grade__in=led.values("grade")))
    if not tables.exists() or tables.filter(state=ClassTableState.OPEN).exists():
        return None
    return tables.aggregate(at=Max("confirmed_at"))["at"]


def register() -> None:
    """Make these facts known."""
    facts.register("figures_sent", "双减数据已上报", figures_sent)
    facts.register("class_tables_confirmed", "班级学生表都已确认", class_tables_confirmed)
