"""Who patrols on which day."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
