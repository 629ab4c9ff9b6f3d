"""Teachers' attendance, flags and breaches."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
