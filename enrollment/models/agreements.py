"""What a family agrees to: the agreement's text in versions, each signature, each consent (plan sections 9.2, B5, A5)."""

import uuid

from django.db import models
from django.db.models import Q

from afterschool.school.models import ConsentText, Guardian, Student, Term, User
from afterschool.support.constraints import one_of, together
from enrollment.enums import SigningMethod, Source
from enrollment.models.applications import Application


class AgreementText(models.Model):
    """One version of the agreement (协议). With placeholders while a draft; published it never changes again."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="agreement_texts")
    version = models.PositiveSmallIntegerField("版本")
    title = models.CharField("标题", max_length=80)
    body = models.TextField("正文", help_text="发布时换上本学期的数值，以后不再改")
    template = models.TextField("原稿", blank=True, default="", help_text="发布前带占位符的正文，下一版从它开始")
    sign_anew = models.BooleanField("已签的家庭要重新签", default=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True)
    published_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    changed_at = models.DateTimeField("更新时间")

    class Meta:
        ordering = ["term", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["term", "version"],
                name="enrollment_agreementtext_once",
                violation_error_message="这个版本已经有了。",
            ),
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(published_at__isnull=True),
                name="enrollment_agreementtext_one_draft",
                violation_error_message="已有一份没有发布的协议。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"


class Signature(models.Model):
    """One signature under the agreement: what was signed, by whom, how, and the hash over all of it.

    Kept in the transaction of the application; the PDF follows in the background. Rows are never changed but for the PDF,
    the paper that came in, and the names and strokes that go when the term's time of keeping is over (`erased_at`).
    """

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="印在文件上的编号")
    application = models.ForeignKey(Application, models.PROTECT, related_name="signatures")
    text = models.ForeignKey(AgreementText, models.PROTECT, related_name="signatures")
    method = models.CharField("方式", max_length=10, choices=SigningMethod)
    guardian = models.ForeignKey(Guardian, models.PROTECT, null=True, blank=True, related_name="+")
    signed_name = models.CharField("签名人", max_length=40)
    child_name = models.CharField("孩子", max_length=40)
    class_name = models.CharField("班级", max_length=20)
    school_name = models.CharField("学校", max_length=60, default="", help_text="签的时候的校名")
    term_name = models.CharField("学期", max_length=40, default="", help_text="签的时候的学期名")
    strokes = models.TextField("笔画", blank=True, default="", help_text="规范化的坐标，见 enrollment/signing.py")
    content_hash = models.CharField("内容指纹", max_length=64, help_text="正文、姓名、笔画和时间的 SHA-256")
    signed_at = models.DateTimeField("签名时间")
    paper_received_at = models.DateTimeField("收到纸质签名", null=True, blank=True)
    paper_received_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    pdf = models.FileField("文件", upload_to="agreements/%Y/%m/", blank=True)
    pdf_hash = models.CharField("文件指纹", max_length=64, blank=True, default="", db_index=True)
    pdf_asked_at = models.DateTimeField("有人在等文件", null=True, blank=True)
    pdf_tries = models.PositiveSmallIntegerField("生成失败次数", default=0)
    erased_at = models.DateTimeField("到期销毁", null=True, blank=True)

    class Meta:
        ordering = ["-signed_at", "-pk"]
        indexes = [models.Index(fields=["application", "signed_at"])]
        constraints = [
            one_of("method", SigningMethod, "enrollment_signature_method"),
            together(
                ["paper_received_at", "paper_received_by"],
                "enrollment_signature_paper",
                "收到纸质签名的人和时间要一起记。",
            ),
            models.CheckConstraint(
                condition=~Q(method=SigningMethod.DRAWN) | ~Q(strokes="") | Q(erased_at__isnull=False),
                name="enrollment_signature_drawn",
                violation_error_message="手写签名要有笔画。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}"

    @property
    def awaits_paper(self) -> bool:
        return self.method == SigningMethod.PAPER and self.paper_received_at is None


class CheckTry(models.Model):
    """One use of the public check page, counted by address for an hour. The address itself isn't kept."""

    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["address_hash", "at"])]

    def __str__(self) -> str:
        return f"{self.at}"


class Consent(models.Model):
    """A guardian's consent to the use of a child's data (个人信息保护法 28, 31), to one version of the text; until withdrawn."""

    term = models.ForeignKey(Term, models.CASCADE, related_name="consents")
    student = models.ForeignKey(Student, models.CASCADE, related_name="consents")
    text = models.ForeignKey(ConsentText, models.PROTECT, null=True, blank=True, related_name="consents")
    version = models.PositiveSmallIntegerField("版本")
    guardian = models.ForeignKey(Guardian, models.PROTECT, null=True, blank=True, related_name="+")
    source = models.CharField("来源", max_length=10, choices=Source, default=Source.PARENT)
    given_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    given_at = models.DateTimeField("同意时间")
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)

    class Meta:
        ordering = ["student", "-given_at"]
        constraints = [
            one_of("source", Source, "enrollment_consent_source"),
            models.UniqueConstraint(
                fields=["term", "student", "version", "guardian"],
                condition=Q(withdrawn_at__isnull=True),
                name="enrollment_consent_once",
                violation_error_message="这个版本已经同意过。",
            ),
            models.UniqueConstraint(
                fields=["term", "student", "version"],
                condition=Q(withdrawn_at__isnull=True, guardian__isnull=True),
                name="enrollment_consent_paper_once",
                violation_error_message="这个版本已经同意过。",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by__isnull=True) | Q(withdrawn_at__isnull=False),
                name="enrollment_consent_withdrawn",  # erasure takes the person and leaves the time
                violation_error_message="撤回要有时间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} v{self.version}"
