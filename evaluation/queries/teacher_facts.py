"""The records that bear on a teacher's sheet: of one session, a month or a term (rules, section 9)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.enums import DayKind
from afterschool.school.models import SchoolClass, SchoolDay, Session, Teacher, Term
from afterschool.support import clock
from attendance.discipline import What
from attendance.enums import BreachState, Followed, Verdict
from attendance.models import DayNote, FlagDecision, FlagRecord, WeekPlan
from attendance.planning import due_date, monday_of
from attendance.queries.breaches import breaches_for
from attendance.queries.plans import DELIVERED, handed_in_on
from attendance.queries.settings import afternoon
from attendance.queries.teacher_attendance import lines_of
from evaluation.enums import Doing, ExplanationState, FactCode, FeedbackKind, Order
from evaluation.models import PatrolVisit, Rubric
from evaluation.proposals import Asked, Fact, Proposal, costs_with, propose
from evaluation.queries.feedback import upheld
from evaluation.queries.surveys import satisfaction
from scheduling.models import Duty

SHOWN = {What.LATE: FactCode.LATE, What.ABSENT: FactCode.ABSENT, What.LEFT: FactCode.LEFT}
ORDERS = {Order.GOOD: FactCode.ORDER_GOOD, Order.FAIR: FactCode.ORDER_FAIR, Order.POOR: FactCode.ORDER_POOR}
DOINGS = {Doing.NOTHING: FactCode.DOING_NOTHING, Doing.TEACHING: FactCode.DOING_TEACHING}
NO_CLASS = "不带班，这一项得满分"


def proposals_for(
    actor: Actor,
    rubric: Rubric,
    term: Term,
    teacher: Teacher,
    *,
    first: date,
    last: date,
    session: Session | None = None,
) -> dict[int, Proposal]:
    """Return what the records of a stretch (or of one session in it) propose for each item of a teacher's rubric."""
    heads = SchoolClass.objects.filter(school_year=term.school_year, head_teacher=teacher).exists()
    asked = [
        Asked(item.pk, item.points, item.facts, NO_CLASS if item.heads_only and not heads else "")
        for item in rubric.items.all()
    ]
    kinds = {item.kind for item in asked if item.kind}
    facts = facts_of(actor, term, teacher, first=first, last=last, session=session) if kinds else []
    return propose(asked, facts, costs_with(rubric.costs))


def facts_of(
    actor: Actor, term: Term, teacher: Teacher, *, first: date, last: date, session: Session | None = None
) -> list[Fact]:
    """Return the facts about a teacher between two dates, both included; of one session, what happened in it.

    A breach is told only to those who may see it anyway. A fixed number of queries.
    """
    turns = Duty.objects.filter(active=True, teacher=teacher, session__term=term, session__date__range=(first, last))
    if session is not None:
        turns = turns.filter(session=session)
    found = [*_attendance(term, teacher, turns), *_patrols(turns), *_notes(turns)]
    breaches = breaches_for(actor, term).filter(teacher=teacher, state=BreachState.CONFIRMED)
    if session is not None:
        breaches = breaches.filter(session=session)
    for row in breaches:
        if first <= (day := row.seen_at.astimezone(clock.SHANGHAI).date()) <= last:
            found.append(Fact(FactCode.BREACH, row.pk, day))
    if session is None:  # plans and messages are about a stretch, never about one session
        found += [*_plans(term, turns), *_messages(term, teacher, first, last)]
    return found


def _attendance(term: Term, teacher: Teacher, turns: QuerySet[Duty]) -> Iterable[Fact]:
    """Yield what turns show, once an afternoon; not what leave or a decision excused, nor what still awaits leave."""
    ids = set(turns.values_list("pk", flat=True))
    if not ids:
        return
    last_word = FlagDecision.objects.filter(flag=OuterRef("flag")).order_by("-at", "-pk").values("verdict")[:1]
    records = FlagRecord.objects.filter(flag__teacher=teacher, duty__in=ids)
    excused = set(
        records.annotate(word=Subquery(last_word)).filter(word=Verdict.EXCUSED).values_list("duty_id", flat=True)
    )
    seen = set()
    for line in sorted(lines_of(term, duties=ids), key=lambda line: line.duty.pk):
        if line.excuse or line.duty.pk in excused:
            continue
        for one in line.findings:
            if not one.pending and (one.what, one.date) not in seen:
                seen.add((one.what, one.date))
                words = f"{one.minutes} 分钟" if one.what == What.LATE and one.minutes else ""
                yield Fact(SHOWN[one.what], line.duty.pk, one.date, words)


def _patrols(turns: QuerySet[Duty]) -> Iterable[Fact]:
    visits = PatrolVisit.objects.filter(session__in=turns.values("session")).select_related("session")
    for visit in visits.order_by("at", "pk"):
        day = visit.session.date
        if visit.order:
            yield Fact(ORDERS[Order(visit.order)], visit.pk, day, visit.note)
        if visit.doing:
            code = DOINGS.get(Doing(visit.doing), FactCode.DOING_WELL)
            yield Fact(code, visit.pk, day, str(visit.get_doing_display()) if code == FactCode.DOING_WELL else "")
        if visit.differs and visit.explanation_state != ExplanationState.ACCEPTED:
            yield Fact(FactCode.COUNT, visit.pk, day, f"应有 {visit.expected} 人，清点 {visit.counted} 人")


def _notes(turns: QuerySet[Duty]) -> Iterable[Fact]:
    """Yield how days went, where the teacher's turn was held: noted as planned or not, or not noted by the next day."""
    held = turns.filter(session__roll_call__closed_at__isnull=False, session__date__lt=clock.today())
    notes = {row.session_id: row for row in DayNote.objects.filter(session__in=turns.values("session"))}
    days = dict(turns.values_list("session_id", "session__date"))
    for session_id, note in sorted(notes.items()):
        if note.followed != Followed.PARTLY:
            code = FactCode.FOLLOWED if note.followed == Followed.YES else FactCode.NOT_FOLLOWED
            yield Fact(code, note.pk, days[session_id])
    for pk, session_id in held.order_by("pk").values_list("pk", "session_id"):
        if session_id not in notes:
            yield Fact(FactCode.NOTE_MISSING, pk, days[session_id])


def _plans(term: Term, turns: QuerySet[Duty]) -> Iterable[Fact]:
    """Yield week plans that came late or not at all, of the groups and weeks in which the teacher had a turn."""
    rows = turns.exclude(session__group=None).order_by("pk").values_list("pk", "session__group", "session__date")
    first_turn: dict[tuple[int, date], int] = {}
    for pk, group, day in rows:
        first_turn.setdefault((group, monday_of(day)), pk)
    plans = WeekPlan.objects.filter(group__in={group for group, _ in first_turn})
    written = {(plan.group_id, plan.monday): plan for plan in plans}
    weekday, days = afternoon(term).plan_due_weekday, _service_days(term)
    due = {monday: due_date(monday, weekday=weekday, days=days) for _, monday in first_turn}
    for (group, monday), turn in sorted(first_turn.items(), key=lambda one: (one[0][1], one[0][0])):
        plan = written.get((group, monday))
        if plan is not None and plan.handed_in_at is not None:
            if handed_in_on(plan) > due[monday]:
                yield Fact(FactCode.PLAN_LATE, plan.pk, monday)
        elif (plan is None or plan.state not in DELIVERED) and clock.today() > due[monday]:
            yield Fact(FactCode.PLAN_MISSING, turn, monday, "这一周的")


def _service_days(term: Term) -> list[date]:
    rows = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE)
    return list(rows.order_by("date").values_list("date", flat=True))


def _messages(term: Term, teacher: Teacher, first: date, last: date) -> Iterable[Fact]:
    for row in upheld(term, teacher, first, last):
        code = FactCode.COMPLAINT if row.kind == FeedbackKind.COMPLAINT else FactCode.PRAISE
        yield Fact(code, row.pk, row.sent_on)
    if content := satisfaction(term, teacher, first, last):  # none where too few families answered
        percent, answers = content
        yield Fact(FactCode.SATISFACTION, teacher.pk, words=f"{percent}%，{answers} 份")
