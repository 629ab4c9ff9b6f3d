from django.urls import path

from afterschool.setup import copy_views, views

app_name = "setup"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("check/", views.check, name="check"),
    path("walk/", views.walk, name="walk"),
    path("school/", views.school_edit, name="school"),
    path("terms/new/", views.term_new, name="term-new"),
    path("terms/copy/", copy_views.term_copy, name="term-copy"),
    path("file/", copy_views.file, name="file"),
    path("file/setup.json", copy_views.file_download, name="file-download"),
    path("file/compare/", copy_views.file_compare, name="file-compare"),
    path("file/begin/", copy_views.file_begin, name="file-begin"),
    path("terms/<int:pk>/", views.term_edit, name="term-edit"),
    path("terms/<int:pk>/bands/", views.bands, name="bands"),
    path("terms/<int:pk>/choose/", views.term_choose, name="term-choose"),
]
