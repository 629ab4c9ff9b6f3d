from django.urls import path

from afterschool.setup import copy_views, past_views, views

app_name = "setup"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("check/", views.check, name="check"),
    path("walk/", views.walk, name="walk"),
    path("walk/<int:number>/go/", views.walk_step, name="walk-step"),
    path("walk/end/", views.walk_end, name="walk-end"),
    path("school/", views.school_edit, name="school"),
    path("terms/new/", views.term_new, name="term-new"),
    path("terms/copy/", copy_views.term_copy, name="term-copy"),
    path("file/", copy_views.file, name="file"),
    path("file/setup.json", copy_views.file_download, name="file-download"),
    path("file/compare/", copy_views.file_compare, name="file-compare"),
    path("file/begin/", copy_views.file_begin, name="file-begin"),
    path("terms/<int:pk>/", views.term_edit, name="term-edit"),
    path("terms/<int:pk>/bands/", views.bands, name="bands"),
    path("terms/past/", past_views.terms, name="past-terms"),
    path("terms/past/end/", past_views.term_read_end, name="term-read-end"),
    path("terms/<int:pk>/past/", past_views.term, name="past-term"),
    path("terms/<int:pk>/archive/", past_views.archive, name="term-archive"),
    path("terms/<int:pk>/archive/make/", past_views.archive_make, name="term-archive-make"),
    path("terms/<int:pk>/read/", past_views.term_read, name="term-read"),
    path("terms/<int:pk>/close/", past_views.term_close, name="term-close"),
    path("terms/<int:pk>/reopen/", past_views.term_reopen, name="term-reopen"),
    path("terms/<int:pk>/choose/", views.term_choose, name="term-choose"),
]
