from django.urls import path

from afterschool.overview import views

app_name = "overview"
urlpatterns = [
    path("", views.page, name="page"),
    path("<slug:key>/", views.records, name="records"),
]
