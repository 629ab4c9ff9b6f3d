"""Clubs: catalogue, proposal, approval, members."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
