"""How classes and grades are called on pages and paper: 二（1）班, 三年级."""

DIGITS = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """Return a number from 0 to 99 in Chinese figures."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def grade_name(grade: int) -> str:
    """Return "三年级" for 3."""
    return f"{chinese_number(grade)}年级"


def class_name(grade: int, number: int) -> str:
    """Return "二（1）班" for grade 2, class 1."""
    return f"{chinese_number(grade)}（{number}）班"


def grades_name(first: int, last: int) -> str:
    """Return "一、二年级", "三至六年级" or "五年级" for a run of grades."""
    if first == last:
        return grade_name(first)
    if last == first + 1:
        return f"{chinese_number(first)}、{chinese_number(last)}年级"
    return f"{chinese_number(first)}至{chinese_number(last)}年级"
