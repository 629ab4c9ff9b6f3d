"""A letter on A4, in the usual form of a school's letter, and as a picture for the official account (B1)."""

from contextlib import closing
from io import BytesIO

from django.utils.safestring import mark_safe

from afterschool.school.models import School
from afterschool.support import clock, pdf
from enrollment.enums import NoticeKind, NoticeState
from enrollment.models import Notice
from enrollment.placeholders import fill
from enrollment.queries.values import values_of

SALUTED = {NoticeKind.LETTER, NoticeKind.RESPONSIBILITY, NoticeKind.OTHER}
A4_HEIGHT = 297
PICTURE_WIDTH = 112  # mm: on a phone its type is as large as the portal's own
PICTURE_SCALE = 3.4  # 1,080 px wide: sharp on a phone, small enough to send


def shown(notice: Notice, school: School) -> tuple[str, str]:
    """Return title and body as families see them: fixed once published, filled with today's settings before."""
    if notice.state != NoticeState.DRAFT:
        return notice.published_title, notice.published_body
    return notice.title, fill(notice.body, values_of(notice.term, school))


def letter_pdf(notice: Notice, school: School, *, slip: bool = True, height: int = 0) -> bytes:
    """Return the letter as PDF, with the slip to cut off where it has one. A draft says so on each page.

    `height`: one narrow page of so many millimetres without page numbers, to be made a picture of.
    """
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
        "height": height,
        "width": PICTURE_WIDTH,
    }
    return pdf.render("documents/letter.html", context)


def letter_picture(notice: Notice, school: School) -> bytes:
    """Return the letter without the slip as PNG: one long sheet as high as its text, with no page's end in it."""
    from PIL import ImageOps
    from pypdfium2 import PdfDocument

    with closing(PdfDocument(letter_pdf(notice, school, slip=False))) as paged:
        height = (len(paged) + 1) * A4_HEIGHT
    whole = None
    while whole is None:  # a sheet that the text runs over is too short
        with closing(PdfDocument(letter_pdf(notice, school, slip=False, height=height))) as document:
            if len(document) == 1:
                whole = document[0].render(scale=PICTURE_SCALE).to_pil().convert("L")
        height *= 2
    _, top, _, bottom = ImageOps.invert(whole).getbbox() or (0, 0, *whole.size)
    whole = whole.crop((0, 0, whole.width, min(whole.height, bottom + top)))
    out = BytesIO()
    whole.quantize(16).save(out, "PNG", optimize=True)
    return out.getvalue()
