from django import forms
from django.apps import AppConfig
from django.core import validators
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


def speak_plainly() -> None:
    """Let forms say what is wrong as a person would: no parent or teacher says "确保该变量包含不超过 40 字符"."""
    forms.Field.default_error_messages["required"] = "这里要填。"
    for field in (forms.ChoiceField, forms.ModelChoiceField):
        field.default_error_messages["required"] = "请选一项。"
        field.default_error_messages["invalid_choice"] = "请从列出的里选。"
    forms.IntegerField.default_error_messages["invalid"] = "请写整数。"
    forms.DecimalField.default_error_messages["invalid"] = "请写数字。"
    validators.MinValueValidator.message = "不能小于 %(limit_value)s。"
    validators.MaxValueValidator.message = "不能大于 %(limit_value)s。"
    validators.MinLengthValidator.message = "至少写 %(limit_value)d 个字，现在 %(show_value)d 个。"
    validators.MaxLengthValidator.message = "最多写 %(limit_value)d 个字，现在 %(show_value)d 个。"
    validators.DecimalValidator.messages["max_decimal_places"] = "小数最多 %(max)s 位。"


class SchoolConfig(AppConfig):
    name = "afterschool.school"
    label = "school"
    verbose_name = "学校名册"

    def ready(self) -> None:
        from afterschool.school import checks, closed_terms, papers  # noqa: F401 the checks register themselves
        from afterschool.school.documents import slips_pdf

        speak_plainly()
        papers.register("slips", slips_pdf, suffix="pdf", keep_days=papers.SHORT)
        connection_created.connect(closed_terms.speak)
        pre_migrate.connect(closed_terms.take_away, sender=self)
        post_migrate.connect(closed_terms.set_up, sender=self)
