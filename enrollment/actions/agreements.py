"""Signing the agreement: drawn on the screen, or on paper that the head teacher takes in (plan section 9.2, B5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Guardian, School, Student, Term
from afterschool.support import clock
from afterschool.support.prepared import prepared
from afterschool.support.refusal import Refused, somebody_was_faster
from enrollment.access import acts_for, reviews_class
from enrollment.enums import SIGNS, SigningMethod
from enrollment.models import AgreementText, Application, Signature
from enrollment.signing import NotASignatureError, Signed, canonical, content_hash, read_strokes


@prepared
def _published(term_id: int, version: int) -> QuerySet[AgreementText]:
    return AgreementText.objects.filter(term=term_id, version=version, published_at__isnull=False)


@prepared
def _school_name() -> QuerySet[School, str]:
    return School.objects.filter(pk=1).values_list("name", flat=True)


@prepared
def _newest(application_id: int) -> QuerySet[Signature]:
    found = Signature.objects.filter(application=application_id).select_related("text")
    return found.order_by("-signed_at", "-pk")[:1]


def text_in_force(term: Term) -> AgreementText | None:
    """Return the newest published text of the term's agreement; none where the school uses no agreement.

    A published text never changes, so the term in hand keeps it: siblings are signed for with one query.
    """
    if term.agreement_version is None:
        return None
    held: AgreementText | None = term.__dict__.get("_text_in_force")
    if held is None or held.version != term.agreement_version:
        (held,) = _published(term.pk, term.agreement_version)
        term.__dict__["_text_in_force"] = held
    return held


def newest_signature(application: Application) -> Signature | None:
    """Return the signature that counts: the last one."""
    return next(iter(_newest(application.pk)), None)


def drawn_alike(signature: Signature, strokes: str) -> bool:
    """Tell whether these strokes are the drawing of this signature."""
    try:
        return signature.strokes == canonical(read_strokes(strokes))
    except NotASignatureError:
        return False


def sign(
    *,
    application: Application,
    text: AgreementText,
    signed_name: str,
    strokes: str,
    guardian: Guardian | None,
    at: datetime,
) -> Signature:
    """Keep one signature: drawn where there are strokes, else announced on paper.

    Without strokes a signature of the same person under the same text stands, drawn or on paper: a changed weekday is
    no reason to hand in the sheet again. Call it inside the transaction of the application. Refused with `bad_strokes`.
    """
    drawn = ""
    if strokes.strip():
        try:
            drawn = canonical(read_strokes(strokes))
        except NotASignatureError:
            raise Refused("bad_strokes", "签名没有写清楚，请擦掉重写。") from None
    elif (held := newest_signature(application)) and (held.text_id, held.signed_name) == (text.pk, signed_name):
        return held
    student = application.student
    signed = Signed(
        school=_school_name()[0],
        term=application.term.name,
        text_version=text.version,
        title=text.title,
        body=text.body,
        child=student.name,
        class_name=str(student.school_class or ""),
        signer=signed_name,
        strokes=drawn,
        signed_at=at,
    )
    return Signature.objects.create(
        application=application,
        text=text,
        method=SigningMethod.DRAWN if drawn else SigningMethod.PAPER,
        guardian=guardian,
        signed_name=signed_name,
        child_name=signed.child,
        class_name=signed.class_name,
        school_name=signed.school,
        term_name=signed.term,
        strokes=drawn,
        content_hash=content_hash(signed),
        signed_at=at,
    )


def signed_of(signature: Signature) -> Signed:
    """Return all that a kept signature stands under, as it was hashed when it was given."""
    return Signed(
        school=signature.school_name,
        term=signature.term_name,
        text_version=signature.text.version,
        title=signature.text.title,
        body=signature.text.body,
        child=signature.child_name,
        class_name=signature.class_name,
        signer=signature.signed_name,
        strokes=signature.strokes,
        signed_at=signature.signed_at,
    )


@transaction.atomic
def sign_anew(*, term: Term, student: Student, signed_name: str, strokes: str, on_paper: bool, by: Actor) -> Signature:
    """Sign the text in force for an application handed in before; or say that it will be signed on paper.

    Refused with `not_yours`, `no_agreement`, `no_application`, `no_signature` (no name), `not_signed`, `bad_strokes`,
    `already_signed`.
    """
    if not acts_for(by, student.pk):
        raise Refused("not_yours", "这个孩子的协议不归您签。")
    text, application = _standing(term, student)
    name = signed_name.strip()
    if not name:
        raise Refused("no_signature", "请写签名人的姓名。")
    if not on_paper and not strokes.strip():
        raise Refused("not_signed", "请用手指签名；不方便的，选“在纸上签”。")
    held = newest_signature(application)
    if held and held.text_id == text.pk and (on_paper or not held.awaits_paper):
        raise Refused("already_signed", "这一版协议已经签过了，不用再签。")
    signature = sign(
        application=application,
        text=text,
        signed_name=name,
        strokes="" if on_paper else strokes,
        guardian=by.guardian,
        at=clock.now(),
    )
    _tell_history("agreement.signed", signature, by)
    return signature


@transaction.atomic
def receive_paper(*, signature: Signature, by: Actor) -> None:
    """Take in the sheet that a family signed by hand: the head teacher of the class, or the office.

    Refused with `not_yours`, `not_paper`, `superseded` (signed again since), `somebody_was_faster`.
    """
    student = signature.application.student
    if not (by.is_office or reviews_class(by, student.school_class_id)):
        raise Refused("not_yours", "这个孩子的协议不归您收。")
    if signature.method != SigningMethod.PAPER:
        raise Refused("not_paper", "这份协议是在本站手写签名的，不用交纸。")
    newest = newest_signature(signature.application)
    if newest is None or newest.pk != signature.pk:
        raise Refused("superseded", "家长后来又签了一次，以新的为准。")
    now = clock.now()
    waiting = Signature.objects.filter(pk=signature.pk, paper_received_at__isnull=True)
    if waiting.update(paper_received_at=now, paper_received_by=by.user) != 1:
        raise somebody_was_faster()
    signature.paper_received_at, signature.paper_received_by = now, by.user
    _tell_history("agreement.paper_received", signature, by)


@transaction.atomic
def record_paper(*, term: Term, student: Student, by: Actor) -> Signature:
    """Enter and take in the sheet of a family that has to sign anew and has no phone: by the head teacher or the office.

    Refused with `not_yours`, `no_agreement`, `no_application`, `already_signed`.
    """
    if not (by.is_office or reviews_class(by, student.school_class_id)):
        raise Refused("not_yours", "这个孩子的协议不归您收。")
    text, application = _standing(term, student)
    held = newest_signature(application)
    if held and held.text_id == text.pk:
        raise Refused("already_signed", "这一版协议已经签过了，不用再签。")
    name = application.signed_name or "家长"
    signature = sign(application=application, text=text, signed_name=name, strokes="", guardian=None, at=clock.now())
    receive_paper(signature=signature, by=by)
    return signature


def _standing(term: Term, student: Student) -> tuple[AgreementText, Application]:
    """Return what is signed and for which application, or say why there is nothing to sign."""
    text = text_in_force(term)
    if text is None:
        raise Refused("no_agreement", "学校本学期还没有发布协议。")
    found = Application.objects.filter(term=term, student=student, state__in=SIGNS).first()
    if found is None:
        raise Refused("no_application", "孩子还没有提交申请，提交申请时一起签协议。")
    found.term, found.student = term, student
    return text, found


def _tell_history(verb: str, signature: Signature, by: Actor) -> None:
    application = signature.application
    record(
        verb,
        subject=signature,
        by=by,
        student_id=application.student_id,
        term_id=application.term_id,
        data={"version": signature.text.version, "method": signature.method},
    )
