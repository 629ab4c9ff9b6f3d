"""Kinds and states of grouping, timetable, clubs, rota, stand-ins, training and the work list, each with its tone."""

from django.db.models import TextChoices


class GroupingState(TextChoices):
    """How far a proposal of groups is."""

    DRAFT = "draft", "草案"
    ACCEPTED = "accepted", "已确认"
    SUPERSEDED = "superseded", "已被替换"
    TAKEN_BACK = "taken_back", "已撤回"


class SlotKind(TextChoices):
    """What a part of a slot is (plan section 6 (2) and (5))."""

    STUDY = "study", "学习时光"
    QUESTIONS = "questions", "答疑"
    SCHOOL_CLUB = "school_club", "校级社团"
    CLASS_CLUB = "class_club", "班级社团"
    LEISURE = "leisure", "休闲时光"
    READING = "reading", "自主阅读"


class RotaState(TextChoices):
    """How far a rota is."""

    SOLVING = "solving", "正在排"
    FAILED = "failed", "没排成"
    DRAFT = "draft", "草案"
    ACCEPTED = "accepted", "已发布"
    SUPERSEDED = "superseded", "已被替换"


class DutySource(TextChoices):
    """Why this person has this duty."""

    ROTA = "rota", "值班表"
    STAND_IN = "stand_in", "代课"
    SWAP = "swap", "调课"
    HAND = "hand", "手工安排"


class GroupingKind(TextChoices):
    """The first grouping of a term, or what is changed after its start (rules of grouping, 12)."""

    FIRST = "first", "首次编班"
    REGROUP = "regroup", "调整编班"


class Toned(TextChoices):
    """A state whose badge has a tone: `TONES` of the class, by value."""

    @property
    def tone(self) -> str:
        return TONES[type(self).__name__, str(self.value)]


class ClubKind(TextChoices):
    """Which part of the afternoon a club fills (plan section 6 (2)); the values are those of `SlotKind`."""

    SCHOOL = "school_club", "校级社团"
    CLASS = "class_club", "班级社团"


class ClubState(Toned):
    """How far a club is: described before it opens, approved against the rule (D4)."""

    PROPOSED = "proposed", "待审批"
    RETURNED = "returned", "退回修改"
    APPROVED = "approved", "已批准"
    DECLINED = "declined", "未批准"
    CLOSED = "closed", "已停办"


class RoundMode(TextChoices):
    """How places of clubs are given out (D3)."""

    LOT = "lot", "抽签"
    FIRST = "first", "先到先得"


class RoundState(Toned):
    """How far a round of choosing is. Whether families can choose now follows from its times."""

    PLANNED = "planned", "未公布"
    PUBLISHED = "published", "已公布"
    SEALED = "sealed", "志愿已封存"
    DRAWING = "drawing", "正在抽签"
    DRAWN = "drawn", "已抽签，待确认"
    CONFIRMED = "confirmed", "结果已公布"
    CANCELLED = "cancelled", "已取消"


class RoundMove(TextChoices):
    """What can be done with a round; the words are those of the buttons."""

    EDIT = "edit", "修改"
    PUBLISH = "publish", "公布给家长"
    CHOOSE = "choose", "选社团"
    EXTEND = "extend", "延长截止时间"
    SEAL = "seal", "封存志愿，公布指纹"
    DRAW = "draw", "抽签"
    FINISH = "finish", "抽完"
    FAIL = "fail", "没有抽成"
    CHECK = "check", "复核"
    AGAIN = "again", "作废，重新抽"
    CONFIRM = "confirm", "确认结果，通知家长"
    END = "end", "结束这一轮"
    CANCEL = "cancel", "取消这一轮"


class DrawState(Toned):
    """How far one run of the draw is. A run that was set aside stays on record."""

    SEALED = "sealed", "已封存，待抽签"
    RUNNING = "running", "正在抽签"
    DONE = "done", "已抽完"
    FAILED = "failed", "没有抽成"
    ASIDE = "aside", "已作废"
    CONFIRMED = "confirmed", "已确认"


class TooSmall(TextChoices):
    """What the office decided of a club under its smallest size."""

    KEPT = "kept", "照办"
    MERGED = "merged", "并入别的社团"
    CLOSED = "closed", "停办"


class PlaceSource(TextChoices):
    """How a child came to its place in a club."""

    DRAW = "draw", "抽签"
    FIRST = "first", "先到先得"
    RESERVED = "reserved", "预留名额"
    OFFICE = "office", "学校安排"
    WAITING = "waiting", "候补"
    SWAP = "swap", "互换"


class PlaceState(Toned):
    """Whether a child is in the club. `leaving` can still be taken back for a while; the place is not free yet."""

    HELD = "held", "在社团"
    LEAVING = "leaving", "已申请退出"
    LEFT = "left", "已退出"


class WaitState(Toned):
    """Where a family stands on a waiting list."""

    WAITING = "waiting", "候补中"
    OFFERED = "offered", "有空位，待确认"
    TAKEN = "taken", "已递补"
    LAPSED = "lapsed", "过期未确认"
    LEFT = "left", "不再候补"


class SwapState(Toned):
    """Where a wish to change clubs stands."""

    OPEN = "open", "等待互换"
    DONE = "done", "已互换"
    CANCELLED = "cancelled", "已撤回"


class TurnKind(TextChoices):
    """What a turn of the rota is for."""

    GROUP = "group", "服务班"
    CLUB = "club", "社团"
    FLOATER = "floater", "机动"


class WishKind(TextChoices):
    """What a teacher would like of the rota: met where nothing that comes first suffers."""

    AVOID = "avoid", "尽量不排这天"
    PREFER = "prefer", "希望排这天"
    GROUP = "group", "希望带这个班"


class TeacherLeaveKind(TextChoices):
    """Why a teacher is away."""

    PERSONAL = "personal", "事假"
    SICK = "sick", "病假"
    OFFICIAL = "official", "公出"
    OTHER = "other", "其他"


class TeacherLeaveState(Toned):
    """Whether a leave stands. Asked for but undecided excuses nobody yet (rules of attendance, 7)."""

    ASKED = "asked", "待批"
    CONFIRMED = "confirmed", "已批准"
    DECLINED = "declined", "未批准"
    CANCELLED = "cancelled", "已撤销"


class SubstitutionKind(TextChoices):
    """A stand-in takes a duty over; a swap exchanges two and adds no load."""

    STAND_IN = "stand_in", "代课"
    SWAP = "swap", "调课"


class SubstitutionState(Toned):
    """How far it is: asked, accepted by the other, confirmed by the grade leader (D6)."""

    ASKED = "asked", "等对方答复"
    ACCEPTED = "accepted", "等年级组长确认"
    DECLINED = "declined", "对方不能"
    CONFIRMED = "confirmed", "已确认"
    REFUSED = "refused", "未同意"
    CANCELLED = "cancelled", "已撤回"


class PatrolPost(TextChoices):
    """The two posts of a day's patrol (D7)."""

    LEADER = "leader", "校级领导"
    ADMIN = "admin", "课后服务行政"


class TrainingKind(TextChoices):
    """What a meeting is for (plan section 6 (6), 9.4)."""

    STAFF = "staff", "岗前培训"
    SUBJECT = "subject", "学科组研究"
    GRADE = "grade", "年级组研究"
    VOLUNTEER = "volunteer", "志愿者培训"
    SAFETY = "safety", "学生安全教育"
    FAMILY = "family", "家长告知"


class TrainingState(Toned):
    """Whether a meeting was held."""

    PLANNED = "planned", "已安排"
    HELD = "held", "已完成"
    CANCELLED = "cancelled", "已取消"


class Attended(Toned):
    """Whether a person was there."""

    INVITED = "invited", "待登记"
    PRESENT = "present", "已参加"
    ABSENT = "absent", "缺席"
    EXCUSED = "excused", "请假"


class VolunteerSource(TextChoices):
    """Who proposed a parent as a volunteer (D9)."""

    SELF = "self", "自主申报"
    HEAD_TEACHER = "head_teacher", "班主任推荐"
    COMMITTEE = "committee", "家委会推荐"


class VolunteerState(Toned):
    """How far a volunteer is; only an approved and trained one is put beside a teacher."""

    PROPOSED = "proposed", "待审核"
    APPROVED = "approved", "已通过"
    DECLINED = "declined", "未通过"
    ENDED = "ended", "已结束"


class VolunteerMove(TextChoices):
    """What can be done about a volunteer."""

    PROPOSE = "propose", "提出"
    APPROVE = "approve", "通过"
    DECLINE = "decline", "不通过"
    WITHDRAW = "withdraw", "撤回"
    END = "end", "结束"


class WorkRule(TextChoices):
    """When a piece of the work list is due (D10)."""

    ON_DATE = "on_date", "固定日期"
    TERM_START = "term_start", "期初"
    WORKDAYS = "workdays", "每个工作日"
    MONTHLY = "monthly", "每月某日"
    AT_RANDOM = "at_random", "随机"


class TaskState(Toned):
    """Whether a dated task is done."""

    OPEN = "open", "待办"
    DONE = "done", "已完成"
    HANDED = "handed", "已转交"
    DROPPED = "dropped", "不用做了"


TONES = {
    ("ClubState", "proposed"): "unread",
    ("ClubState", "returned"): "returned",
    ("ClubState", "approved"): "done",
    ("ClubState", "declined"): "refused",
    ("ClubState", "closed"): "none",
    ("RoundState", "planned"): "none",
    ("RoundState", "published"): "now",
    ("RoundState", "sealed"): "now",
    ("RoundState", "drawing"): "now",
    ("RoundState", "drawn"): "unread",
    ("RoundState", "confirmed"): "done",
    ("RoundState", "cancelled"): "refused",
    ("DrawState", "sealed"): "now",
    ("DrawState", "running"): "now",
    ("DrawState", "done"): "unread",
    ("DrawState", "failed"): "refused",
    ("DrawState", "aside"): "none",
    ("DrawState", "confirmed"): "done",
    ("PlaceState", "held"): "done",
    ("PlaceState", "leaving"): "moved",
    ("PlaceState", "left"): "none",
    ("WaitState", "waiting"): "none",
    ("WaitState", "offered"): "unread",
    ("WaitState", "taken"): "done",
    ("WaitState", "lapsed"): "refused",
    ("WaitState", "left"): "none",
    ("SwapState", "open"): "none",
    ("SwapState", "done"): "done",
    ("SwapState", "cancelled"): "none",
    ("TeacherLeaveState", "asked"): "unread",
    ("TeacherLeaveState", "confirmed"): "leave",
    ("TeacherLeaveState", "declined"): "refused",
    ("TeacherLeaveState", "cancelled"): "none",
    ("SubstitutionState", "asked"): "unread",
    ("SubstitutionState", "accepted"): "now",
    ("SubstitutionState", "declined"): "refused",
    ("SubstitutionState", "confirmed"): "done",
    ("SubstitutionState", "refused"): "refused",
    ("SubstitutionState", "cancelled"): "none",
    ("TrainingState", "planned"): "none",
    ("TrainingState", "held"): "done",
    ("TrainingState", "cancelled"): "refused",
    ("Attended", "invited"): "none",
    ("Attended", "present"): "present",
    ("Attended", "absent"): "refused",
    ("Attended", "excused"): "leave",
    ("VolunteerState", "proposed"): "unread",
    ("VolunteerState", "approved"): "done",
    ("VolunteerState", "declined"): "refused",
    ("VolunteerState", "ended"): "none",
    ("TaskState", "open"): "none",
    ("TaskState", "done"): "done",
    ("TaskState", "handed"): "moved",
    ("TaskState", "dropped"): "none",
}
