"""Patrols and what follows from them."""

from django.urls import path

from evaluation.views import patrol, patrol_record, patrol_visits

urlpatterns = [
    path("patrol/", patrol.walk, name="patrol"),
    path("patrol/start/", patrol.start, name="patrol-start"),
    path("patrol/send/", patrol.send, name="patrol-send"),
    path("patrol/numbers/", patrol.numbers, name="patrol-numbers"),
    path("patrol/end/", patrol.end, name="patrol-end"),
    path("patrol/resume/", patrol.resume, name="patrol-resume"),
    path("patrol/shell/", patrol.shell, name="patrol-shell"),
    path("patrol/worker.js", patrol.worker, name="patrol-worker"),
    path("patrol/sessions/<int:pk>/", patrol.session, name="patrol-session"),
    path("patrol/visits/<int:pk>/", patrol_visits.page, name="patrol-visit"),
    path("patrol/visits/<int:pk>/correct/", patrol_visits.correct, name="patrol-correct"),
    path("patrol/visits/<int:pk>/photos/add/", patrol_visits.add_photo, name="patrol-photo-add"),
    path("patrol/visits/<int:pk>/photos/<int:photo_pk>/", patrol_visits.photo, name="patrol-photo"),
    path("patrol/visits/<int:pk>/explain/", patrol_visits.explain, name="patrol-explain"),
    path("patrol/visits/<int:pk>/accept/", patrol_visits.accept, name="patrol-accept"),
    path("patrol/visits/<int:pk>/refuse/", patrol_visits.refuse, name="patrol-refuse"),
    path("patrol/visits/<int:pk>/ask/", patrol_visits.ask, name="patrol-ask"),
    path("patrol/mine/", patrol_visits.mine, name="patrol-mine"),
    path("patrol/follow-ups/<int:pk>/done/", patrol_visits.follow_up_done, name="patrol-follow-up-done"),
    path("patrol/record/", patrol_record.listing, name="patrol-record"),
    path("patrol/record/paper/", patrol_record.paper, name="patrol-record-paper"),
]
