"""What evaluation keeps of a child, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from afterschool.school.privacy import NAMELESS_LATER, WHOLE_TERM, Did, Kind, Reader, Section, day, moment
from afterschool.support.weekdays import show
from evaluation.enums import SheetState
from evaluation.models import AnswerSheet, ClassTableRow, Feedback, ScoreSheet, SurveyTaken, VisitRecord
from evaluation.queries.surveys import spelled

KINDS = [
    Kind(
        "sheets",
        "孩子的评价",
        "每月五项得分和老师的评语；不排名，不和别的孩子比。",
        "让您知道孩子在课后服务里怎么样。",
        "带班老师、课程教学中心、您自己",
        WHOLE_TERM,
        ("evaluation.ScoreSheet", "evaluation.ScoreLine", "evaluation.LineFact", "evaluation.SheetObjection"),
    ),
    Kind(
        "surveys",
        "问卷和访问",
        "您答过哪份问卷；不匿名的问卷里您的回答；学校走访时谈到的事。",
        "听家长和学生的意见。",
        "课程教学中心、领导小组；匿名问卷的回答谁也查不到是谁的",
        WHOLE_TERM,
        (
            "evaluation.SurveyTaken",
            "evaluation.AnswerSheet",
            "evaluation.VisitRecord",
        ),
        "打的星、选的项留下，没有人名、没有时间，问卷的结果不变；写的文字和走访记录都删去。",
    ),
    Kind(
        "feedback",
        "您写给学校的话",
        "咨询、表扬、建议、投诉和学校的答复；不具名的不记是谁写的。",
        "有来有回；核实过的才用来评价。",
        "课程教学中心、领导小组和了解情况的人",
        WHOLE_TERM,
        ("evaluation.Feedback", "evaluation.FeedbackReply"),
        "核实过的表扬和投诉留下一个数，没有文字，也不知道是谁写的：教师的考评由它算出。其余全部删去。",
    ),
    Kind(
        "class_tables",
        "班级课后服务学生表",
        "哪几天参加、在哪个服务班和社团、到班、请假、未到的次数。",
        "每半月上报的表由本站填好，班主任确认。",
        "班主任、年级组长、课程教学中心",
        NAMELESS_LATER,
        ("evaluation.ClassTableRow",),
        "确认过的表留下没有姓名的一行，班级的人数不能变。",
    ),
    Kind(
        "evaluation_staff",
        "教师的评价、巡视和上报由谁办",
        "教师的评价表、异议和学期结果，巡视和要办的事，记载本和抽查，问卷，补助清单，上报的数字。",
        "分清责任，工作量算得清。",
        "本人、课程教学中心、领导小组",
        WHOLE_TERM,
        (
            "evaluation.TermResult",
            "evaluation.PatrolRound",
            "evaluation.PatrolVisit",
            "evaluation.VisitPhoto",
            "evaluation.FollowUp",
            "evaluation.BookRun",
            "evaluation.BookCheck",
            "evaluation.CheckedBook",
            "evaluation.Survey",
            "evaluation.AllowanceList",
            "evaluation.HalfMonth",
            "evaluation.ClassTable",
            "evaluation.ClassTableVersion",
        ),
        of_family=False,
    ),
]

DEEDS = {
    "score_sheet.drafted": (Did.CHANGE, "写了评价的草稿"),
    "score_sheet.finished": (Did.CHANGE, "完成了评价"),
    "score_sheet.reopened": (Did.CHANGE, "退回评价重写"),
    "visit.written": (Did.CHANGE, "写了走访记录"),
    "visit.changed": (Did.CHANGE, "改了走访记录"),
}


def sections(reader: Reader) -> Iterable[Section]:
    """Return the finished score sheets of one child, line by line."""
    sheets = (
        ScoreSheet.objects.filter(student=reader.student, state=SheetState.FINAL)
        .prefetch_related("lines__item")
        .order_by("date")
    )
    yield Section(
        "sheets",
        "评价",
        ("日期", "项目", "得分", "依据"),
        [
            (day(sheet.date), line.item.text, f"{line.points}/{line.limit}", line.note)
            for sheet in sheets
            for line in sheet.lines.all()
        ],
    )
    yield Section(
        "sheets",
        "老师的评语",
        ("日期", "评语"),
        [(day(sheet.date), sheet.comment) for sheet in sheets if sheet.comment],
    )
    yield from _asked(reader)
    rows = (
        ClassTableRow.objects.filter(student=reader.student)
        .select_related("table")
        .order_by("table__due_on", "version")
    )
    yield Section(
        "class_tables",
        "班级课后服务学生表",
        ("期", "参加的星期", "服务班", "社团", "应到", "到班", "请假", "未到"),
        [
            (
                day(row.table.due_on)
                + ("" if row.version == row.table.version else f"（第 {row.version} 版，已退回）"),
                show(row.weekdays),
                row.group_name,
                row.clubs,
                str(row.due),
                str(row.here),
                str(row.leave),
                str(row.absent),
            )
            for row in rows
        ],
    )


def _asked(reader: Reader) -> Iterable[Section]:
    """What was asked of the family and what it wrote: the reader's own alone."""
    user, student = reader.guardian.user_id, reader.student
    taken = SurveyTaken.objects.filter(user=user, student=student).select_related("survey").order_by("survey__asked_at")
    yield Section("surveys", "答过的问卷", ("问卷",), [(row.survey.title,) for row in taken])
    sheets = AnswerSheet.objects.filter(user=user, student=student).select_related("survey").order_by("at")
    yield Section(
        "surveys",
        "不匿名问卷里的回答",
        ("时间", "题目", "回答"),
        [(moment(sheet.at), asked, said) for sheet in sheets for asked, said in spelled(sheet)],
    )
    visits = VisitRecord.objects.filter(student=student).order_by("date")
    yield Section(
        "surveys",
        "走访",
        ("日期", "方式", "谈了什么", "了解到什么"),
        [(day(row.date), row.get_kind_display(), row.topic, row.found) for row in visits],
    )
    written = Feedback.objects.filter(user=user, student=student).prefetch_related("replies").order_by("sent_on", "pk")
    yield Section(
        "feedback",
        "您写给学校的话",
        ("日期", "种类", "内容", "答复"),
        [
            (
                day(row.sent_on),
                row.get_kind_display(),
                row.text,
                "；".join(reply.text for reply in row.replies.all() if reply.from_school),
            )
            for row in written
        ],
    )
