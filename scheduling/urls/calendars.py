"""A person's calendar and its feed."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
