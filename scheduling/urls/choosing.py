"""Choosing clubs: rounds, wishes, the draw, waiting lists."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
