from django.urls import include, path

from attendance.views import leaves, roll_calls, roll_marks

app_name = "attendance"
urlpatterns = [
    path("", include("attendance.custody_urls")),
    path("roll-call/", roll_calls.now, name="roll-call-now"),
    path("sessions/today/", roll_calls.today, name="sessions-today"),
    path("sessions/<int:pk>/roll-call/", roll_calls.page, name="roll-call"),
    path("sessions/<int:pk>/roll-call/begin/", roll_calls.begin, name="roll-call-begin"),
    path("sessions/<int:pk>/roll-call/marks/", roll_marks.marks, name="roll-call-marks"),
    path("sessions/<int:pk>/roll-call/mark/", roll_marks.mark, name="roll-call-mark"),
    path("sessions/<int:pk>/roll-call/save/", roll_marks.save, name="roll-call-save"),
    path("sessions/<int:pk>/roll-call/children/<int:student_pk>/", roll_marks.child, name="roll-call-child"),
    path("sessions/<int:pk>/roll-call/children/<int:student_pk>/mend/", roll_marks.mend, name="roll-call-mend"),
    path("sessions/<int:pk>/roll-call/unlisted/", roll_calls.unlisted, name="roll-call-unlisted"),
    path("sessions/<int:pk>/roll-call/take-in/", roll_calls.take_in, name="roll-call-take-in"),
    path("leaves/", leaves.listing, name="leave-list"),
    path("leaves/new/", leaves.choose, name="leave-choose"),
    path("children/<int:pk>/leaves/new/", leaves.new, name="leave-new"),
    path("leaves/<int:pk>/cancel/", leaves.cancel, name="leave-cancel"),
    path("children/<int:pk>/pickup-changes/new/", leaves.new_change, name="pickup-change-new"),
    path("pickup-changes/<int:pk>/cancel/", leaves.cancel_change, name="pickup-change-cancel"),
]
