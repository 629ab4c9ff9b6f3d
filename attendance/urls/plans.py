"""Week plans, day notes and notes about children."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
