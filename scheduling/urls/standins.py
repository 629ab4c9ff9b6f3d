"""Teachers' leave, stand-ins and swaps."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
