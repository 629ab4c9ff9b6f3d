"""The agreement on paper: as signed, with all that its fingerprint stands for; and to be signed by hand (B5)."""

import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, SchoolClass, Student, Term
from afterschool.school.papers import Progress
from afterschool.support import pdf, qr
from afterschool.support.refusal import Refused
from enrollment.access import reviewed_classes, reviewed_students
from enrollment.actions.agreement_checks import LEAST_LETTERS
from enrollment.actions.agreement_files import make_file, read_file
from enrollment.actions.agreements import signed_of, text_in_force
from enrollment.enums import Signing as How
from enrollment.enums import SigningMethod
from enrollment.models import Signature
from enrollment.queries.agreements import newest_of, rows_of
from enrollment.signing import HEIGHT, WIDTH, read_strokes, svg_path

GROUP = 8


def check_address(signature: Signature) -> str:
    """Return the public address where this very agreement is checked; empty while the school has no public address."""
    home = School.objects.only("public_url").get(pk=1).public_url.rstrip("/")
    query = urlencode({"number": signature.key.hex, "print": signature.content_hash[:LEAST_LETTERS]})
    return f"{home}{reverse('enrollment:agreement-check')}?{query}" if home else ""


def agreement_pdf(signature: Signature) -> bytes:
    """Set one signed agreement. The caller keeps the bytes: set again they would differ."""
    address = check_address(signature)
    drawn = signature.method == SigningMethod.DRAWN
    digest = signature.content_hash
    return pdf.render(
        "documents/agreement.html",
        {
            "signature": signature,
            "signed": signed_of(signature),
            "text": signature.text,
            "path": svg_path(read_strokes(signature.strokes)) if drawn else "",
            "sheet": {"width": WIDTH, "height": HEIGHT},
            "fingerprint": [digest[start : start + GROUP] for start in range(0, len(digest), GROUP)],
            "least": LEAST_LETTERS,
            "address": address.partition("?")[0],
            "qr": qr.svg(address) if address else SafeString(""),
        },
    )


def copies_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set the text in force for children to sign by hand: one, all of a class, or those whose sheet is missing."""
    term = Term.objects.get(pk=params["term"])
    text = text_in_force(term)
    if text is None:
        raise Refused("no_agreement", "学校本学期还没有发布协议，没有可打印的。")
    school = School.objects.get(pk=1)
    children = _children(term, params, by)
    pieces = []
    for number, child in enumerate(children, 1):
        context = {"school": school, "term": term, "text": text, "student": child}
        pieces.append(pdf.render("documents/agreement_copy.html", context))
        progress(100 * number // len(children))
    return pdf.merge(pieces)


def _children(term: Term, params: dict[str, Any], by: Actor) -> list[Student]:
    students = reviewed_students(by).order_by("school_class", "number", "pk")
    if "student" in params:
        found = list(students.filter(pk=params["student"]))
    else:
        in_class = students.filter(school_class=params["class"])
        missing = {How.PAPER, How.ANEW, How.NONE}
        if params.get("who") == "waiting":
            found = [row.student for row in rows_of(term, in_class) if row.status in missing]
        else:
            found = list(in_class)
    if not found:
        raise Refused("nobody", "没有要打印的孩子。")
    return found


def class_zip(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Pack the signed agreements of a class, one file a child; those not made yet are made now. For the office."""
    if not by.is_office:
        raise Refused("not_yours", "只有课程教学中心可以打包下载。")
    school_class: SchoolClass = reviewed_classes(by).get(pk=params["class"])
    term = Term.objects.get(pk=params["term"])
    ids = Student.objects.filter(school_class=school_class).values_list("pk", flat=True)
    signatures = [one for one in newest_of(term, ids) if not one.awaits_paper and not one.erased_at]
    if not signatures:
        raise Refused("nobody", "这个班还没有签好的协议。")
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as pack:
        for number, signature in enumerate(signatures, 1):
            if not signature.pdf:
                make_file(signature)
                signature.refresh_from_db(fields=["pdf", "pdf_hash"])
            pack.writestr(_name(signature), read_file(signature=signature, by=by))
            progress(100 * number // len(signatures))
    return out.getvalue()


def _name(signature: Signature) -> str:
    student = signature.application.student
    return f"{signature.class_name}-{student.number or 0:02}-{signature.child_name}-第{signature.text.version}版.pdf"


def register() -> None:
    """Make the papers of agreements known."""
    papers.register("agreement-copies", copies_pdf, suffix="pdf")
    papers.register("agreements-of-class", class_zip, suffix="zip")
