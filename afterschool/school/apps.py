from django import forms
from django.apps import AppConfig


class SchoolConfig(AppConfig):
    name = "afterschool.school"
    label = "school"
    verbose_name = "学校名册"

    def ready(self) -> None:
        from afterschool.school import checks, papers  # noqa: F401 the checks register themselves
        from afterschool.school.documents import slips_pdf

        # "这个字段是必填项" is nothing a parent or teacher says.
        forms.Field.default_error_messages["required"] = "这里要填。"
        forms.ChoiceField.default_error_messages["required"] = "请选一项。"
        forms.ModelChoiceField.default_error_messages["required"] = "请选一项。"
        papers.register("slips", slips_pdf, suffix="pdf", keep_days=papers.SHORT)
