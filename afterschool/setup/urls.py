from django.urls import path

from afterschool.setup import views

app_name = "setup"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("check/", views.check, name="check"),
    path("walk/", views.walk, name="walk"),
    path("school/", views.school_edit, name="school"),
    path("terms/new/", views.term_new, name="term-new"),
    path("terms/<int:pk>/", views.term_edit, name="term-edit"),
    path("terms/<int:pk>/bands/", views.bands, name="bands"),
    path("terms/<int:pk>/choose/", views.term_choose, name="term-choose"),
]
