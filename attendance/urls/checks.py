"""Safety checks and defects."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
