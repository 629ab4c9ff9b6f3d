"""The draw of club places (抽签): pure, proven best, the same on every machine. `draw` is the way in; see docs/rules/draw.md."""

from scheduling.draw.again import left_over
from scheduling.draw.paper import fingerprint, from_full, full, lot_number
from scheduling.draw.rule import draw
from scheduling.draw.values import (
    Child,
    Club,
    ClubOutcome,
    DrawInput,
    InvalidInput,
    Outcome,
    Reason,
    Result,
    Stage,
    StageValue,
    Why,
)

__all__ = [
    "Child",
    "Club",
    "ClubOutcome",
    "DrawInput",
    "InvalidInput",
    "Outcome",
    "Reason",
    "Result",
    "Stage",
    "StageValue",
    "Why",
    "draw",
    "fingerprint",
    "from_full",
    "full",
    "left_over",
    "lot_number",
]
