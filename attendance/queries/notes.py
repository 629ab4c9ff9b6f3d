"""Notes of the day and notes about children: of a session, of a class, of a family's child. Nobody is ranked or counted."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Case, F, IntegerField, OuterRef, Prefetch, Q, QuerySet, Subquery, Value, When
from django.http import Http404

from afterschool.school.access import Actor
from afterschool.school.enums import GroupKind, SessionState
from afterschool.school.models import Event, Session, Student, Term
from afterschool.school.queries.people import children_of
from afterschool.support import clock
from attendance import access
from attendance.enums import HERE, ChildNoteKind
from attendance.models import ChildNote, DayNote, PlanLine
from scheduling.enums import SlotKind
from scheduling.models import Duty

RECENT = timedelta(days=14)
CLUBS = (SlotKind.SCHOOL_CLUB, SlotKind.CLASS_CLUB)


def noted_sessions(actor: Actor) -> QuerySet[Session]:
    """Return the sessions whose note of the day this person may see: own turns, the own grade, the whole school."""
    active = Duty.objects.filter(session=OuterRef("pk"), active=True)
    return (
        Session.objects.filter(access.roll_call_scope(actor), state=SessionState.PLANNED)
        .select_related("group__term", "room", "roll_call", "day_note__by")
        .annotate(
            duty_teacher_id=Subquery(active.values("teacher_id")[:1]),
            duty_teacher_name=Subquery(active.values("teacher__name")[:1]),
        )
        .distinct()
    )


def session_to_note(actor: Actor, pk: int) -> Session:
    """Return one of `noted_sessions`, or 404."""
    found = noted_sessions(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def is_own(actor: Actor, session: Session) -> bool:
    """Tell whether the session is this person's own turn (a session of `noted_sessions`)."""
    return actor.teacher is not None and actor.teacher.pk == getattr(session, "duty_teacher_id", None)


def begun() -> Q:
    """Return the sessions that have begun by now."""
    now = clock.now()
    return Q(date__lt=now.date()) | Q(date=now.date(), starts_at__lte=now.time())


def missing_notes(actor: Actor, term: Term, *, own: bool) -> list[Session]:
    """Return the sessions of the last two weeks that are over and not noted, latest first: one query.

    `own`: those of this person; else those of the person's grade or school.
    """
    rows = noted_sessions(actor).filter(term=term, day_note__isnull=True, date__gte=clock.today() - RECENT)
    if own:
        rows = rows.filter(pk__in=Duty.objects.filter(teacher=actor.teacher, active=True).values("session"))
    over = Q(date__lt=clock.today()) | Q(date=clock.today(), roll_call__ended_at__isnull=False)
    return list(rows.filter(over, roll_call__isnull=False).order_by("-date", "group__grade", "group__order")[:60])


def planned_for(session: Session) -> str:
    """Return what the plan says of a session's day, to begin the note with; empty where there is no plan."""
    lines = PlanLine.objects.filter(plan__group=session.group_id, date=session.date).exclude(content="")
    rows = list(lines.order_by("position"))
    words = [row.content if len(rows) == 1 else f"{row.title.split('（')[0]}：{row.content}" for row in rows]
    return "；".join(words)[: DayNote._meta.get_field("text").max_length]


def added_later(note: DayNote, session: Session) -> bool:
    """Tell whether a day was noted on a later day (补记)."""
    return note.at.astimezone(clock.SHANGHAI).date() > session.date


# Notes about children


@dataclass(frozen=True)
class ChildRow:
    """One child who was in a session, and what was noted of it there."""

    student: Student
    homework: bool = False
    notes: list[ChildNote] = field(default_factory=list)


def session_for_children(actor: Actor, pk: int) -> Session:
    """Return a session whose notes about children this person may see, or 404."""
    found = noted_sessions(actor).filter(access.note_scope(actor), pk=pk).first()
    if found is None:
        raise Http404
    return found


def children_here(session: Session) -> QuerySet[Student]:
    """Return the children whom the roll call of a session found here."""
    here = Student.objects.filter(marks__roll_call__session=session, marks__state__in=HERE)
    return here.select_related("school_class").order_by("school_class__grade", "school_class__number", "number", "pk")


def child_rows(session: Session) -> list[ChildRow]:
    """Return the children of a session in order of the list, with their notes: two queries."""
    notes = Prefetch("day_notes", ChildNote.objects.filter(session=session).order_by("kind"), to_attr="noted")
    return [
        ChildRow(
            child,
            any(note.kind == ChildNoteKind.HOMEWORK for note in child.noted),
            child.noted,
        )
        for child in children_here(session).prefetch_related(notes)
    ]


def kinds_for(session: Session) -> list[ChildNoteKind]:
    """Return what can be noted of a child in this session: homework is for service groups, the club's word for clubs' time."""
    if session.group.kind == GroupKind.CLUB:
        return [ChildNoteKind.PRAISE, ChildNoteKind.ORDER, ChildNoteKind.CLUB]
    return [ChildNoteKind.PRAISE, ChildNoteKind.ORDER, ChildNoteKind.CLUB, ChildNoteKind.HOMEWORK]


def praise_first() -> Case:
    """Return the order in which a family reads: praise before all else."""
    return Case(When(kind=ChildNoteKind.PRAISE, then=Value(0)), default=Value(1), output_field=IntegerField())


def notes_of_child(actor: Actor, pk: int, term: Term | None) -> tuple[Student, list[ChildNote]]:
    """Return a guardian's own child and what was noted of it this term, praise first, or 404."""
    child = children_of(actor).filter(pk=pk).first()
    if child is None:
        raise Http404
    rows = ChildNote.objects.filter(student=child, session__term=term).select_related("session__group", "by")
    return child, list(rows.order_by(praise_first(), "-session__date", "kind"))


def notes_of_classes(actor: Actor, term: Term, day: date) -> list[ChildNote]:
    """Return what was noted on one day of the children of the person's classes: one query."""
    rows = ChildNote.objects.filter(session__date=day, session__term=term, student__school_class__in=actor.class_ids)
    return list(
        rows.select_related("session__group", "student__school_class", "by").order_by(
            F("student__school_class__grade"), "student__school_class__number", "student__number", "kind"
        )
    )


def days_with_notes(actor: Actor, term: Term) -> list[date]:
    """Return the latest days with notes about the person's classes, latest first: one query."""
    rows = ChildNote.objects.filter(session__term=term, student__school_class__in=actor.class_ids).order_by()
    return sorted(set(rows.values_list("session__date", flat=True)), reverse=True)[:10]


def note_of(actor: Actor, pk: int) -> ChildNote:
    """Return a note about a child that this person may change: of an own session; any for the office; or 404."""
    rows = ChildNote.objects.select_related("session__group", "student__school_class", "by")
    scope = Session.objects.filter(access.note_scope(actor)).values("pk")
    found = rows.filter(session__in=scope, pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True)
class NoteChange:
    """One later change of a note: when, by whom, and what stood there before."""

    event: Event
    before: str


def changes_of(note: ChildNote) -> list[NoteChange]:
    """Return the changes of a note made after its day, latest first: one query."""
    rows = Event.objects.filter(verb="child_note.changed", subject="childnote", subject_id=note.pk, data__later=True)
    return [
        NoteChange(row, row.note.text if hasattr(row, "note") else "")
        for row in rows.select_related("note").order_by("-pk")
    ]
