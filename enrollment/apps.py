from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "报名"

    def ready(self) -> None:
        from afterschool.school import term_paths
        from enrollment.documents import agreements, fees, figures
        from enrollment.term_paths import FREE, THROUGH

        agreements.register()
        fees.register()
        figures.register()
        term_paths.declare("enrollment", through=THROUGH, free=FREE)
