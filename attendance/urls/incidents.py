"""The emergency plan, incidents and drills."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
