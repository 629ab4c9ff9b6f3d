"""Addresses of scheduling, an area a module."""

from scheduling.urls import arranging, calendars, choosing, clubs, patrol, rota, standins, training, work

app_name = "scheduling"
AREAS = (arranging, rota, clubs, choosing, standins, patrol, training, work, calendars)
urlpatterns = [pattern for area in AREAS for pattern in area.urlpatterns]
