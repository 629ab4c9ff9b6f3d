"""Letters to parents (告家长书, 指南, 责任书) and who has read them (plan section 5, B1)."""

import uuid

from django.db import models
from django.db.models import Q

from afterschool.school.models import SchoolClass, Student, Term, User
from afterschool.support.constraints import one_of
from enrollment.enums import NoticeKind, NoticeState, ReadingSource


class Notice(models.Model):
    """One text to parents. `body` holds placeholders until it is published; `published_body` then never changes again."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="notices")
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="公开网址里的编号")
    kind = models.CharField("种类", max_length=16, choices=NoticeKind, default=NoticeKind.OTHER)
    title = models.CharField("标题", max_length=80)
    body = models.TextField("正文", blank=True, default="")
    grades = models.CharField("发给哪些年级", max_length=40, blank=True, default="", help_text="用逗号隔开，空为全校")
    on_board = models.BooleanField("登在公开栏", default=True)
    with_slip = models.BooleanField("带回执", default=True)
    state = models.CharField("状态", max_length=10, choices=NoticeState, default=NoticeState.DRAFT)
    published_title = models.CharField("发布的标题", max_length=80, blank=True, default="")
    published_body = models.TextField("发布的正文", blank=True, default="")
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    reminded_at = models.DateTimeField("最近一次提醒", null=True, blank=True)
    version = models.PositiveIntegerField("第几次保存", default=0, editable=False)
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        ordering = ["-published_at", "kind", "pk"]
        constraints = [
            one_of("kind", NoticeKind, "enrollment_notice_kind"),
            one_of("state", NoticeState, "enrollment_notice_state"),
            models.CheckConstraint(
                condition=Q(state=NoticeState.DRAFT) | (Q(published_at__isnull=False) & ~Q(published_body="")),
                name="enrollment_notice_published",
                violation_error_message="发布的要有时间和正文。",
            ),
        ]

    def __str__(self) -> str:
        return self.published_title or self.title

    @property
    def tone(self) -> str:
        return NoticeState(self.state).tone


class NoticeReading(models.Model):
    """That a child's family has read a notice: opened in the portal, or a slip came back on paper."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="readings")
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    source = models.CharField("方式", max_length=10, choices=ReadingSource, default=ReadingSource.PORTAL)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", help_text="打开的家长，或收回执的班主任")
    read_at = models.DateTimeField("时间")

    class Meta:
        ordering = ["notice", "student"]
        constraints = [
            one_of("source", ReadingSource, "enrollment_reading_source"),
            models.UniqueConstraint(
                fields=["notice", "student"],
                name="enrollment_reading_once",
                violation_error_message="这个孩子家里已读。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.student_id}"


class NoticeReminder(models.Model):
    """That a class's families were asked once more on a date: at most once a day, whoever asks."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="reminders")
    school_class = models.ForeignKey(SchoolClass, models.CASCADE, related_name="+")
    date = models.DateField("日期")

    class Meta:
        ordering = ["notice", "-date", "school_class"]
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "school_class", "date"],
                name="enrollment_reminder_once_a_day",
                violation_error_message="这个班今天已经提醒过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.school_class_id} {self.date}"
