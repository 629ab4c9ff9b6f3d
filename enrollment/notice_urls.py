"""The public board: short addresses, to be linked from the school's website and account."""

from django.urls import path

from enrollment.views import notices

app_name = "notices"
urlpatterns = [
    path("", notices.notices, name="board"),
    path("<uuid:key>/", notices.notice, name="notice"),
]
