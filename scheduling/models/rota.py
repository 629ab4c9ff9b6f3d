"""The weekly rota, what it is made from, and the dated duties that follow."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.models import Group, Session, Teacher, Term, User
from afterschool.support.constraints import one_of, together
from afterschool.support.weekdays import validate_weekdays
from scheduling.enums import DutySource, RotaState, TurnKind, WishKind


class Rota(models.Model):
    """The weekly rota of a term (工作安排表): asked for, solved by the worker, published from a date on.

    What was published once (`decided_at`) holds for the days from `starts_on` until a later one begins.
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="rotas")
    state = models.CharField("状态", max_length=12, choices=RotaState, default=RotaState.DRAFT)
    starts_on = models.DateField("从")
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField("发布时间", null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    findings = models.JSONField("没能满足的", default=list, help_text="代码、编号和数字")
    counts_until = models.DateField(
        "以往次数算到",
        null=True,
        blank=True,
        help_text="这一天以前带过的次数算进零头的轮换；少改动的，沿用上一份的日子",
    )
    percent = models.PositiveSmallIntegerField("排到", default=0, help_text="百分之几")
    began_at = models.DateTimeField("开始排", null=True, blank=True, help_text="机器的时钟")
    tries = models.PositiveSmallIntegerField("试过几次", default=0)
    error = models.CharField("没排成的原因", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            one_of("state", RotaState, "scheduling_rota_state"),
            models.UniqueConstraint(
                fields=["term", "state"],
                condition=Q(state__in=[RotaState.SOLVING, RotaState.DRAFT]),
                name="scheduling_rota_one_draft",
                violation_error_message="这个学期已有一份草案。",
            ),
            together(["decided_at", "decided_by"], "scheduling_rota_decision", "发布人和发布时间要一起记。"),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(state=RotaState.ACCEPTED),
                name="scheduling_rota_one_accepted",
                violation_error_message="这个学期已有一份发布的值班表。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.get_state_display()}"


class RotaTurn(models.Model):
    """One person's weekly turn with a group or a club, or as a floater (机动); no person is an open turn, named on the page."""

    rota = models.ForeignKey(Rota, models.CASCADE, related_name="turns")
    kind = models.CharField("种类", max_length=8, choices=TurnKind, default=TurnKind.GROUP)
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="turns")
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True, help_text="机动：哪个年级；空为全校")
    number = models.PositiveSmallIntegerField("第几个", default=1, help_text="机动：同一年级同一天的第几个")
    weekday = models.PositiveSmallIntegerField("星期", validators=[MinValueValidator(1), MaxValueValidator(7)])
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="turns")
    reason = models.CharField("说明", max_length=100, blank=True, default="", help_text="手工安排外年级教师的原因")
    by_hand = models.BooleanField("手工安排", default=False, help_text="重新排班时保留")
    hand_at = models.DateTimeField("手工改动的时间", null=True, blank=True)

    class Meta:
        ordering = ["rota", "kind", "group", "grade", "number", "weekday"]
        constraints = [
            one_of("kind", TurnKind, "scheduling_turn_kind"),
            models.CheckConstraint(
                condition=(Q(kind=TurnKind.FLOATER) & Q(group__isnull=True))
                | (~Q(kind=TurnKind.FLOATER) & Q(group__isnull=False)),
                name="scheduling_turn_group",
                violation_error_message="班和社团的班次要写明哪个班，机动班次不写。",
            ),
            models.UniqueConstraint(
                fields=["rota", "grade", "number", "weekday"],
                condition=Q(kind=TurnKind.FLOATER),
                name="scheduling_turn_floater_once",
                violation_error_message="这个机动班次已排。",
            ),
            models.UniqueConstraint(
                fields=["rota", "group", "weekday"],
                name="scheduling_turn_once",
                violation_error_message="这一班这一天已排。",
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7),
                name="scheduling_turn_weekday",
                violation_error_message="星期只能是 1 到 7。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group_id or self.grade} {self.weekday}"

    @property
    def label(self) -> str:
        """What the turn is for, as people say it."""
        return self.group.name if self.group else f"机动{self.number}"

    @property
    def of_grade(self) -> int | None:
        """The grade whose teacher it asks for; nothing where any will do."""
        return self.group.grade if self.group else self.grade


class Duty(models.Model):
    """One person's turn at one session. A stand-in ends one row and begins another, so that both stay on record."""

    session = models.ForeignKey(Session, models.CASCADE, related_name="duties")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="duties")
    source = models.CharField("来由", max_length=10, choices=DutySource, default=DutySource.ROTA)
    active = models.BooleanField("现在由其负责", default=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    reason = models.CharField("原因", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["session", "pk"]
        indexes = [models.Index(fields=["teacher", "active"])]
        constraints = [
            one_of("source", DutySource, "scheduling_duty_source"),
            models.UniqueConstraint(
                fields=["session"],
                condition=Q(active=True),
                name="scheduling_duty_one_active",
                violation_error_message="这一场已有负责的教师。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.teacher_id}"


class RotaSettings(models.Model):
    """What the rota of a term needs beside groups and clubs."""

    term = models.OneToOneField(Term, models.CASCADE, related_name="rota_settings", primary_key=True)
    floaters = models.PositiveSmallIntegerField("每个年级每天的机动教师", default=0, validators=[MaxValueValidator(9)])
    volunteers_beside = models.PositiveSmallIntegerField(
        "每场最多几位家长志愿者", default=2, validators=[MaxValueValidator(9)]
    )
    clubs_per_teacher = models.PositiveSmallIntegerField(
        "每位教师最多带几个社团", default=0, validators=[MaxValueValidator(9)], help_text="0 为不限"
    )

    def __str__(self) -> str:
        return f"{self.term_id}"


class RotaPerson(models.Model):
    """What the office set for one person's turns in a term; without a row the register's words hold."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="rota_people")
    teacher = models.ForeignKey(Teacher, models.CASCADE, related_name="rota_terms")
    takes_part = models.BooleanField("参加排班", default=True)
    days_off = models.CharField("不排班的星期", max_length=7, blank=True, default="", validators=[validate_weekdays])
    most_turns = models.PositiveSmallIntegerField(
        "一周最多几次", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(14)]
    )
    carried = models.SmallIntegerField("以前学期多（少）带的次数", default=0, help_text="上学期结转，可改")
    note = models.CharField("说明", max_length=100, blank=True, default="")

    class Meta:
        ordering = ["term", "teacher"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "teacher"],
                name="scheduling_rotaperson_once",
                violation_error_message="这位教师的排班设置已经有了。",
            ),
            models.CheckConstraint(
                condition=Q(most_turns__isnull=True) | Q(most_turns__gte=1),
                name="scheduling_rotaperson_most",
                violation_error_message="一周最多次数至少为 1。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.term_id}"


class RotaWish(models.Model):
    """What a teacher would like: met where nothing that comes first suffers (D5)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="rota_wishes")
    teacher = models.ForeignKey(Teacher, models.CASCADE, related_name="rota_wishes")
    kind = models.CharField("愿望", max_length=8, choices=WishKind)
    weekday = models.PositiveSmallIntegerField(
        "星期", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    group = models.ForeignKey(Group, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="服务班")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["term", "teacher", "kind", "weekday"]
        constraints = [
            one_of("kind", WishKind, "scheduling_wish_kind"),
            models.CheckConstraint(
                condition=(Q(kind=WishKind.GROUP) & Q(group__isnull=False, weekday__isnull=True))
                | (~Q(kind=WishKind.GROUP) & Q(group__isnull=True, weekday__gte=1, weekday__lte=7)),
                name="scheduling_wish_what",
                violation_error_message="请选星期，或选服务班。",
            ),
            models.UniqueConstraint(
                fields=["term", "teacher", "weekday"],
                condition=Q(weekday__isnull=False),
                name="scheduling_wish_day_once",
                violation_error_message="这一天的愿望已经有了。",
            ),
            models.UniqueConstraint(
                fields=["term", "teacher", "group"],
                condition=Q(group__isnull=False),
                name="scheduling_wish_group_once",
                violation_error_message="这个班的愿望已经有了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.get_kind_display()}"
