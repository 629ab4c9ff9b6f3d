"""The emergency plan, incidents and drills, with their timeline (安全应急预案; E9)."""

from django.db import models
from django.db.models import F, Q

from afterschool.school.models import Session, Teacher, Term, User
from afterschool.school.models.uploads import Upload
from afterschool.support.constraints import in_order, one_of, together
from attendance.enums import IncidentCategory, IncidentKind, IncidentState, Party, ReportBy
from attendance.models.custody import ChildDay


class EmergencyPost(models.Model):
    """One of the five parties of the plan, with a person and a deputy; an unfilled one is a warning."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="emergency_posts")
    party = models.CharField("职责", max_length=16, choices=Party)
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="emergency_posts")
    deputy = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+")
    duties = models.TextField("要做的事", blank=True, default="")

    class Meta:
        ordering = ["term", "pk"]
        constraints = [
            one_of("party", Party, "attendance_post_party"),
            models.UniqueConstraint(
                fields=["term", "party"], name="attendance_post_once", violation_error_message="这个职责已经有了。"
            ),
            models.CheckConstraint(
                condition=Q(teacher__isnull=True) | Q(deputy__isnull=True) | ~Q(teacher=F("deputy")),
                name="attendance_post_two",
                violation_error_message="负责人和副手要是两个人。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_party_display()


class EmergencyNumber(models.Model):
    """A number to call that belongs to no person of the school: 110, 119, 120, the bureau, the nearest hospital."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="emergency_numbers")
    name = models.CharField("单位", max_length=40)
    phone = models.CharField("电话", max_length=20)
    order = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        ordering = ["term", "order", "pk"]

    def __str__(self) -> str:
        return self.name


class Incident(models.Model):
    """Something that happened, or a drill: raised by anybody of the staff, started by a leader, both timed."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="incidents")
    kind = models.CharField("性质", max_length=8, choices=IncidentKind)
    category = models.CharField("类别", max_length=10, choices=IncidentCategory)
    place = models.CharField("地点", max_length=60)
    what = models.CharField("情况", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=IncidentState, default=IncidentState.ALARM)
    alarm_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    alarm_at = models.DateTimeField("报警")
    started_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField("启动预案", null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField("结束", null=True, blank=True)
    summary = models.TextField("经过和处理", blank=True, default="")
    lessons = models.TextField("改进", blank=True, default="")

    class Meta:
        ordering = ["-alarm_at", "-pk"]
        constraints = [
            one_of("kind", IncidentKind, "attendance_incident_kind"),
            one_of("category", IncidentCategory, "attendance_incident_category"),
            one_of("state", IncidentState, "attendance_incident_state"),
            together(["started_by", "started_at"], "attendance_incident_started", "启动人和时间要一起记。"),
            together(["ended_by", "ended_at"], "attendance_incident_ended", "结束人和时间要一起记。"),
            in_order("alarm_at", "started_at", "attendance_incident_order", "启动不能早于报警。"),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} {self.pk}"

    @property
    def tone(self) -> str:
        """A drill is never red."""
        drill = self.kind == IncidentKind.DRILL and self.is_open
        return "now" if drill else IncidentState(self.state).tone

    @property
    def is_open(self) -> bool:
        return self.state in (IncidentState.ALARM, IncidentState.RUNNING)


class IncidentEntry(models.Model):
    """One line of the timeline: who did what when. Appended, never changed."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="entries")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    party = models.CharField("职责", max_length=16, choices=Party, blank=True, default="")
    text = models.CharField("做了什么", max_length=300)

    class Meta:
        ordering = ["incident", "at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(party__in=["", *Party.values]),
                name="attendance_entry_party",
                violation_error_message="状态不在允许的范围内。",
            )
        ]

    def __str__(self) -> str:
        return self.text[:30]


class Confirmation(models.Model):
    """That a member of staff has seen the alarm, and where the person is."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="confirmations")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="+")
    where = models.CharField("在哪里", max_length=60, blank=True, default="")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["incident", "at"]
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "teacher"],
                name="attendance_confirmation_once",
                violation_error_message="已经确认过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.teacher_id}"


class HeadCount(models.Model):
    """How many children a holder has counted, against how many the chain says; counted again makes a new row."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="counts")
    holder = models.ForeignKey(Teacher, models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="+")
    expected = models.PositiveSmallIntegerField("应有")
    counted = models.PositiveSmallIntegerField("实有")
    place = models.CharField("集合地点", max_length=60, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["incident", "at", "pk"]

    def __str__(self) -> str:
        return f"{self.holder_id} {self.counted}/{self.expected}"


class NotCounted(models.Model):
    """A child that a holder did not find in a head count."""

    count = models.ForeignKey(HeadCount, models.CASCADE, related_name="not_found")
    child_day = models.ForeignKey(ChildDay, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["count", "child_day"],
                name="attendance_notcounted_once",
                violation_error_message="这个孩子已经记过。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.count_id} {self.child_day_id}"


class BureauReport(models.Model):
    """One of the two reports to the bureau, timed."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="reports")
    by_post = models.CharField("由谁报", max_length=16, choices=ReportBy)
    told = models.CharField("报给谁", max_length=60)
    text = models.CharField("报了什么", max_length=300, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["incident", "at"]
        constraints = [one_of("by_post", ReportBy, "attendance_bureau_by")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.by_post}"


class IncidentFile(Upload):
    """A paper or photo of the place; no faces of children."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="files")
