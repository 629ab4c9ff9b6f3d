"""The work list and its tasks: who holds a post now, what waits for a person, how far everything is (D10)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind, Role
from afterschool.school.models import SchoolClass, SchoolDay, StaffRole, Teacher, Term
from afterschool.support import clock
from scheduling.duedates import Calendar, When, due_dates, parse_days
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem

AHEAD = timedelta(days=14)
NAMED = WorkItem.people.through.objects.filter(workitem=OuterRef("item"))


def calendar_of(term: Term) -> Calendar:
    """Return the term with its school days: one query."""
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE).order_by("date").values_list("date", flat=True)
    return Calendar(term.starts_on, term.ends_on, tuple(days))


def when_of(item: WorkItem) -> When:
    """Return when an item comes, as the rule sees it."""
    days = parse_days(item.days) if item.days else ()
    return When(WorkRule(item.when), item.date, days, item.per_month, item.seed)


def dates_of(item: WorkItem, calendar: Calendar) -> list[date]:
    """Return the dates of an item that count: none before it was put on the list."""
    return [day for day in due_dates(when_of(item), calendar) if day >= item.since]


def holders() -> dict[str, list[Teacher]]:
    """Return who holds each post of the staff now: two queries."""
    found: dict[str, dict[int, Teacher]] = defaultdict(dict)
    granted = StaffRole.objects.filter(teacher__active=True).select_related("teacher__user")
    for row in granted.order_by("teacher__staff_number"):
        found[row.role][row.teacher_id] = row.teacher
    heads = SchoolClass.objects.current().filter(head_teacher__active=True).select_related("head_teacher__user")
    for school_class in heads.order_by("grade", "number"):
        if school_class.head_teacher is not None:
            found[Role.HEAD_TEACHER][school_class.head_teacher.pk] = school_class.head_teacher
    return {role: list(people.values()) for role, people in found.items()}


def people_of(item: WorkItem, posts: dict[str, list[Teacher]]) -> list[Teacher]:
    """Return whose an item is: those named for it, else all who hold its post. `people` should be prefetched."""
    named = [teacher for teacher in item.people.all() if teacher.active]
    return named or posts.get(item.role, [])


def tasks_of(actor: Actor, term: Term) -> QuerySet[Task]:
    """Return the tasks that are this person's: handed to or made for the person, or of a post that the person holds.

    What the person handed over is no longer.
    """
    if actor.teacher is None:
        return Task.objects.none()
    tasks = Task.objects.filter(term=term).exclude(state=TaskState.HANDED)
    tasks = tasks.annotate(named=Exists(NAMED), me=Exists(NAMED.filter(teacher=actor.teacher)))
    of_my_post = Q(teacher=None) & (Q(me=True) | Q(named=False, item__role__in=actor.roles))
    return tasks.filter(Q(teacher=actor.teacher) | of_my_post)


@dataclass(frozen=True)
class Todo:
    """What waits for a person now, the oldest first, and what was done today."""

    overdue: list[Task] = field(default_factory=list)
    due: list[Task] = field(default_factory=list)
    soon: list[Task] = field(default_factory=list)
    done: list[Task] = field(default_factory=list)
    today: date | None = None

    @property
    def midnight(self) -> datetime | None:
        """Return when today began: what was done since can be taken back."""
        return clock.at(self.today, time.min) if self.today else None

    @property
    def count(self) -> int:
        return len(self.overdue) + len(self.due)

    @property
    def waiting(self) -> list[Task]:
        return [*self.overdue, *self.due, *self.soon]

    def __bool__(self) -> bool:
        return bool(self.waiting or self.done)


def is_known(task: Task, today: date) -> bool:
    """Tell whether a task may be spoken of: a day drawn by lot is nobody's to know before it comes."""
    return task.due_on <= today or task.item.when != WorkRule.AT_RANDOM


def todo(actor: Actor, term: Term | None) -> Todo:
    """Return what a home page shows of a person's tasks: one query, none for who is not of the staff."""
    if term is None or actor.teacher is None:
        return Todo()
    today = clock.today()
    done_today = Q(state=TaskState.DONE, done_at__gte=clock.at(today, time.min))
    mine = tasks_of(actor, term).filter(Q(state=TaskState.OPEN, due_on__lte=today + timedelta(days=30)) | done_today)
    rows = [t for t in mine.select_related("item", "handed_from__teacher") if is_known(t, today)]
    still = [t for t in rows if t.state == TaskState.OPEN]
    return Todo(
        overdue=[t for t in still if t.due_on < today],
        due=[t for t in still if t.due_on == today],
        soon=[t for t in still if today < t.due_on <= today + timedelta(days=t.item.remind_days)],
        done=[t for t in rows if t.state == TaskState.DONE],
        today=today,
    )


def my_list(actor: Actor, term: Term) -> list[Task]:
    """Return all of a person's tasks of the term that may be spoken of, the newest last: one query."""
    rows = tasks_of(actor, term)
    today = clock.today()
    return [t for t in rows.select_related("item", "done_by", "handed_from__teacher") if is_known(t, today)]


def items_of(term: Term) -> QuerySet[WorkItem]:
    """Return the work list of a term in its order, with who is named: two queries."""
    return WorkItem.objects.filter(term=term).prefetch_related("people").order_by("order", "pk")


@dataclass(frozen=True)
class Line:
    """One item on one date: its tasks, one where one does it for all."""

    item: WorkItem
    due_on: date
    tasks: list[Task]
    today: date

    @property
    def done(self) -> int:
        return sum(task.state == TaskState.DONE for task in self.tasks)

    @property
    def counted(self) -> int:
        return sum(task.state != TaskState.DROPPED for task in self.tasks)

    @property
    def is_open(self) -> bool:
        return any(task.state == TaskState.OPEN for task in self.tasks)

    @property
    def overdue(self) -> bool:
        return self.is_open and self.due_on < self.today


@dataclass(frozen=True)
class Daily:
    """What comes every workday: today's line, and on how many of the school days so far it was ticked."""

    item: WorkItem
    line: Line | None
    days: int
    ticked: int


@dataclass(frozen=True)
class Board:
    """The whole list as the office follows it."""

    overdue: list[Line]
    now: list[Line]
    later: list[Line]
    past: list[Line]
    daily: list[Daily]

    @property
    def due_today(self) -> int:
        return sum(line.due_on == line.today and line.is_open for line in self.now)


def board(term: Term) -> Board:
    """Return how far each task of the term is: four queries, however many tasks.

    Of a task that comes every workday only today's line is shown; what was handed over shows where it went.
    """
    today = clock.today()
    tasks = Task.objects.filter(term=term).exclude(state=TaskState.HANDED).exclude(item__when=WorkRule.WORKDAYS)
    lines = [line for line in _lines(tasks, today) if is_known(line.tasks[0], today)]
    return Board(
        overdue=[line for line in lines if line.overdue],
        now=[line for line in lines if not line.overdue and today <= line.due_on <= today + AHEAD],
        later=[line for line in lines if line.due_on > today + AHEAD],
        past=[line for line in lines if not line.overdue and line.due_on < today][::-1],
        daily=_daily(term, today),
    )


def _lines(tasks: QuerySet[Task], today: date) -> list[Line]:
    found: dict[tuple[date, int, int], list[Task]] = defaultdict(list)
    rows = tasks.select_related("item", "teacher", "done_by", "handed_from__teacher")
    for task in rows.order_by("due_on", "item__order", "item", "teacher__staff_number"):
        found[task.due_on, task.item.order, task.item_id].append(task)
    return [Line(rows[0].item, rows[0].due_on, rows, today) for _, rows in sorted(found.items())]


def _daily(term: Term, today: date) -> list[Daily]:
    workdays = Task.objects.filter(term=term, item__when=WorkRule.WORKDAYS, item__active=True)
    lines = {
        line.item.pk: line for line in _lines(workdays.filter(due_on=today).exclude(state=TaskState.HANDED), today)
    }
    ticked = workdays.filter(state=TaskState.DONE, due_on__lte=today).order_by().values("item")
    days = dict(ticked.annotate(n=Count("due_on", distinct=True)).values_list("item", "n"))
    served = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__lte=today, date__gte=OuterRef("since"))
    counted = served.order_by().values("term").annotate(n=Count("pk")).values("n")
    items = WorkItem.objects.filter(term=term, when=WorkRule.WORKDAYS, active=True).annotate(days_so_far=counted)
    return [
        Daily(item, lines.get(item.pk), item.days_so_far or 0, days.get(item.pk, 0))
        for item in items.order_by("order", "pk")
    ]


def next_dates(items: Iterable[WorkItem], calendar: Calendar, today: date) -> dict[int, date]:
    """Return the next date of each active item; none of what is drawn by lot."""
    found = {}
    for item in items:
        if item.active and item.when != WorkRule.AT_RANDOM:
            coming = [day for day in dates_of(item, calendar) if day >= today]
            if coming:
                found[item.pk] = coming[0]
    return found


def hand_over_choices(task: Task, posts: dict[str, list[Teacher]]) -> tuple[Sequence[Teacher], Sequence[Teacher]]:
    """Return who could take a task over: those of the same post, then everybody else who works here. One query."""
    same = [t for t in posts.get(task.item.role, []) if t.pk != task.teacher_id]
    known = {t.pk for t in same}
    others = Teacher.objects.filter(active=True).exclude(pk=task.teacher_id or 0).order_by("staff_number")
    return same, [t for t in others if t.pk not in known]
