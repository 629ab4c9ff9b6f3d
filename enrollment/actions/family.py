"""What a family does with its application, and the head teacher for a family that hands in paper."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.actions.placements import give_up_places
from afterschool.school.events import record
from afterschool.school.messaging import tell
from afterschool.school.models import Student, Term
from afterschool.support import clock
from afterschool.support.prepared import prepared
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.actions._moves import checked, compare_and_set
from enrollment.actions._requests import drop_amendments
from enrollment.actions.agreements import drawn_alike, newest_signature, sign, text_in_force
from enrollment.actions.consents import give
from enrollment.details import Details, Limits, Person, problems
from enrollment.enums import ApplicationState, Move, Source
from enrollment.models import Application, Needs, PickupPerson
from enrollment.workflow import Step, Who


def limits_for(term: Term, student: Student) -> Limits:
    """Return what this child's form may say."""
    grade = student.school_class.grade if student.school_class else 0
    signs = term.agreement_version is not None
    return Limits(term.service_weekdays, grade, term.alone_from_grade, agreement=signs)


@transaction.atomic
def save_draft(*, term: Term, student: Student, details: Details, by: Actor) -> Application:
    """Keep a form that is not finished. Wrong values are refused, missing ones are not."""
    return _write(Move.SAVE, term, student, _find(term, student), details, by=by, role=Who.PARENT)


@transaction.atomic
def submit(*, term: Term, student: Student, details: Details, by: Actor) -> Application:
    """Hand in, change what was handed in, or answer what was returned (plan section 5, B2)."""
    return _write(Move.SUBMIT, term, student, _find(term, student), details, by=by, role=Who.PARENT)


@transaction.atomic
def submit_all(*, term: Term, forms: Sequence[tuple[Student, Details]], by: Actor) -> list[Application]:
    """Hand in for several children of one family at once: all or none (row B2, one phone for the whole family)."""
    if not forms:
        raise Refused("nobody_chosen", "请先选要申请的孩子。")
    # In order of the key: two parents who hand in at once wait for each other, and never in a circle.
    return [
        _write(Move.SUBMIT, term, student, _find(term, student), details, by=by, role=Who.PARENT)
        for student, details in sorted(forms, key=lambda form: form[0].pk)
    ]


@transaction.atomic
def keep_drafts(*, term: Term, forms: Sequence[tuple[Student, Details]], by: Actor) -> list[Application]:
    """Keep what is being typed, by itself: only where nothing has been handed in yet (`wrong_state`).

    History tells when a draft began and not each keystroke after it.
    """
    kept = []
    for student, details in sorted(forms, key=lambda form: form[0].pk):
        held = _find(term, student)
        if held is not None and held.state != ApplicationState.DRAFT:
            raise Refused("wrong_state", "这份申请已经交了，改动要按按钮才会保存。")
        kept.append(_write(Move.SAVE, term, student, held, details, by=by, role=Who.PARENT, quiet=held is not None))
    return kept


@transaction.atomic
def record_on_paper(*, term: Term, student: Student, details: Details, by: Actor) -> Application:
    """Enter the paper of a family without a phone: by the child's head teacher, marked as paper, in as submitted."""
    return _write(Move.SUBMIT, term, student, _find(term, student), details, by=by, role=Who.HEAD)


@transaction.atomic
def withdraw(*, term: Term, student: Student, by: Actor, quiet: bool = False) -> Application:
    """Take the child out, at any time. Without an application yet it says: not taking part.

    A place in a group ends with today: from tomorrow nobody waits for the child, and nobody looks for it. The head
    teacher is told, unless `quiet`: the caller tells more. A head teacher does it only for what came on paper (`not_paper`).
    """
    application = _find(term, student)
    role = Who.HEAD if student.school_class_id in by.class_ids and not _is_parent(by, student) else Who.PARENT
    found = checked(application, Move.WITHDRAW, term=term, student=student, by=by, only=role)
    if role is Who.HEAD and application is not None and application.source != Source.PAPER:
        raise Refused("not_paper", "这份申请是家长自己交的，请家长撤回。")
    placed = False
    if application is None:
        application = _create(
            term, student, found.to, guardian=by.guardian, source=Source.PARENT, changed_at=clock.now()
        )
        verb = "application.not_wanted"
        before = None
    else:
        before = application.state
        compare_and_set(application, found.to)
        verb = "application.withdrawn"
        placed = give_up_places(term=term, student=student, by=by)
        drop_amendments(application, by)
    record(
        verb,
        subject=application,
        by=by,
        student_id=student.pk,
        term_id=term.pk,
        data={"from": before, "placed": placed},
    )
    if before == ApplicationState.SCHOOL_APPROVED and not quiet:
        _tell_head_teacher(term, student, by)
    return application


@transaction.atomic
def reopen(*, term: Term, student: Student, by: Actor) -> Application:
    """Take up again what was withdrawn, as a draft with all that it said, while the window is open."""
    application = _find(term, student)
    found = checked(application, Move.REOPEN, term=term, student=student, by=by, only=Who.PARENT)
    if application is None:  # the table has no such step
        raise somebody_was_faster()
    compare_and_set(application, found.to)
    record("application.reopened", subject=application, by=by, student_id=student.pk, term_id=term.pk)
    return application


def _tell_head_teacher(term: Term, student: Student, by: Actor) -> None:
    head = student.school_class.head_teacher if student.school_class else None
    if head is None or head.user_id is None or head.user_id == (by.user.pk if by.user else None):
        return
    tell(
        [head.user_id],
        kind="application.withdrawn",
        title=f"{student.name}已撤回课后服务申请",
        body="从明天起不在服务班名单上；今天仍按原来的安排放学。",
        student=student,
        term=term,
        by=by,
    )


def _is_parent(by: Actor, student: Student) -> bool:
    return by.guardian is not None and by.guardian.links.filter(student=student, acts=True).exists()


@prepared
def _applications(term_id: int, student_id: int) -> QuerySet[Application]:
    return Application.objects.filter(term=term_id, student=student_id).select_related("needs").order_by()


def _find(term: Term, student: Student) -> Application | None:
    return next(iter(_applications(term.pk, student.pk)), None)


def _write(
    move: Move,
    term: Term,
    student: Student,
    application: Application | None,
    details: Details,
    *,
    by: Actor,
    role: Who,
    quiet: bool = False,
) -> Application:
    found = checked(application, move, term=term, student=student, by=by, only=role)
    draft = move == Move.SAVE
    if role is Who.HEAD:
        details = replace(details, on_paper=True)
    for code, sentence in problems(details, limits_for(term, student), draft=draft).values():
        raise Refused(code, sentence)
    if application is not None and _pressed_twice(application, move, details):
        return application
    values = _values(term, details, found, by=by, role=role, draft=draft)
    old: list[Person] = []
    if application is None:
        application = _create(term, student, found.to, **values)
        was: dict[str, Any] | None = None
        _put_words(application, details, new=True)
        before, had_needs = None, ""
    else:
        before, was = application.state, _codes(application)
        if draft or (before == ApplicationState.SUBMITTED and move == Move.SUBMIT):
            values.pop("source")
        if before == ApplicationState.SUBMITTED:  # what was answered before stands
            values.pop("answer")
            values.pop("reason", None)
        had_needs = getattr(getattr(application, "needs", None), "text", "")
        compare_and_set(application, found.to, **values)
        old = _put_words(application, details, new=False)
        was["persons"] = len(old)
    if not draft:
        _agree(term, application, student, details, by=by, role=role)
    if not quiet:
        changed = Changed(before, was, tuple(old), had_needs != details.needs.strip())
        _tell_history(application, move, changed, details, by=by, role=role)
    return application


def _pressed_twice(application: Application, move: Move, details: Details) -> bool:
    """Tell whether a form comes in once more as it was: a double tap, or a phone that sends again after a dead line.

    No hand draws the same line twice, so an equal signature under equal words is the same press.
    """
    if move != Move.SUBMIT or application.state != ApplicationState.SUBMITTED or not details.strokes.strip():
        return False
    held = newest_signature(application)
    needs = getattr(getattr(application, "needs", None), "text", "")
    said = (application.weekdays, application.may_go_alone, application.interests, application.signed_name, needs)
    says = (
        details.weekdays,
        details.may_go_alone,
        ",".join(details.interests),
        details.signed_name.strip(),
        details.needs.strip(),
    )
    return (
        held is not None
        and said == says
        and drawn_alike(held, details.strokes)
        and _persons(application) == list(details.persons)
    )


@prepared
def _pickups(application_id: int) -> QuerySet[PickupPerson, tuple[str, str, str]]:
    persons = PickupPerson.objects.filter(application=application_id).order_by("pk")
    return persons.values_list("name", "relation", "phone")


def _persons(application: Application) -> list[Person]:
    return [Person(*row) for row in _pickups(application.pk)]


def _agree(term: Term, application: Application, student: Student, details: Details, *, by: Actor, role: Who) -> None:
    """Keep consent and signature in the transaction of what they stand under."""
    source = Source.PAPER if role is Who.HEAD else Source.PARENT
    give(term=term, student=student, source=source, by=by, at=application.changed_at)
    text = text_in_force(term)
    if text is not None:
        application.term, application.student = term, student
        sign(
            application=application,
            text=text,
            signed_name=application.signed_name,
            strokes="" if details.on_paper else details.strokes,
            guardian=by.guardian if role is Who.PARENT else None,
            at=application.changed_at,
        )


def _values(term: Term, details: Details, found: Step, *, by: Actor, role: Who, draft: bool) -> dict[str, Any]:
    now = clock.now()
    paper = role is Who.HEAD
    values: dict[str, Any] = {
        "weekdays": details.weekdays,
        "may_go_alone": details.may_go_alone,
        "answer": details.answer.strip(),
        "signed_name": details.signed_name.strip(),
        "interests": ",".join(details.interests),
        "guardian": by.guardian if not paper else None,
        "recorded_by": by.user if paper else None,
        "source": Source.PAPER if paper else Source.PARENT,
        "changed_at": now,
    }
    if not draft:
        values |= {"consent_version": term.consent_version, "consented_at": now, "submitted_at": now}
        values |= {"decided_by": None, "decided_at": None}
    if found.to != ApplicationState.RETURNED and not details.answer:
        values["reason"] = ""
    return values


def _create(term: Term, student: Student, to: ApplicationState, **values: Any) -> Application:
    try:  # the refusal below rolls back the action's own transaction
        return Application.objects.create(
            term=term, student=student, state=to, created_at=values["changed_at"], **values
        )
    except IntegrityError:
        raise somebody_was_faster() from None


@dataclass(frozen=True)
class Changed:
    """What an application said before it was written: state, codes, persons, and whether its needs were altered."""

    state: str | None
    was: dict[str, Any] | None
    persons: tuple[Person, ...]
    needs: bool


def _codes(application: Application) -> dict[str, Any]:
    return {
        "weekdays": application.weekdays,
        "alone": application.may_go_alone,
        "interests": application.interests,
    }


def _put_words(application: Application, details: Details, *, new: bool) -> list[Person]:
    """Write persons and needs where they differ from what is there; return the persons there were."""
    old = [] if new else _persons(application)
    if old != list(details.persons):
        if old:
            application.pickups.all().delete()
        PickupPerson.objects.bulk_create(
            PickupPerson(application=application, name=p.name, relation=p.relation, phone=p.phone)
            for p in details.persons
        )
    text = details.needs.strip()
    held = None if new else getattr(application, "needs", None)
    if text and (held is None or held.text != text):
        Needs.objects.update_or_create(application=application, defaults={"text": text})
    elif held is not None and not text:
        held.delete()
    return old


def _tell_history(
    application: Application, move: Move, changed: Changed, details: Details, *, by: Actor, role: Who
) -> None:
    """Every change is kept with who, when and what: codes in the row, the family's words and names beside it."""
    if move == Move.SAVE:
        verb = "application.saved"
    elif role is Who.HEAD:
        verb = "application.recorded"
    else:
        verb = {
            ApplicationState.SUBMITTED: "application.changed",
            ApplicationState.RETURNED: "application.answered",
        }.get(ApplicationState(changed.state) if changed.state else None, "application.submitted")  # type: ignore[arg-type]
    now = _codes(application) | {"persons": len(details.persons)}
    words = [_persons_in_words(changed.persons, details.persons)] if verb in TELLS_PERSONS else []
    if verb == "application.answered":
        words.append(details.answer.strip())
    record(
        verb,
        subject=application,
        by=by,
        student_id=application.student_id,
        term_id=application.term_id,
        data={"from": changed.state, "was": changed.was, "now": now, "needs": changed.needs},
        note="；".join(word for word in words if word),
    )


TELLS_PERSONS = {"application.changed", "application.answered"}


def _persons_in_words(old: tuple[Person, ...], new: tuple[Person, ...]) -> str:
    """Return "接送人加了林国安，去掉何文"; nothing where they are the same."""
    added = [person.name for person in new if person not in old]
    gone = [person.name for person in old if person not in new]
    parts = [f"{word}{'、'.join(names)}" for word, names in (("加了", added), ("去掉", gone)) if names]
    return "接送人" + "，".join(parts) if parts else ""
