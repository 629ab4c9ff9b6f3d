"""Teachers' attendance and discipline (management rules 2-4)."""

from django.db.models import TextChoices

from afterschool.support.tones import Toned


class SignInSource(TextChoices):
    """How the portal knows that a teacher was there."""

    ROLL_CALL = "roll_call", "打开点名"
    CHECK = "check", "巡查看到"
    OFFICE = "office", "补记"


class RuleKind(TextChoices):
    """What a rule counts: one of the four of the plan, or the same with other numbers."""

    ABSENT = "absent", "无故缺席"
    ABSENT_OFTEN = "absent_often", "多次无故缺席"
    LATE_OFTEN = "late_often", "多次迟到"
    LEFT = "left", "中途擅自离开"


class Window(TextChoices):
    """Over which stretch a rule counts. Windows stop at the ends of the term."""

    OCCASION = "occasion", "每一次"
    WEEK = "week", "一周内"
    MONTH = "month", "一月内"
    TERM = "term", "一学期内"


class FlagState(Toned):
    """A flag counted from records; only a person decides."""

    OPEN = "open", "first", "待处理"
    DECIDED = "decided", "done", "已处理"
    CLOSED = "closed", "none", "已不成立"
    REVIEW = "review", "returned", "记录有变，请复核"


class Verdict(TextChoices):
    """What an administrator decides on a flag."""

    EXCUSED = "excused", "有正当理由"
    TRUANT = "truant", "按旷工处理"


class StatementKind(TextChoices):
    """What a teacher says about a flag."""

    ANSWER = "answer", "说明"
    APPEAL = "appeal", "申诉"


class BreachKind(TextChoices):
    """The acts of management rule 3; one confirmed makes the period's rating 不合格."""

    PHONE = "phone", "玩手机"
    CALL = "call", "在教室里接打电话"
    BUSINESS = "business", "纠结校外人员到校进行商业行为"
    DISOBEYS = "disobeys", "不服从管理和安排"
    CORPORAL = "corporal", "体罚学生"


class BreachState(Toned):
    """Recorded by one person, confirmed by a second; unconfirmed it touches nothing."""

    RECORDED = "recorded", "wait", "待第二人确认"
    CONFIRMED = "confirmed", "returned", "已确认"
    DISMISSED = "dismissed", "none", "不成立"
