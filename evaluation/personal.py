"""What evaluation keeps of a child, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from afterschool.school.privacy import WHOLE_TERM, Kind, Reader, Section, day
from evaluation.enums import SheetState
from evaluation.models import ScoreSheet

KINDS = [
    Kind(
        "sheets",
        "孩子的评价",
        "每月五项得分和老师的评语；不排名，不和别的孩子比。",
        "让您知道孩子在课后服务里怎么样。",
        "带班老师、课程教学中心、您自己",
        WHOLE_TERM,
        ("evaluation.ScoreSheet", "evaluation.ScoreLine"),
    ),
]


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
