"""The one door to WeasyPrint: our own templates and stylesheets in, A4 out, nothing read from anywhere else."""

import gc
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from weasyprint import CSS

STYLESHEETS = ("css/tokens.css", "css/paper.css", "css/slips.css")
PIECE = 40  # a long document is set in pieces: memory grows with the pages of one piece


class ForeignAddressError(ValueError):
    """A document asked for something outside the portal."""


def _css(path: str) -> str:
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(path)
    with open(str(found), encoding="utf-8") as file:
        return file.read()


@cache
def _sheets() -> "list[CSS]":
    """Return the stylesheets, read once; they name no font file, so that they belong to no document.

    What the process holds by now it holds for good: left out of the search for garbage, a document takes a tenth less time.
    """
    from weasyprint import CSS

    sheets = [CSS(string=_css(path)) for path in STYLESHEETS]
    gc.collect()
    gc.freeze()
    return sheets


def html_to_pdf(html: str) -> bytes:
    """Set one HTML document as PDF with the portal's paper stylesheets."""
    from weasyprint import HTML

    def fetch(url: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        raise ForeignAddressError(url)

    return bytes(HTML(string=html, base_url="portal:/", url_fetcher=fetch).write_pdf(stylesheets=_sheets()))


def render(template: str, context: dict[str, Any]) -> bytes:
    """Set one template as PDF."""
    return html_to_pdf(render_to_string(template, context))


def merge(pieces: list[bytes]) -> bytes:
    """Join documents that were set piece by piece. Page numbers are those of each piece."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter()
    for piece in pieces:
        writer.append(PdfReader(BytesIO(piece)))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
