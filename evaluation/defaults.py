"""The plan's two rubrics, printed as they stand in it (section 8), slips and missing full stops included."""

from dataclasses import asdict, dataclass

from django.db import transaction

from evaluation.enums import FactKind, RubricKind
from evaluation.models import Rubric, RubricBand, RubricItem
from evaluation.rubric import Item, faults_of_rubric

ORGANISATION = "课后服务组织管理"
COURSE = "课程实施"
DISCIPLINE = "参加课后服务纪律"


@dataclass(frozen=True)
class Line:
    """One printed line, and what stands beside it: the column's name, a hint, which facts bear on it."""

    dimension: str
    text: str
    points: int
    short: str
    facts: FactKind
    hint: str = ""
    heads_only: bool = False


# Two lines of the teacher's rubric are printed as the fault. The text stays as printed; a hint stands beside it.
TEACHER_LINES = [
    Line(ORGANISATION, "按时到位。教师按时到位不迟到，不早退。", 10, "到位", FactKind.ON_TIME),
    Line(ORGANISATION, "组织有序。学生秩序井然，做作业保持安静", 20, "有序", FactKind.ORDER),
    Line(
        ORGANISATION,
        "有具体内容。学生或进行课外阅读、或做作业、或进行实践活动等，教师对个别或部分学生进行辅导。",
        20,
        "内容",
        FactKind.CONTENT,
    ),
    Line(ORGANISATION, "无违规情况。看护服务期间不玩弄手机", 10, "无违规", FactKind.BREACH),
    Line(
        ORGANISATION,
        "检查人员按照班级花名册清点人数，如有不符且无合理解释。",
        10,
        "人数",
        FactKind.COUNT,
        "这一项印的是过失：没有发生，或有合理解释，得满分。",
    ),
    Line(
        ORGANISATION,
        "不动员或拒绝有需求学生参加课后服务",
        10,
        "自愿",
        FactKind.FAMILIES,
        "这一项印的是过失：没有发生得满分；不带班的教师得满分。",
        heads_only=True,
    ),
    Line(COURSE, "按照课程计划认真开展课后服务。深受家长、学生好评。", 20, "课程", FactKind.COURSE),
]
STUDENT_LINES = [
    Line(DISCIPLINE, "准时参加课后服务，不迟到，不早退。", 20, "准时", FactKind.CHILD_ON_TIME),
    Line(DISCIPLINE, "秩序井然，做作业保持安静", 20, "秩序", FactKind.CHILD_ORDER),
    Line(
        DISCIPLINE,
        "当天在校完成家庭书面作业。完成作业后，能安静进行课外阅读、实践活动。",
        20,
        "作业",
        FactKind.HOMEWORK,
    ),
    Line(
        DISCIPLINE,
        "参加社团活动不喧哗，遵守纪律，听从看护老师的安排。无违规情况。看护服务期间不玩手机，不影响同伴。",
        20,
        "活动",
        FactKind.CLUB,
    ),
    Line(
        DISCIPLINE,
        "按时参加课后服务，不无故缺课，有事向班主任或课后看护教师请假，有书面请假条。",
        20,
        "出勤",
        FactKind.LEAVE,
    ),
]
BANDS = [("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0)]
PHRASES = [
    "按时到班，从不拖拉。",
    "写作业安静、专注。",
    "作业完成得又快又好。",
    "爱看书，能静下心来。",
    "乐于帮助同学。",
    "这个月进步很大。",
    "社团活动很投入。",
    "再细心一点会更好。",
]
DEFAULTS: dict[RubricKind, tuple[str, list[Line]]] = {
    RubricKind.TEACHER: ("课后服务评价（教师）", TEACHER_LINES),
    RubricKind.STUDENT: ("课后服务评价（学生）", STUDENT_LINES),
}


@transaction.atomic
def install_rubrics() -> list[Rubric]:
    """Give a school the plan's rubrics where it has none of that kind yet. Running it again changes nothing."""
    made = []
    for kind, (title, lines) in DEFAULTS.items():
        if Rubric.objects.filter(kind=kind).exists():
            continue
        if faults := faults_of_rubric([Item(n, line.points) for n, line in enumerate(lines, 1)]):
            raise ValueError(faults)
        rubric = Rubric.objects.create(kind=kind, version=1, title=title, active=True)
        RubricItem.objects.bulk_create(
            RubricItem(rubric=rubric, position=n, **asdict(line)) for n, line in enumerate(lines, 1)
        )
        if kind == RubricKind.TEACHER:
            RubricBand.objects.bulk_create(
                RubricBand(rubric=rubric, position=n, name=name, from_points=points)
                for n, (name, points) in enumerate(BANDS, 1)
            )
        made.append(rubric)
    return made
