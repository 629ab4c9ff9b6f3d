"""Half-monthly figures (双减数据) and the classes' student tables, frozen as they were sent (H1, H2)."""

from django.db import models

from afterschool.school.models import SchoolClass, Student, Term, User
from afterschool.support.constraints import in_order, one_of, together
from evaluation.enums import ClassTableState, PaperState


class FigureColumn(models.Model):
    """A column of the figures: one that the portal fills (`key`), or the school's own, filled by hand."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="figure_columns")
    position = models.PositiveSmallIntegerField("次序")
    key = models.CharField("本站填的", max_length=40, blank=True, default="")
    title = models.CharField("列名", max_length=30)
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["term", "position", "pk"]

    def __str__(self) -> str:
        return self.title


class HalfMonth(models.Model):
    """The figures of a half month. While a draft they are counted anew; sent, they stand; corrected, a new version."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="half_months")
    due_on = models.DateField("上报日")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    version = models.PositiveSmallIntegerField("版本", default=1)
    state = models.CharField("状态", max_length=10, choices=PaperState, default=PaperState.DRAFT)
    columns = models.JSONField("列", default=list, help_text="上报时的列名和次序")
    figures = models.JSONField("数字", default=dict, help_text="按年级，只有数字")
    typed = models.JSONField("手工填的列", default=dict, help_text="按年级，只有数字")
    reason = models.CharField("更正的原因", max_length=200, blank=True, default="")
    made_at = models.DateTimeField("生成时间")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField("上报时间", null=True, blank=True)

    class Meta:
        ordering = ["-due_on", "-version"]
        constraints = [
            one_of("state", PaperState, "evaluation_halfmonth_state"),
            in_order("first_day", "last_day", "evaluation_halfmonth_order", "结束不能早于开始。"),
            models.UniqueConstraint(
                fields=["term", "due_on", "version"],
                name="evaluation_halfmonth_version",
                violation_error_message="这一版已经有了。",
            ),
            together(["sent_by", "sent_at"], "evaluation_halfmonth_sent", "上报人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} v{self.version}"

    @property
    def tone(self) -> str:
        return PaperState(self.state).tone


class ClassTable(models.Model):
    """One class's table for one due day: filled by the portal, confirmed by the head teacher, then frozen."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="class_tables")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="afternoon_tables")
    due_on = models.DateField("最晚哪一天")
    state = models.CharField("状态", max_length=10, choices=ClassTableState, default=ClassTableState.OPEN)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    version = models.PositiveSmallIntegerField("版本", default=1, help_text="退回一次加一")

    class Meta:
        ordering = ["-due_on", "school_class"]
        constraints = [
            one_of("state", ClassTableState, "evaluation_classtable_state"),
            models.UniqueConstraint(
                fields=["school_class", "due_on"],
                name="evaluation_classtable_once",
                violation_error_message="这个班这一期的表已经有了。",
            ),
            together(["confirmed_by", "confirmed_at"], "evaluation_classtable_confirmed", "确认人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.due_on}"

    @property
    def tone(self) -> str:
        return ClassTableState(self.state).tone


class ClassTableVersion(models.Model):
    """A version that was confirmed and then given back: who, when, why. Its lines stay beside those of the next."""

    table = models.ForeignKey(ClassTable, models.CASCADE, related_name="versions")
    version = models.PositiveSmallIntegerField("版本")
    confirmed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField("确认时间")
    note = models.CharField("说明", max_length=200, blank=True, default="")
    returned_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    returned_at = models.DateTimeField("退回时间")
    reason = models.CharField("退回的原因", max_length=200)

    class Meta:
        ordering = ["table", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "version"],
                name="evaluation_tableversion_once",
                violation_error_message="这一版已经有了。",
            ),
            in_order("confirmed_at", "returned_at", "evaluation_tableversion_order", "退回不能早于确认。"),
        ]

    def __str__(self) -> str:
        return f"{self.table_id} v{self.version}"


class ClassTableRow(models.Model):
    """One child of a confirmed table, as it stood: no name here, it stands with the child."""

    table = models.ForeignKey(ClassTable, models.CASCADE, related_name="rows")
    version = models.PositiveSmallIntegerField("版本", default=1)
    student = models.ForeignKey(Student, models.PROTECT, related_name="class_table_rows")
    number = models.PositiveIntegerField("学号", null=True, blank=True)
    weekdays = models.CharField("参加的星期", max_length=7, blank=True, default="")
    group_name = models.CharField("服务班", max_length=60, blank=True, default="")
    clubs = models.CharField("社团", max_length=200, blank=True, default="")
    due = models.PositiveSmallIntegerField("应到次数", default=0)
    here = models.PositiveSmallIntegerField("到班次数", default=0)
    leave = models.PositiveSmallIntegerField("请假次数", default=0)
    absent = models.PositiveSmallIntegerField("未到次数", default=0)

    class Meta:
        ordering = ["table", "version", "number", "student"]
        constraints = [
            models.UniqueConstraint(
                fields=["table", "version", "student"],
                name="evaluation_tablerow_once",
                violation_error_message="这个孩子已在表上。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.table_id} {self.student_id}"
