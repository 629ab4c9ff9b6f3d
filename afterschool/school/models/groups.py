"""Groups, who is in them, when they meet, and what each meeting occupies."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import GroupKind, PlacementKind, Resource, SessionState
from afterschool.school.models.people import Student
from afterschool.school.models.places import Room
from afterschool.school.models.term import Term
from afterschool.support.constraints import in_order, one_of
from afterschool.support.weekdays import validate_weekdays


class Group(models.Model):
    """Children looked after together: a standalone or mixed group of a grade, or a club (plan section 6 (4))."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="groups")
    kind = models.CharField("方式", max_length=12, choices=GroupKind)
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)
    name = models.CharField("名称", max_length=60)
    order = models.PositiveSmallIntegerField("次序", default=0, help_text="同年级内的先后")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="groups", verbose_name="地点")
    reason = models.CharField("编班依据", max_length=200, blank=True, default="")
    starts_on = models.DateField("从")
    ends_on = models.DateField("到", null=True, blank=True)

    class Meta:
        ordering = ["term", "grade", "order", "pk"]
        constraints = [
            one_of("kind", GroupKind, "school_group_kind"),
            models.UniqueConstraint(
                fields=["term", "name"],
                condition=Q(ends_on__isnull=True),
                name="school_group_name",
                violation_error_message="这个学期已有同名的服务班。",
            ),
            models.CheckConstraint(
                condition=Q(kind=GroupKind.CLUB) | Q(grade__isnull=False),
                name="school_group_grade",
                violation_error_message="服务班要写明年级。",
            ),
            in_order("starts_on", "ends_on", "school_group_order", "结束日期不能早于开始日期。"),
        ]

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    """A child's place in a group, for some weekdays, from a date on. A change ends one row and begins another."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="placements")
    student = models.ForeignKey(Student, models.PROTECT, related_name="placements")
    group = models.ForeignKey(Group, models.PROTECT, related_name="placements")
    kind = models.CharField(max_length=10, choices=PlacementKind, default=PlacementKind.SERVICE)
    weekdays = models.CharField("参加的星期", max_length=7, validators=[validate_weekdays])
    starts_on = models.DateField("从")
    ends_on = models.DateField("到", null=True, blank=True)

    class Meta:
        ordering = ["group", "student"]
        indexes = [models.Index(fields=["group", "starts_on", "ends_on"])]
        constraints = [
            one_of("kind", PlacementKind, "school_placement_kind"),
            models.UniqueConstraint(
                fields=["student", "term"],
                condition=Q(kind=PlacementKind.SERVICE, ends_on__isnull=True),
                name="school_placement_one_service_group",
                violation_error_message="一个孩子只能在一个服务班。",
            ),
            models.UniqueConstraint(
                fields=["student", "group", "starts_on"],
                name="school_placement_once",
                violation_error_message="这个孩子这天已编入这个班。",
            ),
            in_order("starts_on", "ends_on", "school_placement_order", "结束日期不能早于开始日期。"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} → {self.group_id}"


class Session(models.Model):
    """One meeting of a group or a club on one date. It was held when its roll call is closed."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="sessions")
    group = models.ForeignKey(Group, models.PROTECT, related_name="sessions")
    date = models.DateField("日期", db_index=True)
    starts_at = models.TimeField("开始")
    ends_at = models.TimeField("放学")
    room = models.ForeignKey(Room, models.PROTECT, null=True, blank=True, related_name="sessions", verbose_name="地点")
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PLANNED)
    cancel_reason = models.CharField("取消原因", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["date", "starts_at", "group"]
        indexes = [models.Index(fields=["term", "date"])]
        constraints = [
            one_of("state", SessionState, "school_session_state"),
            models.UniqueConstraint(
                fields=["group", "date", "starts_at"],
                name="school_session_once",
                violation_error_message="这一场已经有了。",
            ),
            in_order("starts_at", "ends_at", "school_session_order", "放学不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.date}"


class Occupancy(models.Model):
    """That a session takes a teacher, a room or a group for one period of a day: nobody and nothing twice at a time."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="occupancies")
    date = models.DateField()
    period = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Resource)
    resource_id = models.BigIntegerField()

    class Meta:
        ordering = ["date", "period"]
        constraints = [
            one_of("kind", Resource, "school_occupancy_kind"),
            models.UniqueConstraint(
                fields=["date", "period", "kind", "resource_id"],
                name="school_occupancy_once",
                violation_error_message="这个时间已被占用。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.period} {self.kind} {self.resource_id}"
