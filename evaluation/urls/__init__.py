"""Addresses of evaluation, an area a module."""

from evaluation.urls import books, feedback, figures, money, patrol, reports, sheets, surveys

app_name = "evaluation"
AREAS = (sheets, patrol, books, surveys, feedback, money, figures, reports)
urlpatterns = [pattern for area in AREAS for pattern in area.urlpatterns]
