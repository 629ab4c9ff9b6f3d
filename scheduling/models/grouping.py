"""Groupings proposed and accepted: the first one of a term, and what is changed after the start."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Term, User
from afterschool.support.constraints import one_of, together
from scheduling.enums import GroupingKind, GroupingState


class Grouping(models.Model):
    """A proposal for the groups of a term, kept as it was computed, with its reasons (rules of grouping).

    A term has one first grouping, and after its start any number of changes, each with effect from its date.
    """

    kind = models.CharField("种类", max_length=8, choices=GroupingKind, default=GroupingKind.FIRST)
    starts_on = models.DateField("从哪天起", null=True, blank=True, help_text="调整编班：从这天起生效")
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
            one_of("kind", GroupingKind, "scheduling_grouping_kind"),
            models.CheckConstraint(
                condition=Q(kind=GroupingKind.FIRST) | Q(starts_on__isnull=False),
                name="scheduling_grouping_from",
                violation_error_message="调整编班要写明从哪天起。",
            ),
            together(["decided_at", "decided_by"], "scheduling_grouping_decision", "确认人和确认时间要一起记。"),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(state=GroupingState.ACCEPTED, kind=GroupingKind.FIRST),
                name="scheduling_grouping_one_accepted",
                violation_error_message="这个学期已有一份确认的编班。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.get_state_display()}"
