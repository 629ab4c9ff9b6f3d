"""Training, meetings and volunteers."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
