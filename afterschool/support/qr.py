"""The one door to QR codes: an address as inline SVG, for pages and paper."""

import io

from django.utils.safestring import SafeString, mark_safe


def svg(address: str) -> SafeString:
    """Return a QR code of this address that scales with its box; medium error correction bears a fold in the paper."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=2, svgclass="qr", lineclass=None
    )
    return mark_safe(out.getvalue().decode())  # noqa: S308 (squares only; the address is not written out)
