"""Addresses of the board, the gate and late care; part of the app's own."""

from django.urls import path

from attendance.views import board, child, gate, late_care, sessions

urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/days/<str:day>/close/", board.close, name="board-close"),
    path("board/children/<int:pk>/", child.child, name="child"),
    path("board/children/<int:pk>/call/", child.call, name="child-call"),
    path("board/children/<int:pk>/find/", child.found, name="child-found"),
    path("board/children/<int:pk>/excuse/", child.away, name="child-away"),
    path("board/children/<int:pk>/search/", child.search, name="child-search"),
    path("gate/", gate.gate, name="gate"),
    path("gate/release/", gate.release_class, name="gate-class-release"),
    path("gate/children/<int:pk>/", gate.child, name="gate-child"),
    path("gate/children/<int:pk>/release/", gate.release, name="gate-release"),
    path("gate/children/<int:pk>/decide/", gate.decide, name="gate-decide"),
    path("gate/children/<int:pk>/correct/", gate.correct_release, name="gate-correct"),
    path("sessions/<int:pk>/end/", sessions.end, name="session-end"),
    path("sessions/<int:pk>/take-over/", sessions.take_over, name="session-take-over"),
    path("late-care/", late_care.late_care, name="late-care"),
    path("late-care/places/", late_care.places, name="late-care-places"),
    path("late-care/children/<int:pk>/receive/", late_care.receive, name="late-care-receive"),
]
