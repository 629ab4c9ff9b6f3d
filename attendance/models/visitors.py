"""The register of outside persons at the gate (plan, section on safety; E7)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Teacher, Term, User
from afterschool.support.constraints import in_order, one_of, together
from attendance.enums import VisitorPaper


class Visitor(models.Model):
    """One person from outside: who, by which paper, to whom, in and out. As little as the plan asks for, kept a set time."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="visitors")
    date = models.DateField("日期")
    name = models.CharField("姓名", max_length=40)
    paper = models.CharField("证件", max_length=10, choices=VisitorPaper)
    paper_tail = models.CharField("证件后几位", max_length=6, blank=True, default="")
    phone = models.CharField("手机号", max_length=20, blank=True, default="")
    visits = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="visitors", verbose_name="找谁"
    )
    visits_other = models.CharField("找谁（部门）", max_length=40, blank=True, default="")
    purpose = models.CharField("事由", max_length=60, blank=True, default="")
    persons = models.PositiveSmallIntegerField("人数", default=1)
    in_at = models.DateTimeField("进校")
    in_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    out_at = models.DateTimeField("离校", null=True, blank=True)
    out_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_by = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="谁同意（不接待的时间）"
    )
    decision = models.CharField("同意的理由", max_length=100, blank=True, default="")
    forgotten_at = models.DateTimeField("删去姓名的时间", null=True, blank=True)

    class Meta:
        ordering = ["-in_at", "-pk"]
        indexes = [models.Index(fields=["date", "out_at"])]
        constraints = [
            one_of("paper", VisitorPaper, "attendance_visitor_paper"),
            in_order("in_at", "out_at", "attendance_visitor_order", "离校不能早于进校。"),
            together(["out_at", "out_by"], "attendance_visitor_out", "离校时间和登记人要一起记。"),
            models.CheckConstraint(
                condition=Q(visits__isnull=False) | ~Q(visits_other=""),
                name="attendance_visitor_visits",
                violation_error_message="请写明找谁。",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decision=""),
                name="attendance_visitor_decision",
                violation_error_message="谁同意的和理由要一起写。",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at__isnull=True) | Q(name="", phone="", paper_tail="", purpose=""),
                name="attendance_visitor_forgotten",
                violation_error_message="到期的来访登记不再留姓名、证件、电话和事由。",
            ),
            models.CheckConstraint(
                condition=Q(persons__gte=1), name="attendance_visitor_persons", violation_error_message="至少一人。"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.pk}"
