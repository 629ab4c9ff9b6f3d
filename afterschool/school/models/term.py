"""The school itself, its terms with all settings of the plan, and the dates of a term."""

from fractions import Fraction

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.lookups import LessThanOrEqual

from afterschool.school.enums import DayKind, DaySource
from afterschool.school.naming import grades_name
from afterschool.support.constraints import in_order, one_of
from afterschool.support.weekdays import validate_weekdays


class Term(models.Model):
    """A term (学期) and its settings. Every value of the plan that another school may set otherwise stands here."""

    name = models.CharField("名称", max_length=40, unique=True, error_messages={"unique": "已有同名的学期。"})
    school_year = models.PositiveSmallIntegerField("学年（秋季所在年份）")
    starts_on = models.DateField("开学")
    ends_on = models.DateField("结束")
    service_starts_on = models.DateField("课后服务第一天")
    applications_open_at = models.DateTimeField("申请开始")
    applications_close_at = models.DateTimeField("申请截止")
    applications_closed = models.BooleanField("提前关闭申请", default=False)
    service_weekdays = models.CharField("服务的星期", max_length=7, default="12345", validators=[validate_weekdays])
    cap = models.PositiveSmallIntegerField("每班上限", default=45, validators=[MinValueValidator(1)])
    own_share_num = models.PositiveSmallIntegerField("独立编班比例：分子", default=1)
    own_share_den = models.PositiveSmallIntegerField("独立编班比例：分母", default=2, validators=[MinValueValidator(1)])
    mixed_share_num = models.PositiveSmallIntegerField("混合编班比例：分子", default=1)
    mixed_share_den = models.PositiveSmallIntegerField(
        "混合编班比例：分母", default=3, validators=[MinValueValidator(1)]
    )
    smallest_size = models.PositiveSmallIntegerField("开班最少人数", default=1, validators=[MinValueValidator(1)])
    alone_from_grade = models.PositiveSmallIntegerField(
        "可自行离校的最低年级", default=3, validators=[MinValueValidator(1), MaxValueValidator(13)]
    )
    late_grace_minutes = models.PositiveSmallIntegerField("放学后多久可转延时托管（分钟）", default=10)
    sign_in_grace_minutes = models.PositiveSmallIntegerField("教师迟到宽限（分钟）", default=0)
    consent_text = models.TextField("知情同意", blank=True, default="")
    consent_version = models.PositiveSmallIntegerField("知情同意版本", default=1)
    agreement_version = models.PositiveSmallIntegerField(
        "现行协议版本", null=True, blank=True, editable=False, help_text="发布协议时写入；空为不用签协议"
    )
    answers_by = models.DateField(
        "审核结果最晚哪天给家长", null=True, blank=True, help_text="写在申请页上；空着就只说审核后通知"
    )
    closed_at = models.DateTimeField("结束归档的时间", null=True, blank=True, editable=False)
    forgotten_at = models.DateTimeField("文字清除时间", null=True, blank=True, editable=False)
    keep_years = models.PositiveSmallIntegerField(
        "学期结束后保存几年", default=3, validators=[MinValueValidator(1), MaxValueValidator(30)]
    )

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            in_order("starts_on", "ends_on", "school_term_order", "学期结束不能早于开学。"),
            in_order(
                "applications_open_at",
                "applications_close_at",
                "school_term_window",
                "申请截止不能早于申请开始。",
            ),
            models.CheckConstraint(
                condition=Q(cap__gte=1), name="school_term_cap", violation_error_message="每班上限至少 1 人。"
            ),
            models.CheckConstraint(
                condition=Q(own_share_den__gte=1, mixed_share_den__gte=1),
                name="school_term_shares",
                violation_error_message="比例的分母至少为 1。",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    models.F("mixed_share_num") * models.F("own_share_den"),
                    models.F("own_share_num") * models.F("mixed_share_den"),
                ),
                name="school_term_share_order",
                violation_error_message="混合编班比例不能高于独立编班比例。",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def own_share(self) -> Fraction:
        return Fraction(self.own_share_num, self.own_share_den)

    @property
    def mixed_share(self) -> Fraction:
        return Fraction(self.mixed_share_num, self.mixed_share_den)


class ConsentText(models.Model):
    """One version of a term's consent text (知情同意), as it stood: what a family consented to stays readable."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="consent_texts")
    version = models.PositiveSmallIntegerField("版本")
    text = models.TextField("正文")
    since = models.DateTimeField("启用时间")

    class Meta:
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "version"],
                name="school_consenttext_once",
                violation_error_message="这个版本已经有了。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.term_id} v{self.version}"


class School(models.Model):
    """The one school of this portal."""

    name = models.CharField("校名", max_length=60)
    public_url = models.URLField(
        "公开网址", blank=True, default="", help_text="印在二维码里，例如 https://fuwu.example.com"
    )
    current_term = models.ForeignKey(
        Term, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="当前学期"
    )
    clock_offset_seconds = models.BigIntegerField(default=0, editable=False)
    demo = models.BooleanField(default=False, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(pk=1), name="school_school_only_one", violation_error_message="只有一所学校。"
            )
        ]

    def __str__(self) -> str:
        return self.name


class GradeBand(models.Model):
    """Grades that share a timetable, with the hours the plan promises to parents (section 6 (1)).

    Dismissal is a field of the timetable: the plan's own tables differ from these hours, and the portal warns of it.
    """

    term = models.ForeignKey(Term, models.CASCADE, related_name="bands")
    first_grade = models.PositiveSmallIntegerField("从年级", validators=[MinValueValidator(1), MaxValueValidator(12)])
    last_grade = models.PositiveSmallIntegerField("到年级", validators=[MinValueValidator(1), MaxValueValidator(12)])
    served_from = models.TimeField("服务开始")
    served_until = models.TimeField("服务结束")

    class Meta:
        ordering = ["term", "first_grade"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "first_grade"],
                name="school_band_once",
                violation_error_message="年级段重复。",
            ),
            in_order("first_grade", "last_grade", "school_band_grades", "年级段的先后写反了。"),
            in_order("served_from", "served_until", "school_band_hours", "服务结束不能早于开始。"),
        ]

    def __str__(self) -> str:
        return grades_name(self.first_grade, self.last_grade)

    @property
    def grades(self) -> range:
        return range(self.first_grade, self.last_grade + 1)


class SchoolDay(models.Model):
    """What one date of the term is: a service day, off, or cancelled; and which weekday's timetable it runs."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="days")
    date = models.DateField("日期", unique=True, error_messages={"unique": "这一天已经有了。"})
    kind = models.CharField("类别", max_length=10, choices=DayKind)
    runs_weekday = models.PositiveSmallIntegerField(
        "按周几的课表", validators=[MinValueValidator(1), MaxValueValidator(7)]
    )
    source = models.CharField("依据", max_length=12, choices=DaySource)
    note = models.CharField("说明", max_length=60, blank=True, default="")

    class Meta:
        ordering = ["date"]
        constraints = [
            one_of("kind", DayKind, "school_day_kind"),
            one_of("source", DaySource, "school_day_source"),
            models.CheckConstraint(
                condition=Q(runs_weekday__gte=1, runs_weekday__lte=7),
                name="school_day_weekday",
                violation_error_message="星期只能是 1 到 7。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()}"
