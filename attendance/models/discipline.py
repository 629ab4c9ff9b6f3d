"""Teachers' attendance and discipline (management rules 2-4; F1, F2)."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from afterschool.school.models import Session, Teacher, Term, User
from afterschool.school.models.uploads import Upload
from afterschool.support.constraints import one_of, together
from attendance.enums import (
    BreachKind,
    BreachState,
    FlagState,
    RuleKind,
    SignInSource,
    StatementKind,
    Verdict,
    Window,
)
from scheduling.models import Duty


class SignIn(models.Model):
    """That a teacher was at a session: by opening the roll call, seen on a check, or entered by the office with a reason."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="sign_ins")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="sign_ins")
    source = models.CharField("来源", max_length=10, choices=SignInSource)
    at = models.DateTimeField("时间", help_text="学校的时钟")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)
    device_id = models.CharField(max_length=40, blank=True, default="")
    from_school = models.BooleanField("在校内", null=True, help_text="空：没有设学校网络")
    sent_later = models.BooleanField("补传", default=False)
    reason = models.CharField("原因", max_length=100, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["session", "at", "pk"]
        indexes = [models.Index(fields=["teacher", "session"])]
        constraints = [
            one_of("source", SignInSource, "attendance_signin_source"),
            models.CheckConstraint(
                condition=~Q(source=SignInSource.OFFICE) | ~Q(reason=""),
                name="attendance_signin_reason",
                violation_error_message="补记要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.teacher_id}"


class StaffCheck(models.Model):
    """A leader looked into a session: the teacher there or not, who holds the children (patrol, plain)."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="staff_checks")
    teacher = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="应在的教师"
    )
    at = models.DateTimeField("时间")
    there = models.BooleanField("教师在")
    held_by = models.ForeignKey(
        Teacher, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="孩子由谁看着"
    )
    nobody = models.BooleanField("孩子没有人看着", default=False)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    device_at = models.DateTimeField("设备时间", null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(nobody=False) | Q(there=False, held_by__isnull=True),
                name="attendance_staffcheck_nobody",
                violation_error_message="没有人看着，就不能写明由谁看着。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.there}"


class AttendanceRule(models.Model):
    """One of the rules of F1 as data: what is counted, how often, in which window."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="attendance_rules")
    kind = models.CharField("数什么", max_length=14, choices=RuleKind)
    count = models.PositiveSmallIntegerField("几次", validators=[MinValueValidator(1)])
    window = models.CharField("在多久里", max_length=10, choices=Window)
    text = models.CharField("条文（照印）", max_length=100, blank=True, default="")
    active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["term", "pk"]
        constraints = [
            one_of("kind", RuleKind, "attendance_rule_kind"),
            one_of("window", Window, "attendance_rule_window"),
            models.CheckConstraint(
                condition=Q(count__gte=1), name="attendance_rule_count", violation_error_message="次数至少是 1。"
            ),
            models.UniqueConstraint(
                fields=["term", "kind"],
                condition=Q(active=True),
                name="attendance_rule_once",
                violation_error_message="这一条规则已经有了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.count}"


class Flag(models.Model):
    """What a rule counted for one teacher in one window; it closes by itself only while undecided."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="flags")
    rule = models.ForeignKey(AttendanceRule, models.PROTECT, related_name="flags")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="flags")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    state = models.CharField("状态", max_length=10, choices=FlagState, default=FlagState.OPEN)
    raised_at = models.DateTimeField("提出时间")
    closed_at = models.DateTimeField("不再成立的时间", null=True, blank=True)

    class Meta:
        ordering = ["-first_day", "-pk"]
        constraints = [
            one_of("state", FlagState, "attendance_flag_state"),
            models.UniqueConstraint(
                fields=["rule", "teacher", "first_day"],
                name="attendance_flag_once",
                violation_error_message="这一期已有同样的预警。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.first_day}"

    @property
    def tone(self) -> str:
        return FlagState(self.state).tone


class FlagRecord(models.Model):
    """A turn that a flag counts, and what it counts of it."""

    flag = models.ForeignKey(Flag, models.CASCADE, related_name="records")
    duty = models.ForeignKey(Duty, models.PROTECT, related_name="+")
    kind = models.CharField("什么", max_length=14, choices=RuleKind)
    standing = models.BooleanField("现在还成立", default=True)

    class Meta:
        ordering = ["flag", "duty__session__date", "pk"]
        constraints = [
            one_of("kind", RuleKind, "attendance_flagrecord_kind"),
            models.UniqueConstraint(
                fields=["flag", "duty"],
                name="attendance_flagrecord_once",
                violation_error_message="这一次已经列出。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flag_id} {self.duty_id}"


class FlagDecision(models.Model):
    """What an administrator decided, and on appeal another one; the last counts, the first stays on record."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="decisions")
    verdict = models.CharField("决定", max_length=10, choices=Verdict)
    downgrades = models.BooleanField("考核等第降级", default=False)
    holds_awards = models.BooleanField("评优评先暂缓推荐", default=False)
    reason = models.CharField("理由", max_length=200)
    on_appeal = models.BooleanField("申诉后", default=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["flag", "at", "pk"]
        constraints = [
            one_of("verdict", Verdict, "attendance_decision_verdict"),
            models.UniqueConstraint(
                fields=["flag", "on_appeal"],
                name="attendance_decision_once",
                violation_error_message="已经作过决定。",
            ),
            models.CheckConstraint(
                condition=Q(verdict=Verdict.TRUANT) | Q(downgrades=False, holds_awards=False),
                name="attendance_decision_grave",
                violation_error_message="只有按旷工处理的，才能降级或暂缓推荐。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flag_id} {self.verdict}"


class FlagStatement(models.Model):
    """What the teacher says: an answer before the decision, an appeal after it."""

    flag = models.ForeignKey(Flag, models.PROTECT, related_name="statements")
    kind = models.CharField("种类", max_length=8, choices=StatementKind)
    text = models.CharField("内容", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        ordering = ["flag", "at", "pk"]
        constraints = [
            one_of("kind", StatementKind, "attendance_statement_kind"),
            models.UniqueConstraint(
                fields=["flag"],
                condition=Q(kind=StatementKind.APPEAL),
                name="attendance_statement_one_appeal",
                violation_error_message="已经申诉过。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.flag_id} {self.kind}"


class Breach(models.Model):
    """An act of management rule 3 seen by a leader; a second person confirms it or finds it does not stand."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="breaches")
    teacher = models.ForeignKey(Teacher, models.PROTECT, related_name="breaches")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="breaches")
    kind = models.CharField("种类", max_length=10, choices=BreachKind)
    seen_at = models.DateTimeField("什么时候")
    place = models.CharField("在哪里", max_length=60)
    evidence = models.CharField("看到什么", max_length=500)
    state = models.CharField("状态", max_length=10, choices=BreachState, default=BreachState.RECORDED)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("记录时间")
    answer = models.CharField("教师的说明", max_length=500, blank=True, default="")
    answered_at = models.DateTimeField("说明时间", null=True, blank=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    finding = models.CharField("结论", max_length=200, blank=True, default="")

    class Meta:
        ordering = ["-seen_at", "-pk"]
        constraints = [
            one_of("kind", BreachKind, "attendance_breach_kind"),
            one_of("state", BreachState, "attendance_breach_state"),
            together(["confirmed_by", "confirmed_at"], "attendance_breach_confirmed", "确认人和时间要一起记。"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("recorded_by")),
                name="attendance_breach_two",
                violation_error_message="记录的人不能自己确认。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.teacher_id} {self.kind}"

    @property
    def tone(self) -> str:
        return BreachState(self.state).tone


class BreachFile(Upload):
    """Evidence beside a breach: a paper or a photo of a thing, never of a person."""

    breach = models.ForeignKey(Breach, models.CASCADE, related_name="files")
