"""Record books, and their checks by lot."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
