"""Signing the agreement (plan section 9.2, B5)."""

from datetime import datetime

from afterschool.school.models import Guardian, School, Term
from afterschool.support.refusal import Refused
from enrollment.enums import SigningMethod
from enrollment.models import AgreementText, Application, Signature
from enrollment.signing import NotASignatureError, Signed, canonical, content_hash, read_strokes


def text_in_force(term: Term) -> AgreementText | None:
    """Return the newest published text of the term's agreement; none where the school uses no agreement."""
    if term.agreement_version is None:
        return None
    return AgreementText.objects.get(term=term, version=term.agreement_version, published_at__isnull=False)


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

    Call it inside the transaction of the application. Refused with `bad_strokes`.
    """
    drawn = ""
    if strokes.strip():
        try:
            drawn = canonical(read_strokes(strokes))
        except NotASignatureError:
            raise Refused("bad_strokes", "签名没有写清楚，请擦掉重写。") from None
    student = application.student
    class_name = str(student.school_class or "")
    signed = Signed(
        school=School.objects.only("name").get(pk=1).name,
        term=application.term.name,
        text_version=text.version,
        title=text.title,
        body=text.body,
        child=student.name,
        class_name=class_name,
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
        child_name=student.name,
        class_name=class_name,
        strokes=drawn,
        content_hash=content_hash(signed),
        signed_at=at,
    )
