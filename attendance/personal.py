"""What attendance keeps of a child, in plain words, and one child's rows of it."""

from collections.abc import Iterable

from afterschool.school.models import Student
from afterschool.school.privacy import NAMELESS_LATER, WHOLE_TERM, Did, Kind, Reader, Section, day, moment
from attendance.models import CallNote, ChildNote, DayFetcher, Handover, LeaveRequest, Mark, PickupChange

KINDS = [
    Kind(
        "leave",
        "请假、早接、晚接、当天由别人接",
        "哪几天、几点、原因、谁提出的、谁说的；临时来接的人的姓名、与孩子的关系和电话。",
        "老师不白等，也不错找。",
        "班主任、当天带班老师、课程教学中心；早接、晚接、由谁来接另给门卫看",
        WHOLE_TERM,
        ("attendance.LeaveRequest", "attendance.PickupChange", "attendance.DayFetcher"),
        "留下没有姓名的日期和时间，出勤和账单由它算出；原因、谁说的、临时来接的人都删去。",
    ),
    Kind(
        "roll",
        "点名",
        "每天到没到、几点点的名。",
        "没到的孩子马上找；出勤人数。",
        "带班老师、班主任、年级组长、值班行政、课程教学中心",
        NAMELESS_LATER,
        ("attendance.Mark",),
        "留下没有姓名的到、未到：出勤人数和老师的工作量由它算出。",
    ),
    Kind(
        "custody",
        "交接和放学",
        "每一刻由谁照看、几点交给谁、没人接时打过的电话和说了什么，突发事件清点时有没有点到。",
        "孩子在谁手里，一环不断。",
        "当天带班老师、门卫、班主任、值班行政、课程教学中心；交给了谁，您也看得到",
        NAMELESS_LATER,
        (
            "attendance.ChildDay",
            "attendance.Handover",
            "attendance.HandoverNote",
            "attendance.CallNote",
            "attendance.OfferChild",
            "attendance.Pass",
            "attendance.SearchStep",
            "attendance.NotCounted",
        ),
        "留下没有姓名的时间和去向，接走的人和说过的话都删去：老师交接的责任要查得清。",
    ),
    Kind(
        "child_notes",
        "老师当天的记录",
        "作业没完成、课堂秩序、社团表现、表扬，老师写的一句话。",
        "月末评价有依据。",
        "带班老师、班主任、课程教学中心；孩子自己的，您看得到",
        WHOLE_TERM,
        ("attendance.ChildNote",),
    ),
    Kind(
        "visitors",
        "来访登记",
        "来访人的姓名、证件种类和后几位、电话、找谁、进出时间。",
        "知道校内有谁。",
        "门卫、值班行政、课程教学中心",
        "登记后按学校设定的天数（一般 180 天）删去姓名、证件、电话、事由和说明",
        ("attendance.Visitor",),
        of_family=False,
    ),
    Kind(
        "teachers_attendance",
        "教师的到岗和纪律",
        "几点到岗、巡查看到什么、预警和决定、违纪记录和本人的说明。",
        "按管理制度考勤；每一条都由人决定，本人看得到，可以申诉。",
        "本人、课程教学中心、领导小组；纪律记录给记录人、本人、课程教学中心和领导小组，体罚不给课程教学中心",
        WHOLE_TERM,
        (
            "attendance.SignIn",
            "attendance.StaffCheck",
            "attendance.FlagDecision",
            "attendance.FlagStatement",
            "attendance.Breach",
            "attendance.BreachFile",
            "attendance.ClassroomDevice",
        ),
        of_family=False,
    ),
    Kind(
        "attendance_staff",
        "谁点名、谁交接、谁办的",
        "点名、清点、交接单、周计划、当日记录、突发事件、安全检查由谁、几点办的。",
        "分清责任。",
        "值班行政、课程教学中心",
        WHOLE_TERM,
        (
            "attendance.RollCall",
            "attendance.DeviceBatch",
            "attendance.ClosedDay",
            "attendance.LineUp",
            "attendance.HandoverOffer",
            "attendance.WeekPlan",
            "attendance.PlanFile",
            "attendance.DayNote",
            "attendance.Incident",
            "attendance.IncidentEntry",
            "attendance.IncidentFile",
            "attendance.HeadCount",
            "attendance.BureauReport",
            "attendance.SafetyCheck",
            "attendance.Defect",
            "attendance.DefectPhoto",
        ),
        of_family=False,
    ),
]

DEEDS = {
    "roll_call.mended": (Did.CHANGE, "更正了点名"),
    "leave.asked": (Did.CHANGE, "请了假"),
    "leave.recorded": (Did.CHANGE, "登记了假条"),
    "leave.cancelled": (Did.CHANGE, "撤销了请假"),
    "pickup.asked": (Did.CHANGE, "说了早接或晚接"),
    "pickup.cancelled": (Did.CHANGE, "撤销了早接或晚接"),
    "fetcher.named": (Did.CHANGE, "说了当天由别人接"),
    "fetcher.cancelled": (Did.CHANGE, "撤销了由别人接"),
    "child_note.written": (Did.CHANGE, "写了当天的记录"),
    "child_note.changed": (Did.CHANGE, "改了当天的记录"),
    "child_note.removed": (Did.ERASE, "删了当天的记录"),
}


def sections(reader: Reader) -> Iterable[Section]:
    """Return the rows of attendance about one child, all terms."""
    student = reader.student
    leaves = LeaveRequest.objects.filter(student=student).order_by("first_day", "pk")
    yield Section(
        "leave",
        "请假",
        ("从", "到", "原因", "来源", "谁说的", "提出时间", "撤销时间"),
        [
            (
                day(row.first_day),
                day(row.last_day),
                row.reason,
                row.get_source_display(),
                row.said_by,
                moment(row.asked_at),
                moment(row.cancelled_at),
            )
            for row in leaves
        ],
    )
    changes = PickupChange.objects.filter(student=student).order_by("date", "pk")
    yield Section(
        "leave",
        "早接、晚接",
        ("日期", "种类", "几点", "自行离校", "说明", "撤销时间"),
        [
            (
                day(row.date),
                row.get_kind_display(),
                f"{row.time:%H:%M}",
                "是" if row.alone else "否",
                row.note,
                moment(row.cancelled_at),
            )
            for row in changes
        ],
    )
    fetchers = DayFetcher.objects.filter(student=student).order_by("first_day", "pk")
    yield Section(
        "leave",
        "当天由别人接",
        ("从", "到", "姓名", "关系", "手机号", "撤销时间"),
        [
            (day(row.first_day), day(row.last_day), row.name, row.relation, row.phone, moment(row.cancelled_at))
            for row in fetchers
        ],
    )
    marks = Mark.objects.filter(student=student).select_related("roll_call__session__group")
    yield Section(
        "roll",
        "点名",
        ("日期", "服务班", "状态", "时间"),
        [
            (day(s.date), s.group.name, mark.get_state_display(), moment(mark.marked_at))
            for mark in marks.order_by("roll_call__session__date", "pk")
            for s in [mark.roll_call.session]
        ],
    )
    notes = ChildNote.objects.filter(student=student).select_related("session__group")
    yield Section(
        "child_notes",
        "老师当天的记录",
        ("日期", "服务班", "种类", "说明"),
        [
            (day(note.session.date), note.session.group.name, note.get_kind_display(), note.text)
            for note in notes.order_by("session__date", "pk")
        ],
    )
    yield from _custody(reader, student)


def _custody(reader: Reader, student: Student) -> Iterable[Section]:
    rows = Handover.objects.filter(child_day__student=student).select_related(
        "child_day", "released_to", "released_to_other", "note"
    )
    yield Section(
        "custody",
        "交接和放学",
        ("日期", "时间", "到哪里", "地点", "交给谁", "说明"),
        [
            (
                day(row.child_day.date),
                moment(row.at),
                row.get_to_state_display(),
                row.place,
                row.given_to,
                row.note.text if hasattr(row, "note") else "",
            )
            for row in rows.order_by("child_day__date", "number")
        ],
    )
    calls = CallNote.objects.filter(child_day__student=student).order_by("at")
    yield Section(
        "custody",
        "学校打过的电话",
        ("时间", "结果", "您说了什么"),
        [
            (
                moment(call.at),
                call.get_outcome_display(),
                call.text if call.guardian_id == reader.guardian.pk else "",  # another's words are another's
            )
            for call in calls
        ],
    )
