"""Safety checks of rooms and pitches, with defects and repairs (E10)."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import RoomKind
from afterschool.school.models import Room, Teacher, Term, User
from afterschool.school.models.uploads import Upload
from afterschool.support.constraints import one_of, together
from attendance.enums import Answer, DefectState


class CheckList(models.Model):
    """What is looked at in rooms of a kind (or in all of them)."""

    title = models.CharField("名称", max_length=40, unique=True, error_messages={"unique": "已有同名的检查表。"})
    room_kind = models.CharField("场地类别", max_length=10, choices=RoomKind, blank=True, default="")
    every_days = models.PositiveSmallIntegerField("几天查一次", default=30)
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(room_kind__in=["", *RoomKind.values]),
                name="attendance_checklist_kind",
                violation_error_message="状态不在允许的范围内。",
            )
        ]

    def __str__(self) -> str:
        return self.title


class CheckItem(models.Model):
    """One thing to look at."""

    check_list = models.ForeignKey(CheckList, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField("次序")
    text = models.CharField("看什么", max_length=80)
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["check_list", "position", "pk"]

    def __str__(self) -> str:
        return self.text


class SafetyCheck(models.Model):
    """One room checked on one day by one person."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="safety_checks")
    room = models.ForeignKey(Room, models.PROTECT, related_name="safety_checks")
    check_list = models.ForeignKey(CheckList, models.PROTECT, related_name="checks")
    date = models.DateField("日期")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    note = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-date", "-pk"]

    def __str__(self) -> str:
        return f"{self.room_id} {self.date}"


class CheckResult(models.Model):
    """What was found of one item; its text is copied, as lists change."""

    check_done = models.ForeignKey(SafetyCheck, models.CASCADE, related_name="results")
    item = models.ForeignKey(CheckItem, models.PROTECT, related_name="+")
    text = models.CharField("看什么", max_length=80)
    answer = models.CharField("结果", max_length=8, choices=Answer)

    class Meta:
        ordering = ["check_done", "item__position", "pk"]
        constraints = [
            one_of("answer", Answer, "attendance_result_answer"),
            models.UniqueConstraint(
                fields=["check_done", "item"],
                name="attendance_result_once",
                violation_error_message="这一项已经查过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.text} {self.answer}"


class Defect(models.Model):
    """Something to be repaired, with a person and an end; closed by somebody who looked at the repair."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="defects")
    room = models.ForeignKey(Room, models.PROTECT, related_name="defects")
    result = models.ForeignKey(CheckResult, models.SET_NULL, null=True, blank=True, related_name="defects")
    text = models.CharField("问题", max_length=200)
    closes_room = models.BooleanField("修好以前不用这个场地", default=False)
    owner = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="defects", verbose_name="谁负责修"
    )
    due_on = models.DateField("最晚哪一天", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=DefectState, default=DefectState.OPEN)
    found_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    found_at = models.DateTimeField("发现时间")
    repaired_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    repaired_at = models.DateTimeField("修好时间", null=True, blank=True)
    repair = models.CharField("怎么修的", max_length=200, blank=True, default="")
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField("复查时间", null=True, blank=True)

    class Meta:
        ordering = ["state", "due_on", "-found_at"]
        constraints = [
            one_of("state", DefectState, "attendance_defect_state"),
            together(["repaired_by", "repaired_at"], "attendance_defect_repair", "修理人和时间要一起记。"),
            together(["closed_by", "closed_at"], "attendance_defect_closed", "复查人和时间要一起记。"),
            models.CheckConstraint(
                condition=Q(state=DefectState.OPEN, repaired_at__isnull=True, closed_at__isnull=True)
                | Q(state=DefectState.REPAIRED, repaired_at__isnull=False, closed_at__isnull=True)
                | Q(state=DefectState.CLOSED, repaired_at__isnull=False, closed_at__isnull=False),
                name="attendance_defect_steps",
                violation_error_message="先修好，再复查。",
            ),
            models.CheckConstraint(
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=models.F("repaired_by")),
                name="attendance_defect_two_people",
                violation_error_message="修的人和复查的人不能是同一个人。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def tone(self) -> str:
        return DefectState(self.state).tone


class DefectPhoto(Upload):
    """A photo of the thing, before or after the repair."""

    defect = models.ForeignKey(Defect, models.CASCADE, related_name="photos")
    after = models.BooleanField("修好以后", default=False)
