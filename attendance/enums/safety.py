"""Visitors, emergencies and safety checks."""

from django.db.models import TextChoices

from afterschool.support.tones import Toned


class VisitorPaper(TextChoices):
    """Which paper a visitor showed; only its last digits are kept."""

    IDENTITY = "identity", "身份证"
    DRIVING = "driving", "驾驶证"
    WORK = "work", "工作证"
    LETTER = "letter", "介绍信"
    OTHER = "other", "其他证件"


class IncidentKind(TextChoices):
    """Real, or practised: recorded the same way."""

    REAL = "real", "突发事件"
    DRILL = "drill", "演练"


class IncidentCategory(TextChoices):
    """What it is about."""

    INJURY = "injury", "学生受伤"
    ILLNESS = "illness", "突发疾病"
    FIRE = "fire", "火情"
    QUAKE = "quake", "地震"
    INTRUDER = "intruder", "外来人员闯入"
    MISSING = "missing", "学生走失"
    FOOD = "food", "食品安全"
    WEATHER = "weather", "恶劣天气"
    OTHER = "other", "其他"


class IncidentState(Toned):
    """From the alarm to the end; nothing goes by itself."""

    ALARM = "alarm", "missing", "已报警"
    RUNNING = "running", "missing", "预案已启动"
    OVER = "over", "done", "已结束"
    FALSE_ALARM = "false_alarm", "none", "误报"


class Party(TextChoices):
    """The five parties of the emergency plan."""

    HEAD = "head", "组长"
    SCENE = "scene", "现场控制"
    LOGISTICS = "logistics", "后勤保障"
    INFORMATION = "information", "信息资料"
    COMMUNICATION = "communication", "通信联络"


class ReportBy(TextChoices):
    """Who tells the bureau: both are asked for by the plan, both are timed."""

    LEADER = "leader", "组长报教育局"
    COMMUNICATION = "communication", "通信联络报教育局办公室"


class Answer(Toned):
    """What a check found of one item."""

    GOOD = "good", "done", "正常"
    BAD = "bad", "returned", "有问题"
    NONE = "none", "none", "不适用"


class DefectState(Toned):
    """A defect stays on the list until somebody has looked at the repair."""

    OPEN = "open", "first", "待修"
    REPAIRED = "repaired", "wait", "已修，待复查"
    CLOSED = "closed", "done", "已复查"


class DefectMove(TextChoices):
    """What can happen to a defect."""

    ARRANGE = "arrange", "安排"
    REPAIR = "repair", "修好了"
    PASS = "pass", "复查通过"
    FAIL = "fail", "没修好"
