"""What is kept and published of a draw: the full file, its fingerprint, and the order of the lot.

The full file goes to the office and to the checker it names. It tells who comes first, so it is never published; neither are
wishes, since with them and the seed anybody could repeat the draw without the priority and see who lost a place by that.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from scheduling.draw.values import Child, Club, DrawInput, InvalidInput

RULE = "draw-1"


def lot_number(seed: str, ticket: str) -> str:
    """Return SHA-256 of `seed:ticket` in hex: lower comes first. `printf %s SEED:TICKET | sha256sum` gives the same."""
    return hashlib.sha256(f"{seed}:{ticket}".encode()).hexdigest()


def full(given: DrawInput) -> str:
    """Return the whole input as canonical JSON: sorted, without spaces, ASCII, tickets instead of children."""
    heads: dict[str, str] = {}
    for child in sorted(given.children, key=elder_first):
        if child.together:
            heads.setdefault(child.together, child.ticket)
    return json.dumps(
        {
            "rule": RULE,
            "salt": given.salt,
            "clubs": [_club_row(club) for club in sorted(given.clubs, key=lambda club: club.id)],
            "children": [
                {
                    "ticket": child.ticket,
                    "grade": child.grade,
                    "class": child.class_id,
                    "wishes": list(child.wishes),
                    "priority": child.priority,
                    "together": heads.get(child.together, ""),
                }
                for child in sorted(given.children, key=lambda child: child.ticket)
            ],
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def fingerprint(given: DrawInput) -> str:
    """Return SHA-256 of the full file in hex: published before the seed is made, so that nobody can change the input later."""
    return hashlib.sha256(full(given).encode()).hexdigest()


def from_full(text: str) -> DrawInput:
    """Read a full file again. Refuses with `not_a_draw`."""
    try:
        data = json.loads(text)
        if data["rule"] != RULE:
            raise ValueError(data["rule"])
        return DrawInput(
            clubs=tuple(_club(row) for row in data["clubs"]),
            children=tuple(
                Child(
                    ticket=row["ticket"],
                    grade=row["grade"],
                    class_id=row["class"],
                    wishes=tuple(row["wishes"]),
                    priority=row["priority"],
                    together=row["together"],
                )
                for row in data["children"]
            ),
            salt=data["salt"],
        )
    except (ValueError, KeyError, TypeError, AttributeError) as wrong:
        raise InvalidInput("not_a_draw", "这不是一份抽签的完整数据。") from wrong


def check_seed(seed: str) -> None:
    """Refuse what isn't a string of lower-case hex digits (`bad_seed`)."""
    if not re.fullmatch(r"[0-9a-f]+", seed):
        raise InvalidInput("bad_seed", "种子只能由数字和小写字母a—f组成。")


def elder_first(child: Child) -> tuple[int, str]:
    """Sort brothers and sisters: the highest grade first, then by ticket."""
    return (-child.grade, child.ticket)


def _club_row(club: Club) -> dict[str, Any]:
    limits = club.per_class
    return {
        "id": club.id,
        "places": club.places,
        "per_grade": sorted([grade, places] for grade, places in club.per_grade.items()),
        "per_class": sorted([key, n] for key, n in limits.items()) if isinstance(limits, Mapping) else limits,
        "grades": None if club.grades is None else sorted(club.grades),
        "smallest": club.smallest,
    }


def _club(row: dict[str, Any]) -> Club:
    limits = row["per_class"]
    return Club(
        id=row["id"],
        places=row["places"],
        per_grade=dict(row["per_grade"]),
        per_class=dict(limits) if isinstance(limits, list) else limits,
        grades=None if row["grades"] is None else frozenset(row["grades"]),
        smallest=row["smallest"],
    )
