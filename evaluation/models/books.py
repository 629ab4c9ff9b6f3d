"""Record books (工作记载本): made for a span, the same book twice alike; and checked by lot (H3, F4)."""

from django.db import models
from django.db.models import Q

from afterschool.school.models import Group, Term, User
from afterschool.support.constraints import in_order, one_of, together
from evaluation.enums import BookFinding, BookRunState


class BookRun(models.Model):
    """The making of all record books of a span, group after group in the background; it goes on where it stopped."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="book_runs")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    state = models.CharField("状态", max_length=10, choices=BookRunState, default=BookRunState.QUEUED)
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提出时间")
    began_at = models.DateTimeField("后台开始的时间", null=True, blank=True, help_text="机器的时钟")
    tries = models.PositiveSmallIntegerField("后台试过的次数", default=0)
    finished_at = models.DateTimeField("做好的时间", null=True, blank=True)
    error = models.CharField("没做成的原因", max_length=200, blank=True, default="")
    print_file = models.FileField("打印用的一个文件", upload_to="books/%Y/%m/", blank=True)
    zip_file = models.FileField("一班一个文件", upload_to="books/%Y/%m/", blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("state", BookRunState, "evaluation_bookrun_state"),
            in_order("first_day", "last_day", "evaluation_bookrun_order", "结束不能早于开始。"),
        ]

    def __str__(self) -> str:
        return f"{self.first_day}—{self.last_day}"

    @property
    def tone(self) -> str:
        return BookRunState(self.state).tone


class Book(models.Model):
    """One group's book of a run."""

    run = models.ForeignKey(BookRun, models.CASCADE, related_name="books")
    group = models.ForeignKey(Group, models.PROTECT, related_name="books")
    pages = models.PositiveSmallIntegerField("页数", default=0)
    digest = models.CharField("内容的指纹", max_length=64, blank=True, default="")
    file = models.FileField("文件", upload_to="books/%Y/%m/", blank=True)

    class Meta:
        ordering = ["run", "group__grade", "group__order"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "group"], name="evaluation_book_once", violation_error_message="这一班已经做过。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.group_id}"


class BookCheck(models.Model):
    """Books drawn by lot to be looked at; the seed is kept, so that the draw can be repeated."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="book_checks")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    number = models.PositiveSmallIntegerField("抽几本")
    seed = models.CharField("种子", max_length=64)
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField("抽取时间")

    class Meta:
        ordering = ["-drawn_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(number__gte=1), name="evaluation_bookcheck_number", violation_error_message="至少抽 1 本。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day}"


class CheckedBook(models.Model):
    """One drawn book, and what was found."""

    check_drawn = models.ForeignKey(BookCheck, models.CASCADE, related_name="books")
    group = models.ForeignKey(Group, models.PROTECT, related_name="checked_books")
    place = models.PositiveSmallIntegerField("抽到的次序")
    finding = models.CharField("结果", max_length=8, choices=BookFinding, default=BookFinding.WAITING)
    text = models.CharField("看到什么", max_length=300, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField("检查时间", null=True, blank=True)

    class Meta:
        ordering = ["check_drawn", "place"]
        constraints = [
            one_of("finding", BookFinding, "evaluation_checked_finding"),
            models.UniqueConstraint(
                fields=["check_drawn", "group"],
                name="evaluation_checked_once",
                violation_error_message="这一班已经抽到。",
            ),
            together(["by", "at"], "evaluation_checked_by", "检查人和时间要一起记。"),
        ]

    def __str__(self) -> str:
        return f"{self.check_drawn_id} {self.group_id}"

    @property
    def tone(self) -> str:
        return BookFinding(self.finding).tone
