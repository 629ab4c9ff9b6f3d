"""Meetings and training: who is invited, who came, who is not trained, who is busy with one (D9)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time

from django.db.models import Count, Q, QuerySet

from afterschool.school.access import Actor
from afterschool.school.enums import Role
from afterschool.school.models import StaffRole, Teacher, Term
from scheduling.enums import Attended, TrainingKind, TrainingState
from scheduling.models import Training, TrainingClass, TrainingPerson, Volunteer


def untrained(term: Term) -> set[int]:
    """Return the after-school teachers and others who missed a required training of the term: two queries.

    Who was invited to a required training that was held, and came neither there nor to one that makes up for it; and every
    after-school teacher who was at none of those held. Nobody, while none has been held.
    """
    rows = TrainingPerson.objects.filter(training__term=term, training__state=TrainingState.HELD, teacher__isnull=False)
    required = Q(training__required=True) | Q(training__makes_up__required=True)
    invited: set[tuple[int, int]] = set()
    there: set[tuple[int, int]] = set()
    found = rows.filter(required).order_by().values_list("teacher_id", "training_id", "training__makes_up_id", "state")
    for teacher, training, makes_up, state in found:
        key = (teacher or 0, makes_up or training)
        invited.add(key)
        if state == Attended.PRESENT:
            there.add(key)
    if not invited:
        return set()
    staff = StaffRole.objects.filter(role=Role.TEACHER, teacher__active=True).order_by()
    at_none = set(staff.values_list("teacher_id", flat=True)) - {teacher for teacher, _ in there}
    return {teacher for teacher, _ in invited - there} | at_none


@dataclass(frozen=True)
class Busy:
    """That a teacher is at a meeting on a date; without hours it may take the whole afternoon."""

    day: date
    teacher_id: int
    title: str
    starts_at: time | None
    ends_at: time | None


def trainings_on(days: Sequence[date]) -> list[Busy]:
    """Return who is busy with a meeting on these dates, cancelled ones and the excused left out: one query."""
    rows = TrainingPerson.objects.filter(training__date__in=days, teacher__isnull=False)
    rows = rows.exclude(training__state=TrainingState.CANCELLED).exclude(state=Attended.EXCUSED)
    found = rows.order_by("training__date", "teacher").values_list(
        "training__date", "teacher_id", "training__title", "training__starts_at", "training__ends_at"
    )
    return [Busy(day, teacher or 0, title, starts, ends) for day, teacher, title, starts, ends in found]


def trained_volunteers(term: Term) -> set[int]:
    """Return the volunteers of a term who were at a volunteers' training that was held: one query."""
    rows = TrainingPerson.objects.filter(training__term=term, volunteer__isnull=False, state=Attended.PRESENT)
    held = rows.filter(training__state=TrainingState.HELD, training__kind=TrainingKind.VOLUNTEER)
    return {pk for pk in held.order_by().values_list("volunteer_id", flat=True) if pk is not None}


def trainings_of(actor: Actor, term: Term) -> QuerySet[Training]:
    """Return the meetings a person sees: the office all, others those they made, are invited to, or tell their class of."""
    trainings = Training.objects.filter(term=term).select_related("makes_up")
    if actor.is_office:
        return trainings
    mine = Q(made_by=actor.user_id) | Q(classes__school_class__in=actor.class_ids)
    if actor.teacher is not None:
        mine |= Q(people__teacher=actor.teacher)
    if actor.guardian is not None:
        mine |= Q(people__volunteer__guardian=actor.guardian)
    return trainings.filter(mine).distinct()


@dataclass(frozen=True)
class Row:
    """One meeting in the list, with how many were asked and how many came."""

    training: Training
    invited: int
    present: int
    missed: int
    classes: int
    told: int
    mine: str = ""


def rows(actor: Actor, term: Term) -> list[Row]:
    """Return the meetings a person sees with their numbers, the newest first: four queries."""
    trainings = list(trainings_of(actor, term).order_by("-date", "-pk"))
    ids = [training.pk for training in trainings]
    people: Counter[tuple[int, str]] = Counter()
    counted = TrainingPerson.objects.filter(training__in=ids).order_by().values_list("training_id", "state")
    for training, state, number in counted.annotate(n=Count("pk")).values_list("training_id", "state", "n"):
        people[training, state] += number
    classes = TrainingClass.objects.filter(training__in=ids).order_by().values("training_id")
    told = {
        row["training_id"]: (row["n"], row["told"])
        for row in classes.annotate(n=Count("pk"), told=Count("done_at")).values("training_id", "n", "told")
    }
    own = TrainingPerson.objects.filter(training__in=ids, teacher=actor.teacher) if actor.teacher else None
    mine = {row.training_id: row.get_state_display() for row in own} if own is not None else {}
    return [
        Row(
            t,
            sum(people[t.pk, state] for state in Attended.values),
            people[t.pk, Attended.PRESENT],
            people[t.pk, Attended.ABSENT] + people[t.pk, Attended.EXCUSED],
            *told.get(t.pk, (0, 0)),
            mine.get(t.pk, ""),
        )
        for t in trainings
    ]


def may_run(actor: Actor, training: Training) -> bool:
    """Tell whether this person marks who came: the office, or who made the meeting."""
    return actor.is_office or (actor.user_id is not None and training.made_by_id == actor.user_id)


def people_of(training: Training) -> list[TrainingPerson]:
    """Return who is invited, teachers by number, then volunteers by name: one query."""
    people = TrainingPerson.objects.filter(training=training).select_related("teacher", "volunteer__guardian")
    return list(people.order_by("teacher__staff_number", "volunteer__guardian__name", "pk"))


def missed(training: Training) -> list[Teacher]:
    """Return the teachers who missed a meeting and came to none that made up for it: two queries."""
    there = TrainingPerson.objects.filter(
        training__makes_up=training, training__state=TrainingState.HELD, state=Attended.PRESENT, teacher__isnull=False
    )
    rows = TrainingPerson.objects.filter(training=training, teacher__active=True)
    rows = rows.filter(state__in=[Attended.ABSENT, Attended.EXCUSED]).exclude(teacher__in=there.values("teacher"))
    return [row.teacher for row in rows.select_related("teacher").order_by("teacher__staff_number") if row.teacher]


def classes_of(actor: Actor, training: Training) -> list[TrainingClass]:
    """Return the classes of a talk: all for who runs it, else those of the head teacher."""
    classes = TrainingClass.objects.filter(training=training).select_related("school_class__head_teacher", "done_by")
    if not may_run(actor, training):
        classes = classes.filter(school_class__in=actor.class_ids)
    return list(classes.order_by("school_class__grade", "school_class__number"))


def subjects() -> list[str]:
    """Return the subjects that the staff teaches."""
    found = Teacher.objects.filter(active=True).exclude(subject="").order_by("subject")
    return list(found.values_list("subject", flat=True).distinct())


def after_school_teachers() -> QuerySet[Teacher]:
    """Return the after-school teachers."""
    return Teacher.objects.filter(active=True, roles__role=Role.TEACHER).distinct().order_by("staff_number")


def to_be_trained(term: Term) -> QuerySet[Volunteer]:
    """Return the approved volunteers of a term."""
    return Volunteer.objects.filter(term=term, state="approved").select_related("guardian").order_by("guardian__name")
