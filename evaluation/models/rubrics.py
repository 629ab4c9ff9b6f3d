"""Rubrics as data with versions, and the sheets scored by them (plan section 8)."""

from django.db import models
from django.db.models import F, Q

from afterschool.school.models import Session, Student, Teacher, Term, User
from afterschool.support.constraints import one_of, together
from evaluation.enums import FactKind, ObjectionState, Occasion, RubricKind, SheetState


class Rubric(models.Model):
    """A table of points that add up to 100; a change makes a new version, old sheets keep theirs."""

    kind = models.CharField("对象", max_length=10, choices=RubricKind)
    version = models.PositiveSmallIntegerField("版本")
    title = models.CharField("名称", max_length=60)
    active = models.BooleanField("在用", default=True)
    costs = models.JSONField(
        "一次建议扣几分",
        default=dict,
        blank=True,
        help_text="学校自己定的；没有写的按本站的",
    )

    class Meta:
        ordering = ["kind", "-version"]
        constraints = [
            one_of("kind", RubricKind, "evaluation_rubric_kind"),
            models.UniqueConstraint(
                fields=["kind", "version"],
                name="evaluation_rubric_version",
                violation_error_message="版本重复。",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(active=True),
                name="evaluation_rubric_one_active",
                violation_error_message="同时只能有一个在用的版本。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} 第{self.version}版"


class RubricItem(models.Model):
    """One line of a rubric, as printed."""

    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField("次序")
    dimension = models.CharField("评价维度", max_length=40)
    text = models.CharField("评价内容", max_length=200)
    points = models.PositiveSmallIntegerField("分值")
    short = models.CharField("列名", max_length=8, blank=True, default="", help_text="一页评全班时的列名")
    hint = models.CharField("给评的人看的话", max_length=100, blank=True, default="")
    facts = models.CharField("本站可以提供依据的", max_length=16, choices=FactKind, blank=True, default="")
    heads_only = models.BooleanField("只评班主任", default=False, help_text="不带班的教师得满分")

    class Meta:
        ordering = ["rubric", "position"]
        constraints = [
            models.CheckConstraint(
                condition=Q(facts__in=["", *FactKind.values]),
                name="evaluation_item_facts",
                violation_error_message="状态不在允许的范围内。",
            ),
            models.UniqueConstraint(
                fields=["rubric", "position"],
                name="evaluation_item_once",
                violation_error_message="次序重复。",
            ),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=100),
                name="evaluation_item_points",
                violation_error_message="分值在 1 到 100 之间。",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def column(self) -> str:
        """The head of this item's column."""
        return self.short or f"第{self.position}项"


class ScoreSheet(models.Model):
    """One person scored by one rubric for one occasion. The total is never kept, always added up."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="score_sheets")
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="sheets")
    occasion = models.CharField("何事", max_length=8, choices=Occasion)
    teacher = models.ForeignKey(Teacher, models.PROTECT, null=True, blank=True, related_name="score_sheets")
    student = models.ForeignKey(Student, models.PROTECT, null=True, blank=True, related_name="score_sheets")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="score_sheets")
    date = models.DateField("日期", help_text="巡视当天；月、学期为最后一天")
    comment = models.CharField("评语", max_length=300, blank=True, default="")
    state = models.CharField("状态", max_length=8, choices=SheetState, default=SheetState.DRAFT)
    scored_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    scored_at = models.DateTimeField("时间")

    class Meta:
        ordering = ["-date", "-pk"]
        constraints = [
            one_of("occasion", Occasion, "evaluation_sheet_occasion"),
            one_of("state", SheetState, "evaluation_sheet_state"),
            models.CheckConstraint(
                condition=Q(teacher__isnull=False, student__isnull=True)
                | Q(teacher__isnull=True, student__isnull=False),
                name="evaluation_sheet_for_one",
                violation_error_message="一张评价表只评一个人。",
            ),
            models.CheckConstraint(
                condition=~Q(occasion=Occasion.VISIT) | Q(session__isnull=False),
                name="evaluation_sheet_visit",
                violation_error_message="巡视评价要写明哪一场。",
            ),
            models.UniqueConstraint(
                fields=["teacher", "session", "scored_by"],
                condition=Q(occasion=Occasion.VISIT),
                name="evaluation_sheet_one_a_visit",
                violation_error_message="这次巡视已评过。",
            ),
            models.UniqueConstraint(
                fields=["student", "occasion", "date"],
                condition=Q(student__isnull=False),
                name="evaluation_sheet_student_once",
                violation_error_message="这个孩子这一期已评过。",
            ),
            models.UniqueConstraint(
                fields=["teacher", "occasion", "date"],
                condition=Q(teacher__isnull=False) & ~Q(occasion=Occasion.VISIT),
                name="evaluation_sheet_teacher_once",
                violation_error_message="这位教师这一期的评价表已经有了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id or self.student_id} {self.date}"

    @property
    def is_final(self) -> bool:
        return self.state == SheetState.FINAL

    @property
    def state_tone(self) -> str:
        return SheetState(self.state).tone

    @property
    def about(self) -> str:
        """What the sheet is about: a day, a month or the term."""
        if self.occasion == Occasion.TERM:
            return "整个学期"
        return f"{self.date:%Y}年{self.date.month}月" + (
            f"{self.date.day}日" if self.occasion == Occasion.VISIT else ""
        )


class ScoreLine(models.Model):
    """Points given for one item. The item's points are copied here, so that the database can hold the limit."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="lines")
    item = models.ForeignKey(RubricItem, models.PROTECT, related_name="+")
    limit = models.PositiveSmallIntegerField("分值")
    points = models.PositiveSmallIntegerField("得分")
    note = models.CharField("依据", max_length=100, blank=True, default="")
    proposed = models.PositiveSmallIntegerField("本站建议", null=True, blank=True, help_text="打分时看到的建议分")

    class Meta:
        ordering = ["sheet", "item__position"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "item"],
                name="evaluation_line_once",
                violation_error_message="这一项已评过。",
            ),
            models.CheckConstraint(
                condition=Q(points__lte=F("limit")),
                name="evaluation_line_limit",
                violation_error_message="得分不能高于分值。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points}/{self.limit}"


class RubricBand(models.Model):
    """A grade that a result can get: from so many points on, or for so large a share of those scored (4:4:2)."""

    rubric = models.ForeignKey(Rubric, models.CASCADE, related_name="bands")
    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("等第", max_length=10)
    from_points = models.PositiveSmallIntegerField("几分以上", null=True, blank=True)
    share = models.PositiveSmallIntegerField("占几成", null=True, blank=True, help_text="例如 4:4:2 的 4")

    class Meta:
        ordering = ["rubric", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "position"], name="evaluation_band_once", violation_error_message="次序重复。"
            ),
            models.CheckConstraint(
                condition=Q(from_points__isnull=True) | Q(share__isnull=True),
                name="evaluation_band_one_way",
                violation_error_message="等第要么按分数，要么按比例。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LineFact(models.Model):
    """A record that stood behind a line when it was scored: which table, which row."""

    line = models.ForeignKey(ScoreLine, models.CASCADE, related_name="facts")
    code = models.CharField("哪一种", max_length=40)
    record_id = models.BigIntegerField("记录")
    date = models.DateField("日期", null=True, blank=True)
    points = models.PositiveSmallIntegerField("建议扣分", default=0)

    class Meta:
        ordering = ["line", "date", "pk"]

    def __str__(self) -> str:
        return f"{self.code} {self.record_id}"


class SheetObjection(models.Model):
    """What a teacher says against the own sheet, and the answer of another person than the scorer."""

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="objections")
    text = models.CharField("异议", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")
    state = models.CharField("状态", max_length=10, choices=ObjectionState, default=ObjectionState.OPEN)
    answer = models.CharField("答复", max_length=300, blank=True, default="")
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)

    class Meta:
        ordering = ["sheet", "at", "pk"]
        constraints = [
            one_of("state", ObjectionState, "evaluation_objection_state"),
            together(["answered_by", "answered_at"], "evaluation_objection_answer", "答复人和时间要一起记。"),
            models.UniqueConstraint(
                fields=["sheet"],
                condition=Q(state=ObjectionState.OPEN),
                name="evaluation_objection_one_open",
                violation_error_message="这张表已有一条待答复的异议。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet_id}"

    @property
    def tone(self) -> str:
        return ObjectionState(self.state).tone


class TermResult(models.Model):
    """A teacher's result of a term, decided by a person: points with their make-up, the grade, and what overrules it."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="teacher_results")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="term_results")
    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="+")
    version = models.PositiveSmallIntegerField("版本", default=1)
    points = models.DecimalField("得分", max_digits=5, decimal_places=2, null=True, blank=True)
    band = models.CharField("等第", max_length=10, blank=True, default="")
    unqualified = models.BooleanField("不合格", default=False, help_text="有已确认的违纪")
    downgraded = models.BooleanField("降级", default=False, help_text="考勤决定")
    make_up = models.JSONField("由什么组成", default=dict, help_text="评价表、决定的编号和分数")
    reason = models.CharField("说明", max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("时间")

    class Meta:
        ordering = ["term", "teacher__staff_number", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "teacher", "version"],
                name="evaluation_result_version",
                violation_error_message="这一版已经有了。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.term_id} {self.teacher_id}"
