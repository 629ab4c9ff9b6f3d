from django.apps import AppConfig


class AttendanceConfig(AppConfig):
    name = "attendance"
    verbose_name = "点名与交接"

    def ready(self) -> None:
        from afterschool.school import term_paths
        from afterschool.school.access import ask_beside
        from attendance import check_documents, incident_documents, plan_documents, roll_documents, visitor_documents
        from attendance.actions.flags import recount
        from attendance.queries import incidents, roll_facts
        from attendance.queries.checks import overdue_beside
        from attendance.queries.fees import attendance_of
        from attendance.term_paths import FREE, THROUGH
        from enrollment.facts import provide_attendance
        from scheduling.following import follow_turns

        plan_documents.register()
        roll_documents.register()
        roll_facts.register()
        provide_attendance(attendance_of)
        visitor_documents.register()
        incident_documents.register()
        ask_beside(incidents.open_now)
        ask_beside(incidents.seen_by)
        follow_turns(recount)
        check_documents.register()
        ask_beside(overdue_beside)
        term_paths.declare("attendance", through=THROUGH, free=FREE)
