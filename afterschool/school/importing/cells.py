"""One cell at a time: text as typed into domain values, or a sentence why not. Pure."""

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from afterschool.school.importing.sheets import NO, RELATIONS, ROOM_KINDS, YES
from afterschool.support.names import visible
from afterschool.support.weekdays import NAMES, pack

LONGEST_NAME = 40
LONGEST_NUMBER = 20
DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅．", "·"))
ERROR_VALUES = frozenset(
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"]
)
FIGURES = "零一二三四五六七八九十"
_BETWEEN_HAN = re.compile(r"(?<=[\u2e80-\U0003ffff])\s+(?=[\u2e80-\U0003ffff])")
_FRACTION = re.compile(r"\.0+$")  # a spreadsheet's number saved as text
_PHONE = re.compile(r"1\d{10}")


class BadCell(ValueError):
    """What is wrong with a cell, as a Chinese clause for the person who filled it in."""


ROUGH_FROM = 1e15


def text_of(value: Any) -> str:
    """Return a cell as the text that a person sees: 1.0 is "1", TRUE is "是"; blanks at the ends are dropped.

    A number of more than 15 digits is a rough one in a spreadsheet, and is shown as such: "2.0260915e+19".
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, float):
        if abs(value) >= ROUGH_FROM:
            return f"{value:.15g}"
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return visible(str(value))


def plain(text: str) -> str:
    """Return a text that holds nothing a register should not: no error value, formula or control character."""
    if text.upper() in ERROR_VALUES:
        raise BadCell(f"单元格是错误值 {text}，请改成真正的内容")
    if text.startswith("="):
        raise BadCell("不能以 = 开头")
    if any(unicodedata.category(char) in {"Cc", "Cs", "Cn"} for char in text):
        raise BadCell("含有看不见的控制字符或换行，请重新输入")
    return text


def short(text: str, longest: int) -> str:
    """Return a plain text of no more than `longest` characters."""
    text = plain(text)
    if len(text) > longest:
        raise BadCell(f"太长，有 {len(text)} 个字，最多 {longest} 个")
    return text


def person_name(text: str) -> str:
    """Return a name: blanks between Chinese characters are for looks ("王　明") and dropped, dots are made one kind."""
    name = _BETWEEN_HAN.sub("", short(text, LONGEST_NAME)).translate(DOTS)
    if not any(char.isalpha() or unicodedata.category(char) == "Co" for char in name):
        raise BadCell("不像姓名")
    if any(char.isdigit() for char in name):
        raise BadCell("姓名里不能有数字")
    return name


def _halfwidth(text: str) -> str:
    return unicodedata.normalize("NFKC", plain(text)).strip()


def whole_number(text: str, lowest: int, highest: int) -> int:
    """Return a whole number within bounds."""
    text = _FRACTION.sub("", _halfwidth(text))
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise BadCell("要写整数")
    if not lowest <= int(text) <= highest:
        raise BadCell(f"要在 {lowest} 到 {highest} 之间")
    return int(text)


def grade(text: str) -> int:
    """Return 1 to 12 from "1", "一", "一年级" or "1年级"."""
    bare = _halfwidth(text).removesuffix("年级")
    if bare in {"十一", "十二"}:
        return 10 + FIGURES.index(bare[1])
    if len(bare) == 1 and bare in FIGURES[1:]:
        return FIGURES.index(bare)
    try:
        return whole_number(bare, 1, 12)
    except BadCell:
        raise BadCell("年级要写成“一年级”或 1，从 1 到 12") from None


def class_number(text: str) -> int:
    """Return 1 to 60 from "1", "1班" or "（1）班"."""
    bare = _halfwidth(text).removesuffix("班").strip("()")
    try:
        return whole_number(bare, 1, 60)
    except BadCell:
        raise BadCell("班号要写数字，从 1 到 60") from None


_GRADE_AND_CLASS = re.compile(r"([一二三四五六七八九]|十[一二]?|[0-9]{1,2}(?=年级|\())(?:年级)?\(?([0-9]{1,2})\)?班?")


def grade_and_class(text: str) -> tuple[str, str]:
    """Return the words for grade and class number in "一（1）班" or "一年级1班"; both as written if it is neither."""
    match = _GRADE_AND_CLASS.fullmatch("".join(_halfwidth(text).split()))
    return (match[1], match[2]) if match else (text, text)


def pupil_number(text: str) -> int:
    """Return the child's number within the class."""
    try:
        return whole_number(text, 1, 99_999_999)
    except BadCell:
        raise BadCell("学号要写正整数") from None


def staff_number(text: str) -> str:
    """Return a staff number: letters, digits and dashes."""
    text = short(_halfwidth(text), LONGEST_NUMBER)
    if not re.fullmatch(r"[0-9A-Za-z_-]+", text):
        raise BadCell("工号只能用字母、数字和短横")
    return text


def phone(text: str) -> str:
    """Return 11 digits; blanks, dashes and +86 are dropped."""
    bare = _FRACTION.sub("", re.sub(r"[\s-]", "", _halfwidth(text)).removeprefix("+86"))
    if not _PHONE.fullmatch(bare) or not bare.isascii():
        digits = sum(char.isdigit() for char in bare)
        raise BadCell(f"手机号要 11 位数字、以 1 开头，这里是 {digits} 位数字" if digits else "手机号要 11 位数字")
    return bare


def yes_no(text: str) -> bool:
    """Return 是 as True and 否 as False."""
    text = _halfwidth(text)
    if text not in {YES, NO}:
        raise BadCell("只能写“是”或“否”")
    return text == YES


def relation(text: str) -> str:
    """Return the relation's code from its word (父亲 and 母亲 are understood too)."""
    word = {"父亲": "爸爸", "母亲": "妈妈", "祖父": "爷爷", "祖母": "奶奶", "外祖父": "外公", "外祖母": "外婆"}.get(
        text, text
    )
    if word not in RELATIONS:
        raise BadCell("关系只能是 " + "、".join(RELATIONS))
    return RELATIONS[word].value


def room_kind(text: str) -> str:
    """Return the code of a kind of room from its word."""
    if text not in ROOM_KINDS:
        raise BadCell("类别只能是 " + "、".join(ROOM_KINDS))
    return ROOM_KINDS[text].value


def weekdays(text: str) -> str:
    """Return ISO digits from "周三、周五", "三五" or "3,5"."""
    figures = {word[1]: digit for digit, word in NAMES.items()} | {"天": "7"} | {digit: digit for digit in NAMES}
    bare = re.sub(r"星期|礼拜|周|[、，,;；/\s和]", "", _halfwidth(text))
    if not bare or any(char not in figures for char in bare):
        raise BadCell("星期要写成“周三、周五”")
    return pack(figures[char] for char in bare)
