"""A letter on A4, in the usual form of a school's letter, and as a picture for the official account (B1)."""

from io import BytesIO

from django.utils.safestring import mark_safe

from afterschool.school.models import School
from afterschool.support import clock, pdf
from enrollment.enums import NoticeKind, NoticeState
from enrollment.models import Notice
from enrollment.placeholders import fill
from enrollment.queries.values import values_of

SALUTED = {NoticeKind.LETTER, NoticeKind.RESPONSIBILITY, NoticeKind.OTHER}
PICTURE_SCALE = 1.75  # 1,040 px wide: sharp on a phone, small enough to send


def shown(notice: Notice, school: School) -> tuple[str, str]:
    """Return title and body as families see them: fixed once published, filled with today's settings before."""
    if notice.state != NoticeState.DRAFT:
        return notice.published_title, notice.published_body
    return notice.title, fill(notice.body, values_of(notice.term, school))


def letter_pdf(notice: Notice, school: School, *, slip: bool = True) -> bytes:
    """Return the letter as PDF, with the slip to cut off where it has one. A draft says so on each page."""
    title, body = shown(notice, school)
    context = {
        "school_name": school.name,
        "title": title,
        "body": mark_safe(body),  # noqa: S308 (cleaned when it was saved)
        "saluted": notice.kind in SALUTED,
        "slip": slip and notice.with_slip,
        "draft": notice.state == NoticeState.DRAFT,
        "day": notice.published_at or clock.now(),
        "kind": notice.get_kind_display(),
    }
    return pdf.render("documents/letter.html", context)


def letter_picture(notice: Notice, school: School) -> bytes:
    """Return the pages, without the slip, one under the other as PNG."""
    from PIL import Image
    from pypdfium2 import PdfDocument

    document = PdfDocument(letter_pdf(notice, school, slip=False))
    pages = [page.render(scale=PICTURE_SCALE).to_pil().convert("L") for page in document]
    document.close()
    whole = Image.new("L", (max(p.width for p in pages), sum(p.height for p in pages)), 255)
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    out = BytesIO()
    whole.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()
