"""Groupings proposed and accepted, timetables, the weekly rota and the dated duties made from it."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.models import GradeBand, Group, Session, Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from afterschool.support.weekdays import validate_weekdays
from scheduling.enums import DutySource, GroupingState, RotaState, SlotKind


class Grouping(models.Model):
    """A proposal for the groups of a term, kept as it was computed, with its reasons (rules of grouping)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="groupings")
    state = models.CharField("状态", max_length=12, choices=GroupingState, default=GroupingState.DRAFT)
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settings = models.JSONField("设置", default=dict, help_text="当时的上限、比例和最少人数")
    result = models.JSONField("结果", default=dict, help_text="各组：编号和数字，没有姓名")
    decided_at = models.DateTimeField("确认时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            one_of("state", GroupingState, "scheduling_grouping_state"),
            together(["decided_at", "decided_by"], "scheduling_grouping_decision", "确认人和确认时间要一起记。"),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(state=GroupingState.ACCEPTED),
                name="scheduling_grouping_one_accepted",
                violation_error_message="这个学期已有一份确认的编班。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.get_state_display()}"


class Timetable(models.Model):
    """What a grade band does in an afternoon, for some weekdays, from a date on (plan section 6 (5))."""

    band = models.ForeignKey(GradeBand, models.CASCADE, related_name="timetables")
    weekdays = models.CharField("适用的星期", max_length=7, default="12345", validators=[validate_weekdays])
    valid_from = models.DateField("从", null=True, blank=True, help_text="空：从开学起")
    dismissal = models.TimeField("放学")

    class Meta:
        ordering = ["band", "valid_from", "weekdays"]
        constraints = [
            models.UniqueConstraint(
                fields=["band", "weekdays", "valid_from"],
                name="scheduling_timetable_once_a_season",
                violation_error_message="这个年级段已有同样的课表。",
            ),
            models.UniqueConstraint(
                fields=["band", "weekdays"],
                condition=Q(valid_from__isnull=True),
                name="scheduling_timetable_once",
                violation_error_message="这个年级段已有同样的课表。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.band_id} {self.weekdays}"


class Slot(models.Model):
    """One line of a timetable."""

    timetable = models.ForeignKey(Timetable, models.CASCADE, related_name="slots")
    number = models.PositiveSmallIntegerField("序号")
    starts_at = models.TimeField("开始")
    ends_at = models.TimeField("结束")

    class Meta:
        ordering = ["timetable", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["timetable", "number"],
                name="scheduling_slot_once",
                violation_error_message="序号重复。",
            ),
            in_order("starts_at", "ends_at", "scheduling_slot_order", "结束不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at:%H:%M}-{self.ends_at:%H:%M}"


class SlotPart(models.Model):
    """What happens in a slot: several parts come in turn, or side by side for different children."""

    slot = models.ForeignKey(Slot, models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField("次序")
    side_by_side = models.BooleanField("与前一项同时", default=False)
    kind = models.CharField("类别", max_length=12, choices=SlotKind)
    text = models.CharField("内容（照印）", max_length=60)
    place = models.CharField("地点（照印）", max_length=60, blank=True, default="")

    class Meta:
        ordering = ["slot", "position"]
        constraints = [
            one_of("kind", SlotKind, "scheduling_slotpart_kind"),
            models.UniqueConstraint(
                fields=["slot", "position"],
                name="scheduling_slotpart_once",
                violation_error_message="次序重复。",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Period(models.Model):
    """A stretch of the day between two boundaries of any timetable of the term: the grain of Occupancy."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="periods")
    number = models.PositiveSmallIntegerField("序号")
    starts_at = models.TimeField("开始")
    ends_at = models.TimeField("结束")

    class Meta:
        ordering = ["term", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "number"], name="scheduling_period_once", violation_error_message="序号重复。"
            ),
            in_order("starts_at", "ends_at", "scheduling_period_order", "结束不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class Rota(models.Model):
    """The weekly rota of a term (工作安排表), proposed, then accepted."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="rotas")
    state = models.CharField("状态", max_length=12, choices=RotaState, default=RotaState.DRAFT)
    starts_on = models.DateField("从")
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("发布时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    findings = models.JSONField("没能满足的", default=list, help_text="代码、编号和数字")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            one_of("state", RotaState, "scheduling_rota_state"),
            together(["decided_at", "decided_by"], "scheduling_rota_decision", "发布人和发布时间要一起记。"),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(state=RotaState.ACCEPTED),
                name="scheduling_rota_one_accepted",
                violation_error_message="这个学期已有一份发布的值班表。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.get_state_display()}"


class RotaTurn(models.Model):
    """One person's weekly turn with one group; no person is an open turn, named on the page."""

    rota = models.ForeignKey(Rota, models.CASCADE, related_name="turns")
    group = models.ForeignKey(Group, models.CASCADE, related_name="turns")
    weekday = models.PositiveSmallIntegerField("星期", validators=[MinValueValidator(1), MaxValueValidator(7)])
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="turns")
    reason = models.CharField("说明", max_length=100, blank=True, default="", help_text="手工安排外年级教师的原因")

    class Meta:
        ordering = ["rota", "group", "weekday"]
        constraints = [
            models.UniqueConstraint(
                fields=["rota", "group", "weekday"],
                name="scheduling_turn_once",
                violation_error_message="这一班这一天已排。",
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="scheduling_turn_weekday",
                violation_error_message="星期只能是 1 到 7。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id} {self.weekday}"


class Duty(models.Model):
    """One person's turn at one session. A stand-in ends one row and begins another, so that both stay on record."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="duties")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="duties")
    source = models.CharField("来由", max_length=10, choices=DutySource, default=DutySource.ROTA)
    active = models.BooleanField("现在由其负责", default=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.CharField("原因", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["session", "pk"]
        indexes = [models.Index(fields=["teacher", "active"])]
        constraints = [
            one_of("source", DutySource, "scheduling_duty_source"),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(active=True),
                name="scheduling_duty_one_active",
                violation_error_message="这一场已有负责的教师。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.teacher_id}"
