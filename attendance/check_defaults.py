"""What is looked at in rooms of each kind until the office changes it (plan section 9 (4))."""

from django.db import transaction

from afterschool.school.enums import RoomKind
from attendance.models import CheckItem, CheckList

COMMON = [
    "门窗、玻璃完好，门锁开关自如",
    "电源插座、开关、电线没有破损或裸露",
    "灯具、电扇、投影等吊挂牢固",
    "地面平整干燥，没有杂物",
    "疏散通道、前后门畅通",
    "消防器材、应急照明在位、有效",
]
LISTS: list[tuple[str, RoomKind, int, list[str]]] = [
    ("普通教室安全检查", RoomKind.HOME, 30, [*COMMON, "桌椅、柜子牢固，没有尖角和钉子"]),
    (
        "专用教室安全检查",
        RoomKind.SPECIAL,
        30,
        [*COMMON, "桌椅、柜子牢固，没有尖角和钉子", "工具、刀具、药品收好上锁", "用电设备离开时断电"],
    ),
    (
        "场馆安全检查",
        RoomKind.HALL,
        14,
        [*COMMON, "篮球架、器械、垫子固定牢固，没有破损", "地面防滑，地板没有翘起", "舞台、音响、幕布牢固"],
    ),
    (
        "操场安全检查",
        RoomKind.PITCH,
        7,
        [
            "场地平整，没有坑洼、积水、碎玻璃",
            "篮球架、足球门固定牢固",
            "单双杠、攀爬器械牢固，螺丝没有松动",
            "围栏、看台、井盖完好",
            "大门和疏散通道畅通",
            "周围没有施工、坠物等危险",
        ],
    ),
    ("其他场地安全检查", RoomKind.OTHER, 30, COMMON),
]


@transaction.atomic
def install_check_lists() -> None:
    """Set the lists where the school has none: a second run, and a school that changed them, are left alone."""
    if CheckList.objects.exists():
        return
    for title, kind, days, items in LISTS:
        made = CheckList.objects.create(title=title, room_kind=kind, every_days=days)
        CheckItem.objects.bulk_create(
            CheckItem(check_list=made, position=position, text=text) for position, text in enumerate(items, 1)
        )
