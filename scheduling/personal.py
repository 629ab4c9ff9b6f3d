"""What scheduling keeps of people: staff only. Where a child is placed stands in the register."""

from collections.abc import Iterable

from afterschool.school.privacy import WHOLE_TERM, Kind, Reader, Section

KINDS = [
    Kind(
        "scheduling_staff",
        "编班、排班由谁确认",
        "编班方案（只有编号和数字）、值班表和每天由谁带班。",
        "分清责任。",
        "教职工",
        WHOLE_TERM,
        ("scheduling.Grouping", "scheduling.Rota", "scheduling.RotaTurn", "scheduling.Duty"),
        of_family=False,
    ),
]


def sections(reader: Reader) -> Iterable[Section]:
    """Return nothing: no table here is about a child."""
    return ()
