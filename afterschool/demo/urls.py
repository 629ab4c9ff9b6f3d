from django.urls import path

from afterschool.demo import views

app_name = "demo"
urlpatterns = [
    path("clock/", views.show_clock, name="clock"),
    path("clock/forward/", views.forward, name="clock-forward"),
]
