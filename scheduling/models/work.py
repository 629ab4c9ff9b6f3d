"""The work list (工作一览表) as data, and the dated tasks made from it (D10)."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.enums import Role
from afterschool.school.models import Teacher, Term, User
from afterschool.support.constraints import one_of
from scheduling.enums import TaskState, WorkRule


class WorkItem(models.Model):
    """One line of the plan's table: which department, what, who, when.

    `days` are days of the month ("15,30"; 30 is the last day of February), `per_month` how often a random one comes, `fact` the
    key of what the portal can see for itself (`scheduling/facts.py`).
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="work_items")
    order = models.PositiveSmallIntegerField("次序")
    department = models.CharField("部门", max_length=20)
    text = models.CharField("工作内容", max_length=120)
    role = models.CharField("由哪个岗位", max_length=20, choices=Role)
    people = models.ManyToManyField(Teacher, blank=True, related_name="+", verbose_name="只由这些人")
    when = models.CharField("时间", max_length=12, choices=WorkRule)
    date = models.DateField("日期", null=True, blank=True)
    days = models.CharField("每月几日", max_length=40, blank=True, default="")
    per_month = models.PositiveSmallIntegerField(
        "每月随机几次", default=1, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    remind_days = models.PositiveSmallIntegerField("提前几天提醒", default=1, validators=[MaxValueValidator(30)])
    fact = models.SlugField("本站自己看得到的完成标志", max_length=40, blank=True, default="")
    link = models.CharField("去哪里做", max_length=60, blank=True, default="", help_text="本站页面的名字")
    active = models.BooleanField("启用", default=True)

    class Meta:
        ordering = ["term", "order", "pk"]
        constraints = [
            one_of("when", WorkRule, "scheduling_work_when"),
            models.CheckConstraint(
                condition=~Q(when=WorkRule.ON_DATE) | Q(date__isnull=False),
                name="scheduling_work_date",
                violation_error_message="固定日期的工作要写明日期。",
            ),
            models.CheckConstraint(
                condition=~Q(when=WorkRule.MONTHLY) | ~Q(days=""),
                name="scheduling_work_days",
                violation_error_message="每月的工作要写明几日。",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Task(models.Model):
    """One dated piece of the work list for one person. Handing over ends one row and begins another."""

    item = models.ForeignKey(WorkItem, models.CASCADE, related_name="tasks")
    term = models.ForeignKey(Term, models.CASCADE, related_name="tasks")
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="tasks")
    due_on = models.DateField("截止")
    state = models.CharField("状态", max_length=8, choices=TaskState, default=TaskState.OPEN)
    done_at = models.DateTimeField("完成时间", null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    by_itself = models.BooleanField("本站自动完成", default=False)
    handed_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="handed_to")
    note = models.CharField("说明", max_length=100, blank=True, default="")
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True)

    class Meta:
        ordering = ["due_on", "item", "pk"]
        indexes = [models.Index(fields=["teacher", "state", "due_on"])]
        constraints = [
            one_of("state", TaskState, "scheduling_task_state"),
            models.UniqueConstraint(
                fields=["item", "due_on", "teacher"],
                name="scheduling_task_once",
                violation_error_message="这项任务已经有了。",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.DONE) | Q(done_at__isnull=False),
                name="scheduling_task_done",
                violation_error_message="完成要记下时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.due_on}"


class CalendarFeed(models.Model):
    """The secret address of a person's calendar: signed with `version`, so that a new one ends the old (D8)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed", primary_key=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField("生成时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="scheduling_feed_version", violation_error_message="版本从 1 起。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} v{self.version}"
