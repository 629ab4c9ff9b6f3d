"""Questionnaires and visits."""

from django.urls import path

from evaluation.views import answering, surveys, visits

urlpatterns = [
    path("surveys/", surveys.surveys, name="surveys"),
    path("surveys/new/", surveys.new, name="survey-new"),
    path("surveys/<int:pk>/", surveys.survey, name="survey"),
    path("surveys/<int:pk>/edit/", surveys.edit, name="survey-edit"),
    path("surveys/<int:pk>/copy/", surveys.copy, name="survey-copy"),
    path("surveys/<int:pk>/discard/", surveys.discard, name="survey-discard"),
    path("surveys/<int:pk>/open/", surveys.open_survey, name="survey-open"),
    path("surveys/<int:pk>/close/", surveys.close, name="survey-close"),
    path("surveys/<int:pk>/preview/", surveys.preview, name="survey-preview"),
    path("surveys/<int:pk>/results/", surveys.results, name="survey-results"),
    path("surveys/<int:pk>/results/print/", surveys.paper, name="survey-results-print"),
    path("surveys/<int:pk>/questions/new/", surveys.question_new, name="survey-question-new"),
    path("surveys/questions/<int:pk>/", surveys.question, name="survey-question"),
    path("surveys/questions/<int:pk>/move/", surveys.question_move, name="survey-question-move"),
    path("surveys/questions/<int:pk>/remove/", surveys.question_remove, name="survey-question-remove"),
    path("asked/", answering.asked, name="asked"),
    path("asked/<int:pk>/", answering.of_staff, name="asked-one"),
    path("asked/<int:pk>/<int:child>/", answering.of_parent, name="asked-child"),
    path("q/<slug:token>/", answering.by_link, name="survey-link"),
    path("talks/", visits.visits, name="talks"),
    path("talks/new/", visits.new, name="talk-new"),
    path("talks/<int:pk>/", visits.visit, name="talk"),
    path("talks/print/", visits.paper, name="talks-print"),
]
