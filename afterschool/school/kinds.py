"""What each kind of message is called, and by which ways it may leave the portal. One table, read by all.

A message tells of a child unless its kind is `open` here: its title goes into an e-mail, and to a group, only then. A kind
that isn't in the table is the careful case: a line without the title by e-mail, never a group.
"""

from dataclasses import dataclass
from enum import Enum


class Audience(Enum):
    """Whose groups a kind is spoken in."""

    FAMILIES = "families"
    STAFF = "staff"
    BOTH = "both"


@dataclass(frozen=True)
class Kind:
    """One kind of message.

    open: names no child, so that the words themselves may leave the portal.
    group: spoken in chat groups; open kinds alone.
    mail: sent by e-mail; what comes each day isn't.
    of_the_day: news of one day, which is no longer waiting to be read on the next.
    """

    word: str
    open: bool = False
    group: Audience | None = None
    mail: bool = True
    of_the_day: bool = False


UNKNOWN = Kind("学校的消息")
KINDS: dict[str, Kind] = {
    "notice": Kind("学校通知"),
    "notice.published": Kind("学校通知", open=True, group=Audience.FAMILIES),
    "window.opened": Kind("申请开始", open=True, group=Audience.FAMILIES),
    "window.reminder": Kind("申请快截止", open=True, group=Audience.FAMILIES),
    "day.cancelled": Kind("停办", open=True, group=Audience.BOTH),
    "day.added": Kind("加一天服务", open=True, group=Audience.BOTH),
    "rota.accepted": Kind("值班表", open=True, group=Audience.STAFF),
    "rota.turns": Kind("值班班次", open=True),
    "rota.families": Kind("值班教师", open=True),
    "standin": Kind("代课调课", open=True),
    "teacher_leave": Kind("教师请假"),
    "teacher_attendance": Kind("教师考勤", mail=False),
    "breach": Kind("纪律记录", mail=False),
    "plan": Kind("周计划", open=True),
    "patrol": Kind("巡视", open=True),
    "patrol.differs": Kind("巡视", mail=False, of_the_day=True),
    "patrol.explanation": Kind("巡视", mail=False),
    "patrol.follow_up": Kind("巡视交办"),
    "channel.tested": Kind("试发", open=True),
    "task": Kind("工作任务", open=True),
    "training": Kind("培训", open=True),
    "volunteer": Kind("家长志愿者"),
    "score_sheet": Kind("评价"),
    "feedback": Kind("写给学校的话"),
    "survey": Kind("问卷", open=True),
    "half_month": Kind("双减数据", open=True),
    "books": Kind("工作记载本", open=True),
    "class_table": Kind("班级学生表", open=True),
    "application": Kind("申请"),
    "agreement": Kind("协议"),
    "amendment": Kind("申请"),
    "consent": Kind("知情同意"),
    "guardian": Kind("家长绑定"),
    "rights": Kind("个人信息"),
    "fee": Kind("费用"),
    "grouping": Kind("编班"),
    "placement": Kind("服务班变化"),
    "club": Kind("社团"),
    "choosing": Kind("社团"),
    "choosing.published": Kind("选社团", open=True, group=Audience.FAMILIES),
    "leave": Kind("请假", mail=False),
    "pickup": Kind("接送变化", mail=False),
    "roll_call.not_taken": Kind("还没点名", open=True, mail=False, of_the_day=True),
    "roll_call.helped": Kind("点名", open=True, mail=False, of_the_day=True),
    "roll_call.pass": Kind("点名", mail=False, of_the_day=True),
    "visitor": Kind("来访", mail=False, of_the_day=True),
    "defect": Kind("安全隐患"),
    "custody": Kind("孩子在校"),
    "custody.left": Kind("放学", mail=False, of_the_day=True),
    "custody.late_care": Kind("延时托管", mail=False, of_the_day=True),
    "custody.offer": Kind("交接", mail=False, of_the_day=True),
    "custody.not_received": Kind("交接", mail=False, of_the_day=True),
    "custody.guardians": Kind("未到"),
    "custody.escalated": Kind("未到"),
    "custody.missing": Kind("未到", mail=False, of_the_day=True),
    "custody.refused": Kind("没有放行"),
    "incident": Kind("突发事件", open=True, group=Audience.STAFF),
    "incident.not_found": Kind("清点没找到", mail=False, of_the_day=True),
}
DAILY = [name for name, kind in KINDS.items() if kind.of_the_day]


def kind_of(kind: str) -> Kind:
    """Return what is known of a kind: by its whole name, else by what stands before the dot."""
    return KINDS.get(kind) or KINDS.get(kind.split(".", 1)[0]) or UNKNOWN


def spoken_to(kind: str, *, for_staff: bool) -> bool:
    """Tell whether this kind is spoken in a group of the staff, or of the families."""
    group = KINDS[kind].group if kind in KINDS else None
    return group in ({Audience.STAFF, Audience.BOTH} if for_staff else {Audience.FAMILIES, Audience.BOTH})


GROUP_KINDS = frozenset(name for name, kind in KINDS.items() if kind.group is not None)


def kind_choices() -> list[tuple[str, str]]:
    """Return kinds for a list to choose from: one line a word, the one that takes in most."""
    words: dict[str, str] = {}
    for name, kind in sorted(KINDS.items(), key=lambda item: len(item[0])):
        words.setdefault(kind.word, name)
    return [(name, word) for word, name in words.items()]
