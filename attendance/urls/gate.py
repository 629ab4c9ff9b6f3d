"""The gate and late care."""

from django.urls import path

from attendance.views import gate, late_care

urlpatterns = [
    path("gate/", gate.gate, name="gate"),
    path("gate/release/", gate.release_class, name="gate-class-release"),
    path("gate/children/<int:pk>/", gate.child, name="gate-child"),
    path("gate/children/<int:pk>/release/", gate.release, name="gate-release"),
    path("gate/children/<int:pk>/decide/", gate.decide, name="gate-decide"),
    path("gate/children/<int:pk>/correct/", gate.correct_release, name="gate-correct"),
    path("late-care/", late_care.late_care, name="late-care"),
    path("late-care/places/", late_care.places, name="late-care-places"),
    path("late-care/children/<int:pk>/receive/", late_care.receive, name="late-care-receive"),
]
