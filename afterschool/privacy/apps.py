from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "afterschool.privacy"
    label = "privacy"
    verbose_name = "资料与隐私"

    def ready(self) -> None:
        from afterschool.privacy.copies import FORMATS
        from afterschool.school import papers

        for form in FORMATS.values():
            papers.register(form.kind, form.build, suffix=form.suffix, keep_days=papers.SHORT)
