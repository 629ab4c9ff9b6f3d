"""What evaluation sees of its own work, for the work list (`scheduling/facts.py`)."""

from datetime import datetime, time, timedelta

from django.db.models import Max, Min, Q

from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Term
from afterschool.support import clock
from evaluation.enums import BookRunState, ClassTableState
from evaluation.models import BookCheck, BookRun, ClassTable, PatrolRound
from evaluation.queries.halfmonth import sent_at
from scheduling import facts
from scheduling.models import Task

LATE = timedelta(days=14)  # an overdue check still ticks its task


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


def record_books_made(term: Term, task: Task) -> datetime | None:
    """Tell when the record books of all groups were first made in this term."""
    return BookRun.objects.filter(term=term, state=BookRunState.DONE).aggregate(at=Min("finished_at"))["at"]


def record_books_checked(term: Term, task: Task) -> datetime | None:
    """Tell when the last book of a draw of that month, or later up to the day due, was looked at."""
    first = task.due_on.replace(day=1)
    drawn = BookCheck.objects.filter(term=term, drawn_at__gte=clock.at(first, time.min))
    drawn = drawn.filter(drawn_at__lte=clock.at(task.due_on, time.max) + LATE).order_by("drawn_at")
    for check in drawn.prefetch_related("books"):
        looked = [book.at for book in check.books.all()]
        if looked and all(looked):
            return max(at for at in looked if at is not None)
    return None


def patrol_done(term: Term, task: Task) -> datetime | None:
    """Tell when the round of that day by the task's person ended; without a person, the first round that ended."""
    rounds = PatrolRound.objects.filter(term=term, date=task.due_on, ended_at__isnull=False)
    if task.teacher_id is not None:
        rounds = rounds.filter(teacher=task.teacher_id)
    return rounds.aggregate(at=Min("ended_at"))["at"]


def register() -> None:
    """Make these facts known."""
    facts.register("figures_sent", "双减数据已上报", figures_sent)
    facts.register("class_tables_confirmed", "班级学生表都已确认", class_tables_confirmed)
    facts.register("record_books_made", "工作记载本已做好", record_books_made)
    facts.register("record_books_checked", "抽到的工作记载本都已检查", record_books_checked)
    facts.register("patrol_done", "当天的巡视已结束", patrol_done)
