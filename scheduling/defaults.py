"""The plan's three timetables (section 6 (5)), as printed, for the grade bands of a new term."""

from datetime import time

from afterschool.school.access import Actor
from afterschool.school.models import Term
from scheduling.actions.timetables import Part, Row, put_timetable
from scheduling.enums import SlotKind
from scheduling.models import Timetable

HOME = "本班教室"
HOME_AND_SPECIAL = "综合学科教室、本班教室"

YOUNG = (
    Row(
        time(15, 15),
        time(16, 10),
        (
            Part(SlotKind.STUDY, "学习时光（作业辅导、教学答疑……）", HOME),
            Part(SlotKind.LEISURE, "休闲时光", HOME),
        ),
    ),
    Row(
        time(16, 10),
        time(17, 10),
        (
            Part(SlotKind.SCHOOL_CLUB, "活动时光（校级社团）", "综合学科教室"),
            Part(SlotKind.CLASS_CLUB, "活动时光（班级社团……）", HOME, side_by_side=True),
        ),
    ),
    Row(time(17, 10), time(17, 30), (Part(SlotKind.READING, "自主阅读（绘本阅读、数学阅读……）", HOME),)),
)
OLD = (
    Row(time(15, 55), time(16, 10), (Part(SlotKind.LEISURE, "休闲时光（休闲放松）", HOME),)),
    Row(
        time(16, 10),
        time(17, 10),
        (
            Part(SlotKind.SCHOOL_CLUB, "校级社团活动时光", "综合学科教室"),
            Part(SlotKind.STUDY, "班级学习时光", HOME, side_by_side=True),
        ),
    ),
    Row(
        time(17, 10),
        time(17, 55),
        (
            Part(SlotKind.CLASS_CLUB, "班级社团", HOME),
            Part(SlotKind.QUESTIONS, "个别学生作业答疑", HOME, side_by_side=True),
        ),
    ),
)
PLAN = ((1, 2, YOUNG, time(17, 30)), (3, 4, OLD, time(17, 55)), (5, 12, OLD, time(18, 0)))


def install_timetables(term: Term, *, by: Actor) -> int:
    """Give each band of the term without a timetable the plan's own for its first grade; return how many were made."""
    made = 0
    for band in term.bands.all():
        if Timetable.objects.filter(band=band).exists():
            continue
        rows, dismissal = next((r, d) for low, high, r, d in PLAN if low <= band.first_grade <= high)
        put_timetable(band=band, weekdays=term.service_weekdays, valid_from=None, dismissal=dismissal, rows=rows, by=by)
        made += 1
    return made
