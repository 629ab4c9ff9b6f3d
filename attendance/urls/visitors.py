"""Visitors at the gate."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
