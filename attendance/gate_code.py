"""The code of the day (今日接送码): a guardian's address to show at the gate, and the same in six characters to type.

Both are derived from the guardian, the date and the portal's secret, so that nothing is stored, a code is the same all day and
worthless on the next. A code says whose children are asked for; it releases nobody.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.core.signing import BadSignature, Signer
from django.utils.crypto import salted_hmac

SALT = "attendance.gate_code"
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
DIGITS = "23456789"  # neither 0 nor 1: they read like O and I
BOTH = LETTERS + DIGITS
TYPED = re.compile(rf"^[{DIGITS}][{LETTERS}][{BOTH}]{{4}}$")  # a digit first: no name in pinyin looks like it


@dataclass(frozen=True)
class Code:
    """What a genuine address says: whose it is, and of which day."""

    guardian_id: int
    day: date


def _signer() -> Signer:
    return Signer(salt=SALT, sep=".")


def token(guardian_id: int, day: date) -> str:
    """Return the signed part of a guardian's address of the day."""
    return _signer().sign(f"{guardian_id}-{day:%Y%m%d}")


def read(signed: str) -> Code | None:
    """Return what a token says, or None when it is forged."""
    try:
        guardian, day = _signer().unsign(signed).split("-")
        return Code(int(guardian), date.fromisoformat(day))
    except (BadSignature, ValueError):
        return None


def short(guardian_id: int, day: date) -> str:
    """Return the six characters of a guardian on a day."""
    number = int.from_bytes(salted_hmac(SALT, f"{guardian_id}-{day:%Y%m%d}", algorithm="sha256").digest()[:8])
    found = ""
    for alphabet in (DIGITS, LETTERS, *(BOTH,) * 4):
        number, place = divmod(number, len(alphabet))
        found += alphabet[place]
    return found


def typed(words: str) -> str:
    """Return the code that somebody typed (spaces and small letters forgiven), or nothing when it looks like none."""
    code = re.sub(r"[\s-]", "", words).upper()
    return code if TYPED.match(code) else ""
