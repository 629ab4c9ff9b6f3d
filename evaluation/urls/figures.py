"""Half-monthly figures and class tables."""

from django.urls import path

from evaluation.views import class_tables, halfmonth

urlpatterns = [
    path("figures/", halfmonth.reports, name="figures"),
    path("figures/columns/", halfmonth.columns, name="figures-columns"),
    path("figures/<int:pk>/", halfmonth.report, name="figures-report"),
    path("figures/<int:pk>/send/", halfmonth.send, name="figures-send"),
    path("figures/<int:pk>/correct/", halfmonth.correct, name="figures-correct"),
    path("figures/<int:pk>/drop/", halfmonth.drop, name="figures-drop"),
    path("figures/<int:pk>/type/", halfmonth.type_in, name="figures-type"),
    path("figures/<int:pk>/paper/", halfmonth.paper, name="figures-paper"),
    path("class-tables/", class_tables.tables, name="class-tables"),
    path("class-tables/remind/", class_tables.remind, name="class-tables-remind"),
    path("class-tables/<int:pk>/", class_tables.table, name="class-table"),
    path("class-tables/<int:pk>/versions/<int:number>/", class_tables.version, name="class-table-version"),
    path("class-tables/<int:pk>/confirm/", class_tables.confirm, name="class-table-confirm"),
    path("class-tables/<int:pk>/reopen/", class_tables.reopen, name="class-table-reopen"),
    path("class-tables/<int:pk>/paper/", class_tables.paper, name="class-table-paper"),
]
