"""Timetables of grade bands, and the periods they cut the day into."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import GradeBand, Term
from afterschool.support.constraints import in_order, one_of
from afterschool.support.weekdays import validate_weekdays
from scheduling.enums import SlotKind


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
