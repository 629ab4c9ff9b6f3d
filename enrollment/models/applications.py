"""Applications of a term, what was changed in them later, and apart from them what only few may see: needs."""

from django.db import models
from django.db.models import Q

from afterschool.school.enums import Relation
from afterschool.school.models import Guardian, Student, Term, User
from afterschool.school.models.people import validate_phone
from afterschool.support.constraints import one_of, together
from afterschool.support.weekdays import validate_weekdays
from enrollment.enums import AmendmentState, ApplicationState, LateState, Source


class Application(models.Model):
    """One child's application for one term (plan section 5)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="applications")
    student = models.ForeignKey(Student, models.PROTECT, related_name="applications")
    state = models.CharField("状态", max_length=16, choices=ApplicationState, default=ApplicationState.DRAFT)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PARENT)
    weekdays = models.CharField("参加的星期", max_length=7, blank=True, default="", validators=[validate_weekdays])
    may_go_alone = models.BooleanField("允许自行离校", default=False)
    guardian = models.ForeignKey(Guardian, models.PROTECT, null=True, blank=True, related_name="applications")
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="代录人"
    )
    signed_name = models.CharField("签名人", max_length=40, blank=True, default="")
    interests = models.CharField("感兴趣的活动", max_length=60, blank=True, default="", help_text="代码，用逗号隔开")
    consent_version = models.PositiveSmallIntegerField("知情同意版本", null=True, blank=True)
    consented_at = models.DateTimeField("同意时间", null=True, blank=True)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    reason = models.CharField("退回或不通过的原因", max_length=200, blank=True, default="")
    answer = models.CharField("家长的答复", max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        ordering = ["term", "student"]
        indexes = [models.Index(fields=["term", "state"])]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "student"],
                name="enrollment_application_once",
                violation_error_message="这个孩子本学期已有一份申请。",
            ),
            one_of("state", ApplicationState, "enrollment_application_state"),
            one_of("source", Source, "enrollment_application_source"),
            together(
                ["consent_version", "consented_at"],
                "enrollment_application_consent",
                "同意的版本和时间要一起记。",
            ),
            together(["decided_by", "decided_at"], "enrollment_application_decision", "处理人和处理时间要一起记。"),
            models.CheckConstraint(
                condition=~Q(state__in=[ApplicationState.RETURNED, ApplicationState.DECLINED]) | ~Q(reason=""),
                name="enrollment_application_reason",
                violation_error_message="退回或不通过要写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[ApplicationState.DRAFT, ApplicationState.WITHDRAWN])
                | (~Q(weekdays="") & Q(submitted_at__isnull=False)),
                name="enrollment_application_complete",
                violation_error_message="提交的申请要有参加的星期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.get_state_display()}"

    @property
    def status(self) -> ApplicationState:
        return ApplicationState(self.state)

    @property
    def word(self) -> str:
        """The state as people read it: withdrawn without ever being handed in means "not taking part"."""
        if self.state == ApplicationState.WITHDRAWN and self.submitted_at is None:
            return "不参加"
        return str(self.status.label)

    @property
    def tone(self) -> str:
        return self.status.tone


class PickupPerson(models.Model):
    """Who fetches the child, as written in the application; goes into the register when the school approves."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="pickups")
    name = models.CharField("姓名", max_length=40)
    relation = models.CharField("关系", max_length=24, choices=Relation)
    phone = models.CharField("手机号", max_length=11, blank=True, default="", validators=[validate_phone])

    class Meta:
        ordering = ["pk"]
        constraints = [
            one_of("relation", Relation, "enrollment_pickup_relation"),
            models.UniqueConstraint(
                fields=["application", "name", "phone"],
                name="enrollment_pickup_once",
                violation_error_message="这个接送人写了两次。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Needs(models.Model):
    """What the ones in charge must know (allergies, medicine). Apart from the application: health is sensitive."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="needs", primary_key=True)
    text = models.CharField("需要老师知道的", max_length=300)

    def __str__(self) -> str:
        return f"{self.application_id}"


class LatePermit(models.Model):
    """The school's word that one child may apply after the window has closed (plan section 5)."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="late_permits")
    student = models.ForeignKey(Student, models.CASCADE, related_name="late_permits")
    permitted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    permitted_at = models.DateTimeField("同意时间")

    class Meta:
        ordering = ["-permitted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "student"],
                name="enrollment_late_once",
                violation_error_message="学校已同意这个孩子补交。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.student_id}"


class LateRequest(models.Model):
    """A family asks to apply after the window has closed; the office grants it (then a `LatePermit` stands) or declines."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="late_requests")
    student = models.ForeignKey(Student, models.CASCADE, related_name="late_requests")
    reason = models.CharField("为什么补交", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=LateState, default=LateState.ASKED)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    answer = models.CharField("学校的答复", max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("state", LateState, "enrollment_laterequest_state"),
            together(["decided_by", "decided_at"], "enrollment_laterequest_decision", "处理人和处理时间要一起记。"),
            models.UniqueConstraint(
                fields=["term", "student"],
                condition=Q(state=LateState.ASKED),
                name="enrollment_laterequest_one_open",
                violation_error_message="已经请求过补交，学校还在处理。",
            ),
            models.CheckConstraint(
                condition=~Q(state=LateState.DECLINED) | ~Q(answer=""),
                name="enrollment_laterequest_answer",
                violation_error_message="不同意补交要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.state}"

    @property
    def tone(self) -> str:
        return LateState(self.state).tone


class Amendment(models.Model):
    """What a family asks to change in an approved application, from a date on (B3): a request with old and new value.

    The old values are copied when it is asked, the new ones go into the application and the places when it is accepted.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="amendments")
    starts_on = models.DateField("从哪天起")
    old_weekdays = models.CharField("原来的星期", max_length=7, validators=[validate_weekdays])
    weekdays = models.CharField("改为", max_length=7, validators=[validate_weekdays])
    old_may_go_alone = models.BooleanField("原来可自行离校")
    may_go_alone = models.BooleanField("可自行离校")
    old_persons = models.JSONField("原来的接送人", null=True, blank=True, help_text="空表示接送人不改")
    persons = models.JSONField("接送人", null=True, blank=True, help_text="空表示不改；否则是姓名、关系、手机号的列表")
    state = models.CharField("状态", max_length=10, choices=AmendmentState, default=AmendmentState.ASKED)
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PARENT)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    reason = models.CharField("不同意的原因", max_length=200, blank=True, default="")
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人")
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            one_of("state", AmendmentState, "enrollment_amendment_state"),
            one_of("source", Source, "enrollment_amendment_source"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(state=AmendmentState.ASKED),
                name="enrollment_amendment_one_open",
                violation_error_message="这份申请已有一份变更在等处理。",
            ),
            together(["decided_by", "decided_at"], "enrollment_amendment_decision", "处理人和处理时间要一起记。"),
            models.CheckConstraint(
                condition=~Q(weekdays=""),
                name="enrollment_amendment_weekdays",
                violation_error_message="至少要选一天。",
            ),
            models.CheckConstraint(
                condition=~Q(state=AmendmentState.DECLINED) | ~Q(reason=""),
                name="enrollment_amendment_reason",
                violation_error_message="不同意要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.starts_on}"

    @property
    def tone(self) -> str:
        return AmendmentState(self.state).tone
