"""The rule of a round as families read it before it opens: filled with the round's own values, plain about how places go."""

from dataclasses import dataclass
from datetime import date, datetime

from scheduling.choosing.window import moment
from scheduling.draw.words import ordinal
from scheduling.enums import RoundMode


@dataclass(frozen=True)
class RuleValues:
    """What the text names."""

    mode: str
    opens_at: datetime
    closes_at: datetime
    starts_on: date
    clubs_per_child: int
    most_wishes: int
    offer_hours: int
    cool_hours: int
    checker: str = ""


def rule_text(values: RuleValues) -> str:
    """Return the default text, a paragraph a line. The office may change it before publishing."""
    lines = _lot(values) if values.mode == RoundMode.LOT else _first(values)
    return "\n".join([*lines, *_after(values)])


def _span(values: RuleValues) -> str:
    return f"{moment(values.opens_at)}到{moment(values.closes_at)}"


def _lot(values: RuleValues) -> list[str]:
    first = ordinal(1)
    lines = [
        f"选社团的时间是{_span(values)}，自愿参加。这段时间里先填后填都一样，可以随时修改。",
        f"每个孩子最多填{values.most_wishes}个志愿，最想去的排在前面；最多参加{values.clubs_per_child}个社团，"
        f"从{values.starts_on.month}月{values.starts_on.day}日起参加。",
        f"截止后抽签。依次做到：学校照顾的孩子尽量都有社团；有社团的孩子最多；分到第{first}志愿的最多，再看第二志愿、"
        "第三志愿；这些都一样时，按抽签的先后，先抽到的孩子得到志愿更靠前的社团。",
        "请知道：第一志愿先于第二志愿。热门社团没抽中时，排在后面的社团可能已经给了把它排第一的孩子。"
        "因为要让尽量多的孩子有社团，只填一个或只填热门社团的孩子，有时会排在还有别的去处的孩子前面，"
        "但这样填，最后一个社团也没有的可能也大得多。多填几个真正愿意去的，最稳妥。",
        "兄弟姐妹可以选“一起”：要么在同一个社团，要么都没有。",
    ]
    who = f"由{values.checker}复核，" if values.checker else ""
    return [
        *lines,
        "截止后先公布全部志愿的指纹，再产生种子，谁也不能事后改动。"
        f"{who}用同样的数据和种子再抽一次，结果应当一样。"
        "公布的结果只有签号和社团，没有姓名；签号只有您和学校知道。",
    ]


def _first(values: RuleValues) -> list[str]:
    return [
        f"选社团的时间是{_span(values)}，自愿参加，先到先得，选上就有名额，满了为止。",
        f"每个孩子最多参加{values.clubs_per_child}个社团，从{values.starts_on.month}月{values.starts_on.day}日起参加。",
        "名额由系统计数，同时按下也不会多收一个。重复按只算一次。",
    ]


def _after(values: RuleValues) -> list[str]:
    return [
        f"满了的社团可以候补，看得到排在第几。有了空位，按次序通知，名额保留{values.offer_hours}小时，过时轮到下一位。",
        f"不想参加了可以退出，{values.cool_hours}小时内可以反悔，名额还留着；之后空出来给候补的孩子。"
        "两家想要对方的社团，可以登记互换。",
        "校队等预留的名额由学校安排，不能选，也不能自己退。人数不到最少人数的社团，由学校决定照办、合并或停办；"
        "停办的会说明原因，这些孩子先重新选。",
    ]
