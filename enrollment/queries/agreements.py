"""Who has signed the agreement, which version and how; whose signed copy a person may have (B5)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, Max, OuterRef, Q, QuerySet, Subquery

from afterschool.school.access import Actor
from afterschool.school.models import Guardianship, SchoolClass, Student, Term
from enrollment.access import own_children, reviewed_classes
from enrollment.enums import SIGNS, Signing
from enrollment.models import AgreementText, Application, Signature

NEWEST = Signature.objects.filter(application=OuterRef("pk")).order_by("-signed_at", "-pk")


def texts_of(actor: Actor, term: Term) -> QuerySet[AgreementText]:
    """Return the versions of the term's agreement, newest first: drafts for the office alone."""
    texts = AgreementText.objects.filter(term=term).select_related("term", "published_by").order_by("-version")
    return texts if actor.is_office else texts.filter(published_at__isnull=False)


def required_version(term: Term) -> int | None:
    """Return the least version that a signature must be under; none where the school has asked nobody to sign anew."""
    asked = AgreementText.objects.filter(term=term, sign_anew=True, published_at__isnull=False)
    found: int | None = asked.aggregate(last=Max("version"))["last"]
    return found


def standing_applications(term: Term) -> QuerySet[Application]:
    """Return the applications that are signed for: handed in, neither declined nor withdrawn."""
    return Application.objects.filter(term=term, state__in=SIGNS)


def must_sign(term: Term) -> QuerySet[Application]:
    """Return the applications that stand without a signature under a text that everybody must sign."""
    required = required_version(term)
    if required is None:
        return Application.objects.none()
    signed = standing_applications(term).annotate(signed_version=Subquery(NEWEST.values("text__version")[:1]))
    return signed.filter(Q(signed_version__isnull=True) | Q(signed_version__lt=required))


def signatures_of(actor: Actor) -> QuerySet[Signature]:
    """Return the signatures this person may see: of the own children, of the own class, all for the office.

    A child that has left keeps its family: what was signed together stays with both sides.
    """
    found = Signature.objects.select_related("text__term", "application__student__school_class", "paper_received_by")
    if actor.is_office:
        return found
    mine = Q(application__student__school_class_id__in=actor.class_ids)
    if actor.guardian is not None:
        links = Guardianship.objects.filter(
            guardian=actor.guardian, acts=True, banned=False, student=OuterRef("application__student")
        )
        mine |= Q(Exists(links))
    return found.filter(mine)


@dataclass(frozen=True)
class Row:
    """One child whose application stands, with the signature that counts."""

    student: Student
    application: Application
    signature: Signature | None
    status: Signing


def status_of(signature: Signature | None, required: int | None) -> Signing:
    """Return how far the agreement of one application is. `signature`: the newest one, with its text."""
    if signature is None:
        return Signing.ANEW if required is not None else Signing.NONE
    if required is not None and signature.text.version < required:
        return Signing.ANEW
    return Signing.PAPER if signature.awaits_paper else Signing.SIGNED


def rows_of(term: Term, students: QuerySet[Student]) -> list[Row]:
    """Return the agreements of those of these children whose application stands, by student number: three queries."""
    standing = standing_applications(term).filter(student__in=students.order_by())
    newest = _newest(standing)
    required = required_version(term)
    rows = []
    for application in standing.select_related("student__school_class").order_by("student__number", "student"):
        signature = newest.get(application.pk)
        rows.append(Row(application.student, application, signature, status_of(signature, required)))
    return rows


def _newest(applications: QuerySet[Application]) -> dict[int, Signature]:
    """Return the signature that counts of each application: one query."""
    signatures = Signature.objects.filter(application__in=applications.order_by()).select_related("text")
    return {one.application_id: one for one in signatures.defer("strokes").order_by("signed_at", "pk")}


@dataclass
class ClassSigning:
    """One class: how many applications stand, and how far their agreements are."""

    school_class: SchoolClass
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def signed(self) -> int:
        return self.counts[Signing.SIGNED]

    @property
    def paper(self) -> int:
        return self.counts[Signing.PAPER]

    @property
    def anew(self) -> int:
        return self.counts[Signing.ANEW]

    @property
    def none(self) -> int:
        return self.counts[Signing.NONE]


@dataclass
class Overview:
    """The whole school: classes by grade and number, and how many children's newest signature is under each version."""

    classes: list[ClassSigning]
    versions: Counter[int]
    total: ClassSigning


def overview(actor: Actor, term: Term, texts: list[AgreementText]) -> Overview:
    """Count all that stand, class by class in order of class number: three queries. `texts`: all versions of the term."""
    classes = {one.pk: ClassSigning(one) for one in reviewed_classes(actor).order_by("grade", "number")}
    standing = standing_applications(term).filter(student__school_class__in=list(classes))
    newest = _newest(standing)
    required = max((one.version for one in texts if one.sign_anew and one.published_at), default=None)
    found = Overview(list(classes.values()), Counter(), ClassSigning(SchoolClass()))
    for pk, class_id in standing.order_by().values_list("pk", "student__school_class_id"):
        signature = newest.get(pk)
        status = status_of(signature, required)
        if signature is not None:
            found.versions[signature.text.version] += 1
        if class_id is not None:
            classes[class_id].counts[status] += 1
        found.total.counts[status] += 1
    return found


@dataclass(frozen=True)
class FamilyRow:
    """One child of a family: what it has signed, newest first, and whether it is asked to sign."""

    student: Student
    signatures: list[Signature]
    status: Signing
    may_sign: bool


def family_rows(actor: Actor, term: Term) -> list[FamilyRow]:
    """Return the own children whose application stands, or that signed something this term: four queries."""
    children = list(own_children(actor))
    ids = [child.pk for child in children]
    held: dict[int, list[Signature]] = {}
    mine = signatures_of(actor).filter(application__term=term, application__student_id__in=ids)
    for one in mine.order_by("-signed_at", "-pk"):
        held.setdefault(one.application.student_id, []).append(one)
    applications = standing_applications(term).filter(student_id__in=ids)
    standing = set(applications.values_list("student_id", flat=True))
    required = required_version(term)
    rows = []
    for child in children:
        signatures = held.get(child.pk, [])
        newest = signatures[0] if signatures else None
        open_text = newest is None or newest.text.version < (term.agreement_version or 0) or newest.awaits_paper
        may_sign = child.pk in standing and term.agreement_version is not None and open_text
        rows.append(FamilyRow(child, signatures, status_of(newest, required), may_sign))
    return rows


def newest_of(term: Term, student_ids: Iterable[int]) -> list[Signature]:
    """Return the signature that counts of each of these children, by student number."""
    wanted = standing_applications(term).filter(student_id__in=list(student_ids))
    ids = [one.pk for one in _newest(wanted).values()]
    found = Signature.objects.filter(pk__in=ids).select_related("text", "application__student__school_class")
    return list(found.order_by("application__student__number", "pk"))
