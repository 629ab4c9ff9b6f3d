from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "评价"

    def ready(self) -> None:
        from afterschool.school import papers
        from evaluation import documents

        papers.register(documents.KINDS["pdf"], documents.monthly_pdf, suffix="pdf")
        papers.register(documents.KINDS["xlsx"], documents.monthly_xlsx, suffix="xlsx")
