"""The monthly report."""

from django.urls import path

from evaluation.views import reports

urlpatterns = [
    path("reports/", reports.reports, name="reports"),
    path("reports/<str:month>/", reports.month, name="report-month"),
    path("reports/<str:month>/paper/", reports.paper, name="report-paper"),
]
