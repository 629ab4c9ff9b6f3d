"""The monthly report and the integrity page."""

from django.urls import path

from evaluation.views import integrity, reports

urlpatterns = [
    path("integrity/", integrity.integrity, name="integrity"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<str:month>/", reports.month, name="report-month"),
    path("reports/<str:month>/paper/", reports.paper, name="report-paper"),
]
