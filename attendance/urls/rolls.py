"""Roll calls."""

from django.urls import path

from attendance.views import roll_calls, roll_clubs, roll_lists, roll_marks, roll_offline, roll_paper

urlpatterns = [
    path("roll-call/", roll_calls.now, name="roll-call-now"),
    path("roll-call/worker.js", roll_offline.worker, name="roll-call-worker"),
    path("roll-call/shell/", roll_offline.shell, name="roll-call-shell"),
    path("sessions/today/", roll_lists.today, name="sessions-today"),
    path("sessions/today/print/", roll_lists.print_day, name="sessions-print"),
    path("sessions/not-finished/", roll_lists.not_finished, name="sessions-not-finished"),
    path("sessions/<int:pk>/roll-call/", roll_calls.page, name="roll-call"),
    path("sessions/<int:pk>/roll-call/begin/", roll_calls.begin, name="roll-call-begin"),
    path("sessions/<int:pk>/roll-call/marks/", roll_marks.marks, name="roll-call-marks"),
    path("sessions/<int:pk>/roll-call/send/", roll_marks.send, name="roll-call-send"),
    path("sessions/<int:pk>/roll-call/save/", roll_marks.save, name="roll-call-save"),
    path("sessions/<int:pk>/roll-call/children/<int:student_pk>/", roll_marks.child, name="roll-call-child"),
    path("sessions/<int:pk>/roll-call/children/<int:student_pk>/mend/", roll_marks.mend, name="roll-call-mend"),
    path(
        "sessions/<int:pk>/roll-call/children/<int:student_pk>/stay-away/",
        roll_marks.stay_away,
        name="roll-call-stay-away",
    ),
    path("sessions/<int:pk>/roll-call/print/", roll_lists.print_session, name="roll-call-print"),
    path("sessions/<int:pk>/roll-call/paper/", roll_paper.paper, name="roll-call-paper"),
    path("sessions/<int:pk>/roll-call/paper/enter/", roll_paper.enter, name="roll-call-paper-enter"),
    path("sessions/<int:pk>/roll-call/clubs/", roll_clubs.clubs, name="roll-call-clubs"),
    path("sessions/<int:pk>/roll-call/clubs/back/", roll_clubs.back, name="roll-call-clubs-back"),
    path("sessions/<int:pk>/roll-call/nearby/", roll_calls.nearby, name="roll-call-nearby"),
    path("sessions/<int:pk>/roll-call/unlisted/", roll_calls.unlisted, name="roll-call-unlisted"),
    path("sessions/<int:pk>/roll-call/take-in/", roll_calls.take_in, name="roll-call-take-in"),
]
