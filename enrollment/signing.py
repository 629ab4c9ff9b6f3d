"""A signature drawn by finger and the hash over all that was signed (B5, plan section 9.2). Pure.

Strokes come from the browser as JSON: a list of strokes, each a list of [x, y] in whole units of a sheet that is `WIDTH` wide
and `HEIGHT` high. They are brought into one canonical text, so that the same drawing always has the same hash.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

WIDTH, HEIGHT = 1000, 400
MOST_POINTS, MOST_STROKES = 4000, 200
LEAST_EXTENT = 60  # a signature that is smaller than this both ways is a slip of the finger

Stroke = tuple[tuple[int, int], ...]


class NotASignatureError(ValueError):
    """The strokes are no drawing: not readable, empty, too many, outside the sheet, or a mere dot."""


def read_strokes(text: str) -> tuple[Stroke, ...]:
    """Return the strokes that a browser sent; raise `NotASignatureError` for anything else."""
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError):
        raise NotASignatureError("unreadable") from None
    if not isinstance(raw, list) or not 0 < len(raw) <= MOST_STROKES:
        raise NotASignatureError("no strokes")
    strokes = []
    for line in raw:
        if not isinstance(line, list) or not line:
            raise NotASignatureError("no stroke")
        strokes.append(tuple(_point(one) for one in line))
    points = [point for stroke in strokes for point in stroke]
    if len(points) > MOST_POINTS:
        raise NotASignatureError("too long")
    wide = max(x for x, _ in points) - min(x for x, _ in points)
    high = max(y for _, y in points) - min(y for _, y in points)
    if wide < LEAST_EXTENT and high < LEAST_EXTENT:
        raise NotASignatureError("a dot")
    return tuple(strokes)


def _point(raw: object) -> tuple[int, int]:
    if not isinstance(raw, list) or len(raw) != 2 or not all(type(value) is int for value in raw):
        raise NotASignatureError("no point")
    x, y = raw
    if not (0 <= x <= WIDTH and 0 <= y <= HEIGHT):
        raise NotASignatureError("outside")
    return x, y


def canonical(strokes: tuple[Stroke, ...]) -> str:
    """Return the one text of these strokes, as it is kept and hashed."""
    return json.dumps([[list(point) for point in stroke] for stroke in strokes], separators=(",", ":"))


def svg_path(strokes: tuple[Stroke, ...]) -> str:
    """Return the drawing as the `d` of an SVG path in a view box of WIDTH × HEIGHT; a single point becomes a short line."""
    parts = []
    for stroke in strokes:
        points = stroke if len(stroke) > 1 else (stroke[0], (stroke[0][0] + 1, stroke[0][1]))
        parts.append("M" + "L".join(f"{x} {y}" for x, y in points))
    return "".join(parts)


@dataclass(frozen=True)
class Signed:
    """All that a signature stands under."""

    school: str
    term: str
    text_version: int
    title: str
    body: str
    child: str
    class_name: str
    signer: str
    strokes: str
    signed_at: datetime


def content_hash(signed: Signed) -> str:
    """Return the SHA-256 over every value, each with its name: changing any of them changes the hash.

    The time counts as an instant: a database that gives it back in another zone gives the same hash.
    """
    values = {
        "school": signed.school,
        "term": signed.term,
        "version": signed.text_version,
        "title": signed.title,
        "body": signed.body,
        "child": signed.child,
        "class": signed.class_name,
        "signer": signed.signer,
        "strokes": signed.strokes,
        "at": signed.signed_at.astimezone(UTC).isoformat(),
    }
    return sha256(json.dumps(values, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
