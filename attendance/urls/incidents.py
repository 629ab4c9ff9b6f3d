"""The emergency plan, incidents and drills."""

from django.urls import URLPattern, path

from attendance.views import emergency, incident_counts, incidents

urlpatterns: list[URLPattern] = [
    path("emergency/", emergency.plan, name="emergency"),
    path("emergency/posts/", emergency.posts, name="emergency-posts"),
    path("emergency/numbers/", emergency.numbers, name="emergency-numbers"),
    path("emergency/paper/", emergency.paper, name="emergency-paper"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/bar/", incidents.bar, name="incident-bar"),
    path("incidents/alarm/", incidents.alarm, name="incident-alarm"),
    path("incidents/raise/", incidents.raise_alarm, name="incident-raise"),
    path("incidents/files/<int:pk>/", incidents.file, name="incident-file"),
    path("incidents/<int:pk>/", incidents.incident, name="incident"),
    path("incidents/<int:pk>/start/", incidents.start, name="incident-start"),
    path("incidents/<int:pk>/dismiss/", incidents.dismiss, name="incident-dismiss"),
    path("incidents/<int:pk>/end/", incidents.end, name="incident-end"),
    path("incidents/<int:pk>/note/", incidents.note, name="incident-note"),
    path("incidents/<int:pk>/report/", incidents.report, name="incident-report"),
    path("incidents/<int:pk>/attach/", incidents.attach, name="incident-attach"),
    path("incidents/<int:pk>/paper/", incidents.paper, name="incident-paper"),
    path("incidents/<int:pk>/confirm/", incident_counts.confirm, name="incident-confirm"),
    path("incidents/<int:pk>/board/", incident_counts.board, name="incident-board"),
    path("incidents/<int:pk>/counts/<int:holder>/", incident_counts.count, name="incident-count"),
    path("incidents/<int:pk>/counts/<int:holder>/save/", incident_counts.save_count, name="incident-count-save"),
]
