"""Roll calls and marks, leave, and the chain of custody."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import Role
from afterschool.school.models import Guardian, Placement, Session, Student, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from attendance.enums import CallOutcome, ChangeKind, CustodyState, LeaveSource, MarkState


class RollCall(models.Model):
    """The roll call of one session; opening it is the teacher's sign-in, and a closed one says that the session was held."""

    session = models.OneToOneField(Session, models.PROTECT, related_name="roll_call")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开始点名")
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField("完成点名", null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("全部离开、下班", null=True, blank=True)

    class Meta:
        constraints = [
            together(["closed_by", "closed_at"], "attendance_rollcall_closed", "完成人和完成时间要一起记。"),
            together(["ended_by", "ended_at"], "attendance_rollcall_ended", "结束人和结束时间要一起记。"),
            in_order("opened_at", "closed_at", "attendance_rollcall_order", "完成不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id}"


class Mark(models.Model):
    """What a roll call says of one child. Old values stand in the history."""

    roll_call = models.ForeignKey(RollCall, models.CASCADE, related_name="marks")
    student = models.ForeignKey(Student, models.PROTECT, related_name="marks")
    state = models.CharField("状态", max_length=12, choices=MarkState, default=MarkState.NOT_CALLED)
    marked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    marked_at = models.DateTimeField("时间", null=True, blank=True)
    device_id = models.CharField(max_length=40, blank=True, default="")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)

    class Meta:
        ordering = ["roll_call", "student"]
        constraints = [
            one_of("state", MarkState, "attendance_mark_state"),
            models.UniqueConstraint(
                fields=["roll_call", "student"],
                name="attendance_mark_once",
                violation_error_message="这个孩子已在点名册上。",
            ),
            models.CheckConstraint(
                condition=Q(state=MarkState.NOT_CALLED) | Q(marked_by__isnull=False, marked_at__isnull=False),
                name="attendance_mark_by",
                violation_error_message="点名要记下谁、什么时候。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_state_display()


class LeaveRequest(models.Model):
    """A child stays away for a day or a span, with the word of a guardian."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="leaves")
    student = models.ForeignKey(Student, models.PROTECT, related_name="leaves")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    source = models.CharField("来源", max_length=10, choices=LeaveSource)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("时间")
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-first_day", "-pk"]
        indexes = [models.Index(fields=["student", "first_day", "last_day"])]
        constraints = [
            one_of("source", LeaveSource, "attendance_leave_source"),
            in_order("first_day", "last_day", "attendance_leave_order", "结束日期不能早于开始日期。"),
            together(["cancelled_at", "cancelled_by"], "attendance_leave_cancel", "撤销人和撤销时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.first_day}"


class PickupChange(models.Model):
    """Early or late pick-up of one day, told by a guardian; perhaps by another person."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="pickup_changes")
    student = models.ForeignKey(Student, models.PROTECT, related_name="pickup_changes")
    date = models.DateField("日期")
    kind = models.CharField("种类", max_length=8, choices=ChangeKind)
    time = models.TimeField("几点")
    alone = models.BooleanField("当天自行离校", default=False)
    note = models.CharField("说明", max_length=100, blank=True, default="")
    source = models.CharField("来源", max_length=10, choices=LeaveSource)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("时间")
    cancelled_at = models.DateTimeField("撤销时间", null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            one_of("kind", ChangeKind, "attendance_change_kind"),
            one_of("source", LeaveSource, "attendance_change_source"),
            together(["cancelled_at", "cancelled_by"], "attendance_change_cancel", "撤销人和撤销时间要一起记。"),
            models.UniqueConstraint(
                fields=["student", "date"],
                condition=Q(cancelled_at__isnull=True),
                name="attendance_change_one_a_day",
                violation_error_message="这一天已有一条早接或晚接，请先撤销。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.date}"


class LateCarePlace(models.Model):
    """Where children wait who were not fetched in time, who keeps them there, and until when (a setting of the term)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="late_care_places")
    name = models.CharField("地点", max_length=40)
    role = models.CharField("由谁负责", max_length=20, choices=Role)
    order = models.PositiveSmallIntegerField("次序", default=1)
    opens_at = models.TimeField("从", null=True, blank=True)
    closes_at = models.TimeField("到", null=True, blank=True)

    class Meta:
        ordering = ["term", "order"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "order"], name="attendance_place_order", violation_error_message="次序重复。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class ChildDay(models.Model):
    """Where one child of the day is now: exactly one state. Changed only together with a new Handover row."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="child_days")
    student = models.ForeignKey(Student, models.PROTECT, related_name="child_days")
    date = models.DateField("日期")
    placement = models.ForeignKey(Placement, models.PROTECT, null=True, blank=True, related_name="+")
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="child_days", help_text="服务班的场次"
    )
    state = models.CharField("状态", max_length=10, choices=CustodyState, default=CustodyState.EXPECTED)
    holder = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="held", verbose_name="谁负责"
    )
    at_session = models.ForeignKey(
        Session,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="现在在哪一场（服务班或社团）",
    )
    place = models.CharField("在哪里", max_length=40, blank=True, default="")
    links = models.PositiveSmallIntegerField("交接次数", default=0)
    since = models.DateTimeField("从什么时候起")
    is_pass = models.BooleanField("临时加入", default=False)

    class Meta:
        ordering = ["date", "session", "student"]
        indexes = [
            models.Index(fields=["date", "state"]),
            models.Index(fields=["session", "state"]),
            models.Index(fields=["term", "state", "date"]),  # who is still open on an earlier day: the board asks
        ]
        constraints = [
            one_of("state", CustodyState, "attendance_childday_state"),
            models.UniqueConstraint(
                fields=["student", "date"],
                name="attendance_childday_once",
                violation_error_message="一个孩子一天只有一个去向。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CustodyState.FETCHED, CustodyState.ALONE, CustodyState.AWAY])
                | Q(holder__isnull=True),
                name="attendance_childday_end_unheld",
                violation_error_message="离校的孩子不再由人负责。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[CustodyState.GROUP, CustodyState.CLUB, CustodyState.STAFF, CustodyState.LATE])
                | Q(holder__isnull=False),
                name="attendance_childday_care_held",
                violation_error_message="在校的孩子必须有人负责。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.date} {self.get_state_display()}"

    @property
    def tone(self) -> str:
        return CustodyState(self.state).tone


class Handover(models.Model):
    """One link of the chain (交接): appended, never changed."""

    child_day = models.ForeignKey(ChildDay, models.PROTECT, related_name="handovers")
    number = models.PositiveSmallIntegerField("第几次")
    from_state = models.CharField(max_length=10, choices=CustodyState)
    to_state = models.CharField(max_length=10, choices=CustodyState)
    from_holder = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+")
    to_holder = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+")
    at_session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.CharField(max_length=40, blank=True, default="")
    released_to = models.ForeignKey(
        Guardian, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="交给谁"
    )
    reason = models.CharField("原因", max_length=30, blank=True, default="", help_text="代码")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间", help_text="学校的时钟")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["child_day", "number"]
        constraints = [
            one_of("from_state", CustodyState, "attendance_handover_from"),
            one_of("to_state", CustodyState, "attendance_handover_to"),
            models.UniqueConstraint(
                fields=["child_day", "number"],
                name="attendance_handover_once",
                violation_error_message="刚才已有人处理过，请看最新的状态。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_day_id} #{self.number}"


class HandoverNote(models.Model):
    """Words beside a link: who came for the child when not on the list, what a guardian said. May be blanked."""

    handover = models.OneToOneField(Handover, models.CASCADE, related_name="note", primary_key=True)
    text = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.text


class CallNote(models.Model):
    """A call to a guardian, with time and answer."""

    child_day = models.ForeignKey(ChildDay, models.PROTECT, related_name="calls")
    guardian = models.ForeignKey(Guardian, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField("结果", max_length=12, choices=CallOutcome)
    text = models.CharField("说了什么", max_length=200, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["child_day", "at"]
        constraints = [one_of("outcome", CallOutcome, "attendance_call_outcome")]

    def __str__(self) -> str:
        return self.get_outcome_display()


class ClosedDay(models.Model):
    """That the duty leader closed a day: every child of it is at an end."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="closed_days")
    date = models.DateField(unique=True, error_messages={"unique": "这一天已经关闭。"})
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()

    class Meta:
        ordering = ["-date"]

    def __str__(self) -> str:
        return f"{self.date}"
