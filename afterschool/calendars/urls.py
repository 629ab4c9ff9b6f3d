from django.urls import path

from afterschool.calendars import views

app_name = "calendars"
urlpatterns = [
    path("", views.mine, name="mine"),
    path("feed/make/", views.feed_make, name="feed-make"),
    path("feed/stop/", views.feed_stop, name="feed-stop"),
    path("<str:token>.ics", views.feed, name="feed"),
]
