"""The work list and its tasks."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
