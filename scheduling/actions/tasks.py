"""Dated tasks of the work list: laid out by time itself, ticked by people or by what the portal sees, handed over (D10)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor, need_office
from afterschool.school.events import event, record, record_many
from afterschool.school.messaging import Note, tell, tell_many
from afterschool.school.models import Teacher, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from scheduling import facts
from scheduling.access import may_arrange
from scheduling.enums import TaskState, WorkRule
from scheduling.models import Task, WorkItem
from scheduling.queries.work import calendar_of, dates_of, holders, items_of, people_of, tasks_of

SEEN_AHEAD = timedelta(days=21)  # what the portal sees is looked for so long before a task is due
SPOKEN_FROM = time(7, 0)  # no reminder in the night
Slot = tuple[int, date, int | None]


@dataclass(frozen=True)
class Laid:
    """How many tasks were laid out, and how many taken away."""

    made: int = 0
    gone: int = 0


@transaction.atomic
def lay_tasks(*, term: Term, by: Actor) -> Laid:
    """Bring the open tasks of a term in line with its list, its calendar and who holds the posts now.

    What was touched stays: done, handed over, overdue. Of what comes every workday only today's tasks stand, and yesterday's
    that nobody ticked go. A second run changes nothing. Six queries where nothing is to do.
    """
    if not may_arrange(by):
        raise PermissionDenied
    today = clock.today()
    items = list(items_of(term))
    if not items:
        return Laid()
    wanted = _wanted(term, items, today)
    rows = list(Task.objects.filter(term=term).select_related("item"))
    taken: set[Slot] = {(t.item_id, t.due_on, t.teacher_id) for t in rows if t.handed_from_id is None}
    begun = {(item, due) for item, due, _ in taken if due < today}  # whoever takes a post over owes nothing of before
    missing = {slot for slot in wanted - taken if slot[:2] not in begun}
    stale = [t.pk for t in rows if t.state == TaskState.OPEN and _is_stale(t, wanted, today)]
    if stale:
        Task.objects.filter(pk__in=stale, state=TaskState.OPEN).delete()
    fresh = [
        Task(term=term, item_id=item, due_on=due, teacher_id=teacher)
        for item, due, teacher in sorted(missing, key=lambda slot: (slot[1], slot[0], slot[2] or 0))
    ]
    Task.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return Laid(len(fresh), len(stale))


def _wanted(term: Term, items: list[WorkItem], today: date) -> set[Slot]:
    calendar, posts = calendar_of(term), holders()
    wanted: set[Slot] = set()
    for item in items:
        if not item.active:
            continue
        days = dates_of(item, calendar)
        if item.when == WorkRule.WORKDAYS:
            days = [day for day in days if day == today]
        people = [teacher.pk for teacher in people_of(item, posts)] if item.each else [None]
        wanted |= {(item.pk, day, teacher) for day in days for teacher in people}
    return wanted


def _is_stale(task: Task, wanted: set[Slot], today: date) -> bool:
    """Tell whether an open task is no longer asked for. Overdue ones stay until they are done, dropped or switched off."""
    if not task.item.active:
        return True
    if task.item.when == WorkRule.WORKDAYS and task.due_on != today:
        return True
    if task.handed_from_id is not None or task.due_on < today:
        return False
    return (task.item_id, task.due_on, task.teacher_id) not in wanted


def may_do(task: Task, by: Actor) -> bool:
    """Tell whether a task is this person's, or the person is the office."""
    return by.is_office or tasks_of(by, task.term).filter(pk=task.pk).exists()


def _need_mine(task: Task, by: Actor) -> None:
    if not may_do(task, by):
        raise PermissionDenied


@transaction.atomic
def finish_task(*, task: Task, by: Actor) -> None:
    """Mark a task done. Refused with `somebody_was_faster`, or `not_yet` for a day drawn by lot that has not come."""
    _need_mine(task, by)
    if task.item.when == WorkRule.AT_RANDOM and task.due_on > clock.today():
        raise Refused("not_yet", "这项任务还没有到日子。")
    still = Task.objects.filter(pk=task.pk, state=TaskState.OPEN)
    if still.update(state=TaskState.DONE, done_at=clock.now(), done_by=by.user) != 1:
        raise somebody_was_faster()
    record("task.done", subject=task, by=by, term_id=task.term_id, data={"item": task.item_id})


@transaction.atomic
def reopen_task(*, task: Task, by: Actor) -> None:
    """Take back what was marked done today, by whoever did it or the office.

    Refused with `too_late` on another day, `seen_by_portal` where the portal itself saw it done.
    """
    _need_mine(task, by)
    if task.by_itself:
        raise Refused("seen_by_portal", "这项是本站自己看到完成的，不能改回。")
    if task.done_at is None or task.done_at.astimezone(clock.SHANGHAI).date() != clock.today():
        raise Refused("too_late", "只能改回今天标记的完成。")
    if task.done_by_id != by.user_id and not by.is_office:
        raise PermissionDenied
    done = Task.objects.filter(pk=task.pk, state=TaskState.DONE, done_at=task.done_at)
    if done.update(state=TaskState.OPEN, done_at=None, done_by=None) != 1:
        raise somebody_was_faster()
    record("task.reopened", subject=task, by=by, term_id=task.term_id, data={"item": task.item_id})


@transaction.atomic
def hand_over(*, task: Task, to: Teacher, note: str = "", by: Actor) -> Task:
    """Give a task to another person, who is told; both stay on record. Return the new task.

    Refused with `teacher_left`, `has_it` (the same task is that person's already) or `somebody_was_faster`.
    """
    _need_mine(task, by)
    if not to.active:
        raise Refused("teacher_left", f"{to.name}已不在职。")
    standing = Task.objects.filter(item=task.item_id, due_on=task.due_on, teacher=to).exclude(state=TaskState.HANDED)
    if standing.exists():
        raise Refused("has_it", f"{to.name}已有这项任务。")
    if Task.objects.filter(pk=task.pk, state=TaskState.OPEN).update(state=TaskState.HANDED) != 1:
        raise somebody_was_faster()
    new = Task.objects.create(
        term_id=task.term_id,
        item_id=task.item_id,
        teacher=to,
        due_on=task.due_on,
        handed_from=task,
        note=note.strip()[:100],
    )
    record("task.handed_over", subject=new, by=by, term_id=task.term_id, data={"task": task.pk, "to": to.pk}, note=note)
    if to.user_id is not None:
        tell(
            [to.user_id],
            kind="task",
            title=f"转交给您：{task.item.text}",
            body=f"{task.due_on.month}月{task.due_on.day}日前完成。{note}".strip(),
            url=reverse("scheduling:my-work"),
            term=task.term,
            by=by,
        )
    return new


@transaction.atomic
def drop_task(*, task: Task, note: str, by: Actor) -> None:
    """Say that a task need not be done, and why. Refused with `note_missing` or `somebody_was_faster`."""
    need_office(by)
    note = note.strip()[:100]
    if not note:
        raise Refused("note_missing", "请写明为什么不用做了。")
    if Task.objects.filter(pk=task.pk, state=TaskState.OPEN).update(state=TaskState.DROPPED, note=note) != 1:
        raise somebody_was_faster()
    record("task.dropped", subject=task, by=by, term_id=task.term_id, data={"item": task.item_id}, note=note)


@transaction.atomic
def see_facts(*, term: Term, by: Actor) -> int:
    """Tick what the portal can see for itself; return how many tasks. Called by the tick."""
    soon = Task.objects.filter(term=term, state=TaskState.OPEN, due_on__lte=clock.today() + SEEN_AHEAD)
    ticked = []
    for task in soon.filter(item__fact__in=list(facts.FACTS)).select_related("item", "teacher"):
        at = facts.seen(term, task)
        if at is None:
            continue
        still = Task.objects.filter(pk=task.pk, state=TaskState.OPEN)
        if still.update(state=TaskState.DONE, done_at=at, by_itself=True) == 1:
            ticked.append(event("task.seen", subject=task, by=by, term_id=term.pk, data={"item": task.item_id}))
    record_many(ticked)
    return len(ticked)


@transaction.atomic
def remind(*, term: Term, by: Actor) -> int:
    """Tell people of tasks that are due soon, and of those due today, each once; return how many tasks. Called by the tick.

    What comes every workday is not told of, and a day drawn by lot only when it comes.
    """
    now = clock.now()
    if now.time() < SPOKEN_FROM:
        return 0
    tasks = Task.objects.filter(term=term, state=TaskState.OPEN, due_on__gte=now.date(), told_at=None)
    tasks = tasks.filter(due_on__lte=now.date() + timedelta(days=30)).exclude(item__when=WorkRule.WORKDAYS)
    due: dict[tuple[int, date], list[Task]] = defaultdict(list)
    for task in tasks.select_related("item", "teacher").prefetch_related("item__people"):
        if _is_to_be_told(task, now.date()):
            stamp = "told_at" if task.due_on == now.date() else "reminded_at"
            if Task.objects.filter(pk=task.pk, state=TaskState.OPEN, **{stamp: None}).update(**{stamp: now}) == 1:
                due[task.item_id, task.due_on].append(task)
    if due:
        posts = holders()
        tell_many([_reminder(rows, posts, now.date()) for rows in due.values()], by=by)
    return sum(len(rows) for rows in due.values())


def _is_to_be_told(task: Task, today: date) -> bool:
    if task.due_on == today:
        return True
    if task.item.when == WorkRule.AT_RANDOM or task.reminded_at is not None:
        return False
    return (task.due_on - today).days <= task.item.remind_days


def _reminder(tasks: list[Task], posts: dict[str, list[Teacher]], today: date) -> Note:
    """Return one message for all whose the same item is on the same day."""
    item, due = tasks[0].item, tasks[0].due_on
    people = [p for task in tasks for p in ([task.teacher] if task.teacher else people_of(item, posts))]
    word = "今天" if due == today else f"{due.month}月{due.day}日"
    return Note(
        sorted({p.user_id for p in people if p.user_id is not None}),
        "task",
        f"{word}要完成：{item.text}",
        term_id=tasks[0].term_id,
        url=reverse("scheduling:my-work"),
    )


def follow_work(term: Term, by: Actor) -> None:
    """Do what time brings about for the work list: lay out, see, remind."""
    lay_tasks(term=term, by=by)
    see_facts(term=term, by=by)
    remind(term=term, by=by)
