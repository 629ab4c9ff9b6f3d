"""Which floor a room is on, read from its name where the workbook does not say. Pure.

`301` and `教学楼 A-302` are on 3, `1205` on 12; a name with no number of three or four digits tells nothing.
"""

import re

NUMBER = re.compile(r"(?<!\d)(\d{1,2})\d{2}(?!\d)")
WRITTEN = re.compile(r"([一二三四五六七八九十])(?:楼|层)")
DIGITS = "一二三四五六七八九十"


def floor_of(name: str) -> int:
    """Return the floor, 0 where the name does not tell."""
    if found := WRITTEN.search(name):
        return DIGITS.index(found[1]) + 1
    found = NUMBER.search(name)
    return int(found[1]) if found else 0
