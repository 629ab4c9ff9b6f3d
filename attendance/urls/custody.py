"""The board, a child's day, and handing over."""

from django.urls import path

from attendance.views import board, child, child_moves, handing, line_ups, missing, sessions

urlpatterns = [
    path("board/", board.board, name="board"),
    path("board/days/<str:day>/close/", board.close, name="board-close"),
    path("board/sessions/<int:pk>/", board.session, name="board-session"),
    path("board/children/<int:pk>/", child.child, name="child"),
    path("board/children/<int:pk>/call/", child.call, name="child-call"),
    path("board/children/<int:pk>/find/", child.found, name="child-found"),
    path("board/children/<int:pk>/excuse/", child.away, name="child-away"),
    path("board/children/<int:pk>/search/", child.search, name="child-search"),
    path("board/children/<int:pk>/tell/", child_moves.tell, name="child-tell"),
    path("board/children/<int:pk>/report/", child_moves.report_missing, name="child-report"),
    path("board/children/<int:pk>/keep/", child_moves.keep, name="child-keep"),
    path("board/children/<int:pk>/bring-back/", child_moves.bring_back, name="child-bring-back"),
    path("board/children/<int:pk>/give-back/", child_moves.give_back, name="child-give-back"),
    path("board/children/<int:pk>/other-group/", child_moves.other_group, name="child-other-group"),
    path("missing/", missing.missing, name="missing"),
    path("passes/<int:pk>/accept/", missing.accept, name="pass-accept"),
    path("passes/<int:pk>/refuse/", missing.refuse, name="pass-refuse"),
    path("line-ups/", line_ups.line_ups, name="line-ups"),
    path("line-ups/<int:pk>/", line_ups.line_up, name="line-up"),
    path("handovers/", handing.handovers, name="handovers"),
    path("handovers/<int:pk>/", handing.offer, name="offer"),
    path("handovers/<int:pk>/accept/", handing.accept, name="offer-accept"),
    path("handovers/<int:pk>/object/", handing.object_to, name="offer-object"),
    path("handovers/<int:pk>/report/", handing.report, name="offer-report"),
    path("handovers/<int:pk>/withdraw/", handing.withdraw, name="offer-withdraw"),
    path("sessions/<int:pk>/hand-over/", handing.hand_over, name="hand-over"),
    path("sessions/<int:pk>/hand-over/onward/offer/", handing.offer_onward, name="offer-onward"),
    path("sessions/<int:pk>/hand-over/colleague/offer/", handing.offer_to_colleague, name="offer-colleague"),
    path("sessions/<int:pk>/end/", sessions.end, name="session-end"),
    path("sessions/<int:pk>/take-over/", sessions.take_over, name="session-take-over"),
]
