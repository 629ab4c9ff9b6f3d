"""Term statements and allowance."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
