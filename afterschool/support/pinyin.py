"""Pinyin for finding people: every reading of the surname counts, since libraries misread 单, 曾, 仇, 解, 查, 区, 盖."""

from itertools import product

from pypinyin import Style, lazy_pinyin, pinyin


def readings(name: str) -> tuple[str, str]:
    """Return (full, initials) of a Chinese name, each a space-separated list of all readings of its first character.

    `readings("朱可")` gives ("zhuke shuke", "sk zk"), so that any of them finds the child. The usual reading is the
    first, so that a list ordered by it has 朱 under z.
    """
    letters = "".join(ch for ch in name if ch.isalnum())
    if not letters:
        return "", ""
    firsts = pinyin(letters[0], style=Style.NORMAL, heteronym=True, errors="default")[0]
    rest = lazy_pinyin(letters[1:], errors="default")
    firsts, rest = [part.lower() for part in firsts], [part.lower() for part in rest]
    full = dict.fromkeys(first + "".join(rest) for first in firsts)
    initials = sorted({"".join(part[:1] for part in parts) for parts in product(firsts, *[[r] for r in rest])})
    return " ".join(full), " ".join(initials)
