"""Enrollment's part of erasure: texts, persons and signatures go; what was asked for and paid stays as numbers."""

from django.db.models import Case, Value, When

from afterschool.school.access import SYSTEM
from afterschool.school.closed_terms import lifted
from afterschool.school.erasure import People
from afterschool.school.events import event, record_many
from afterschool.school.models import Student
from afterschool.school.privacy import GONE, Scope, blank, nameless, within, without
from afterschool.support import clock
from enrollment.enums import AmendmentState, ApplicationState, RightsState
from enrollment.models import (
    Amendment,
    Application,
    CareRecord,
    Consent,
    LatePermit,
    LateRequest,
    Needs,
    NoticeReading,
    Payment,
    PaymentImport,
    PickupPerson,
    RightsRequest,
    Signature,
)

EXPLAINED = [ApplicationState.RETURNED, ApplicationState.DECLINED]
ENDED = [ApplicationState.WITHDRAWN, ApplicationState.DECLINED]


def erase(scope: Scope) -> None:
    """Delete the words and persons of a child's applications, or of a term's."""
    of_application = within("application", scope)
    Needs.objects.filter(**of_application).delete()
    PickupPerson.objects.filter(**of_application).delete()
    amended = Amendment.objects.filter(**of_application)
    declined = Case(When(state=AmendmentState.DECLINED, then=Value(GONE)), default=Value(""))
    amended.update(persons=None, old_persons=None, asked_by=None, reason=declined)
    explained = Case(When(state__in=EXPLAINED, then=Value(GONE)), default=Value(""))
    Application.objects.filter(**scope).update(guardian=None, signed_name="", answer="", interests="", reason=explained)
    CareRecord.objects.filter(**scope).delete()
    LatePermit.objects.filter(**scope).delete()
    LateRequest.objects.filter(**scope).delete()
    path = "" if "student" in scope else "notice__"
    NoticeReading.objects.filter(**{f"{path}{name}": value for name, value in scope.items()}).delete()
    _signatures(scope)


def _signatures(scope: Scope) -> None:
    """Take name and drawing out. The signed file of a child is sealed until the term's time is over; then it goes."""
    now = clock.now()
    for signature in Signature.objects.filter(**within("application", scope)).select_related("application"):
        if "term" in scope:
            drop_file(signature)
        Signature.objects.filter(pk=signature.pk).update(
            guardian=None,
            signed_name=GONE,
            child_name=nameless(signature.application.student_id),
            class_name="",
            strokes="",
            erased_at=signature.erased_at or now,
        )


def drop_file(signature: Signature) -> None:
    """Delete the signed file."""
    if signature.pdf:
        storage, name = signature.pdf.storage, signature.pdf.name or ""
        Signature.objects.filter(pk=signature.pk).update(pdf="")
        storage.delete(name)


def erase_term(scope: Scope) -> None:
    """Delete what a term keeps besides: its consents, what the finance office's files said, why money was booked back."""
    Consent.objects.filter(**scope).delete()
    PaymentImport.objects.filter(**scope).update(report={}, filename=GONE)
    blank(Payment.objects.filter(**scope), "reason")


def erase_child(student: Student, people: People) -> None:
    """Take the family out of what stays: consents, requests, applications still under way, files of the finance office."""
    now = clock.now()
    Consent.objects.filter(student=student, withdrawn_at=None).update(withdrawn_at=now)
    Consent.objects.filter(student=student).update(guardian=None, given_by=None, withdrawn_by=None)
    refused = Case(When(state=RightsState.REFUSED, then=Value(GONE)), default=Value(""))
    RightsRequest.objects.filter(student=student).update(text="", answer=refused, asked_by=None)
    _withdraw(student)
    blank(Payment.objects.filter(student=student), "reason")
    for brought in PaymentImport.objects.exclude(report={}):
        report = without(brought.report, people.words, GONE)
        if report != brought.report:
            PaymentImport.objects.filter(pk=brought.pk).update(report=report)


def _withdraw(student: Student) -> None:
    """End the applications of terms that run, on record: figures as of a day are replayed from it. Those of the past stand."""
    running = Application.objects.filter(student=student, term__ends_on__gte=clock.today())
    open_ones = running.exclude(state__in=ENDED)
    record_many(
        event("application.withdrawn", subject=one, by=SYSTEM, student_id=student.pk, term_id=one.term_id)
        for one in open_ones
    )
    open_ones.update(state=ApplicationState.WITHDRAWN, changed_at=clock.now())


def forget_needs() -> int:
    """Delete what was told of children's health in terms that are over. Return how many rows went."""
    told = Needs.objects.filter(application__term__ends_on__lt=clock.today())
    if not told.exists():
        return 0
    with lifted():  # a term may be closed before this is due
        return told.delete()[0]
