"""The board, a child's day, and handing over."""

from django.urls import path

from attendance.views import board, child, sessions

urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/days/<str:day>/close/", board.close, name="board-close"),
    path("board/children/<int:pk>/", child.child, name="child"),
    path("board/children/<int:pk>/call/", child.call, name="child-call"),
    path("board/children/<int:pk>/find/", child.found, name="child-found"),
    path("board/children/<int:pk>/excuse/", child.away, name="child-away"),
    path("board/children/<int:pk>/search/", child.search, name="child-search"),
    path("sessions/<int:pk>/end/", sessions.end, name="session-end"),
    path("sessions/<int:pk>/take-over/", sessions.take_over, name="session-take-over"),
]
