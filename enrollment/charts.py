"""A plain chart of columns, as numbers for an SVG: the same picture on the page, in the browser's print and in the PDF. Pure.

Three values stand one inside the other: children on the roll as an outline, of these who applied in white with a dark edge, of
these whom the school has approved filled. It reads without colour.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HEIGHT, TOP, FOOT = 150, 22, 40  # of the field, of the room for numbers above it, of the labels below
STEP, BAR, LEFT = 58, 38, 4
LABEL, HINT = 17, 35  # baselines of the label and of the second line, below the axis


@dataclass(frozen=True)
class Column:
    """One column: what it is called, and three counts, each part of the one before."""

    label: str
    whole: int
    part: int
    done: int


@dataclass(frozen=True)
class Bar:
    """A column as it is drawn, in units of the picture."""

    column: Column
    x: int
    middle: int
    whole_y: float
    whole_h: float
    part_y: float
    part_h: float
    done_y: float
    done_h: float


@dataclass(frozen=True)
class Chart:
    """The picture: its name, its size, its bars, and what its outline means (none where there is no whole)."""

    name: str
    width: int
    bars: list[Bar]
    whole: str

    height: int = TOP + HEIGHT + FOOT
    axis: int = TOP + HEIGHT
    label_y: int = TOP + HEIGHT + LABEL
    hint_y: int = TOP + HEIGHT + HINT


def chart(name: str, columns: Sequence[Column], *, whole: str = "在校", room: int = 1) -> Chart:
    """Lay out columns from left to right in the order given. `room`: so many columns fit at least, so that few aren't huge."""
    most = max((column.whole for column in columns), default=0) or 1
    bars = []
    for number, column in enumerate(columns):
        x = LEFT + number * STEP + (STEP - BAR) // 2
        heights = [round(HEIGHT * min(value, most) / most, 1) for value in (column.whole, column.part, column.done)]
        ys = [round(TOP + HEIGHT - height, 1) for height in heights]
        bars.append(Bar(column, x, x + BAR // 2, ys[0], heights[0], ys[1], heights[1], ys[2], heights[2]))
    return Chart(name, LEFT * 2 + STEP * max(len(columns), room), bars, whole)
