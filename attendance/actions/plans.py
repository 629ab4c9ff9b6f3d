"""Writing a week plan together: line by line, so that two teachers of one group never write over each other; handing it in."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.actions.uploads import keep_file
from afterschool.school.events import record
from afterschool.school.models import Group
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from attendance import access
from attendance.enums import PlanState
from attendance.models import PlanFile, PlanLine, WeekPlan
from attendance.planning import MOVES, Move
from attendance.queries.plan_page import last_of, sessions_of, taught_lines

Place = tuple[date, int]
LONGEST = 300  # characters of a line
MOST_FILES = 6


@dataclass(frozen=True)
class Change:
    """One text as the writer saw it and as it shall be."""

    was: str
    content: str


@dataclass(frozen=True)
class Written:
    """What is to be written: lines by day and position, and the aim of the week; untouched ones may be left out."""

    lines: dict[Place, Change] = field(default_factory=dict)
    aim: Change | None = None


@dataclass(frozen=True)
class Saved:
    """The plan, and what a colleague wrote meanwhile where the writer's words were therefore not taken."""

    plan: WeekPlan
    others: dict[Place, str] = field(default_factory=dict)
    other_aim: str | None = None

    @property
    def whole(self) -> bool:
        return not self.others and self.other_aim is None


@transaction.atomic
def write_plan(*, group: Group, monday: date, written: Written, by: Actor) -> Saved:
    """Keep what was typed; a line that a colleague changed meanwhile stays as that colleague wrote it, and is given back.

    The lines are copied from the timetable when the plan, or a new day of it, is first written. Refused: handed_in, no_days,
    too_long.
    """
    plan = _begin(group, monday, by)
    _need(plan, Move.WRITE)
    now = {(line.date, line.position): line for line in plan.lines.all()}
    missed, changed = {}, []
    for place, change in written.lines.items():
        if change.was == change.content or place not in now:
            continue
        if len(change.content) > LONGEST:
            raise Refused("too_long", f"一行最多写 {LONGEST} 字。")
        line = now[place]
        if _put(line, change):
            changed.append(line.pk)
        else:
            missed[place] = change.content
    others = _others(plan, missed)
    other_aim = _put_aim(plan, written.aim)
    _touch(plan, by, changed)
    return Saved(plan, others, other_aim)


def _others(plan: WeekPlan, missed: dict[Place, str]) -> dict[Place, str]:
    """Return what stands now in the lines that were not taken, but for those that say the same."""
    now = {(line.date, line.position): line.content for line in plan.lines.all()} if missed else {}
    return {place: now[place] for place, text in missed.items() if now[place] != text}


def _begin(group: Group, monday: date, by: Actor) -> WeekPlan:
    """Return the plan with a line for each part of each day, beginning it where nobody has. Refused: no_days."""
    if by.user is None or not access.may_write_plan(by, group, monday):
        raise PermissionDenied
    sessions = sessions_of(group, monday)
    if not sessions:
        raise Refused("no_days", "这一周没有这个班的课后服务，不用写计划。")
    plan, made = WeekPlan.objects.get_or_create(
        group=group,
        monday=monday,
        defaults={"term": group.term, "written_by": by.user, "written_at": clock.now()},
    )
    have = set(plan.lines.values_list("date", flat=True))
    missing = [session for session in sessions if session.date not in have]
    lines = taught_lines(group, missing) if missing else {}
    PlanLine.objects.bulk_create(
        [
            PlanLine(
                plan=plan,
                date=line.date,
                position=line.position,
                starts_at=line.starts_at,
                ends_at=line.ends_at,
                kind=line.kind,
                title=line.title,
            )
            for rows in lines.values()
            for line in rows
        ],
        ignore_conflicts=True,
    )
    if made:
        record("week_plan.begun", subject=plan, by=by, term_id=plan.term_id, data=_of(plan))
    return plan


def _of(plan: WeekPlan) -> dict[str, Any]:
    return {"group": plan.group_id, "monday": plan.monday.isoformat()}


def _need_writer(plan: WeekPlan, by: Actor) -> None:
    if by.user is None or not access.may_write_plan(by, plan.group, plan.monday):
        raise PermissionDenied


def _need(plan: WeekPlan, move: Move) -> PlanState:
    """Return the state that a move leads to. Refused: handed_in (writing), moved_on (anything else)."""
    after = MOVES.get((PlanState(plan.state), move))
    if after is None:
        if move is Move.WRITE:
            raise Refused("handed_in", "计划已经交了，不能再改；还没查看的可以收回修改。")
        raise Refused("moved_on", f"计划现在是“{plan.get_state_display()}”，不能这样做。")
    return after


def _put(line: PlanLine, change: Change) -> bool:
    seen = PlanLine.objects.filter(pk=line.pk, content=change.was)
    return seen.update(content=change.content) == 1


def _put_aim(plan: WeekPlan, aim: Change | None) -> str | None:
    """Write the aim; return a colleague's where it was changed meanwhile."""
    if aim is None or aim.was == aim.content:
        return None
    if WeekPlan.objects.filter(pk=plan.pk, aim=aim.was).update(aim=aim.content[:200]):
        return None
    now = WeekPlan.objects.get(pk=plan.pk).aim
    return None if now == aim.content else now


def _touch(plan: WeekPlan, by: Actor, changed: list[int]) -> None:
    """Say who wrote last; one row of history for each writer and day, not for each word that was typed."""
    if by.user is None:
        raise PermissionDenied
    now = clock.now()
    state = [state for state, move in MOVES if move is Move.WRITE]
    if not WeekPlan.objects.filter(pk=plan.pk, state__in=state).update(written_by=by.user, written_at=now):
        raise somebody_was_faster()
    new = plan.written_by_id != by.user_id or plan.written_at.astimezone(clock.SHANGHAI).date() != now.date()
    if new and changed:
        record("week_plan.written", subject=plan, by=by, term_id=plan.term_id, data=_of(plan) | {"lines": changed})
    plan.refresh_from_db()


@transaction.atomic
def hand_in(*, plan: WeekPlan, by: Actor) -> WeekPlan:
    """Hand the plan in. Its first day of handing in stays when it was sent back and comes again.

    Refused: days_empty, moved_on.
    """
    _need_writer(plan, by)
    after = _need(plan, Move.HAND_IN)
    days = [session.date for session in sessions_of(plan.group, plan.monday)]
    full = set(plan.lines.exclude(content="").values_list("date", flat=True))
    if empty := [day for day in days if day not in full]:
        words = "、".join(f"{day.month}月{day.day}日" for day in empty)
        raise Refused("days_empty", f"{words}还没有写，写好再交。")
    first = {} if plan.handed_in_at else {"handed_in_by": by.user, "handed_in_at": clock.now()}
    _move(plan, after, **first)
    record("week_plan.handed_in", subject=plan, by=by, term_id=plan.term_id, data=_of(plan))
    return plan


@transaction.atomic
def take_back(*, plan: WeekPlan, by: Actor) -> WeekPlan:
    """Take back a plan that nobody has looked through, to change it. It counts from when it is handed in again."""
    _need_writer(plan, by)
    _move(plan, _need(plan, Move.TAKE_BACK), handed_in_by=None, handed_in_at=None)
    record("week_plan.taken_back", subject=plan, by=by, term_id=plan.term_id, data=_of(plan))
    return plan


def _move(plan: WeekPlan, after: PlanState, **values: Any) -> None:
    seen = WeekPlan.objects.filter(pk=plan.pk, state=plan.state, written_at=plan.written_at)
    if seen.update(state=after, **values) != 1:
        raise somebody_was_faster()
    plan.refresh_from_db()


@transaction.atomic
def copy_last(*, plan: WeekPlan, by: Actor) -> int:
    """Fill the empty lines with those of the group's last plan of the same weekday and title; return how many.

    What is written already stays. Refused: nothing_before, handed_in.
    """
    _need_writer(plan, by)
    _need(plan, Move.WRITE)
    last = last_of(plan.group, plan.monday)
    if last is None:
        raise Refused("nothing_before", "这个班前面还没有写过计划。")
    words = {(line.date.isoweekday(), line.title): line.content for line in last.lines.exclude(content="")}
    filled = []
    for line in plan.lines.filter(content=""):
        if content := words.get((line.date.isoweekday(), line.title)):
            filled += [line.pk] if _put(line, Change("", content)) else []
    if not plan.aim and last.aim:
        WeekPlan.objects.filter(pk=plan.pk, aim="").update(aim=last.aim)
    _touch(plan, by, filled)
    return len(filled)


@transaction.atomic
def write_same(*, plan: WeekPlan, place: Place, by: Actor) -> str:
    """Write in a line what stands in the nearest earlier line of the same title; return it. Refused: nothing_above."""
    _need_writer(plan, by)
    _need(plan, Move.WRITE)
    day, position = place
    line = plan.lines.filter(date=day, position=position).first()
    if line is None:
        raise Refused("nothing_above", "没有这一行。")
    above = plan.lines.filter(date__lt=day, title=line.title).exclude(content="").order_by("-date", "-position").first()
    if above is None:
        raise Refused("nothing_above", f"前面几天的“{line.title}”还没有写。")
    if not _put(line, Change(line.content, above.content)):
        raise somebody_was_faster()
    _touch(plan, by, [line.pk])
    return above.content


@transaction.atomic
def add_file(*, group: Group, monday: date, file: UploadedFile, by: Actor) -> PlanFile:
    """Put a file beside the plan. Refused: too_many_files, handed_in, file_empty, file_too_large, file_kind."""
    plan = _begin(group, monday, by)
    _need(plan, Move.WRITE)
    if plan.files.count() >= MOST_FILES:
        raise Refused("too_many_files", f"一份计划最多放 {MOST_FILES} 个文件。")
    _touch(plan, by, [])
    record("week_plan.file_added", subject=plan, by=by, term_id=plan.term_id, data=_of(plan))
    return keep_file(PlanFile, file, by=by, plan=plan)


@transaction.atomic
def remove_file(*, row: PlanFile, by: Actor) -> None:
    """Take a file away, its bytes when this is committed. Refused: handed_in."""
    plan = row.plan
    _need_writer(plan, by)
    _need(plan, Move.WRITE)
    storage, name = row.file.storage, row.file.name or ""
    _touch(plan, by, [])
    row.delete()
    record("week_plan.file_removed", subject=plan, by=by, term_id=plan.term_id, data=_of(plan))
    transaction.on_commit(lambda: storage.delete(name))
