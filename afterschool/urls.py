"""All addresses of the portal."""

from django.urls import include, path

from afterschool import home
from afterschool.gallery import gallery
from afterschool.menu import menu

urlpatterns = [
    path("", home.home, name="home"),
    path("menu/", menu, name="menu"),
    path("gallery/", gallery, name="gallery"),
    path("", include("afterschool.school.urls")),
    path("settings/", include("afterschool.setup.urls")),
    path("notices/", include("enrollment.notice_urls")),
    path("enrollment/", include("enrollment.urls")),
    path("scheduling/", include("scheduling.urls")),
    path("attendance/", include("attendance.urls")),
    path("evaluation/", include("evaluation.urls")),
    path("calendar/", include("afterschool.calendars.urls")),
    path("overview/", include("afterschool.overview.urls")),
    path("privacy/", include("afterschool.privacy.urls")),
    path("demo/", include("afterschool.demo.urls")),
]
