"""Messages from parents."""

from django.urls import path

from evaluation.views import feedback

urlpatterns = [
    path("feedback/write/", feedback.write, name="feedback-write"),
    path("feedback/by-code/", feedback.by_code, name="feedback-by-code"),
    path("my-feedback/<int:pk>/", feedback.mine, name="my-feedback"),
    path("feedback/", feedback.desk, name="feedback"),
    path("feedback/<int:pk>/", feedback.one, name="feedback-one"),
    path("feedback/<int:pk>/answer/", feedback.answer, name="feedback-answer"),
    path("feedback/<int:pk>/assign/", feedback.assign, name="feedback-assign"),
    path("feedback/<int:pk>/find/", feedback.find, name="feedback-find"),
    path("feedback/<int:pk>/close/", feedback.close, name="feedback-close"),
]
