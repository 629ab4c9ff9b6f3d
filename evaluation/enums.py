"""Whom a rubric is for, and how far a sheet is."""

from django.db.models import TextChoices

from afterschool.support.tones import Toned


class RubricKind(TextChoices):
    """Whom a rubric is for (plan section 8)."""

    TEACHER = "teacher", "教师"
    STUDENT = "student", "学生"


class SheetState(TextChoices):
    """Whether a sheet is still being written."""

    DRAFT = "draft", "未完成"
    FINAL = "final", "已完成"

    @property
    def tone(self) -> str:
        return "done" if self == SheetState.FINAL else "wait"


class Occasion(TextChoices):
    """What a sheet is about."""

    VISIT = "visit", "一次巡视"
    MONTH = "month", "一个月"
    TERM = "term", "一学期"


class FactKind(TextChoices):
    """What the portal knows that may support a proposal (rules, section 9); a person decides."""

    ON_TIME = "on_time", "迟到、缺席、中途离开"
    ORDER = "order", "巡视对秩序的记录"
    CONTENT = "content", "周计划、当日记录、巡视对内容的记录"
    BREACH = "breach", "已确认的违纪"
    COUNT = "count", "清点不符、没有合理解释"
    FAMILIES = "families", "没发告家长书、没有理由的不通过、成立的投诉"
    COURSE = "course", "按计划的记录、问卷满意度、成立的意见和表扬"
    CHILD_ON_TIME = "child_on_time", "迟到、没说早接就提前离开"
    CHILD_ORDER = "child_order", "老师当天对秩序的记录"
    HOMEWORK = "homework", "作业未完成的记录"
    CLUB = "club", "社团老师的记录"
    LEAVE = "leave", "没有请假的未到"


class FactCode(TextChoices):
    """What one record shows; what it takes off as a proposal stands in `proposals.py`."""

    LATE = "late", "迟到"
    ABSENT = "absent", "缺席"
    LEFT = "left", "中途离开"
    ORDER_GOOD = "order_good", "巡视：有序"
    ORDER_FAIR = "order_fair", "巡视：秩序一般"
    ORDER_POOR = "order_poor", "巡视：混乱"
    PLAN_LATE = "plan_late", "周计划交晚了"
    PLAN_MISSING = "plan_missing", "周计划没有交"
    NOTE_MISSING = "note_missing", "当天没有记录"
    DOING_WELL = "doing_well", "巡视：有内容"
    DOING_NOTHING = "doing_nothing", "巡视：没有安排"
    DOING_TEACHING = "doing_teaching", "巡视：集体上课"
    BREACH = "breach", "已确认的违纪"
    COUNT = "count", "清点不符，没有合理解释"
    FOLLOWED = "followed", "按计划进行"
    NOT_FOLLOWED = "not_followed", "没有按计划"
    SATISFACTION = "satisfaction", "家长问卷的满意度"
    COMPLAINT = "complaint", "成立的投诉"
    PRAISE = "praise", "成立的表扬"
    CHILD_LATE = "child_late", "迟到"
    CHILD_LEFT = "child_left", "没说早接就提前离开"
    CHILD_ORDER = "child_order", "老师当天的记录"
    HOMEWORK = "homework", "作业未完成"
    CLUB = "club", "社团老师的记录"
    NO_LEAVE = "no_leave", "没有请假的未到"


class ObjectionState(Toned):
    """What became of a teacher's objection to a sheet."""

    OPEN = "open", "first", "待答复"
    UPHELD = "upheld", "done", "已采纳"
    DISMISSED = "dismissed", "none", "维持原评价"


class Doing(TextChoices):
    """What a group was doing when the patrol came."""

    HOMEWORK = "homework", "做作业"
    READING = "reading", "阅读"
    ACTIVITY = "activity", "活动"
    CLUB = "club", "社团"
    LINING_UP = "lining_up", "整队、放学"
    TEACHING = "teaching", "集体上课"
    NOTHING = "nothing", "没有安排"


class Order(Toned):
    """How orderly it was."""

    GOOD = "good", "done", "有序"
    FAIR = "fair", "wait", "一般"
    POOR = "poor", "returned", "混乱"


class ExplanationState(Toned):
    """Whether a difference in numbers has an accepted explanation."""

    NONE = "none", "first", "没有说明"
    GIVEN = "given", "moved", "待认可"
    ACCEPTED = "accepted", "done", "说明合理"
    REFUSED = "refused", "returned", "说明不成立"


class FollowUpState(Toned):
    """What needs doing after a patrol: a person, an end."""

    OPEN = "open", "first", "待办"
    DONE = "done", "done", "已办"


class BookFinding(Toned):
    """What a check of a record book found."""

    WAITING = "waiting", "wait", "待检查"
    GOOD = "good", "done", "完整"
    REMARK = "remark", "returned", "有意见"


class BookRunState(Toned):
    """How far the making of record books is."""

    QUEUED = "queued", "wait", "排队中"
    RUNNING = "running", "now", "正在做"
    DONE = "done", "done", "已做好"
    FAILED = "failed", "returned", "没做成"


class SurveyFor(TextChoices):
    """Who is asked."""

    PARENTS = "parents", "家长"
    CHILDREN = "children", "学生"
    STAFF = "staff", "教职工"
    PUBLIC = "public", "社会"


class SurveyState(Toned):
    """From draft to results."""

    DRAFT = "draft", "wait", "草稿"
    OPEN = "open", "now", "进行中"
    CLOSED = "closed", "done", "已结束"


class QuestionKind(TextChoices):
    """How a question is answered."""

    CHOICE = "choice", "单选"
    CHOICES = "choices", "多选"
    STARS = "stars", "星级（1—5）"
    SCALE = "scale", "量表（0—10）"
    TEXT = "text", "文字"


class VisitKind(TextChoices):
    """How the school listened outside of questionnaires."""

    HOME = "home", "家访"
    PHONE = "phone", "电话访问"
    MEETING = "meeting", "座谈"
    OPEN_DAY = "open_day", "开放日"


class FeedbackKind(TextChoices):
    """What a parent writes."""

    QUESTION = "question", "咨询"
    PRAISE = "praise", "表扬"
    SUGGESTION = "suggestion", "建议"
    COMPLAINT = "complaint", "投诉"


class FeedbackState(Toned):
    """How far a message is."""

    NEW = "new", "first", "待答复"
    ANSWERED = "answered", "moved", "已答复"
    CLOSED = "closed", "done", "已办结"


class Finding(Toned):
    """Whether what was said is so; only what was upheld may support a score."""

    OPEN = "open", "wait", "待核实"
    UPHELD = "upheld", "done", "属实"
    NOT_UPHELD = "not_upheld", "none", "不属实"


class PayKind(TextChoices):
    """What the fund pays for, by the turn (plan: 后勤保障; G5)."""

    GROUP = "group", "服务班教师"
    CLUB = "club", "社团教师"
    STAND_IN = "stand_in", "代课"
    DUTY_LEADER = "duty_leader", "值班行政"
    LATE_CARE = "late_care", "延时托管"
    GATE = "gate", "门卫"


class PaperState(Toned):
    """A list or report: worked on, or frozen as it was sent."""

    DRAFT = "draft", "wait", "未上报"
    SENT = "sent", "done", "已上报"
    REPLACED = "replaced", "none", "已更正"


class ClassTableState(Toned):
    """A class's student table: filled by the portal, confirmed by the head teacher."""

    OPEN = "open", "first", "待确认"
    CONFIRMED = "confirmed", "done", "已确认"
