"""Patrols and what follows from them."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
