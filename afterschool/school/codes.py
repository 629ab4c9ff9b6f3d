"""The code on a slip: made up, written, read back, and hashed. The portal keeps only the keyed hash."""

import secrets

from django.utils.crypto import salted_hmac

ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is mistaken for another: no I, L, O, 0, 1
LENGTH = 12


def new_code() -> str:
    """Return a code of 59 bits: ABCD-EFGH-JKMN."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 4] for start in range(0, LENGTH, 4))


def plain(code: str) -> str:
    """Return a code as it is hashed: capitals, without dashes and spaces, full-width letters as typed by an IME."""
    narrow = "".join(chr(ord(ch) - 0xFEE0) if "！" <= ch <= "～" else ch for ch in code)
    return "".join(ch for ch in narrow.upper() if ch.isascii() and ch.isalnum())


def hash_code(code: str) -> str:
    """Return the keyed hash that stands for a code in the database."""
    return salted_hmac("school.slip", plain(code), algorithm="sha256").hexdigest()


def hash_address(address: str) -> str:
    """Return the keyed hash that stands for a network address."""
    return salted_hmac("school.slip_try", address, algorithm="sha256").hexdigest()
