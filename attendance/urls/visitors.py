"""Visitors at the gate."""

from django.urls import path

from attendance.views import visitors

urlpatterns = [
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/new/", visitors.visitor_new, name="visitor-new"),
    path("visitors/register/", visitors.visitors_register, name="visitors-register"),
    path("visitors/paper/", visitors.visitors_paper, name="visitors-paper"),
    path("visitors/hours/", visitors.visitors_hours, name="visitors-hours"),
    path("visitors/<int:pk>/leave/", visitors.visitor_leave, name="visitor-leave"),
    path("visitors/<int:pk>/back/", visitors.visitor_back, name="visitor-back"),
]
