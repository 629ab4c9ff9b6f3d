"""Who patrols on which day."""

from django.urls import path

from scheduling.views import patrol

urlpatterns = [
    path("patrol/", patrol.patrol, name="patrol"),
    path("patrol/paper/", patrol.paper, name="patrol-paper"),
    path("patrol/days/<int:weekday>/", patrol.day, name="patrol-day"),
    path("patrol/turns/<int:pk>/change/", patrol.change, name="patrol-change"),
    path("patrol/changes/<int:pk>/remove/", patrol.change_remove, name="patrol-change-remove"),
]
