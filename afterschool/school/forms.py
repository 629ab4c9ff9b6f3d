"""Forms of login, slips and the register: strings into domain values, nothing else."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from afterschool.school.enums import GRANTED_ROLES, Channel, DeliveryState, Relation, RobotService, Role
from afterschool.school.kinds import kind_choices
from afterschool.school.models import SchoolClass, User
from afterschool.school.models.people import validate_phone
from afterschool.support.names import NameField


class LoginForm(forms.Form):
    """Phone number or staff number, and the password."""

    username = forms.CharField(
        label="手机号或工号",
        max_length=32,
        error_messages={"required": "请填写手机号或工号。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    own_device = forms.BooleanField(label="这是我自己的手机，下次不用再登录", required=False)

    def clean_username(self) -> str:
        # one spelling for one account, so that spaces and capitals give no further tries
        return "".join(self.cleaned_data["username"].split()).lower()


def new_password_field(label: str = "新密码") -> forms.CharField:
    """Return a field for a password that is being set."""
    return forms.CharField(
        label=label,
        max_length=128,
        strip=False,
        help_text="至少 8 位，不要用生日、手机号或 12345678 这样的常见密码。",
        error_messages={"required": "请设一个密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "data-show-password": ""}, render_value=True),
    )


class PasswordForm(forms.Form):
    """The old password and a new one."""

    old = forms.CharField(
        label="现在的密码",
        max_length=128,
        strip=False,
        error_messages={"required": "请填写现在的密码。"},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new = new_password_field()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        old: str = self.cleaned_data["old"]
        if not self.user.check_password(old):
            raise ValidationError("现在的密码不对。", code="wrong")
        return old

    def clean_new(self) -> str:
        new: str = self.cleaned_data["new"]
        validate_password(new, self.user)
        return new


RELATIONS = Relation.choices


def phone_field(*, required: bool = True) -> forms.CharField:
    """Return a field for a mobile number; spaces and dashes as people type them are taken out."""
    return PhoneField(label="手机号", required=required, error_messages={"required": "请填写手机号。"})


class PhoneField(forms.CharField):
    """A mobile number of eleven digits."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"})

    def to_python(self, value: Any) -> str:
        wide = unicodedata.normalize("NFKC", str(value or ""))  # a Chinese keyboard writes full-width figures
        typed = "".join(ch for ch in wide if ch.isalnum() or ch == "+")
        return typed.removeprefix("+86")

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            validate_phone(value)


def name_field(label: str = "姓名") -> NameField:
    """Return a field for a person's name."""
    return NameField(label=label, max_length=40, error_messages={"required": f"请填写{label}。"})


class CodeForm(forms.Form):
    """The code of a slip."""

    code = forms.CharField(
        label="绑定码",
        max_length=40,
        help_text="绑定单上的 12 位字母和数字，大小写都可以。",
        error_messages={"required": "请填写绑定单上的绑定码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "placeholder": "ABCD-EFGH-JKMN"}
        ),
    )


class ClaimForm(forms.Form):
    """Who binds to a child, on the own phone."""

    name = name_field("您的姓名")
    relation = forms.ChoiceField(
        label="您是孩子的", choices=[("", "请选择"), *RELATIONS], error_messages={"required": "请选择您和孩子的关系。"}
    )
    phone = phone_field()
    password = new_password_field("密码")
    own_device = forms.BooleanField(label="这是我自己的手机，下次不用再登录", required=False, initial=True)


class AddChildForm(forms.Form):
    """One more child for an account that is logged in."""

    relation = forms.ChoiceField(
        label="您是孩子的", choices=[("", "请选择"), *RELATIONS], error_messages={"required": "请选择您和孩子的关系。"}
    )


class SetPasswordForm(forms.Form):
    """A first password, or a new one."""

    password = new_password_field("密码")
    own_device = forms.BooleanField(label="这是我自己的手机，下次不用再登录", required=False)


class ChildForm(forms.Form):
    """A child added by hand."""

    name = name_field()
    school_class = forms.ModelChoiceField(
        SchoolClass.objects.none(), label="班级", error_messages={"required": "请选择班级。"}
    )
    number = forms.IntegerField(
        label="学号", min_value=1, max_value=99999999, error_messages={"required": "请填写学号。"}
    )

    def __init__(self, *args: Any, classes: QuerySet[SchoolClass], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].queryset = classes  # type: ignore[attr-defined]


class NameForm(forms.Form):
    """A corrected name."""

    name = name_field()


class GuardianForm(forms.Form):
    """One more adult for a child."""

    name = name_field()
    relation = forms.ChoiceField(label="是孩子的", choices=RELATIONS)
    phone = phone_field(required=False)
    acts = forms.BooleanField(label="可以替孩子申请、请假（监护人）", required=False)
    may_fetch = forms.BooleanField(label="可以接走孩子", required=False, initial=True)


class PhoneForm(forms.Form):
    """The number to call an adult of a family by."""

    phone = phone_field()


class BanForm(forms.Form):
    """Why somebody must not fetch a child."""

    note = forms.CharField(
        label="说明", max_length=100, error_messages={"required": "请写明依据，例如“法院判决，见班主任存档”。"}
    )


class RoleForm(forms.Form):
    """A role for a member of staff."""

    role = forms.ChoiceField(label="岗位", choices=[(r.value, r.label) for r in GRANTED_ROLES if r != Role.VOLUNTEER])
    grade = forms.IntegerField(label="年级（只有年级组长要写）", required=False, min_value=1, max_value=12)


class EmailForm(forms.Form):
    """An address for notices."""

    email = forms.EmailField(
        label="邮箱",
        max_length=254,
        error_messages={"required": "请填写邮箱。", "invalid": "这不像一个邮箱，例如 name@example.com。"},
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none"}),
    )


class RobotForm(forms.Form):
    """A group robot. Of one that stands already the address isn't shown again: left empty, it stays."""

    name = forms.CharField(
        label="群名", max_length=40, help_text="例如“2026级家长群”。", error_messages={"required": "请填写群名。"}
    )
    service = forms.ChoiceField(label="用的是", choices=RobotService.choices)
    address = forms.CharField(
        label="机器人地址（Webhook）",
        max_length=500,
        help_text="在群设置里添加机器人后复制的整段地址。知道它的人都能往群里发话，请不要外传。",
        error_messages={"required": "请粘贴机器人地址。"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label="签名密钥",
        max_length=200,
        required=False,
        help_text="钉钉选了“加签”、飞书选了“签名校验”才有；企业微信没有。用关键词的，关键词填“课后服务”。",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    for_staff = forms.BooleanField(
        label="这是教师群", required=False, help_text="教师群收值班表和停办通知；家长群收学校通知、申请时间和停办通知。"
    )

    def __init__(self, *args: Any, standing: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if standing:
            del self.fields["service"]
            self.fields["address"].required = False
            self.fields["address"].help_text = "不改就留空。已存的地址不再显示。"
            self.fields["secret"].help_text = "不改就留空。已存的密钥不再显示。"

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).strip()

    def clean_secret(self) -> str:
        return str(self.cleaned_data["secret"]).strip()


class DeliveryFilterForm(forms.Form):
    """What the office looks for in the record of what was sent."""

    channel = forms.ChoiceField(label="方式", required=False, choices=[("", "全部"), *Channel.choices])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), *DeliveryState.choices])
    kind = forms.ChoiceField(label="种类", required=False, choices=[("", "全部"), *kind_choices()])
    first = forms.DateField(
        label="从", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last = forms.DateField(
        label="到", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    person = forms.CharField(label="收件人或群", required=False, max_length=40)
    message = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            chosen = isinstance(field, forms.ChoiceField)
            field.widget.attrs["class"] = "form-select" if chosen else "form-control"
