"""Names as a person sees them: what no eye can see is taken out, so that two names that look alike are alike."""

import unicodedata
from typing import Any

from django import forms

# Widthless marks, and those that turn the direction of writing: pasted from chats, or typed to pass for somebody else.
INVISIBLE = dict.fromkeys(
    [0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)


def visible(text: str) -> str:
    """Return a text without invisible characters, composed, and without blanks at its ends."""
    return unicodedata.normalize("NFC", text).translate(INVISIBLE).strip()


class NameField(forms.CharField):
    """A person's name."""

    def to_python(self, value: Any) -> Any:
        return visible(super().to_python(value) or "")
