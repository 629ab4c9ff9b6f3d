"""What families read about their draw: numbers and clubs, never another child, never who comes first."""

from collections.abc import Mapping

from scheduling.draw.values import Outcome, Reason, Why

DIGITS = "零一二三四五六七八九十"
WHERE = {Why.CLASS_FULL: "本班", Why.GRADE_FULL: "本年级", Why.CLUB_FULL: ""}


def outcome_sentence(outcome: Outcome, names: Mapping[int, str]) -> str:
    """Say what a child got. `names`: the clubs' names by id."""
    if outcome.club is None or outcome.wish is None:
        return "这次没有分到社团。"
    return f"分到{names[outcome.club]}（第{ordinal(outcome.wish)}志愿）。"


def reason_sentence(reason: Reason, names: Mapping[int, str]) -> str:
    """Say why a child has not got this club."""
    return f"{names[reason.club]}：{_because(reason)}"


def ordinal(number: int) -> str:
    """Return 一 for 1; figures above 十."""
    return DIGITS[number] if number <= 10 else str(number)


def _because(reason: Reason) -> str:
    if reason.why in WHERE:
        where = WHERE[reason.why]
        if not reason.places:
            return f"{where}没有可以抽的名额。"
        asked = f"{where}有{reason.asked}人报（其中第一志愿{reason.first}人）"
        return f"{asked}、{reason.places}个名额，抽签没有抽中。"
    return {
        Why.NOT_ADMITTED: "不收这个年级。",
        Why.NOT_COMMON: "不是兄弟姐妹共同的志愿。",
        Why.TOO_FEW: f"兄弟姐妹要一起，需要{reason.needed}个名额，只剩{reason.left}个。",
        Why.UNPROVEN: "这次没有分到。",
    }[reason.why]
