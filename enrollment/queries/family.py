"""Questions of the family's pages: each child's application, and what the form is filled in with."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery

from afterschool.school.models import Placement, Student, Term
from afterschool.support.prepared import prepared
from enrollment.actions import window_of
from enrollment.enums import SIGNS, Move, SigningMethod
from enrollment.models import AgreementText, Amendment, Application, LatePermit, LateRequest, PickupPerson, Signature
from enrollment.queries.amendments import of_children
from enrollment.stages import Stage, stages
from enrollment.workflow import Who, Window, moves


@dataclass
class FamilyChild:
    """One child of the family: its application, what may be done with it now, and when."""

    student: Student
    application: Application | None
    window: Window
    moves: list[Move] = field(default_factory=list)
    late: LateRequest | None = None
    amendment: Amendment | None = None

    @property
    def stages(self) -> list[Stage]:
        state = self.application.state if self.application else ""
        return stages(state, placed=getattr(self.application, "placed", False))

    @property
    def awaits_paper(self) -> bool:
        """Tell whether the family said that it signs on paper, and the sheet hasn't come."""
        method = getattr(self.application, "signed_by", None)
        return method == SigningMethod.PAPER and getattr(self.application, "paper_at", None) is None

    @property
    def must_sign(self) -> bool:
        """Tell whether the application stands without a signature under a text that everybody was asked to sign."""
        required: int | None = getattr(self.application, "required_version", None)
        if self.application is None or required is None or self.application.state not in SIGNS:
            return False
        return (getattr(self.application, "signed_version", None) or 0) < required

    def signed_by_name(self, version: int | None) -> str:
        """Return who has signed this version of the agreement for the child before; "" where nobody has."""
        if version is None or getattr(self.application, "signed_version", None) != version:
            return ""
        return str(getattr(self.application, "signer", ""))

    @property
    def owes_sheet(self) -> bool:
        """Tell whether the agreement was signed on paper and the sheet has not come in yet."""
        signed_by = getattr(self.application, "signed_by", None)
        return signed_by == SigningMethod.PAPER and getattr(self.application, "sheet_taken_in", None) is None

    @property
    def new(self) -> bool:
        """Tell whether the form can be filled in afresh: nothing has been handed in."""
        return Move.SAVE in self.moves and (self.application is None or self.application.state == "draft")

    @property
    def may_ask_late(self) -> bool:
        """Tell whether the family could ask the school to let it apply late."""
        handed_in = self.application is not None and self.application.state not in {"draft", "withdrawn"}
        return self.window.phase.value in {"after", "closed"} and not handed_in


NEWEST = Signature.objects.filter(application=OuterRef("pk")).order_by("-signed_at", "-pk")


@prepared
def _for_the_form(term_id: int, student_ids: list[int]) -> QuerySet[Application]:
    asked = Application.objects.filter(term=term_id, student__pk__in=student_ids).order_by()
    return (
        asked.annotate(
            signed_version=Subquery(NEWEST.values("text__version")[:1]),
            signer=Subquery(NEWEST.values("signed_name")[:1]),
            signed_by=Subquery(NEWEST.values("method")[:1]),
            sheet_taken_in=Subquery(NEWEST.values("paper_received_at")[:1]),
        )
        .select_related("needs")
        .prefetch_related(Prefetch("pickups", PickupPerson.objects.order_by("pk")))
    )


@prepared
def _for_the_overview(term_id: int, student_ids: list[int]) -> QuerySet[Application]:
    texts = AgreementText.objects.filter(term=term_id, sign_anew=True, published_at__isnull=False)
    return (
        Application.objects.filter(term=term_id, student__pk__in=student_ids)
        .order_by()
        .annotate(
            placed=Exists(Placement.objects.filter(term=term_id, student=OuterRef("student"), ends_on=None)),
            signed_by=Subquery(NEWEST.values("method")[:1]),
            signed_version=Subquery(NEWEST.values("text__version")[:1]),
            required_version=Subquery(texts.order_by("-version").values("version")[:1]),
            paper_at=Subquery(NEWEST.values("paper_received_at")[:1]),
        )
    )


def family_children(term: Term, students: Iterable[Student], *, whole: bool = False) -> list[FamilyChild]:
    """Return each child with its application: one query, two more once the window is over.

    `whole`: with the persons who fetch, for the form; else with what the overview shows.
    """
    students = list(students)
    ids = [student.pk for student in students]
    held = {one.student_id: one for one in (_for_the_form if whole else _for_the_overview)(term.pk, ids)}
    changes = {} if whole or not held else of_children(term, ids)
    general = window_of(term)
    late: set[int] = set()
    requests: dict[int, LateRequest] = {}
    if general.phase.value in {"after", "closed"}:
        late = set(LatePermit.objects.filter(term=term, student_id__in=ids).values_list("student_id", flat=True))
        found = LateRequest.objects.filter(term=term, student_id__in=ids).order_by("asked_at", "pk")
        requests = {request.student_id: request for request in found}
    rows = []
    for student in students:
        application = held.get(student.pk)
        window = window_of(term, student.pk, permitted=student.pk in late)
        can = moves(application.status if application else None, {Who.PARENT}, window_open=window.is_open)
        rows.append(FamilyChild(student, application, window, can, requests.get(student.pk), changes.get(student.pk)))
    return rows
