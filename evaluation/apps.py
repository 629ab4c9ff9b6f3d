from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = "评价"

    def ready(self) -> None:
        from afterschool.school import papers, term_paths
        from evaluation import (
            book_documents,
            class_table_pages,
            documents,
            facts,
            halfmonth_pages,
            money_documents,
            patrol_documents,
            result_documents,
            sheet_pages,
            survey_documents,
        )
        from evaluation.term_paths import FREE, THROUGH

        papers.register(documents.KINDS["pdf"], documents.monthly_pdf, suffix="pdf")
        papers.register(documents.KINDS["xlsx"], documents.monthly_xlsx, suffix="xlsx")
        papers.register(halfmonth_pages.KINDS["pdf"], halfmonth_pages.report_pdf, suffix="pdf", names=False)
        papers.register(halfmonth_pages.KINDS["xlsx"], halfmonth_pages.report_xlsx, suffix="xlsx", names=False)
        papers.register(class_table_pages.KINDS["pdf"], class_table_pages.table_pdf, suffix="pdf")
        papers.register(class_table_pages.KINDS["xlsx"], class_table_pages.table_xlsx, suffix="xlsx")
        papers.register(money_documents.ALLOWANCE["pdf"], money_documents.allowance_pdf, suffix="pdf", names=False)
        papers.register(money_documents.ALLOWANCE["xlsx"], money_documents.allowance_xlsx, suffix="xlsx", names=False)
        papers.register(money_documents.STATEMENT, money_documents.statement_pdf, suffix="pdf", names=False)
        papers.register(money_documents.STATEMENTS, money_documents.statements_pdf, suffix="pdf", names=False)
        papers.register(money_documents.STATEMENTS_XLSX, money_documents.statements_xlsx, suffix="xlsx", names=False)
        papers.register("record-book", book_documents.book_pdf, suffix="pdf")
        papers.register(survey_documents.KINDS["pdf"], survey_documents.results_pdf, suffix="pdf")
        papers.register(survey_documents.KINDS["xlsx"], survey_documents.results_xlsx, suffix="xlsx")
        papers.register(survey_documents.VISITS["pdf"], survey_documents.visits_pdf, suffix="pdf")
        papers.register(survey_documents.VISITS["xlsx"], survey_documents.visits_xlsx, suffix="xlsx")
        papers.register(sheet_pages.KIND, sheet_pages.sheet_pdf, suffix="pdf", keep_days=papers.SHORT)
        papers.register(patrol_documents.KINDS["pdf"], patrol_documents.record_pdf, suffix="pdf", names=False)
        papers.register(patrol_documents.KINDS["xlsx"], patrol_documents.record_xlsx, suffix="xlsx", names=False)
        papers.register(result_documents.KINDS["pdf"], result_documents.results_pdf, suffix="pdf", names=False)
        papers.register(result_documents.KINDS["xlsx"], result_documents.results_xlsx, suffix="xlsx", names=False)
        facts.register()
        term_paths.declare("evaluation", through=THROUGH, free=FREE)
