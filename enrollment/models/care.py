"""Care categories, apart from the child's record: who sees them is decided in `actions.care`, and each look is logged."""

from django.db import models

from afterschool.school.models import Student, Term, User


class CareCategory(models.Model):
    """A kind of family that is served first (关爱类别). The plan's four are the default; a school adds or renames."""

    code = models.SlugField("代码", unique=True, error_messages={"unique": "已有这个代码。"})
    name = models.CharField("名称", max_length=40, unique=True, error_messages={"unique": "已有同名的类别。"})
    order = models.PositiveSmallIntegerField("次序", default=0)
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name


class CareRecord(models.Model):
    """That a child is of a care category. Seen by the class's head teacher and the office only; each look is logged."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="care_records")
    student = models.ForeignKey(Student, models.CASCADE, related_name="care_records")
    category = models.ForeignKey(CareCategory, models.PROTECT, related_name="records")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        ordering = ["student", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "student", "category"],
                name="enrollment_care_once",
                violation_error_message="已登记过这个类别。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id}"
