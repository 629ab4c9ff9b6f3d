"""A family changes what the school has approved, from a date on: a request with old and new value (plan section 5, B3)."""

from datetime import date

from django.db import IntegrityError, transaction
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.actions.fetchers import Fetcher, set_fetchers
from afterschool.school.actions.placements import places_from, renew_weekdays
from afterschool.school.enums import DayKind
from afterschool.school.messaging import guardians_of, tell
from afterschool.school.models import SchoolDay, Student, Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment import amending
from enrollment.access import who_is
from enrollment.actions._moves import compare_and_set
from enrollment.actions._requests import close, note
from enrollment.actions.family import limits_for
from enrollment.amending import Arrangement, Span
from enrollment.details import Person
from enrollment.enums import AmendmentState, AmendMove, ApplicationState, Source
from enrollment.models import Amendment, Application, PickupPerson

S, M = AmendmentState, AmendMove


def held_by(application: Application) -> Arrangement:
    """Return what an application says now: one query."""
    persons = tuple(Person(p.name, p.relation, p.phone) for p in application.pickups.all())
    return Arrangement(application.weekdays, persons, application.may_go_alone)


def span_for(term: Term, application: Application) -> Span:
    """Return the days on which a change of this application may begin: two queries."""
    days = SchoolDay.objects.filter(term=term, kind=DayKind.SERVICE, date__gt=clock.today())
    ahead = Amendment.objects.filter(application=application, state=S.ACCEPTED).order_by("-starts_on")
    first = amending.first_day(
        today=clock.today(),
        service_from=term.service_starts_on,
        last=term.ends_on,
        weekdays=term.service_weekdays,
        service_days=list(days.values_list("date", flat=True)),
        not_before=ahead.values_list("starts_on", flat=True).first(),
    )
    return Span(first, term.ends_on)


@transaction.atomic
def ask_amendment(*, term: Term, student: Student, wish: Arrangement, starts_on: date | None, by: Actor) -> Amendment:
    """Ask for other weekdays, other persons who fetch, or for leaving alone, from a day on.

    Codes: `not_yours`, `not_approved`, `already_asked`, and those of `amending.problems`.
    """
    made = _ask(M.ASK, term, student, wish, starts_on, by=by)
    _tell_head_teacher(made, student, by)
    return made


@transaction.atomic
def record_amendment(
    *, term: Term, student: Student, wish: Arrangement, starts_on: date | None, by: Actor
) -> Amendment:
    """Enter the change of a family that asks on paper: by the child's head teacher, who accepts it with that."""
    made = _ask(M.RECORD, term, student, wish, starts_on, by=by)
    _accept(made, by=by)
    return made


@transaction.atomic
def accept_amendment(*, amendment: Amendment, by: Actor) -> date:
    """Let a change hold from its day on: application, persons who fetch and places, all or nothing. Return the day.

    A day that has gone by meanwhile becomes the next service day. Codes: `not_yours`, `not_open`, `not_approved`, `no_service_day`.
    """
    _checked(amendment, M.ACCEPT, by=by)
    return _accept(amendment, by=by)


@transaction.atomic
def decline_amendment(*, amendment: Amendment, reason: str, by: Actor) -> None:
    """Leave things as they are, with a reason that the parent reads."""
    _checked(amendment, M.DECLINE, by=by)
    reason = reason.strip()
    if not reason:
        raise Refused("no_reason", "请写明不同意的原因，家长会看到。")
    if len(reason) > 200:
        raise Refused("reason_too_long", "原因最多 200 字。")
    close(amendment, S.DECLINED, reason=reason, decided_by=by.user, decided_at=clock.now())
    note("amendment.declined", amendment, by, words=reason)
    _tell_family(amendment, "没有同意，仍按原来的安排", reason, by)


@transaction.atomic
def withdraw_amendment(*, amendment: Amendment, by: Actor) -> None:
    """Take one's request back while it is open."""
    _checked(amendment, M.WITHDRAW, by=by)
    close(amendment, S.WITHDRAWN)
    note("amendment.withdrawn", amendment, by)


def _ask(
    move: AmendMove, term: Term, student: Student, wish: Arrangement, starts_on: date | None, *, by: Actor
) -> Amendment:
    who, _ = amending.MOVES[None, move]
    if not who & who_is(by, student):
        raise Refused("not_yours", "这个孩子的申请不归您办理。")
    application = Application.objects.filter(term=term, student=student).prefetch_related("pickups").first()
    if application is None or application.state != ApplicationState.SCHOOL_APPROVED:
        raise Refused("not_approved", "申请通过以后才能变更。")
    application.student, application.term = student, term
    held = held_by(application)
    found = amending.problems(wish, held, limits_for(term, student), starts_on, span_for(term, application))
    for code, sentence in found.values():
        raise Refused(code, sentence)
    if starts_on is None:  # named among the problems above
        raise Refused("no_day", "请选从哪天起。")
    others = not wish.same_persons(held)
    try:
        with transaction.atomic():
            made = Amendment.objects.create(
                application=application,
                starts_on=starts_on,
                old_weekdays=held.weekdays,
                weekdays=wish.weekdays,
                old_may_go_alone=held.may_go_alone,
                may_go_alone=wish.may_go_alone,
                old_persons=_written(held.persons) if others else None,
                persons=_written(wish.persons) if others else None,
                source=Source.PAPER if move == M.RECORD else Source.PARENT,
                asked_by=by.user,
                asked_at=clock.now(),
            )
    except IntegrityError:
        raise Refused("already_asked", "这个孩子已有一份变更在等处理，处理完或撤回后再提。") from None
    note("amendment.recorded" if move == M.RECORD else "amendment.asked", made, by)
    return made


def _checked(amendment: Amendment, move: AmendMove, *, by: Actor) -> None:
    found = amending.MOVES.get((S(amendment.state), move))
    if found is None:
        raise Refused("not_open", f"这份变更{amendment.get_state_display()}，不用再办。")
    if not found[0] & who_is(by, amendment.application.student):
        raise Refused("not_yours", "这份变更不归您办理。")


def _accept(amendment: Amendment, *, by: Actor) -> date:
    application = amendment.application
    if application.state != ApplicationState.SCHOOL_APPROVED:
        raise Refused("not_approved", "这份申请已经不在“已通过”，不能变更。")
    starts = amending.takes_effect(amendment.starts_on, span_for(application.term, application).first)
    if starts is None:
        raise Refused("no_service_day", "本学期后面没有课后服务日了，不用再改。")
    close(amendment, S.ACCEPTED, decided_by=by.user, decided_at=clock.now(), starts_on=starts)
    compare_and_set(
        application,
        ApplicationState.SCHOOL_APPROVED,
        weekdays=amendment.weekdays,
        may_go_alone=amendment.may_go_alone,
    )
    _let_fetch(amendment, by)
    if amendment.weekdays != amendment.old_weekdays:
        places = list(places_from(application.term, [application.student_id], starts))
        changed = {application.student_id: amendment.weekdays}
        renew_weekdays(places, term=application.term, starts=starts, weekdays=changed)
    note("amendment.accepted", amendment, by)
    _tell_family(amendment, f"已同意，从{starts.month}月{starts.day}日起按新的安排", "", by)
    return starts


def _let_fetch(amendment: Amendment, by: Actor) -> None:
    if amendment.persons is None:
        return
    application, persons = amendment.application, [Person(**row) for row in amendment.persons]
    application.pickups.all().delete()
    PickupPerson.objects.bulk_create(
        PickupPerson(application=application, name=p.name, relation=p.relation, phone=p.phone) for p in persons
    )
    fetchers = [Fetcher(application.student_id, p.name, p.relation, p.phone) for p in persons]
    set_fetchers(fetchers, student_ids=[application.student_id], by=by)


def _written(persons: tuple[Person, ...]) -> list[dict[str, str]]:
    return [{"name": p.name, "relation": p.relation, "phone": p.phone} for p in persons]


def _tell_head_teacher(amendment: Amendment, student: Student, by: Actor) -> None:
    head = student.school_class.head_teacher if student.school_class else None
    if head is None or head.user_id is None:
        return
    tell(
        [head.user_id],
        kind="amendment.asked",
        title=f"{student.name}的家长提出变更课后服务安排",
        body=f"想从{amendment.starts_on.month}月{amendment.starts_on.day}日起变更，请处理。",
        url=reverse("enrollment:amendments"),
        student=student,
        term=amendment.application.term,
        by=by,
    )


def _tell_family(amendment: Amendment, word: str, body: str, by: Actor) -> None:
    student = amendment.application.student
    tell(
        guardians_of(student),
        kind=f"amendment.{amendment.state}",
        title=f"{student.name}的课后服务变更{word}",
        body=body,
        url=reverse("enrollment:my-applications"),
        student=student,
        term=amendment.application.term,
        by=by,
    )
