"""Addresses of attendance, an area a module."""

from attendance.urls import checks, custody, discipline, gate, incidents, leaves, plans, rolls, visitors

app_name = "attendance"
AREAS = (rolls, leaves, custody, gate, visitors, plans, incidents, checks, discipline)
urlpatterns = [pattern for area in AREAS for pattern in area.urlpatterns]
