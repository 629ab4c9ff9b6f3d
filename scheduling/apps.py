from django.apps import AppConfig


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = "安排"

    def ready(self) -> None:
        from scheduling import documents, rota_documents

        documents.register()
        rota_documents.register()
