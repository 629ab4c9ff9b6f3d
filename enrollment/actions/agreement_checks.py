"""The public check of a signed agreement: is this file, or this print-out, what the school keeps? (B5)"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from afterschool.school.codes import hash_address
from afterschool.support import clock
from afterschool.support.refusal import Refused
from enrollment.models import CheckTry, Signature

MOST_BYTES = 5 * 1024 * 1024
LEAST_LETTERS = 16  # of a fingerprint: 64 bits, nobody finds one by trying


@dataclass(frozen=True)
class Checked:
    """What the holder is told: nothing that does not stand on the holder's own paper."""

    number: str
    version: int
    signed_on: date
    whole: bool  # the file itself was compared, not just what is printed on it
    erased: bool


def check_file(*, name: str, size: int, content: bytes, address: str) -> Checked | None:
    """Compare a file with all that are kept; nothing where none is the same.

    Refused with `empty`, `too_big`, `not_a_pdf`, `too_many_tries`.
    """
    if size == 0:
        raise Refused("empty", "这个文件是空的，请重新选择。")
    if size > MOST_BYTES:
        raise Refused("too_big", "文件超过 5 MB，不会是学校的协议，请选原来下载的那个文件。")
    if not content.startswith(b"%PDF-"):
        raise Refused("not_a_pdf", f"“{name[:40]}”不是 PDF 文件。请选从本站下载的协议，照片和截图不能核对。")
    _count(address)
    found = Signature.objects.filter(pdf_hash=sha256(content).hexdigest()).select_related("text").first()
    return _told(found, whole=True) if found else None


def check_number(*, number: str, fingerprint: str, address: str) -> Checked | None:
    """Compare number and fingerprint, as printed or of the file; nothing where they don't belong together.

    Refused with `number_wrong`, `fingerprint_wrong`, `too_many_tries`.
    """
    try:
        key = UUID(_narrow(number))
    except ValueError:
        raise Refused("number_wrong", "编号不完整。它印在协议末页，共 32 位字母和数字，横线可以不写。") from None
    printed = _narrow(fingerprint)
    if not re.fullmatch(rf"[0-9a-f]{{{LEAST_LETTERS},64}}", printed):
        raise Refused("fingerprint_wrong", f"指纹至少写前 {LEAST_LETTERS} 位，只有数字和 a 到 f 的字母。")
    _count(address)
    same = Q(content_hash__startswith=printed) | Q(pdf_hash__startswith=printed)
    found = Signature.objects.filter(same, key=key).select_related("text").first()
    return _told(found, whole=False) if found else None


def _narrow(text: str) -> str:
    """Return what was typed in small letters without spaces and dashes, full-width letters of an IME made narrow."""
    narrow = "".join(chr(ord(ch) - 0xFEE0) if "！" <= ch <= "～" else ch for ch in text)
    return "".join(ch for ch in narrow.lower() if ch.isascii() and ch.isalnum())


def _told(found: Signature, *, whole: bool) -> Checked:
    day = found.signed_at.astimezone(clock.SHANGHAI).date()
    return Checked(str(found.key), found.text.version, day, whole, found.erased_at is not None)


@transaction.atomic
def _count(address: str) -> None:
    """Count one look of an address; refuse when there were too many. What is older than an hour is forgotten."""
    now, who = timezone.now(), hash_address(address)
    since = now - timedelta(minutes=settings.CHECK_TRIES_MINUTES)
    if CheckTry.objects.filter(address_hash=who, at__gt=since).count() >= settings.CHECK_TRIES:
        raise Refused("too_many_tries", f"核对太频繁了，请过 {settings.CHECK_TRIES_MINUTES} 分钟再试。")
    CheckTry.objects.filter(at__lt=now - timedelta(hours=1)).delete()
    CheckTry.objects.create(address_hash=who, at=now)
