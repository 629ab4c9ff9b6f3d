"""The file of a signed agreement: made once in the background, kept with its SHA-256, destroyed when its time is over (B5)."""

import logging
from datetime import date, timedelta
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from afterschool.school.access import SYSTEM, Actor
from afterschool.school.closed_terms import lifted
from afterschool.school.events import record
from afterschool.school.models import Term
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.actions.agreements import signed_of
from enrollment.enums import SigningMethod
from enrollment.models import Signature
from enrollment.signing import content_hash

log = logging.getLogger(__name__)
AT_ONCE = 8  # files a round of the tick: some 4 seconds of a small machine, niced
MOST_TRIES = 3
ASKED_AGAIN_AFTER = timedelta(minutes=1)
PURGED_AT_ONCE = 200
ERASED = "签名的个人信息已按规定删除，文件不能再下载。"


class ChangedSinceError(ValueError):
    """What is kept is not what was signed: the content hash no longer fits."""


def due() -> Q:
    """Return which signatures want a file: drawn, or on paper that the school has taken in."""
    signed = Q(method=SigningMethod.DRAWN) | Q(paper_received_at__isnull=False)
    return signed & Q(pdf="", erased_at=None)


def make_due(limit: int = AT_ONCE) -> int:
    """Make the next few files, those that somebody waits for first, then the oldest. Return how many.

    Safe in any number of processes and after any crash: a file counts when its row says so, and only one gets there.
    """
    rows = Signature.objects.filter(due(), pdf_tries__lt=MOST_TRIES).select_related("text")
    made = 0
    for signature in rows.order_by(F("pdf_asked_at").asc(nulls_last=True), "signed_at", "pk")[:limit]:
        try:
            made += make_file(signature)
        except Exception:
            log.exception("no file for signature %s", signature.pk)
            with lifted():
                Signature.objects.filter(pk=signature.pk).update(pdf_tries=F("pdf_tries") + 1)
    return made


def make_file(signature: Signature) -> bool:
    """Make and keep the file of one signature; tell whether this call did. Raises `ChangedSinceError`."""
    from enrollment.documents.agreements import agreement_pdf

    if signature.pdf or signature.erased_at or signature.awaits_paper:
        return False
    if content_hash(signed_of(signature)) != signature.content_hash:
        raise ChangedSinceError(signature.pk)
    content = agreement_pdf(signature)
    digest = sha256(content).hexdigest()
    store = _store()
    name = store.save(f"{_folder(signature)}/{digest[:16]}.pdf", ContentFile(content))
    waiting = Signature.objects.filter(pk=signature.pk, pdf="", erased_at=None)
    with lifted():  # what was signed has its file, also when the term was closed meanwhile
        kept = waiting.update(pdf=name, pdf_hash=digest) == 1
    if not kept:  # another worker was faster: its file is the one
        store.delete(name)
    return kept


@task()
def make_agreement(signature_id: int) -> None:
    """Make the one file that somebody waits for."""
    from afterschool.school.middleware import load_school

    load_school()
    signature = Signature.objects.select_related("text").filter(pk=signature_id).first()
    if signature is not None:
        make_file(signature)


@transaction.atomic
def ask_for_file(*, signature: Signature, by: Actor) -> None:
    """Have the worker make this file at once; asked again within a minute nothing more is queued.

    Refused with `awaits_paper`, `erased`. Who may ask is settled by the query that gave the signature.
    """
    if signature.awaits_paper:
        raise Refused("awaits_paper", "纸上签的协议，学校收到后才有文件。")
    if signature.erased_at:
        raise Refused("erased", ERASED)
    now = timezone.now()
    waiting = Signature.objects.filter(pk=signature.pk, pdf="")
    quiet = Q(pdf_asked_at=None) | Q(pdf_asked_at__lt=now - ASKED_AGAIN_AFTER)
    with lifted():
        asked = waiting.filter(quiet).update(pdf_asked_at=now, pdf_tries=0)
    if asked:
        transaction.on_commit(lambda: make_agreement.enqueue(signature.pk))


def read_file(*, signature: Signature, by: Actor) -> bytes:
    """Return the kept bytes, the same ever after; the look is on record. Refused with `erased`, `no_file`, `damaged`."""
    if signature.erased_at:  # an erased child's file is sealed until its time is over
        raise Refused("erased", ERASED)
    if not signature.pdf:
        raise Refused("no_file", "文件还没有生成，请稍等。")
    try:
        with _store().open(str(signature.pdf.name), "rb") as file:
            content = bytes(file.read())
    except OSError:
        content = b""
    if sha256(content).hexdigest() != signature.pdf_hash:
        log.error("file of signature %s is not what was kept", signature.pk)
        raise Refused("damaged", "保存的文件已损坏，和学校的记录对不上，请告诉课程教学中心。")
    application = signature.application
    record(
        "agreement.fetched",
        subject=signature,
        by=by,
        student_id=application.student_id,
        term_id=application.term_id,
    )
    return content


def kept_until(term: Term) -> date:
    """Return the last day on which the signed agreements of a term are kept."""
    try:
        return term.ends_on.replace(year=term.ends_on.year + term.keep_years)
    except ValueError:  # 29 February
        return term.ends_on.replace(year=term.ends_on.year + term.keep_years, day=28)


def purge(limit: int = PURGED_AT_ONCE) -> int:
    """Destroy files, strokes and names of terms whose time of keeping is over. Return how many signatures.

    The rows stay, nameless, with their hashes: a family that kept its own copy can still have it checked.
    """
    purged = 0
    for term in Term.objects.filter(ends_on__lt=clock.today()):
        if kept_until(term) >= clock.today():
            continue
        old = Signature.objects.filter(Q(erased_at=None) | ~Q(pdf=""), application__term=term)
        for signature in old.order_by("pk")[: limit - purged]:
            _erase(signature)
            purged += 1
    return purged


def _erase(signature: Signature) -> None:
    """Files first: who is killed in between is taken up again, as the row still says that there is something."""
    store, folder = _store(), _folder(signature)
    try:
        for name in store.listdir(folder)[1]:  # also what a killed worker left there
            store.delete(f"{folder}/{name}")
    except FileNotFoundError:
        pass
    rows = Signature.objects.filter(pk=signature.pk)
    gone = {"pdf": "", "strokes": "", "signed_name": "", "child_name": "", "class_name": "", "guardian": None}
    with lifted():
        rows.update(**gone, erased_at=signature.erased_at or clock.now())
    record("agreement.erased", subject=signature, by=SYSTEM)


def _store() -> Storage:
    field = Signature._meta.get_field("pdf")
    return field.storage


def _folder(signature: Signature) -> str:
    return f"agreements/{signature.key}"
