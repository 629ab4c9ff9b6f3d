"""Sets of weekdays, kept as ISO digits in order ("135" is Monday, Wednesday, Friday) and shown in Chinese."""

from collections.abc import Iterable

from django.core.validators import RegexValidator

NAMES = {"1": "周一", "2": "周二", "3": "周三", "4": "周四", "5": "周五", "6": "周六", "7": "周日"}
WEEKDAY_CHOICES = list(NAMES.items())
validate_weekdays = RegexValidator(r"^1?2?3?4?5?6?7?$", "星期只能由 1 到 7 组成，从小到大，不重复。")


def pack(days: Iterable[str | int]) -> str:
    """Return the canonical text of a set of ISO weekdays."""
    return "".join(sorted({str(day) for day in days if str(day) in NAMES}))


def show(days: str) -> str:
    """Return "周一至周五", "周一、三、五" or "周二"; an empty set is "—"."""
    if not days:
        return "—"
    if len(days) > 2 and int(days[-1]) - int(days[0]) == len(days) - 1:
        return f"{NAMES[days[0]]}至{NAMES[days[-1]]}"
    return NAMES[days[0]] + "".join("、" + NAMES[day][1] for day in days[1:])
