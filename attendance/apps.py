from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = "点名与交接"

    def ready(self) -> None:
        from attendance import visitor_documents
        from attendance.queries.fees import attendance_of
        from enrollment.facts import provide_attendance

        provide_attendance(attendance_of)
        visitor_documents.register()
