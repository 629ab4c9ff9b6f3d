from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "报名"

    def ready(self) -> None:
        from enrollment.documents import agreements, fees, figures

        agreements.register()
        fees.register()
        figures.register()
