"""The demo school's work list: begun with the term, followed by the portal day by day; one thing is overdue."""

from datetime import datetime, time, timedelta

from afterschool.school.access import SYSTEM, Actor, actor_for
from afterschool.school.models import Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from scheduling.actions.tasks import finish_task, hand_over, lay_tasks, remind, see_facts
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task

HANDED_OVER = datetime(2026, 9, 18, 9, 20, tzinfo=SHANGHAI)
LEFT_OPEN = "制定课后服务工作记载本"
BUSY = 2  # of the grade leaders, how many haven't ticked today's tasks yet


def play(term: Term, office: Actor, now: datetime) -> None:
    """Tick what people did up to now, in their names; let the portal see the rest; leave one overdue, one handed over."""
    with clock.frozen(now):
        lay_tasks(term=term, by=SYSTEM)
    past = Task.objects.filter(term=term, state=TaskState.OPEN, due_on__lt=now.date())
    past = past.exclude(item__text__startswith=LEFT_OPEN).exclude(
        item__fact__in=["papers_published", "letter_published"]
    )
    people: dict[int | None, Actor] = {None: office}
    for task in past.exclude(item__fact="service_arranged").select_related("item", "teacher", "term"):
        _tick(task, people, clock.at(task.due_on, time(15, 20)))
    today = Task.objects.filter(term=term, state=TaskState.OPEN, due_on=now.date(), item__when=WorkRule.WORKDAYS)
    rows = list(today.exclude(teacher=None).order_by("teacher", "item").select_related("item", "teacher", "term"))
    for task in rows[: -2 * BUSY]:
        _tick(task, people, now - timedelta(minutes=35))
    _hand_over(term, office)
    with clock.frozen(now):
        see_facts(term=term, by=SYSTEM)
        remind(term=term, by=SYSTEM)


def _tick(task: Task, people: dict[int | None, Actor], at: datetime) -> None:
    if task.teacher_id not in people:
        user = User.objects.select_related("teacher", "guardian").filter(teacher=task.teacher_id).first()
        if user is None:
            return
        people[task.teacher_id] = actor_for(user)
    with clock.frozen(at):
        finish_task(task=task, by=people[task.teacher_id])


def _hand_over(term: Term, office: Actor) -> None:
    """The figures of 30 September go to somebody else of the office, or of the staff."""
    task = Task.objects.filter(term=term, state=TaskState.OPEN, item__days="15,30").order_by("due_on").first()
    helper = (
        User.objects.filter(teacher__active=True, teacher__roles__role="leading_group")
        .select_related("teacher")
        .first()
    )
    if task is None or helper is None or helper.teacher is None:
        return
    with clock.frozen(HANDED_OVER):
        hand_over(task=task, to=helper.teacher, note="本月请您汇总", by=office)
