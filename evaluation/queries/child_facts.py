"""The records that bear on the sheets of a group's children, asked for all of them at once (rules, section 9)."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import Q

from afterschool.school.enums import GroupKind
from afterschool.school.models import Placement, Term
from afterschool.support import clock
from attendance.enums import ChangeKind, ChildNoteKind, CustodyState, LeaveSource, MarkState
from attendance.models import ChildDay, ChildNote, LeaveRequest, Mark, PickupChange
from attendance.queries.settings import afternoon
from evaluation.enums import FactCode, FactKind
from evaluation.models import Rubric
from evaluation.month import Period
from evaluation.proposals import Asked, Fact, Proposal, costs_with, propose

NO_CLUB = "没有社团，也没有记录，这一项得满分"
NOTES = {
    ChildNoteKind.ORDER: FactCode.CHILD_ORDER,
    ChildNoteKind.HOMEWORK: FactCode.HOMEWORK,
    ChildNoteKind.CLUB: FactCode.CLUB,
}
Facts = dict[int, list[Fact]]


def proposals_for(
    rubric: Rubric, term: Term, students: Collection[int], period: Period
) -> dict[int, dict[int, Proposal]]:
    """Return what the records of a period propose, by child and item: seven queries, whatever the number of children."""
    facts = facts_of(term, students, period.first, period.last)
    clubs = Placement.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=period.first),
        term=term, student__in=students, group__kind=GroupKind.CLUB, starts_on__lte=period.last,
    )  # fmt: skip
    in_club = set(clubs.values_list("student_id", flat=True))
    found, costs = {}, costs_with(rubric.costs)
    for pk in students:
        asked = [
            Asked(
                item.pk, item.points, item.facts, NO_CLUB if item.facts == FactKind.CLUB and pk not in in_club else ""
            )
            for item in rubric.items.all()
        ]
        found[pk] = propose(asked, facts[pk], costs)
    return found


def facts_of(term: Term, students: Collection[int], first: date, last: date) -> Mapping[int, list[Fact]]:
    """Return the facts about these children between two dates, both included, by child: six queries.

    Being late, away or gone counts once a day. What a guardian told too late lowers nothing: any word is a word.
    """
    found: Facts = defaultdict(list)
    _marks(found, term, students, first, last)
    _left_early(found, term, students, first, last)
    notes = ChildNote.objects.filter(
        student__in=students, session__term=term, session__date__range=(first, last), kind__in=NOTES
    )
    for note in notes.select_related("session").order_by("session__date", "pk"):
        code = NOTES[ChildNoteKind(note.kind)]
        found[note.student_id].append(Fact(code, note.pk, note.session.date, note.text))
    return found


def _marks(found: Facts, term: Term, students: Collection[int], first: date, last: date) -> None:
    leaves = LeaveRequest.objects.filter(
        student__in=students, term=term, cancelled_at__isnull=True, first_day__lte=last, last_day__gte=first
    )
    if not afternoon(term).paper_counts:
        leaves = leaves.exclude(source=LeaveSource.GUARDIAN)
    told: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for student, begins, ends in leaves.values_list("student_id", "first_day", "last_day"):
        told[student].append((begins, ends))
    marks = Mark.objects.filter(
        student__in=students,
        state__in=[MarkState.LATE, MarkState.ABSENT],
        roll_call__session__term=term,
        roll_call__session__date__range=(first, last),
    ).order_by("roll_call__session__date", "pk")
    seen = set()
    for pk, student, state, day in marks.values_list("pk", "student_id", "state", "roll_call__session__date"):
        if (student, state, day) in seen:
            continue
        seen.add((student, state, day))
        if state == MarkState.LATE:
            found[student].append(Fact(FactCode.CHILD_LATE, pk, day))
        elif not any(begins <= day <= ends for begins, ends in told[student]):
            found[student].append(Fact(FactCode.NO_LEAVE, pk, day))


def _left_early(found: Facts, term: Term, students: Collection[int], first: date, last: date) -> None:
    """Add days on which a child went before the end of its session though nobody had asked for an early pick-up."""
    span = {"student__in": students, "term": term, "date__range": (first, last)}
    asked = PickupChange.objects.filter(**span, kind=ChangeKind.EARLY, cancelled_at__isnull=True)
    early = set(asked.values_list("student_id", "date"))
    gone = ChildDay.objects.filter(
        **span, state__in=[CustodyState.FETCHED, CustodyState.ALONE], session__isnull=False
    ).order_by("date", "pk")
    for pk, student, day, since, ends in gone.values_list("pk", "student_id", "date", "since", "session__ends_at"):
        if since < clock.at(day, ends) and (student, day) not in early:
            here = since.astimezone(clock.SHANGHAI)
            found[student].append(Fact(FactCode.CHILD_LEFT, pk, day, f"{here:%H:%M} 离开"))
