"""The board (孩子在哪里): counts, who is missing, which groups are not called yet, and each group's last record."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from afterschool.school.access import Actor
from afterschool.school.enums import Relation, SessionState
from afterschool.school.models import Guardianship, Session, Term
from afterschool.support import clock
from afterschool.support.prepared import prepared
from attendance import access
from attendance.enums import OPEN, CustodyState, PassState
from attendance.models import (
    CallNote,
    ChildDay,
    ClosedDay,
    Handover,
    HandoverOffer,
    LineUp,
    OfferChild,
    Pass,
    RollCall,
    SearchStep,
)
from attendance.queries.board_rows import Board, GroupRow, MissingRow
from attendance.queries.custody import REGISTER, WHOLE_SCHOOL, scope

PHONES = 2  # of a missing child's adults on the board; all are on its own page


@prepared
def _tally(actor: Actor, term: Term, day: date, today: date) -> QuerySet[ChildDay, tuple[Any, ...]]:
    rows = ChildDay.objects.filter(scope(actor, today), term=term, date=day).order_by()
    placed = rows.annotate(where=Coalesce("at_session", "session")).values_list("where", "state")
    return placed.annotate(Count("pk"), Max("since"))


def read(actor: Actor, term: Term, day: date) -> Board:
    """Read the board of a day in at most four queries, those who are missing and taken in among them."""
    counts: Counter[str] = Counter()
    per_session: dict[int, Counter[str]] = {}
    last: dict[int, datetime] = {}
    for where, state, number, since in _tally(actor, term, day, clock.today()):
        counts[state] += number
        if where is not None:
            per_session.setdefault(where, Counter())[state] += number
            last[where] = max(since, last.get(where, since))
    groups, closed, before, any_pass = _groups(actor, term, day, per_session, last)
    missing = _missing_children(actor, term, day, clock.today()) if counts[CustodyState.MISSING] else []
    if not missing and not any_pass:
        return Board(day, counts, [], groups, closed, before)
    beside = list(_beside(actor, day, clock.today(), [child["student_id"] for child in missing]))
    passes = [(pk, name) for pk, word, name, _ in beside if word == PASS]
    return Board(day, counts, _with_people(missing, beside), groups, closed, before, passes)


def _still_open(term: Term, before: date) -> QuerySet[ChildDay, Any]:
    return ChildDay.objects.filter(term=term, date__lt=before, state__in=OPEN).order_by("date").values("date")[:1]


@prepared
def _sessions(term: Term, day: date) -> QuerySet[Session, tuple[Any, ...]]:
    waiting = OfferChild.objects.filter(taken=None, offer__to_session=OuterRef("pk"))
    listed = waiting.order_by().values("offer__to_session")
    return (
        Session.objects.filter(term=term, date=day, state=SessionState.PLANNED)
        .annotate(
            active_duty=FilteredRelation("duties", condition=Q(duties__active=True)),
            earlier=Subquery(_still_open(term, day)),
            closed=Exists(ClosedDay.objects.filter(date=day)),
            any_pass=Exists(Pass.objects.filter(child_day__date=day, state=PassState.WAITING)),
            offered=Subquery(listed.annotate(n=Count("pk")).values("n")),
        )
        .order_by("group__grade", "group__order", "group__name")
        .values_list(
            "pk",
            "group__name",
            "room__name",
            "active_duty__teacher__name",
            "active_duty__teacher__phone",
            "active_duty__teacher",
            "starts_at",
            "roll_call__closed_at",
            "roll_call__ended_at",
            "closed",
            "earlier",
            "group__grade",
            "group__kind",
            "ends_at",
            "any_pass",
            "offered",
        )
    )


def _groups(
    actor: Actor, term: Term, day: date, states: dict[int, Counter[str]], last: dict[int, datetime]
) -> tuple[list[GroupRow], bool, date | None, bool]:
    """Return the groups of the day, whether it is closed, the first earlier day still open, whether a pass waits."""
    groups, closed, before, any_session, any_pass = [], False, None, False, False
    whole = actor.has(*WHOLE_SCHOOL)
    mine = actor.teacher.pk if actor.teacher else 0
    for row in _sessions(term, day):
        (
            pk,
            name,
            room,
            teacher,
            phone,
            on,
            starts,
            called,
            ended,
            closed,
            before,
            grade,
            kind,
            ends,
            any_pass,
            lists,
        ) = row
        any_session = True
        if whole or pk in states or on == mine or grade in actor.grades:
            line = GroupRow(
                pk,
                name,
                room or "",
                teacher or "",
                phone or "",
                clock.at(day, starts),
                called,
                ended,
                kind,
                clock.at(day, ends),
                lists or 0,
                states.get(pk, Counter()),
                last.get(pk),
            )
            groups.append(line)
    if not any_session:
        before = next((row["date"] for row in _still_open(term, day)), None)
    return groups, closed, before, any_pass


@prepared
def _missing_children(actor: Actor, term: Term, day: date, today: date) -> QuerySet[ChildDay, Any]:
    calls = CallNote.objects.filter(child_day=OuterRef("pk")).order_by("-at", "-pk")
    began = Handover.objects.filter(child_day=OuterRef("pk"), to_state=CustodyState.MISSING)
    link = began.exclude(from_state=CustodyState.MISSING).order_by(
        "-number"
    )  # who takes a search over begins no new one
    in_charge = access.in_charge(actor, today)
    rows = ChildDay.objects.filter(scope(actor, today), term=term, date=day, state=CustodyState.MISSING)
    return rows.order_by(*REGISTER).values(
        "pk",
        "student_id",
        name=F("student__name"),
        grade=F("student__school_class__grade"),
        number=F("student__school_class__number"),
        head=F("student__school_class__head_teacher__name"),
        head_phone=F("student__school_class__head_teacher__phone"),
        seeker=F("holder__name"),
        lost_at=Coalesce(Subquery(link.values("at")[:1]), "since"),
        charged=Case(When(in_charge, then=Value(True)), default=Value(False)) if in_charge else Value(True),
        called_by=Subquery(link.values("by__name")[:1]),
        call_at=Subquery(calls.values("at")[:1]),
        call_text=Subquery(calls.values("text")[:1]),
        call_outcome=Subquery(calls.values("outcome")[:1]),
    )


PASS, STEP = "pass", "step"
NO_TIME = Value(None, output_field=DateTimeField())


@prepared
def _beside(
    actor: Actor, day: date, today: date, student_ids: list[int]
) -> QuerySet[Any, tuple[int, str, str, datetime | None]]:
    """Ask for what stands beside the chain: phones of the missing, who was told of them, and passes without an answer."""
    acting = Guardianship.objects.filter(student__pk__in=student_ids, acts=True).order_by()
    phones = acting.values_list("student_id", "relation", "guardian__phone", NO_TIME)
    told = SearchStep.objects.filter(child_day__date=day, child_day__student__pk__in=student_ids).order_by()
    steps = told.values_list("child_day__student_id", Value(STEP), "kind", "at")
    waiting = ChildDay.objects.filter(scope(actor, today), date=day, taken_in__state=PassState.WAITING).order_by()
    passes = waiting.values_list("pk", Value(PASS), "student__name", "taken_in__at")
    return phones.union(steps, passes, all=True)


def _with_people(
    missing: list[dict[str, Any]], beside: list[tuple[int, str, str, datetime | None]]
) -> list[MissingRow]:
    """Return the missing with the phones to call and who was told in this search."""
    adults: dict[int, list[tuple[str, str]]] = {}
    steps: dict[int, list[tuple[str, datetime]]] = {}
    for pk, word, text, at in beside:
        if word == STEP and at is not None:
            steps.setdefault(pk, []).append((text, at))
        elif word != PASS:
            adults.setdefault(pk, []).append((Relation(word).label, text))
    return [
        MissingRow(
            **child,
            adults=adults.get(child["student_id"], [])[:PHONES] if child["charged"] else [],
            steps=sorted(
                (one for one in steps.get(child["student_id"], []) if one[1] >= child["lost_at"]),
                key=lambda one: one[1],
            ),
        )
        for child in missing
    ]


@prepared
def _last_changes(day: date) -> QuerySet[Session, tuple[Any, ...]]:
    moved = Handover.objects.order_by("-pk")  # of any day: the newest is found at once, and moves of other days are few
    # Of two moves at once the later one may be there first: the newest hides the other, the sum of links does not.
    links = ChildDay.objects.filter(date=day).order_by().values("date")
    calls = CallNote.objects.order_by("-pk")
    rolls = RollCall.objects.filter(session__date=day).order_by().values("session__date")
    closed = ClosedDay.objects.filter(date=day).order_by().values("date").annotate(n=Count("pk"))
    lists = HandoverOffer.objects.filter(date=day).order_by().values("date")
    passes = Pass.objects.filter(child_day__date=day).order_by().values("child_day__date")
    steps = SearchStep.objects.order_by("-pk")
    line_ups = LineUp.objects.filter(date=day).order_by().values("date")
    anchor = Session.objects.filter(date=day).order_by("pk")
    return anchor.values_list(
        Subquery(moved.values("pk")[:1]),
        Subquery(links.annotate(n=Sum("links")).values("n")),
        Subquery(calls.values("pk")[:1]),
        Subquery(rolls.annotate(n=Count("closed_at")).values("n")),
        Subquery(rolls.annotate(n=Count("ended_at")).values("n")),
        Subquery(rolls.annotate(n=Count("pk")).values("n")),
        Subquery(closed.values("n")),
        Subquery(lists.annotate(n=Count("pk")).values("n")),
        Subquery(lists.annotate(n=Count("answered_at")).values("n")),
        Subquery(passes.annotate(n=Count("pk")).values("n")),
        Subquery(passes.annotate(n=Count("decided_at")).values("n")),
        Subquery(steps.values("pk")[:1]),
        Subquery(line_ups.annotate(last=Max("at")).values("last")),
    )[:1]


def version(day: date) -> str:
    """Return a mark that changes with every move, call, roll call, list, pass, search and line-up of a day.

    And with the minute, as waiting is shown in minutes. One query.
    """
    found = next(iter(_last_changes(day)), ())
    return "-".join(str(part or 0) for part in found) + f"-{clock.now():%Y%m%d%H%M}"
