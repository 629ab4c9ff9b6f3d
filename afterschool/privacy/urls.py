from django.urls import path

from afterschool.privacy.views import family, office

app_name = "privacy"
urlpatterns = [
    path("", family.what, name="what"),
    path("my/", family.mine, name="mine"),
    path("children/<int:pk>/copy/", family.copy, name="copy"),
    path("children/<int:pk>/correct/", family.correct, name="correct"),
    path("children/<int:pk>/erasure/ask/", family.ask_erasure, name="erasure-ask"),
    path("children/<int:pk>/record/", family.record, name="child-record"),
    path("record/", office.whole_record, name="record"),
    path("requests/", office.requests, name="requests"),
    path("requests/<int:pk>/withdraw/", family.take_back, name="request-withdraw"),
    path("requests/<int:pk>/answer/", office.answer, name="request-answer"),
    path("students/<int:pk>/looks/", office.looks, name="looks"),
    path("students/<int:pk>/erasure/", office.erasure, name="erasure"),
    path("students/<int:pk>/erase/", office.erase, name="erase"),
]
