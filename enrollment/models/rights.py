"""What families ask of their child's data: a copy, a correction, erasure (A5; 个人信息保护法 44-47)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Student, User
from afterschool.support.constraints import one_of
from enrollment.enums import RightsKind, RightsState


class RightsRequest(models.Model):
    """One request about one child's data, and what became of it."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="rights_requests")
    kind = models.CharField("要求", max_length=10, choices=RightsKind)
    text = models.CharField("说明", max_length=300, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=RightsState, default=RightsState.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    answer = models.CharField("答复", max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("kind", RightsKind, "enrollment_rights_kind"),
            one_of("state", RightsState, "enrollment_rights_state"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(decided_at__isnull=False),
                name="enrollment_rights_decision",  # what time itself erases is nobody's decision
                violation_error_message="处理要有时间。",
            ),
            models.UniqueConstraint(
                fields=["student", "kind"],
                condition=Q(state=RightsState.ASKED),
                name="enrollment_rights_one_open",
                violation_error_message="同样的要求已经在处理。",
            ),
            models.CheckConstraint(
                condition=~Q(state=RightsState.REFUSED) | ~Q(answer=""),
                name="enrollment_rights_answer",
                violation_error_message="不能办理要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.kind}"

    @property
    def tone(self) -> str:
        return RightsState(self.state).tone
