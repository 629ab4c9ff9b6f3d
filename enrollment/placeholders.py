"""Values of a term that stand in letters and agreements as 【服务时间】 (B1): filled when shown, fixed when published."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape

TOKEN = re.compile(r"【([^【】<>]{1,20})】")
ALONE = re.compile(r"<p>\s*【([^【】<>]{1,20})】\s*</p>")


@dataclass(frozen=True)
class Value:
    """What a placeholder stands for: a word in a sentence, or, with `block`, markup that takes a paragraph's place."""

    text: str
    block: bool = False


def fill(html: str, values: Mapping[str, Value]) -> str:
    """Return the text with every known placeholder replaced; unknown ones stay as they stand, for a person to see."""

    def block(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return value.text if value is not None and value.block else found[0]

    def word(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return found[0] if value is None or value.block else escape(value.text)

    return TOKEN.sub(word, ALONE.sub(block, html))


def unknown(html: str, values: Mapping[str, Value]) -> list[str]:
    """Return the placeholders that nothing fills, in their order: the page warns of them before publication."""
    left = TOKEN.findall(fill(html, values))
    return list(dict.fromkeys(left))
