"""The demo school's clubs: proposed by teachers, decided by the office; the teams' members are placed."""

import random
from datetime import date, datetime

from afterschool.school.access import Actor, actor_for
from afterschool.school.enums import ActivityKind, Role, RoomKind
from afterschool.school.models import Room, Teacher, Term, User
from afterschool.support import clock
from afterschool.support.clock import SHANGHAI
from enrollment.enums import ApplicationState
from enrollment.models import Application
from scheduling.actions.club_checks import Draft, ShareWish
from scheduling.actions.club_places import Wish, take_places
from scheduling.actions.clubs import approve_club, propose_club, return_club
from scheduling.enums import ClubKind, ClubState, PlaceSource, RotaState
from scheduling.models import Club, RotaTurn

PROPOSED_AT = datetime(2026, 9, 10, 15, 0, tzinfo=SHANGHAI)
DECIDED_AT = datetime(2026, 9, 14, 9, 30, tzinfo=SHANGHAI)
PLACED_AT = datetime(2026, 9, 14, 10, 30, tzinfo=SHANGHAI)
SPORTS, READING, ARTS, WIDER = ActivityKind.SPORTS, ActivityKind.READING, ActivityKind.ARTS, ActivityKind.WIDER
TEAM = 12  # members of a team, placed by the school
UNDECIDED = 3  # proposals that a visitor finds waiting; one more was returned
TEAMS = {"足球", "合唱"}
HOME_OF = {
    "足球": "足球场",
    "田径": "足球场",
    "篮球": "篮球馆",
    "舞蹈": "舞蹈教室",
    "书法": "书法教室",
    "国画": "书法教室",
    "陶艺": "陶艺教室",
    "合唱": "合唱教室",
    "口琴": "合唱教室",
    "木工": "劳动教室",
    "小厨房": "劳动教室",
    "戏剧": "录播教室",
    "校园电视台": "录播教室",
}

Row = tuple[str, ActivityKind, int, int, int, str]
# name, kind of activity, first and last grade, places, what is done
PLAN: list[Row] = [
    ("足球", SPORTS, 3, 6, 24, "分组练习传接球和小场比赛，讲规则和安全。"),
    ("篮球", SPORTS, 4, 6, 24, "运球、投篮和三人对抗，每月一次班际友谊赛。"),
    ("花样跳绳", SPORTS, 1, 3, 30, "单摇、双摇和双人跳，记下自己的进步。"),
    ("乒乓球", SPORTS, 2, 5, 20, "握拍、发球和多球练习，两两对打。"),
    ("羽毛球", SPORTS, 3, 6, 20, "步法和高远球，轮流上场。"),
    ("田径", SPORTS, 4, 6, 24, "起跑、接力和跳远，准备校运会。"),
    ("武术操", SPORTS, 1, 4, 30, "基本步型和一套武术操，学期末展示。"),
    ("绘本阅读", READING, 1, 2, 28, "一起读一本绘本，画出最喜欢的一页。"),
    ("整本书共读", READING, 3, 4, 28, "一学期读两本书，做阅读卡，交流感受。"),
    ("古诗吟诵", READING, 2, 4, 28, "读诗、听诗、吟诗，办一次诗会。"),
    ("小记者", READING, 4, 6, 20, "采访校园里的人和事，编一张小报。"),
    ("故事会", READING, 1, 3, 28, "轮流讲故事，学会听和复述。"),
    ("数学阅读", READING, 3, 5, 24, "读数学家的故事和趣题，不做课内习题。"),
    ("合唱", ARTS, 2, 5, 36, "发声练习和两首合唱曲，元旦演出。"),
    ("国画", ARTS, 3, 6, 20, "从一片叶子画起，学用笔用墨。"),
    ("书法", ARTS, 3, 6, 24, "临一本帖，认识文房四宝。"),
    ("陶艺", ARTS, 2, 5, 16, "捏、盘、刻，烧成自己的作品。"),
    ("剪纸", ARTS, 1, 4, 24, "对称剪和窗花，布置教室。"),
    ("舞蹈", ARTS, 1, 4, 24, "基本动作和一支集体舞。"),
    ("口琴", ARTS, 2, 4, 24, "认识音孔，合奏三首儿歌。"),
    ("戏剧", ARTS, 3, 6, 20, "排一出十分钟的小戏，自己做道具。"),
    ("版画", ARTS, 4, 6, 18, "在吹塑纸上刻和印，做一套书签。"),
    ("围棋", WIDER, 1, 4, 24, "学规则和定式，两两对局。"),
    ("象棋", WIDER, 3, 6, 24, "残局和对局，记棋谱。"),
    ("科学实验", WIDER, 4, 6, 20, "每次一个小实验：猜想、动手、记录。"),
    ("无人机搭建", WIDER, 5, 6, 16, "认识部件，搭建和试飞，先学安全规则。"),
    ("编程积木", WIDER, 3, 5, 20, "用积木块写小程序，让小车走迷宫。"),
    ("种植园", WIDER, 1, 6, 24, "播种、浇水、记观察日记，收获一起分享。"),
    ("木工", WIDER, 4, 6, 16, "认识工具，做一个笔筒。"),
    ("天文", WIDER, 4, 6, 20, "认星座，做日晷，晴天看太阳黑子投影。"),
    ("航模", WIDER, 3, 6, 18, "折、粘、调，比谁飞得稳。"),
    ("手工编织", WIDER, 2, 5, 20, "编手绳和杯垫，送给家人。"),
    ("小厨房", WIDER, 4, 6, 16, "做凉拌菜和水果拼盘，学整理。"),
    ("博物", WIDER, 2, 4, 24, "认校园里的树和鸟，做自然笔记。"),
    ("校园电视台", WIDER, 5, 6, 14, "拍、剪、播，每月一期。"),
    ("魔方", WIDER, 3, 6, 24, "学还原的步骤，同伴互教。"),
]


def play(term: Term, office: Actor, rng: random.Random, starts_on: date) -> None:
    """Propose and decide, then place the members of the teams from `starts_on` on; what families choose comes later."""
    rooms = list(
        Room.objects.filter(active=True, groups__isnull=True).exclude(kind=RoomKind.HOME).order_by("kind", "pk")
    )
    clubs = []
    with clock.frozen(PROPOSED_AT):
        free = _free_teachers(term, rng)
        booked: set[tuple[int, str]] = set()
        for number, row in enumerate(PLAN):
            day = term.service_weekdays[number % len(term.service_weekdays)]
            teacher = free[day].pop() if free[day] else None
            free_rooms = [r for r in rooms if (r.pk, day) not in booked and _fits(r, row)]
            room = min(free_rooms, key=lambda r: r.name != HOME_OF.get(row[0], ""), default=None)
            if teacher is None or teacher.user is None:
                continue
            if room is not None:
                booked.add((room.pk, day))
            free = {other: [t for t in people if t.pk != teacher.pk] for other, people in free.items()}
            draft = _draft(row, teacher, room, day)
            clubs.append(propose_club(term=term, draft=draft, by=_actor(teacher)))
    with clock.frozen(DECIDED_AT):
        for club in clubs[: -UNDECIDED - 1]:
            approve_club(club=club, seen=club.proposed_at, by_own_teacher=True, no_lessons=True, by=office)
        for club in clubs[-UNDECIDED - 1 : -UNDECIDED]:
            return_club(club=club, reason="请写明每次做什么，用到哪些工具，怎样保证安全。", by=office)
    with clock.frozen(PLACED_AT):
        _place_teams(term, office, rng, starts_on)


def _fits(room: Room, row: Row) -> bool:
    sports = room.kind in (RoomKind.HALL, RoomKind.PITCH)
    return sports == (row[1] == SPORTS) and (room.capacity is None or room.capacity >= row[4])


def _actor(teacher: Teacher) -> Actor:
    return actor_for(User.objects.select_related("teacher", "guardian").get(pk=teacher.user_id or 0))


def _free_teachers(term: Term, rng: random.Random) -> dict[str, list[Teacher]]:
    """Return, by weekday, the after-school teachers who have no group on the published rota that day."""
    staff = Teacher.objects.filter(active=True, roles__role=Role.TEACHER, user__isnull=False).distinct().order_by("pk")
    people = list(staff.select_related("user"))
    rng.shuffle(people)
    turns = RotaTurn.objects.filter(rota__term=term, rota__state=RotaState.ACCEPTED, teacher__isnull=False)
    busy = set(turns.values_list("weekday", "teacher_id"))
    return {day: [t for t in people if (int(day), t.pk) not in busy] for day in term.service_weekdays}


def _draft(row: Row, teacher: Teacher, room: Room | None, day: str) -> Draft:
    name, activity, first, last, places, what = row
    return Draft(
        name=name,
        kind=ClubKind.SCHOOL,
        activity=activity,
        description=what,
        content=f"第 1 周认识同伴和规则；以后每次：{what}学期末向家长展示。由本校教师设计和带领，不做课内作业，不教新课。",
        teacher=teacher,
        room=room,
        weekdays=day,
        smallest=max(6, places // 3),
        largest=places,
        shares=tuple(ShareWish(grade=grade) for grade in range(first, last + 1)),
    )


def _place_teams(term: Term, office: Actor, rng: random.Random, starts_on: date) -> None:
    """Give the members of the school's teams their places before families choose."""
    rows = Application.objects.filter(term=term, state=ApplicationState.SCHOOL_APPROVED).order_by("pk")
    children = list(rows.values_list("student_id", "student__school_class__grade", "weekdays"))
    rng.shuffle(children)
    wishes: list[Wish] = []
    for club in Club.objects.filter(term=term, state=ClubState.APPROVED, name__in=TEAMS).prefetch_related("shares"):
        grades = {share.grade for share in club.shares.all()}
        taken = {wish.student_id for wish in wishes}
        fitting = [pk for pk, grade, days in children if grade in grades and club.weekdays in days and pk not in taken]
        wishes += [Wish(pk, club.pk, "校队") for pk in fitting[:TEAM]]
    take_places(term=term, wishes=wishes, source=PlaceSource.RESERVED, starts_on=starts_on, by=office)
