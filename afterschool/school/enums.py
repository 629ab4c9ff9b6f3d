"""States and kinds of the register, each with the tone of its badge (the signs are those of the paper register)."""

from django.db.models import TextChoices


class Role(TextChoices):
    """Who a person is to the service (requirement: the seven parties of the duty list, parents and the office)."""

    PARENT = "parent", "家长"
    VOLUNTEER = "volunteer", "家长志愿者"
    HEAD_TEACHER = "head_teacher", "班主任"
    TEACHER = "teacher", "课后服务教师"
    GRADE_LEADER = "grade_leader", "年级组长"
    DUTY_LEADER = "duty_leader", "值班行政"
    LEADING_GROUP = "leading_group", "领导小组"
    SERVICE_CENTRE = "service_centre", "服务保障中心"
    GATEKEEPER = "gatekeeper", "门卫"
    ADMINISTRATOR = "administrator", "课程教学中心"


STAFF_ROLES = frozenset(Role) - {Role.PARENT, Role.VOLUNTEER}
GRANTED_ROLES = [  # kept as rows of StaffRole; parents and head teachers follow from the register itself
    Role.TEACHER,
    Role.GRADE_LEADER,
    Role.DUTY_LEADER,
    Role.LEADING_GROUP,
    Role.SERVICE_CENTRE,
    Role.GATEKEEPER,
    Role.ADMINISTRATOR,
    Role.VOLUNTEER,
]


class Relation(TextChoices):
    """What an adult is to a child."""

    FATHER = "father", "爸爸"
    MOTHER = "mother", "妈妈"
    PATERNAL_GRANDFATHER = "paternal_grandfather", "爷爷"
    PATERNAL_GRANDMOTHER = "paternal_grandmother", "奶奶"
    MATERNAL_GRANDFATHER = "maternal_grandfather", "外公"
    MATERNAL_GRANDMOTHER = "maternal_grandmother", "外婆"
    OTHER = "other", "其他"


class RoomKind(TextChoices):
    """What a place is used for."""

    HOME = "home", "普通教室"
    SPECIAL = "special", "专用教室"
    HALL = "hall", "场馆"
    PITCH = "pitch", "操场"
    OTHER = "other", "其他"


class DayKind(TextChoices):
    """What a date of the term is to the service."""

    SERVICE = "service", "服务日"
    OFF = "off", "不上学"
    CANCELLED = "cancelled", "停办"


class DaySource(TextChoices):
    """Where the word about a date comes from."""

    CALENDAR = "calendar", "国家安排"
    PROVISIONAL = "provisional", "暂按星期推定"
    SCHOOL = "school", "学校设定"


class GroupKind(TextChoices):
    """How children are looked after together (plan section 6 (4))."""

    STANDALONE = "standalone", "独立班"
    MIXED = "mixed", "混合班"
    CLUB = "club", "社团"


SERVICE_GROUPS = [GroupKind.STANDALONE, GroupKind.MIXED]


class PlacementKind(TextChoices):
    """A child has one place in a service group and any number in clubs."""

    SERVICE = "service", "服务班"
    CLUB = "club", "社团"


class SessionState(TextChoices):
    """Whether a meeting stands. "Held" is no state: it is a closed roll call."""

    PLANNED = "planned", "照常"
    CANCELLED = "cancelled", "取消"


class Resource(TextChoices):
    """What can be in one place only at a time."""

    TEACHER = "teacher", "教师"
    ROOM = "room", "场地"
    GROUP = "group", "服务班"


class Channel(TextChoices):
    """By which way a message goes out."""

    PORTAL = "portal", "本站"
    EMAIL = "email", "邮件"
    ROBOT = "robot", "群机器人"


class DeliveryState(TextChoices):
    """How far a message got."""

    QUEUED = "queued", "待发"
    SENDING = "sending", "正在发"
    SENT = "sent", "已送达"
    FAILED = "failed", "未送达"

    @property
    def tone(self) -> str:
        return DELIVERY_TONES[self]


DELIVERY_TONES = {
    DeliveryState.QUEUED: "wait",
    DeliveryState.SENDING: "now",
    DeliveryState.SENT: "done",
    DeliveryState.FAILED: "returned",
}


class JobState(TextChoices):
    """A paper being made, or an import being read or written, in the background."""

    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "完成"
    FAILED = "failed", "失败"


class ImportState(TextChoices):
    """A roster on its way into the register: nothing is written until somebody accepts it."""

    CHECKING = "checking", "正在检查"
    CHECKED = "checked", "待确认"
    REFUSED = "refused", "有错误"
    WRITING = "writing", "正在导入"
    WRITTEN = "written", "已导入"
    DISCARDED = "discarded", "已放弃"

    @property
    def tone(self) -> str:
        return IMPORT_TONES[self]


IMPORT_TONES = {
    ImportState.CHECKING: "wait",
    ImportState.CHECKED: "now",
    ImportState.REFUSED: "returned",
    ImportState.WRITING: "wait",
    ImportState.WRITTEN: "done",
    ImportState.DISCARDED: "none",
}


class StudentState(TextChoices):
    """Whether a child is on the roll."""

    ENROLLED = "enrolled", "在读"
    LEFT = "left", "已离校"


class Origin(TextChoices):
    """Who put a row into the register; children added by hand survive a re-import."""

    IMPORT = "import", "名册导入"
    HAND = "hand", "手工添加"


class RobotService(TextChoices):
    """Chat services whose group robots the portal can speak through."""

    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    FEISHU = "feishu", "飞书"


class ActivityKind(TextChoices):
    """Kinds of activities (plan section 6 (2)); what families say they would like, and what clubs are filed under."""

    SPORTS = "sports", "运动"
    READING = "reading", "阅读"
    ARTS = "arts", "艺术类实践"
    WIDER = "wider", "综合类活动拓展"
