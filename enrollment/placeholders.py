"""Values of a term that stand in letters and agreements as 【服务时间】 (B1): filled when shown, fixed when published."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.html import escape

TOKEN = re.compile(r"【([^【】<>]{1,20})】")
ALONE = re.compile(r"<p>\s*【([^【】<>]{1,20})】\s*</p>")
POINTS = [re.compile(rf"<{tag}(?: [^>]*)?>(?:(?!</?{tag}[ >]).)*</{tag}>", re.DOTALL) for tag in ("li", "p")]
NO_POINTS = re.compile(r"<([uo])l(?: [^>]*)?>\s*</\1l>")


@dataclass(frozen=True)
class Value:
    """What a placeholder stands for: a word in a sentence, or, with `block`, markup that takes a paragraph's place.

    With `absent` this school has no such thing: the point of a list, or the paragraph, that speaks of it is left out.
    """

    text: str
    block: bool = False
    absent: bool = False


def fill(html: str, values: Mapping[str, Value]) -> str:
    """Return the text with every known placeholder replaced; unknown ones stay as they stand, for a person to see."""

    gone = {f"【{name}】" for name, value in values.items() if value.absent}

    def point(found: re.Match[str]) -> str:
        return "" if any(token in found[0] for token in gone) else found[0]

    def block(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return value.text if value is not None and value.block else found[0]

    def word(found: re.Match[str]) -> str:
        value = values.get(found[1])
        return found[0] if value is None or value.block else escape(value.text)

    for pattern in POINTS if gone else []:
        html = NO_POINTS.sub("", pattern.sub(point, html))
    return TOKEN.sub(word, ALONE.sub(block, html))


def unknown(html: str, values: Mapping[str, Value]) -> list[str]:
    """Return the placeholders that nothing fills, in their order: the page warns of them before publication."""
    left = TOKEN.findall(fill(html, values))
    return list(dict.fromkeys(left))
