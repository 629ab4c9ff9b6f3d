"""Making the archive: a few papers a turn, each kept in storage at once, so that a dead worker loses none; at the end one file.

The pieces lie under `papers/parts/<key>/`, each with its number in the list; a paper that can't be (no such month) is kept as
the sentence why. The packed file is written on disk, a piece at a time.
"""

import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Any

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template.loader import render_to_string

from afterschool.school import papers
from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.setup.archive.pieces import Piece, pieces_of
from afterschool.support import clock
from afterschool.support.refusal import Refused

KIND = "term-archive"
AT_ONCE = 4  # papers made before whatever else waits for the worker has its turn
PART = 64 * 1024
STAMP = (1980, 1, 1, 0, 0, 0)  # of every file in the pack: the same papers give the same pack
MISSING = "none"
INDEX, SUMS = "目录.html", "校验码.txt"


@dataclass(frozen=True)
class Entry:
    """One line of the index: a paper with size and checksum, or why there is none."""

    piece: Piece
    size: int = 0
    digest: str = ""
    why: str = ""


def build(params: dict[str, Any], by: Actor, progress: papers.Progress) -> File[bytes] | None:
    """Make the next papers of a closed term's archive; return the packed file after the last, nothing before.

    For the office. Refused: `not_yours`, `not_closed` (open, or opened since it was asked for: it would change while it is
    being packed), `forgotten`.
    """
    if not by.is_office:
        raise Refused("not_yours", "归档由课程教学中心办理。")
    term = Term.objects.get(pk=params["term"])
    if params["closed"] != closing_of(term):
        raise Refused("not_closed", "学期重新打开过，已经做的不能用了。结束学期以后，请重新做归档文件。")
    if term.forgotten_at is not None:
        raise Refused("forgotten", "这个学期的文字已按规定清除，不能再做归档文件。")
    pieces, folder = pieces_of(term), _folder(params)
    kept = _kept(folder)
    waiting = [number for number in range(len(pieces)) if number not in kept]
    for done, number in enumerate(waiting[:AT_ONCE], 1):
        _make(folder, number, pieces[number], by)
        progress(95 * (len(kept) + done) // len(pieces))
    if len(waiting) > AT_ONCE:
        return None
    return _pack(term, folder, pieces)


def closing_of(term: Term) -> str:
    """Return which closing of a term this is; empty while it is open."""
    return term.closed_at.isoformat() if term.closed_at else ""


def forget(params: dict[str, Any]) -> None:
    """Delete the pieces: the pack is done, or nobody wants it any more."""
    folder = _folder(params)
    for number, suffix in _kept(folder).items():
        default_storage.delete(_name(folder, number, suffix))


def _folder(params: dict[str, Any]) -> str:
    return f"papers/parts/{params['key']}"


def _name(folder: str, number: int, suffix: str) -> str:
    return f"{folder}/{number:04}.{suffix}"


def _kept(folder: str) -> dict[int, str]:
    """Return the pieces that are in storage, by number, with their suffix."""
    try:
        names = default_storage.listdir(folder)[1]
    except FileNotFoundError:
        return {}
    found = (name.partition(".") for name in names)
    return {int(number): suffix for number, _, suffix in found if number.isdigit()}


def _make(folder: str, number: int, piece: Piece, by: Actor) -> None:
    try:
        content, suffix = piece.build(by), piece.suffix
    except Refused as refused:  # what the page itself says: there is nothing to print
        content, suffix = refused.sentence.encode(), MISSING
    name = _name(folder, number, suffix)
    if not default_storage.exists(name):  # a second worker was faster
        default_storage.save(name, ContentFile(content))


def _pack(term: Term, folder: str, pieces: list[Piece]) -> File[bytes]:
    out = tempfile.TemporaryFile()  # noqa: SIM115 who called closes it
    kept, entries = _kept(folder), []
    top = plain_top(term)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for number, piece in enumerate(pieces):
            with default_storage.open(_name(folder, number, kept[number])) as source:
                if kept[number] == MISSING:
                    entries.append(Entry(piece, why=source.read().decode()))
                else:
                    entries.append(_put(box, top, piece, source))
        _write(box, f"{top}/{INDEX}", index_page(term, entries))
        sums = "".join(f"{one.digest}  {one.piece.path}\n" for one in entries if one.digest)
        _write(box, f"{top}/{SUMS}", sums)
    out.seek(0)
    return File(out)


def plain_top(term: Term) -> str:
    """Return the one folder in the pack."""
    return f"{term.name}课后服务归档"


def _put(box: zipfile.ZipFile, top: str, piece: Piece, source: IO[bytes]) -> Entry:
    """Copy one paper into the pack, a part at a time."""
    digest, size = sha256(), 0
    with box.open(_info(f"{top}/{piece.path}"), "w") as target:
        while part := source.read(PART):
            digest.update(part)
            size += len(part)
            target.write(part)
    return Entry(piece, size, digest.hexdigest())


def _write(box: zipfile.ZipFile, name: str, text: str) -> None:
    with box.open(_info(name), "w") as target:
        target.write(text.encode())


def _info(name: str) -> zipfile.ZipInfo:
    found = zipfile.ZipInfo(name, STAMP)
    found.compress_type = zipfile.ZIP_DEFLATED
    found.external_attr = 0o644 << 16
    return found


def index_page(term: Term, entries: Iterable[Entry]) -> str:
    """Return the index: opens in any browser without the network."""
    folders: dict[str, list[Entry]] = {}
    for one in entries:
        folders.setdefault(one.piece.folder, []).append(one)
    values = {
        "term": term,
        "school": School.objects.get(pk=1),
        "folders": folders,
        "made": sum(bool(one.digest) for rows in folders.values() for one in rows),
        "made_at": clock.now(),
        "sums": SUMS,
    }
    return render_to_string("documents/term_archive.html", values)


def register() -> None:
    """Make the archive known."""
    papers.register(KIND, build, suffix="zip", forget=forget, fetched="term.archive_fetched")
