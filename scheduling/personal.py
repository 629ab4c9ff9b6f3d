"""What scheduling keeps of a child, its family and the staff, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from afterschool.school.privacy import NAMELESS_LATER, WHOLE_TERM, Did, Kind, Reader, Section, day, moment
from afterschool.support.weekdays import show
from scheduling.models import ClubPlace, ClubSwap, ClubWait, ClubWish, Volunteer, WishSheet

KINDS = [
    Kind(
        "clubs",
        "社团",
        "在哪个社团、怎么来的、从什么时候起。",
        "知道社团时间孩子在哪里、由谁带。",
        "社团教师、当天带班老师、班主任、年级组长、值班行政、课程教学中心",
        NAMELESS_LATER,
        ("scheduling.ClubPlace", "scheduling.Sitting"),
        "留下没有姓名的一行，社团的人数记录不能缺。",
    ),
    Kind(
        "club_wishes",
        "社团志愿",
        "填的志愿和次序、签号、候补和互换的登记。",
        "按公布的规则给名额，结果可以复核。",
        "课程教学中心；抽签的复核人只看到签号",
        NAMELESS_LATER,
        ("scheduling.WishSheet", "scheduling.ClubWish", "scheduling.ClubWait", "scheduling.ClubSwap"),
        "签号和志愿的次序留下，没有姓名：抽签要能复核。",
    ),
    Kind(
        "volunteering",
        "家长志愿者",
        "谁报名或推荐、可以做什么、审核结果、培训和到班的记录。",
        "安排志愿者在老师身边协助，不单独带孩子。",
        "课程教学中心、班主任；安排到班的，当天的老师看得到姓名",
        WHOLE_TERM,
        ("scheduling.Volunteer", "scheduling.VolunteerTurn", "scheduling.TrainingPerson"),
    ),
    Kind(
        "scheduling_staff",
        "编班、社团、排班由谁办",
        "编班方案和抽签（只有编号和数字），社团的申报和审批，值班表、代课、调课、请假、巡视、培训、工作任务和日历订阅。",
        "分清责任，工作量算得清。",
        "教职工",
        WHOLE_TERM,
        (
            "scheduling.Grouping",
            "scheduling.Rota",
            "scheduling.RotaTurn",
            "scheduling.RotaWish",
            "scheduling.Duty",
            "scheduling.Club",
            "scheduling.ClubRound",
            "scheduling.ClubDraw",
            "scheduling.DrawCheck",
            "scheduling.TeacherLeave",
            "scheduling.Substitution",
            "scheduling.PatrolChange",
            "scheduling.Training",
            "scheduling.TrainingClass",
            "scheduling.Task",
            "scheduling.CalendarFeed",
        ),
        of_family=False,
    ),
]

DEEDS = {
    "placement.made": (Did.CHANGE, "编进了服务班或社团"),
    "placement.moved": (Did.CHANGE, "换了服务班"),
    "placement.moved_back": (Did.CHANGE, "换回了服务班"),
    "placement.regrouped": (Did.CHANGE, "调整编班时换了服务班"),
    "placement.weekdays_followed": (Did.CHANGE, "改了参加的星期"),
    "placement.ended": (Did.CHANGE, "结束了服务班的位置"),
    "wishes.saved": (Did.CHANGE, "填了社团志愿"),
    "club.member_removed": (Did.CHANGE, "移出了社团"),
}


def sections(reader: Reader) -> Iterable[Section]:
    """Return the rows of scheduling about one child and its reader, all terms."""
    yield from _clubs(reader)
    yield from _wishes(reader)
    volunteer = Volunteer.objects.filter(guardian=reader.guardian).select_related("term").order_by("proposed_at", "pk")
    yield Section(
        "volunteering",
        "家长志愿者",
        ("学期", "怎么来的", "可以做什么", "状态", "提出时间"),
        [
            (row.term.name, row.get_source_display(), row.about, row.get_state_display(), moment(row.proposed_at))
            for row in volunteer
        ],
    )


def _clubs(reader: Reader) -> Iterable[Section]:
    places = ClubPlace.objects.filter(student=reader.student).select_related("club", "placement").order_by("at", "pk")
    yield Section(
        "clubs",
        "社团",
        ("社团", "星期", "怎么来的", "状态", "从", "到"),
        [
            (
                place.club.name,
                show(place.club.weekdays),
                place.get_source_display(),
                place.get_state_display(),
                day(place.placement.starts_on) if place.placement else "",
                day(place.placement.ends_on) if place.placement else "",
            )
            for place in places
        ],
    )


def _wishes(reader: Reader) -> Iterable[Section]:
    sheets = WishSheet.objects.filter(student=reader.student).select_related("round").order_by("changed_at", "pk")
    wishes = ClubWish.objects.filter(sheet__in=sheets).select_related("club", "sheet").order_by("sheet", "rank")
    yield Section(
        "club_wishes",
        "社团志愿",
        ("轮次", "签号", "第几志愿", "社团"),
        [(wish.sheet.round.name, wish.sheet.ticket, str(wish.rank), wish.club.name) for wish in wishes],
    )
    waits = ClubWait.objects.filter(student=reader.student).select_related("club").order_by("at", "pk")
    swaps = ClubSwap.objects.filter(place__student=reader.student).select_related("to_club").order_by("at", "pk")
    yield Section(
        "club_wishes",
        "社团候补和互换",
        ("社团", "种类", "状态", "登记时间"),
        [
            *((row.club.name, "候补", row.get_state_display(), moment(row.at)) for row in waits),
            *((row.to_club.name, "互换", row.get_state_display(), moment(row.at)) for row in swaps),
        ],
    )
