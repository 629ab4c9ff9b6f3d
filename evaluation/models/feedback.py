"""What parents write: questions, praise, suggestions, complaints, named or not (意见建议; G6)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Group, Student, Teacher, Term, User
from afterschool.support.constraints import one_of, together
from evaluation.enums import FeedbackKind, FeedbackState, Finding
from evaluation.models.surveys import draw_number


class Feedback(models.Model):
    """One message. Unnamed, no account is kept: a code that only the writer has leads to the answer."""

    id = models.BigAutoField(primary_key=True, default=draw_number)  # its place tells nothing
    term = models.ForeignKey(Term, models.CASCADE, related_name="feedback")
    kind = models.CharField("种类", max_length=10, choices=FeedbackKind)
    text = models.TextField("内容", max_length=1000)
    student = models.ForeignKey(Student, models.SET_NULL, null=True, blank=True, related_name="feedback")
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    code_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    sent_on = models.DateField("日期")
    sent_at = models.DateTimeField("时间", null=True, blank=True, help_text="不具名的只记日期")
    teacher = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="feedback", verbose_name="关于哪位教师"
    )
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="feedback")
    state = models.CharField("状态", max_length=10, choices=FeedbackState, default=FeedbackState.NEW)
    owner = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="由谁了解情况"
    )
    finding = models.CharField("是否属实", max_length=12, choices=Finding, default=Finding.OPEN)
    found_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    found_at = models.DateTimeField("核实时间", null=True, blank=True)
    found = models.CharField("了解到的情况", max_length=500, blank=True, default="")

    class Meta:
        ordering = ["-sent_on", "-pk"]
        constraints = [
            one_of("kind", FeedbackKind, "evaluation_feedback_kind"),
            one_of("state", FeedbackState, "evaluation_feedback_state"),
            one_of("finding", Finding, "evaluation_feedback_finding"),
            together(["found_by", "found_at"], "evaluation_feedback_found", "核实人和时间要一起记。"),
            models.CheckConstraint(
                condition=Q(user__isnull=True) | Q(code_hash=""),
                name="evaluation_feedback_one_way",
                violation_error_message="具名的不用查询码。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sent_on} {self.kind}"

    @property
    def tone(self) -> str:
        return FeedbackState(self.state).tone

    @property
    def finding_tone(self) -> str:
        return Finding(self.finding).tone


class FeedbackReply(models.Model):
    """One answer, from the school or from the writer."""

    feedback = models.ForeignKey(Feedback, models.CASCADE, related_name="replies")
    from_school = models.BooleanField("学校的答复")
    text = models.TextField("内容", max_length=1000)
    by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["feedback", "pk"]

    def __str__(self) -> str:
        return f"{self.feedback_id}"
