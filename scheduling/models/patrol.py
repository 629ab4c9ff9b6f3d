"""Who patrols on which weekday, at which post (D7)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.models import Teacher, Term, User
from afterschool.support.constraints import one_of
from scheduling.enums import PatrolPost


class PatrolTurn(models.Model):
    """One post of one weekday; without a person it is open and listed as such. Several persons: numbers 1, 2, ..."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="patrol_turns")
    weekday = models.PositiveSmallIntegerField("星期", validators=[MinValueValidator(1), MaxValueValidator(7)])
    post = models.CharField("岗位", max_length=8, choices=PatrolPost)
    number = models.PositiveSmallIntegerField("第几位", default=1)
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="patrol_turns")

    class Meta:
        ordering = ["term", "weekday", "-post", "number"]
        constraints = [
            one_of("post", PatrolPost, "scheduling_patrol_post"),
            models.UniqueConstraint(
                fields=["term", "weekday", "post", "number"],
                name="scheduling_patrol_once",
                violation_error_message="这个岗位已经有了。",
            ),
            models.UniqueConstraint(
                fields=["term", "weekday", "teacher"],
                condition=Q(teacher__isnull=False),
                name="scheduling_patrol_one_post",
                violation_error_message="一个人一天只在一个岗位。",
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="scheduling_patrol_weekday",
                violation_error_message="星期只能是 1 到 7。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.get_post_display()}"


class PatrolChange(models.Model):
    """Another person for one post of one date."""

    turn = models.ForeignKey(PatrolTurn, models.CASCADE, related_name="changes")
    date = models.DateField("日期")
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="改由")
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["date", "turn"]
        constraints = [
            models.UniqueConstraint(
                fields=["turn", "date"], name="scheduling_patrolchange_once", violation_error_message="这一天已经改过。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.turn_id} {self.date}"
