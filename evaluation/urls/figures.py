"""Half-monthly figures and class tables."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
