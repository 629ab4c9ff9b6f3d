"""The part of the world that enrolment makes: applications, agreements, letters, fees, what families ask of their data."""

from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile

from afterschool.school.enums import ImportState
from afterschool.school.models import (
    ConsentText,
    Student,
)
from enrollment.enums import NoticeKind, NoticeState, SigningMethod
from enrollment.letter_defaults import LETTER
from enrollment.models import (
    AgreementText,
    Amendment,
    Application,
    CareCategory,
    Charge,
    Consent,
    FeePlan,
    FeeRate,
    LateRequest,
    Needs,
    Notice,
    Payment,
    PaymentImport,
    RightsRequest,
    Signature,
)
from tests.cast import NOW, TODAY, Cast

if TYPE_CHECKING:
    from tests.house.world import World

TOMORROW = TODAY + timedelta(days=1)


def _application(cast: Cast, student: Student, state: str, **values: Any) -> Application:
    at = cast.term.applications_open_at
    times = {"created_at": at, "changed_at": at, "submitted_at": at}
    return Application.objects.create(
        term=cast.term, student=student, state=state, weekdays="12345", **(times | values)
    )


def applications(world: "World") -> None:
    """An application in each state that matters, a late request, a category of care, changes asked for."""
    cast = world.cast
    application = _application(cast, cast.students[0], "submitted", guardian=cast.guardian)
    grade_2 = _application(cast, cast.students[12], "school_approved")
    Needs.objects.create(application=application, text="花生过敏")
    world.keep(
        application=application,
        draft=_application(cast, cast.students[1], "draft", guardian=cast.other_guardian, submitted_at=None),
        application_of_grade_2=grade_2,
        late_request=LateRequest.objects.create(
            term=cast.term, student=cast.students[1], asked_by=cast.other_guardian.user, asked_at=NOW
        ),
        category=CareCategory.objects.first() or CareCategory.objects.create(code="left", name="留守儿童"),
    )
    days = {"starts_on": TOMORROW, "old_weekdays": "12345", "weekdays": "135"}
    days |= {"old_may_go_alone": False, "may_go_alone": False, "asked_at": NOW}
    grade_2 = Application.objects.get(pk=world.things["application_of_grade_2"]["pk"])
    approved = _application(cast, cast.students[6], "school_approved", guardian=cast.guardian)
    world.keep(
        approved_child=cast.students[6],  # of `guardian`, in class 1-2
        amendment=Amendment.objects.create(application=approved, asked_by=cast.guardian.user, **days),
        amendment_of_grade_2=Amendment.objects.create(application=grade_2, asked_by=cast.guardian.user, **days),
    )
    Application.objects.bulk_create(
        Application(
            term=cast.term,
            student=s,
            state="school_approved",
            weekdays="12345",
            created_at=NOW,
            changed_at=NOW,
            submitted_at=NOW,
        )
        for s in cast.students[2:6]
    )
    _agreements(world, application)


def _agreements(world: "World", application: Application) -> None:
    """Two texts, a drawn signature with its file, one on paper that is still awaited, and one of grade 2."""
    cast = world.cast
    common = {"term": cast.term, "title": "协议", "body": "<p>正文</p>", "changed_at": NOW}
    text = AgreementText.objects.create(**common, version=1, published_at=NOW)
    values = {"text": text, "signed_name": "林晓岚", "child_name": "王一", "class_name": "一（1）班"}
    drawn = {"method": SigningMethod.DRAWN, "strokes": "[[[1,1],[500,300]]]", "content_hash": "a" * 64}
    earlier = NOW - timedelta(days=1)
    filed = Signature.objects.create(**values, **drawn, application=application, signed_at=earlier)
    content = b"%PDF-1.7 signed"
    filed.pdf_hash = sha256(content).hexdigest()
    filed.pdf.save("signed.pdf", ContentFile(content))
    of_grade_2 = Application.objects.get(pk=world.things["application_of_grade_2"]["pk"])
    on_paper = {"method": SigningMethod.PAPER, "application": application, "signed_at": NOW}
    others = values | {"signed_name": "外人", "child_name": of_grade_2.student.name, "class_name": "二（1）班"}
    theirs = Signature.objects.create(**others, **drawn, application=of_grade_2, signed_at=NOW)
    world.keep(
        agreement_text=text,
        agreement_draft=AgreementText.objects.create(**common, version=2),
        agreement={"key": filed.key},
        agreement_on_paper={"key": Signature.objects.create(**values, **on_paper).key},
        agreement_of_grade_2={"key": theirs.key},
    )


def letters(world: "World") -> None:
    """A letter to the whole school, one to grade 2 that is not on the board, and a draft."""
    cast = world.cast
    common = {"term": cast.term, "changed_at": NOW}
    text = {"title": "课后服务告家长书", "body": LETTER}
    out = {"state": NoticeState.PUBLISHED, "published_at": NOW, "published_by": cast.office.user}
    out |= {"published_title": text["title"], "published_body": "<p>从9月7日起开展课后服务。</p>"}
    letter = Notice.objects.create(kind=NoticeKind.LETTER, **common, **text, **out)
    of_grade_2 = Notice.objects.create(kind=NoticeKind.OTHER, grades="2", on_board=False, **common, **text, **out)
    draft = Notice.objects.create(kind=NoticeKind.GUIDE, **common, **text)
    pk = letter.pk
    world.bodies["enrollment:letter-publish"] = {"version": 0}
    world.keep(
        letter=letter,
        letter_draft=draft,
        letter_of_class={"pk": pk, "class_pk": cast.classes[0].pk},
        letter_of_grade_2={"pk": pk, "class_pk": cast.classes[2].pk},
        letter_of_child={"pk": pk, "student_pk": cast.students[2].pk},
        letter_of_foreign_child={"pk": pk, "student_pk": cast.students[12].pk},
        letter_key={"key": letter.key},
        letter_key_of_grade_2={"key": of_grade_2.key},
        draft_key={"key": draft.key},
    )


def fees(world: "World") -> None:
    """A fee by the month, with one child's statement of September, its payment, and a file of the finance office."""
    cast = world.cast
    plan = FeePlan.objects.create(term=cast.term, basis="month", changed_at=NOW)
    FeeRate.objects.create(plan=plan, first_grade=1, last_grade=6, amount=180)
    about = {"term": cast.term, "student": cast.students[0]}
    month = {"label": "2026年9月", "starts_on": date(2026, 9, 1), "ends_on": date(2026, 9, 30)}
    Charge.objects.create(**about, **month, amount=180, issued_at=NOW)
    row = {"row": 2, "student_id": cast.students[1].pk, "who": "一（1）班 李二", "amount": "180.00", "remark": ""}
    row |= {"paid_on": "2026-09-20", "reference": "A2"}
    world.keep(
        fee_period={"period": "2026-09"},
        payment=Payment.objects.create(
            **about, amount=180, paid_on=TODAY, reference="A1", recorded_by=cast.office.user, recorded_at=NOW
        ),
        payment_import=PaymentImport.objects.create(
            term=cast.term,
            filename="缴费.xlsx",
            state=ImportState.CHECKED,
            report={"rows": [row], "count": 1, "sum": "180.00"},
            uploaded_by=cast.office.user,
            uploaded_at=NOW,
        ),
    )


def rights(world: "World") -> None:
    """Consents of two families, a correction asked by the first, an erasure by the second."""
    cast = world.cast
    term, mine, theirs = cast.term, cast.students[0], cast.students[1]
    text = ConsentText.objects.create(term=term, version=1, text=term.consent_text, since=NOW)
    for student, guardian in ((mine, cast.guardian), (theirs, cast.other_guardian)):
        Consent.objects.create(
            term=term, student=student, text=text, version=1, guardian=guardian, given_by=guardian.user, given_at=NOW
        )
    common = {"asked_at": NOW}
    world.keep(
        unplaced=cast.students[7],
        consent_text=text,
        correction=RightsRequest.objects.create(
            student=mine, kind="correct", text="电话错了", asked_by=cast.guardian.user, **common
        ),
        erasure_asked=RightsRequest.objects.create(
            student=theirs, kind="erase", asked_by=cast.other_guardian.user, **common
        ),
    )
