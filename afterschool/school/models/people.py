"""People of the register. As little as the service needs: no identity numbers, faces or locations."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from afterschool.school.enums import GRANTED_ROLES, Origin, Relation, Role, StudentState
from afterschool.school.models.places import SchoolClass
from afterschool.support.constraints import in_order, one_of, together
from afterschool.support.pinyin import readings
from afterschool.support.weekdays import validate_weekdays

validate_phone = RegexValidator(r"^1\d{10}$", "手机号要 11 位数字，以 1 开头。")


class UserManager(BaseUserManager["User"]):
    """Makes accounts for the command line; the portal itself uses `actions`."""

    def create_user(self, login: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(login=login, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(login=username)


class User(AbstractBaseUser):
    """An account. Its person is a guardian, a member of staff, or both."""

    login = models.CharField(
        "手机号或工号", max_length=32, unique=True, error_messages={"unique": "这个账号已经有了。"}
    )
    phone = models.CharField("手机号", max_length=11, unique=True, null=True, blank=True, validators=[validate_phone])
    name = models.CharField("姓名", max_length=40)
    email = models.EmailField("邮箱", blank=True, default="", help_text="只用来收通知，确认后才启用")
    email_confirmed_at = models.DateTimeField("邮箱确认时间", null=True, blank=True)
    email_asked_at = models.DateTimeField("确认邮件发出时间", null=True, blank=True, help_text="机器的时钟")
    is_active = models.BooleanField("可登录", default=True)
    created_at = models.DateTimeField("开通时间", auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.name


class PersonName(models.Model):
    """A name with what is needed to find it."""

    name = models.CharField("姓名", max_length=40)
    pinyin = models.CharField(max_length=200, editable=False, default="", db_index=True)
    initials = models.CharField(max_length=60, editable=False, default="", db_index=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.spell()
        if (update := kwargs.get("update_fields")) is not None and "name" in update:
            kwargs["update_fields"] = {*update, "pinyin", "initials"}
        super().save(*args, **kwargs)

    def spell(self) -> None:
        """Fill in the pinyin from the name. Writers call it; `bulk_create` doesn't pass `save`."""
        self.pinyin, self.initials = readings(self.name)


class Teacher(PersonName):
    """A member of staff (教职工), gatekeepers included."""

    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="teacher")
    staff_number = models.CharField("工号", max_length=20, unique=True, error_messages={"unique": "已有这个工号。"})
    phone = models.CharField("手机号", max_length=11, blank=True, default="", validators=[validate_phone])
    subject = models.CharField("任教学科", max_length=20, blank=True, default="")
    grade = models.PositiveSmallIntegerField("所在年级组", null=True, blank=True)
    days_off = models.CharField("不排班的星期", max_length=7, blank=True, default="", validators=[validate_weekdays])
    active = models.BooleanField("在职", default=True)

    class Meta:
        ordering = ["staff_number"]


class StaffRole(models.Model):
    """A role given to a member of staff; a grade leader's names the grade."""

    teacher = models.ForeignKey(Teacher, models.CASCADE, related_name="roles")
    role = models.CharField("岗位", max_length=20, choices=Role)
    grade = models.PositiveSmallIntegerField("年级", null=True, blank=True)

    class Meta:
        ordering = ["teacher", "role", "grade"]
        constraints = [
            models.UniqueConstraint(
                fields=["teacher", "role", "grade"],
                name="school_staffrole_once_a_grade",
                violation_error_message="这个人已有这个岗位。",
            ),
            models.UniqueConstraint(
                fields=["teacher", "role"],
                condition=Q(grade__isnull=True),
                name="school_staffrole_once",
                violation_error_message="这个人已有这个岗位。",
            ),
            models.CheckConstraint(
                condition=Q(role__in=GRANTED_ROLES),
                name="school_staffrole_granted",
                violation_error_message="家长和班主任由名册决定，不能在这里授予。",
            ),
            models.CheckConstraint(
                condition=(Q(role=Role.GRADE_LEADER) & Q(grade__isnull=False))
                | (~Q(role=Role.GRADE_LEADER) & Q(grade__isnull=True)),
                name="school_staffrole_grade",
                violation_error_message="年级组长要写明年级，其他岗位不写。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()


class Student(PersonName):
    """A child on the roll. Hardship and health stand elsewhere, apart from this record."""

    school_class = models.ForeignKey(
        SchoolClass, models.PROTECT, null=True, blank=True, related_name="students", verbose_name="班级"
    )
    number = models.PositiveIntegerField("学号", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=StudentState, default=StudentState.ENROLLED)
    origin = models.CharField("来源", max_length=10, choices=Origin, default=Origin.IMPORT)
    erased_at = models.DateTimeField("资料删除时间", null=True, blank=True, help_text="之后只剩编号")

    class Meta:
        ordering = ["school_class", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["school_class", "number"],
                name="school_student_number",
                violation_error_message="这个班已有这个学号。",
            ),
            one_of("state", StudentState, "school_student_state"),
            one_of("origin", Origin, "school_student_origin"),
            models.CheckConstraint(
                condition=Q(state=StudentState.LEFT) | (Q(school_class__isnull=False) & Q(number__isnull=False)),
                name="school_student_has_class",
                violation_error_message="在读学生要有班级和学号。",
            ),
        ]


class ClassMembership(models.Model):
    """Which class a child was in, from when to when: history stays readable when children move up."""

    student = models.ForeignKey(Student, models.CASCADE, related_name="memberships")
    school_class = models.ForeignKey(SchoolClass, models.PROTECT, related_name="memberships")
    number = models.PositiveIntegerField("学号")
    starts_on = models.DateField("从")
    ends_on = models.DateField("到", null=True, blank=True)

    class Meta:
        ordering = ["student", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["student"],
                condition=Q(ends_on__isnull=True),
                name="school_membership_one_open",
                violation_error_message="一个学生同时只能在一个班。",
            ),
            in_order("starts_on", "ends_on", "school_membership_order", "结束日期不能早于开始日期。"),
        ]

    def __str__(self) -> str:
        return f"{self.student_id} {self.school_class_id}"


class Guardian(PersonName):
    """An adult of a family. Most never log in; a slip binds an account to one."""

    user = models.OneToOneField(User, models.SET_NULL, null=True, blank=True, related_name="guardian")
    phone = models.CharField("手机号", max_length=11, blank=True, default="", validators=[validate_phone])
    volunteers_until = models.DateField(
        "家长志愿者到", null=True, blank=True, help_text="审核通过时写入，到期或结束后不再是"
    )

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "phone"],
                condition=~Q(phone=""),
                name="school_guardian_once",
                violation_error_message="已有同名同手机号的家长。",
            )
        ]


class Guardianship(models.Model):
    """What one adult is to one child: the relation, and whether this adult may fetch the child or act for it."""

    guardian = models.ForeignKey(Guardian, models.CASCADE, related_name="links")
    student = models.ForeignKey(Student, models.CASCADE, related_name="links")
    relation = models.CharField("关系", max_length=24, choices=Relation, default=Relation.OTHER)
    acts = models.BooleanField("监护人", default=True, help_text="可以替孩子申请、请假")
    may_fetch = models.BooleanField("可接走", default=True)
    banned = models.BooleanField("不可接走", default=False, help_text="明确不许接走，与“未列入”不同")
    ban_note = models.CharField("说明", max_length=100, blank=True, default="")
    origin = models.CharField("来源", max_length=10, choices=Origin, default=Origin.IMPORT)

    class Meta:
        ordering = ["student", "-acts", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["guardian", "student"],
                name="school_guardianship_once",
                violation_error_message="这位家长已和孩子绑定。",
            ),
            one_of("relation", Relation, "school_guardianship_relation"),
            one_of("origin", Origin, "school_guardianship_origin"),
            models.CheckConstraint(
                condition=Q(banned=False) | Q(may_fetch=False),
                name="school_guardianship_ban",
                violation_error_message="同一个人不能既可接走又不可接走。",
            ),
        ]

    def __str__(self) -> str:
        return self.get_relation_display()


class Slip(models.Model):
    """A one-time code (绑定单) that binds an account to a child, or to a member of staff. Only its hash is kept."""

    student = models.ForeignKey(Student, models.CASCADE, null=True, blank=True, related_name="slips")
    teacher = models.ForeignKey(Teacher, models.CASCADE, null=True, blank=True, related_name="slips")
    account = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="+", help_text="只给这个账号重设密码"
    )
    code_hash = models.CharField(max_length=64, unique=True)
    issued_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="发放人")
    issued_at = models.DateTimeField("发放时间")
    expires_at = models.DateTimeField("有效期至")
    by_guardian = models.BooleanField("由家长邀请", default=False)
    claimed_at = models.DateTimeField("绑定时间", null=True, blank=True)
    claimed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField("作废时间", null=True, blank=True)

    class Meta:
        ordering = ["-issued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(student__isnull=False, teacher__isnull=True)
                | Q(student__isnull=True, teacher__isnull=False),
                name="school_slip_for_one",
                violation_error_message="一张绑定单只给一个人。",
            ),
            together(["claimed_at", "claimed_by"], "school_slip_claim", "绑定人和绑定时间要一起记。"),
            models.CheckConstraint(
                condition=Q(claimed_at__isnull=True) | Q(revoked_at__isnull=True),
                name="school_slip_end",
                violation_error_message="绑定过的单子不能再作废。",
            ),
            models.UniqueConstraint(
                fields=["student", "by_guardian", "issued_by"],
                condition=Q(claimed_at__isnull=True, revoked_at__isnull=True, by_guardian=True),
                name="school_slip_one_invitation",
                violation_error_message="已有一张没用过的邀请。",
            ),
            models.UniqueConstraint(
                fields=["student"],
                condition=Q(claimed_at__isnull=True, revoked_at__isnull=True, by_guardian=False),
                name="school_slip_one_open",
                violation_error_message="这个孩子已有一张没用过的绑定单。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.student_id or self.teacher_id}"


class SlipTry(models.Model):
    """A wrong code, by a keyed hash of the address it came from: to slow down guessing. Kept for an hour."""

    address_hash = models.CharField(max_length=64)
    at = models.DateTimeField("时间", auto_now_add=True, help_text="机器的时钟")

    class Meta:
        indexes = [models.Index(fields=["address_hash", "at"])]

    def __str__(self) -> str:
        return f"{self.at}"
