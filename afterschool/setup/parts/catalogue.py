"""The parts of a term's set-up, in the order in which they are written: no persons, no children, no news of one day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from afterschool.school.access import Actor
from afterschool.school.models import GradeBand, Term
from afterschool.setup.parts import writing
from afterschool.setup.parts.tables import Row, Table
from afterschool.support import clock
from attendance.models import (
    AfternoonSettings,
    AttendanceRule,
    CheckItem,
    CheckList,
    EmergencyNumber,
    EmergencyPost,
    LateCarePlace,
)
from enrollment.enums import NoticeKind, NoticeState
from enrollment.models import AgreementText, CareCategory, FeePlan, FeeRate, FeeWaiver, Notice
from evaluation.models import AllowanceRate, FigureColumn, Rubric, RubricBand, RubricItem
from scheduling.models import PatrolTurn, RotaSettings, Slot, SlotPart, Timetable, WorkItem

Values = dict[str, list[Row]]
NUMBERS = (
    "service_weekdays",
    "cap",
    "own_share_num",
    "own_share_den",
    "mixed_share_num",
    "mixed_share_den",
    "smallest_size",
    "alone_from_grade",
    "late_grace_minutes",
    "sign_in_grace_minutes",
    "keep_years",
)
PARTS_OF_A_SLOT = Table(SlotPart, ("position", "side_by_side", "kind", "text", "place"), "slot")
SLOTS = Table(Slot, ("number", "starts_at", "ends_at"), "timetable", {"parts": PARTS_OF_A_SLOT})
TIMETABLES = Table(Timetable, ("weekdays", "valid_from", "dismissal"), "band", {"slots": SLOTS})
AFTERNOON = tuple(
    field.name for field in AfternoonSettings._meta.local_fields if field.name not in ("term", "school_networks")
)
Write = Callable[["Part", Term, list[Row], Actor], None]


def _rows(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    part.table.write(rows, term)


def _of_the_term_itself(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    """Nothing is left to write: a term begins with these values."""


def _fees(part: "Part", term: Term, rows: list[Row], by: Actor) -> None:
    part.table.write(rows, term, changed_by=by.user, changed_at=clock.now())


@dataclass(frozen=True)
class Part:
    """One part of the set-up: its word, its table, which rows of a term it takes, and how it is written."""

    key: str
    word: str
    table: Table
    taken: Callable[[Term], QuerySet[Any]]
    write: Write = _rows
    of_school: bool = False

    def dump(self, term: Term) -> list[Row]:
        """Return this part of a term as plain values."""
        return self.table.dump(self.taken(term))


def _of_term(model: Any, **more: Any) -> Callable[[Term], QuerySet[Any]]:
    return lambda term: model.objects.filter(term=term, **more)


def _own(term: Term) -> QuerySet[Term]:
    return Term.objects.filter(pk=term.pk)


def _newest_agreement(term: Term) -> QuerySet[AgreementText]:
    newest = AgreementText.objects.filter(term=term).order_by("-version").values("pk")[:1]
    return AgreementText.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))


def _letters(term: Term) -> QuerySet[Notice]:
    kept = Notice.objects.filter(term=term).exclude(kind=NoticeKind.OTHER).exclude(state=NoticeState.TAKEN_DOWN)
    return kept.order_by("kind", "title", "pk")


FEES = Table(
    FeePlan,
    ("basis", "settlement", "refund_unit", "sick_days", "refund_cancelled", "note"),
    inside={
        "rates": Table(FeeRate, ("first_grade", "last_grade", "amount"), "plan"),
        "waivers": Table(FeeWaiver, ("percent",), "plan", codes={"category": CareCategory}),
    },
    most=1,
)
WORK = ("department", "text", "role", "when", "date", "days", "per_month", "each", "remind_days", "fact", "order")
RUBRICS = Table(
    Rubric,
    ("kind", "title"),
    inside={
        "items": Table(
            RubricItem,
            ("position", "dimension", "text", "points", "short", "hint", "facts", "heads_only"),
            "rubric",
        ),
        "bands": Table(RubricBand, ("position", "name", "from_points", "share"), "rubric"),
    },
    most=2,
)
CHECKS = Table(
    CheckList,
    ("title", "room_kind", "every_days"),
    inside={"items": Table(CheckItem, ("position", "text", "active"), "check_list")},
    most=50,
)
PARTS = {
    part.key: part
    for part in (
        Part("numbers", "学期的数字", Table(Term, NUMBERS, most=1), _own, _of_the_term_itself),
        Part("consent", "知情同意", Table(Term, ("consent_text",), most=1), _own, _of_the_term_itself),
        Part(
            "bands",
            "年级段和课表",
            Table(
                GradeBand,
                ("first_grade", "last_grade", "served_from", "served_until"),
                inside={"timetables": TIMETABLES},
            ),
            lambda term: GradeBand.objects.filter(term=term).order_by("first_grade"),
            writing.write_bands,
        ),
        Part(
            "care",
            "关爱类别",
            Table(CareCategory, ("code", "name", "order", "active")),
            lambda _: CareCategory.objects.order_by("code"),
            writing.write_care,
            of_school=True,
        ),
        Part("fees", "收费", FEES, _of_term(FeePlan), _fees),
        Part(
            "letters",
            "告家长书（草稿）",
            Table(Notice, ("kind", "title", "body", "grades", "on_board", "with_slip"), most=50),
            _letters,
            writing.write_letters,
        ),
        Part("agreement", "协议（草稿）", writing.AGREEMENT, _newest_agreement, writing.write_agreement),
        Part(
            "late_care",
            "延时托管地点",
            Table(LateCarePlace, ("name", "role", "order", "opens_at", "closes_at")),
            _of_term(LateCarePlace),
        ),
        Part(
            "afternoon",
            "下午的设置",
            Table(AfternoonSettings, AFTERNOON, most=1),
            _of_term(AfternoonSettings),
            writing.write_afternoon,
        ),
        Part(
            "rules",
            "教师考勤规则",
            Table(AttendanceRule, ("kind", "count", "window", "text", "active")),
            _of_term(AttendanceRule),
        ),
        Part("posts", "应急职责", Table(EmergencyPost, ("party", "duties"), most=20), _of_term(EmergencyPost)),
        Part(
            "phones",
            "应急电话",
            Table(EmergencyNumber, ("name", "phone", "order"), empty=("phone",)),
            _of_term(EmergencyNumber),
        ),
        Part("work", "工作一览表", Table(WorkItem, (*WORK, "link", "active")), _of_term(WorkItem), writing.write_work),
        Part(
            "rota",
            "值班的规则",
            Table(RotaSettings, ("floaters", "volunteers_beside", "clubs_per_teacher"), most=1),
            _of_term(RotaSettings),
        ),
        Part("patrol", "巡视的岗位", Table(PatrolTurn, ("weekday", "post", "number")), _of_term(PatrolTurn)),
        Part("rates", "补助标准", Table(AllowanceRate, ("kind", "starts_on", "rate")), _of_term(AllowanceRate)),
        Part(
            "columns",
            "上报的列",
            Table(FigureColumn, ("position", "key", "title", "active")),
            _of_term(FigureColumn),
            writing.write_columns,
        ),
        Part(
            "checks",
            "安全检查表",
            CHECKS,
            lambda _: CheckList.objects.filter(active=True),
            writing.write_checks,
            of_school=True,
        ),
        Part(
            "rubrics",
            "评价表",
            RUBRICS,
            lambda _: Rubric.objects.filter(active=True).order_by("kind"),
            writing.write_rubrics,
            of_school=True,
        ),
    )
}
COPIED = [part for part in PARTS.values() if not part.of_school]
