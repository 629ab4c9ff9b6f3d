"""Why a group is as it is, in a Chinese sentence with its numbers."""

from collections.abc import Sequence
from fractions import Fraction

from scheduling.grouping.values import ClassInput, Flag, Objectives, Settings

DIGITS = "零一二三四五六七八九十"


def share_words(share: Fraction) -> str:
    """Return 二分之一 for 1/2; figures where the words would be long."""
    if share.numerator <= 10 and share.denominator <= 10:
        return f"{DIGITS[share.denominator]}分之{DIGITS[share.numerator]}"
    return f"{share.denominator}分之{share.numerator}"


def standalone_sentence(
    school_class: ClassInput, settings: Settings, index: int, numbers: Sequence[int], of: int
) -> str:
    """Say why a class has its own group, or one of several parts."""
    head = f"全班{school_class.size}人，参加{school_class.taking_part}人"
    if settings.own_share > 0:
        head += f"，达到{share_words(settings.own_share)}"
    if of == 1:
        return f"{head}，独立编班"
    part = f"本组{len(numbers)}人，学号{numbers[0]}—{numbers[-1]}" if len(numbers) > 1 else f"本组1人，学号{numbers[0]}"
    return f"{head}，超过上限{settings.cap}人，分成{of}组，第{index}组：{part}"


def mixed_sentence(
    parts: Sequence[tuple[ClassInput, int]], settings: Settings, below: frozenset[int], pieces: dict[int, int]
) -> str:
    """Say why these classes are looked after together."""
    said = "、".join(f"{c.number}班{c.size}人中{c.taking_part}人" for c, _ in parts)
    if settings.own_share > 1:
        why = "全年级统一编班"
    else:
        every = "都" if len(parts) > 1 else ""
        why = f"{every}不到{share_words(settings.own_share)}，同年级混合编班"
    sentence = f"{said}，{why}"
    few = [c.number for c, _ in parts if c.id in below]
    if few:
        sentence += f"；{_classes(few)}不足{share_words(settings.mixed_share)}，一并编入"
    for school_class, count in parts:
        if pieces[school_class.id] > 1:
            sentence += f"；{school_class.number}班分在{pieces[school_class.id]}个组，本组{count}人"
    return sentence


def grade_sentence(classes: int, sizes: Sequence[int], reached: Objectives, settings: Settings, proven: bool) -> str:
    """Say what the arrangement of the mixed pool reached."""
    if not classes:
        return "没有要混合编班的班级。"
    pool = "全年级统一编班" if settings.own_share > 1 else f"不到{share_words(settings.own_share)}"
    words = [f"{pool}的{classes}个班共{sum(sizes)}人，混合班最少{len(sizes)}个"]
    if reached.split_classes:
        words.append(f"拆散{reached.split_classes}个班，多出{reached.extra_pieces}处")
    else:
        words.append("没有班被拆散")
    if len(sizes) > 1:
        least = "，是能做到的最均匀" if proven else ""
        words.append(f"最多{max(sizes)}人、最少{min(sizes)}人{least}")
    return "；".join(words) + "。"


def flag_words(flag: Flag, settings_smallest: int, cap: int, mixed_share: Fraction) -> str:
    """Say what a flag means."""
    return {
        Flag.BELOW_SHARE: f"有班级不足{share_words(mixed_share)}",
        Flag.BELOW_MINIMUM: f"不足{settings_smallest}人",
        Flag.CAP_BELOW_CLASS: f"有班级超过上限{cap}人",
        Flag.NEEDS_ROOM: "要安排教室",
        Flag.OVER_CAP_KEPT: f"手工编入，超过上限{cap}人",
        Flag.ROOM_TOO_SMALL: "教室坐不下",
    }[flag]


def _classes(numbers: Sequence[int]) -> str:
    return "、".join(str(number) for number in numbers) + "班"
