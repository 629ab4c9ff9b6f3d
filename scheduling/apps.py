from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "安排"

    def ready(self) -> None:
        from afterschool.school import term_paths
        from afterschool.school.access import ask_beside
        from afterschool.school.actions import placements
        from scheduling import (
            club_documents,
            documents,
            rota_documents,
            standin_documents,
            training_documents,
            work_documents,
        )
        from scheduling.actions.club_follow import follow_weekdays, leave_clubs
        from scheduling.actions.sessions import follow_places
        from scheduling.queries import facts
        from scheduling.queries.patrol import leading
        from scheduling.term_paths import FREE, THROUGH

        club_documents.register()
        documents.register()
        rota_documents.register()
        standin_documents.register()
        work_documents.register()
        training_documents.register()
        facts.register()
        ask_beside(lambda day, _: leading(day))
        placements.register(follow_places)
        placements.register_leaver(leave_clubs)
        placements.register_changer(follow_weekdays)
        term_paths.declare("scheduling", through=THROUGH, free=FREE)
