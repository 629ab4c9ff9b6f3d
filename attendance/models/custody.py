"""The chain of custody: where each child of a day is, link by link."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import Role
from afterschool.school.models import Guardian, Placement, Session, Student, Teacher, Term, User
from afterschool.support.constraints import one_of
from attendance.enums import CallAbout, CallOutcome, CustodyState
from attendance.models.leaves import DayFetcher


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
    released_to_other = models.ForeignKey(
        DayFetcher, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="交给家长当天说的人"
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

    @property
    def given_to(self) -> str:
        """Who fetched the child, with the relation of somebody named for the day; nothing where a decision let it go."""
        if self.released_to:
            return self.released_to.name
        other = self.released_to_other
        return f"{other.name}（{other.relation}）" if other else ""


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
    about = models.CharField("为什么打", max_length=12, choices=CallAbout, default=CallAbout.OTHER)
    outcome = models.CharField("结果", max_length=12, choices=CallOutcome)
    text = models.CharField("说了什么", max_length=200, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["child_day", "at"]
        constraints = [
            one_of("about", CallAbout, "attendance_call_about"),
            one_of("outcome", CallOutcome, "attendance_call_outcome"),
        ]

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
