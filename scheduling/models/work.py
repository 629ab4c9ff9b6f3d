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

    `days` are days of the month ("15,30"; 30 is the last day of February), `per_month` how often a random one comes and `seed`
    what its days are drawn by, `fact` the key of what the portal can see for itself (`scheduling/facts.py`). `each`: everybody
    who holds the post does the own piece; else one does it for all. Nothing is due before `since`.
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
    each = models.BooleanField("每人各做一份", default=False, help_text="不勾：这个岗位有一人做完就算完成")
    since = models.DateField("从哪天起")
    seed = models.PositiveIntegerField("抽签的种子", default=0, editable=False)
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
            models.CheckConstraint(
                condition=Q(per_month__gte=1, per_month__lte=10),
                name="scheduling_work_per_month",
                violation_error_message="每月随机 1 到 10 次。",
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def when_word(self) -> str:
        """每月15日、30日: when it comes, as the plan's table says it."""
        match self.when:
            case WorkRule.ON_DATE if self.date:
                return f"{self.date.month}月{self.date.day}日"
            case WorkRule.MONTHLY:
                return f"每月{self.days.replace(',', '日、')}日"
            case WorkRule.AT_RANDOM:
                return f"随机，每月 {self.per_month} 次"
        return WorkRule(self.when).label

    @property
    def post(self) -> str:
        """Return the post as the table names it: whoever holds it, by grade where each grade has its own."""
        return f"各{self.get_role_display()}" if self.each else self.get_role_display()


class Task(models.Model):
    """One dated piece of the work list, for one person or (no teacher) for whoever holds the post.

    Handing over ends one row and begins another. Of what comes every workday only today's row stands, and those that were done.
    """

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
    reminded_at = models.DateTimeField("提前提醒的时间", null=True, blank=True)
    told_at = models.DateTimeField("当天提醒的时间", null=True, blank=True)

    class Meta:
        ordering = ["due_on", "item", "pk"]
        indexes = [models.Index(fields=["teacher", "state", "due_on"])]
        constraints = [
            one_of("state", TaskState, "scheduling_task_state"),
            models.UniqueConstraint(
                fields=["item", "due_on", "teacher"],
                condition=~Q(state=TaskState.HANDED),
                name="scheduling_task_once",
                violation_error_message="这个人已有这项任务。",
            ),
            models.UniqueConstraint(
                fields=["item", "due_on"],
                condition=Q(teacher__isnull=True, handed_from__isnull=True),
                name="scheduling_task_shared_once",
                violation_error_message="这项任务已经有了。",
            ),
            models.CheckConstraint(
                condition=~Q(state=TaskState.DONE) | Q(done_at__isnull=False),
                name="scheduling_task_done",
                violation_error_message="完成要记下时间。",
            ),
            models.CheckConstraint(
                condition=Q(by_itself=False) | Q(state=TaskState.DONE, done_by__isnull=True),
                name="scheduling_task_by_itself",
                violation_error_message="本站自动完成的没有完成人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.due_on}"

    @property
    def tone(self) -> str:
        return TaskState(self.state).tone


class CalendarFeed(models.Model):
    """The secret address of a person's calendar: signed with `version`, so that a new one ends the old (D8)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed", primary_key=True)
    version = models.PositiveIntegerField(default=1)
    made_at = models.DateTimeField("生成时间")
    stopped_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(version__gte=1), name="scheduling_feed_version", violation_error_message="版本从 1 起。"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} v{self.version}"
