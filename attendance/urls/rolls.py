"""Roll calls."""

from django.urls import path

from attendance.views import roll_calls, roll_marks, roll_offline

urlpatterns = [
    path("roll-call/", roll_calls.now, name="roll-call-now"),
    path("roll-call/worker.js", roll_offline.worker, name="roll-call-worker"),
    path("roll-call/shell/", roll_offline.shell, name="roll-call-shell"),
    path("sessions/today/", roll_calls.today, name="sessions-today"),
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
    path("sessions/<int:pk>/roll-call/nearby/", roll_calls.nearby, name="roll-call-nearby"),
    path("sessions/<int:pk>/roll-call/unlisted/", roll_calls.unlisted, name="roll-call-unlisted"),
    path("sessions/<int:pk>/roll-call/take-in/", roll_calls.take_in, name="roll-call-take-in"),
]
