"""What of a term is still open before it is closed: each kind with its number and the page where it is finished.

Nothing here hinders the closing: what nobody finished stays as it is, and the history keeps how much it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.urls import reverse

from afterschool.school.enums import SessionState
from afterschool.school.models import School, Session, Teacher, Term
from afterschool.support import clock
from attendance.enums import OPEN, BreachState, DefectState, IncidentState
from attendance.models import Breach, ChildDay, Defect, Incident, Visitor
from attendance.queries.flags import undecided
from enrollment.actions.agreement_files import MOST_TRIES, due
from enrollment.enums import AmendmentState, ApplicationState, LateState
from enrollment.models import Amendment, Application, LateRequest, Signature
from enrollment.queries.fee_balances import balances
from evaluation.enums import (
    ClassTableState,
    FeedbackState,
    FollowUpState,
    ObjectionState,
    PaperState,
    SheetState,
    SurveyState,
)
from evaluation.models import (
    AllowanceList,
    ClassTable,
    Feedback,
    FollowUp,
    HalfMonth,
    ScoreSheet,
    SheetObjection,
    Survey,
    TermResult,
)
from scheduling.enums import SubstitutionState, TaskState, TeacherLeaveState
from scheduling.models import Duty, Substitution, Task, TeacherLeave

Count = Callable[[Term], int]
WAITING = [ApplicationState.SUBMITTED, ApplicationState.CLASS_APPROVED, ApplicationState.RETURNED]
ALARMED = [IncidentState.ALARM, IncidentState.RUNNING]
UNCONFIRMED = [SubstitutionState.ASKED, SubstitutionState.ACCEPTED]


@dataclass(frozen=True)
class OpenEnd:
    """One kind of thing that is open: its code for the history, how many, in words, and where it is finished."""

    code: str
    number: int
    words: str
    url: str


def _rolls(term: Term) -> QuerySet[Session]:
    planned = Session.objects.filter(term=term, state=SessionState.PLANNED)
    return planned.filter(Q(roll_call=None) | Q(roll_call__closed_at=None))


def _days(term: Term) -> QuerySet[ChildDay, date]:
    open_days = ChildDay.objects.filter(term=term, state__in=OPEN).order_by("date")
    return open_days.values_list("date", flat=True).distinct()


def _unpaid(term: Term) -> int:
    return sum(1 for row in balances(term, lines=False) if row.open)


def _undecided_results(term: Term) -> int:
    turns = Duty.objects.filter(active=True, teacher=OuterRef("pk"), session__term=term)
    decided = TermResult.objects.filter(term=term, teacher=OuterRef("pk"))
    return Teacher.objects.filter(Exists(turns), ~Exists(decided)).count()


def _files(term: Term) -> int:
    return Signature.objects.filter(due(), application__term=term, pdf_tries__lt=MOST_TRIES).count()


def _running_surveys(term: Term) -> int:
    return Survey.objects.filter(term=term, state=SurveyState.OPEN, closes_at__gt=clock.now()).count()


def _rows(model: type[Model], *where: Q, path: str = "term") -> Count:
    """Return how to count rows of a term."""
    return lambda term: model._default_manager.filter(*where, **{path: term}).count()


KINDS: list[tuple[str, str, str, Count]] = [
    ("applications", "份申请没有审完", "enrollment:figures", _rows(Application, Q(state__in=WAITING))),
    ("late", "份补交申请没有答复", "enrollment:late", _rows(LateRequest, Q(state=LateState.ASKED))),
    (
        "amendments",
        "份变更申请没有答复",
        "enrollment:amendments",
        _rows(Amendment, Q(state=AmendmentState.ASKED), path="application__term"),
    ),
    ("files", "份签好的协议还没有生成文件，会自己生成", "enrollment:agreements", _files),
    ("fees", "个孩子的费用没有结清（未缴或待退）", "enrollment:fees", _unpaid),
    ("rolls", "节课的点名没有结束", "evaluation:integrity", lambda term: _rolls(term).count()),
    ("visitors", "位来访人没有登记离校", "attendance:visitors", _rows(Visitor, Q(out_at=None))),
    ("incidents", "起应急事件没有结束", "attendance:emergency", _rows(Incident, Q(state__in=ALARMED))),
    ("defects", "处安全隐患没有复查完", "attendance:defects", _rows(Defect, ~Q(state=DefectState.CLOSED))),
    ("flags", "条教师考勤没有决定", "attendance:teacher-flags", lambda term: undecided(term).count()),
    ("breaches", "条纪律记录没有第二人确认", "attendance:breaches", _rows(Breach, Q(state=BreachState.RECORDED))),
    ("leaves", "份教师请假没有批复", "scheduling:standins-desk", _rows(TeacherLeave, Q(state=TeacherLeaveState.ASKED))),
    ("standins", "次代课、调课没有确认", "scheduling:standins-desk", _rows(Substitution, Q(state__in=UNCONFIRMED))),
    ("tasks", "项工作任务没有完成", "scheduling:work", _rows(Task, Q(state=TaskState.OPEN))),
    (
        "tables",
        "张班级学生表没有确认",
        "evaluation:class-tables",
        _rows(ClassTable, ~Q(state=ClassTableState.CONFIRMED)),
    ),
    ("figures", "份双减数据没有上报", "evaluation:figures", _rows(HalfMonth, Q(state=PaperState.DRAFT))),
    ("allowance", "份补助清单没有上报", "evaluation:allowance", _rows(AllowanceList, Q(state=PaperState.DRAFT))),
    ("sheets", "张评价表没有完成", "evaluation:teachers", _rows(ScoreSheet, Q(state=SheetState.DRAFT))),
    (
        "objections",
        "条对评价的异议没有答复",
        "evaluation:teachers",
        _rows(SheetObjection, Q(state=ObjectionState.OPEN), path="sheet__term"),
    ),
    ("results", "位教师没有定学期等级", "evaluation:results", _undecided_results),
    ("feedback", "条家长的话没有办结", "evaluation:feedback", _rows(Feedback, ~Q(state=FeedbackState.CLOSED))),
    ("surveys", "份问卷还在进行", "evaluation:surveys", _running_surveys),
    ("follow_ups", "件巡视交办没有办完", "evaluation:patrol-record", _rows(FollowUp, Q(state=FollowUpState.OPEN))),
]


def open_ends(term: Term) -> list[OpenEnd]:
    """Return what is open, in the order in which a school would finish it: a query or a few for each kind."""
    return list(_open_ends(term))


def _open_ends(term: Term) -> Iterator[OpenEnd]:
    days = list(_days(term))
    if days:
        words = "天还有孩子没有去向"
        yield OpenEnd("days", len(days), words, f"{reverse('attendance:board')}?day={days[0]:%Y-%m-%d}")
    for code, words, url_name, count in KINDS:
        if number := count(term):
            yield OpenEnd(code, number, words, reverse(url_name))


def is_current(term: Term) -> bool:
    """Tell whether this is the school's current term: then the pages of every day can't be written to once it is closed."""
    return School.objects.filter(pk=1, current_term=term).exists()
