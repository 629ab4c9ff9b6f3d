"""The gate and late care."""

from django.urls import path

from attendance.views import gate, gate_codes, gate_release, late_care

urlpatterns = [
    path("gate/", gate.gate, name="gate"),
    path("gate/release/", gate_release.release_class, name="gate-class-release"),
    path("gate/children/<int:pk>/", gate.child, name="gate-child"),
    path("gate/children/<int:pk>/release/", gate_release.release, name="gate-release"),
    path("gate/children/<int:pk>/decide/", gate_release.decide, name="gate-decide"),
    path("gate/children/<int:pk>/correct/", gate_release.correct_release, name="gate-correct"),
    path("gate/children/<int:pk>/refuse/", gate_release.refuse, name="gate-refuse"),
    path("gate/children/<int:pk>/call/", gate_release.call, name="gate-call"),
    path("gate/code/<str:token>/", gate.code, name="gate-code"),
    path("gate/my-code/", gate_codes.mine, name="gate-my-code"),
    path("late-care/accept/", late_care.accept, name="late-care-accept"),
    path("late-care/often/", late_care.often, name="late-care-often"),
    path("late-care/", late_care.late_care, name="late-care"),
    path("late-care/places/", late_care.places, name="late-care-places"),
    path("late-care/children/<int:pk>/receive/", late_care.receive, name="late-care-receive"),
]
