"""Class tables: laid out a few days before they are due, confirmed by the head teacher, opened again by the office (H2)."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.messaging import Note, tell_many
from afterschool.school.models import SchoolClass, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused, somebody_was_faster
from evaluation.enums import ClassTableState
from evaluation.models import ClassTable, ClassTableRow, ClassTableVersion
from evaluation.queries import class_tables as queries
from evaluation.queries.halfmonth import table_days_of
from evaluation.seen import check_seen

AHEAD = timedelta(days=3)  # a table can be looked at and confirmed so long before it is due


@transaction.atomic
def lay_tables(term: Term, *, by: Actor) -> int:
    """Lay out the table of each class for each due day that is near, once; head teachers are told. Return how many."""
    today = clock.today()
    days = [day for day in table_days_of(term) if day - AHEAD <= today]
    there = set(ClassTable.objects.filter(term=term).values_list("due_on", flat=True))
    fresh = [day for day in days if day not in there]
    if not fresh:
        return 0
    classes = list(SchoolClass.objects.filter(school_year=term.school_year).select_related("head_teacher"))
    rows = [ClassTable(term=term, school_class=one, due_on=day) for day in fresh for one in classes]
    ClassTable.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    if max(fresh) >= today:
        _tell_heads(term, max(fresh), classes, by)
    return len(rows)


def _tell_heads(term: Term, due_on: date, classes: list[SchoolClass], by: Actor) -> None:
    keys = dict(ClassTable.objects.filter(term=term, due_on=due_on).values_list("school_class_id", "pk"))
    notes = [
        Note(
            [one.head_teacher.user_id],
            "class_table.due",
            f"{due_on.month}月{due_on.day}日前请确认{one}的课后服务学生表",
            None,
            term.pk,
            url=reverse("evaluation:class-table", args=[keys[one.pk]]),
        )
        for one in classes
        if one.head_teacher and one.head_teacher.user_id and one.pk in keys
    ]
    if notes:
        tell_many(notes, by=by)


@transaction.atomic
def confirm(table: ClassTable, *, note: str = "", seen: str = "", by: Actor) -> ClassTable:
    """Confirm a table as it stands now: its lines are frozen. `seen`: the fingerprint of what was looked at.

    Refused: not_yours, confirmed_already, changed_meanwhile.
    """
    if table.school_class_id not in by.class_ids and not by.is_office:
        raise Refused("not_yours", "由班主任确认。")
    found = queries.lines(table)
    waiting = ClassTable.objects.filter(pk=table.pk, state=ClassTableState.OPEN, version=table.version)
    changed = waiting.update(
        state=ClassTableState.CONFIRMED, confirmed_by=by.user, confirmed_at=clock.now(), note=note.strip()[:200]
    )
    if changed != 1:
        raise Refused("confirmed_already", "这张表已经确认。")
    check_seen(seen, queries.plain(found))
    ClassTableRow.objects.bulk_create(
        ClassTableRow(
            table=table,
            version=table.version,
            student=line.student,
            number=line.number,
            weekdays=line.weekdays,
            group_name=line.group_name,
            clubs=line.clubs,
            due=line.due,
            here=line.here,
            leave=line.leave,
            absent=line.absent,
        )
        for line in found
    )
    record(
        "class_table.confirmed",
        subject=table,
        by=by,
        term_id=table.term_id,
        data={"children": len(found), "version": table.version},
    )
    table.refresh_from_db()
    return table


@transaction.atomic
def reopen(table: ClassTable, *, reason: str, by: Actor) -> None:
    """Open a confirmed table again as its next version, which is counted anew; the one given back keeps its lines.

    Refused: not_yours, no_reason, somebody_was_faster.
    """
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心退回。")
    if not reason.strip():
        raise Refused("no_reason", "请写明为什么退回。")
    seen = ClassTable.objects.filter(pk=table.pk, state=ClassTableState.CONFIRMED, version=table.version)
    changed = seen.update(
        state=ClassTableState.OPEN, confirmed_by=None, confirmed_at=None, note="", version=table.version + 1
    )
    if changed != 1 or table.confirmed_by is None or table.confirmed_at is None or by.user is None:
        raise somebody_was_faster()
    ClassTableVersion.objects.create(
        table=table,
        version=table.version,
        confirmed_by=table.confirmed_by,
        confirmed_at=table.confirmed_at,
        note=table.note,
        returned_by=by.user,
        returned_at=clock.now(),
        reason=reason.strip()[:200],
    )
    record(
        "class_table.reopened",
        subject=table,
        by=by,
        term_id=table.term_id,
        data={"confirmed_by": table.confirmed_by.pk, "version": table.version},
        note=reason.strip(),
    )
    head = table.school_class.head_teacher
    if head and head.user_id:
        tell_many(
            [
                Note(
                    [head.user_id],
                    "class_table.reopened",
                    f"{table.school_class}的课后服务学生表退回了，请再看一遍",
                    None,
                    table.term_id,
                    body=reason.strip(),
                    url=reverse("evaluation:class-table", args=[table.pk]),
                )
            ],
            by=by,
        )


def remind(term: Term, due_on: date, *, by: Actor) -> int:
    """Remind the head teachers who have not confirmed. Return how many. Refused: not_yours."""
    if not by.is_office and not by.grades:
        raise Refused("not_yours", "由课程教学中心或年级组长提醒。")
    waiting = queries.tables(by, term).filter(due_on=due_on, state=ClassTableState.OPEN)
    classes = [table.school_class for table in waiting if table.school_class.head_teacher]
    if classes:
        _tell_heads(term, due_on, classes, by)
    return len(classes)
