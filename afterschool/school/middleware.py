"""What every request starts with: the school, its clock, and the person who asks."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from afterschool.school.access import SYSTEM, Actor, actor_for
from afterschool.school.models import School
from afterschool.support import clock
from afterschool.support.prepared import prepared

GetResponse = Callable[[HttpRequest], HttpResponse]


@prepared
def _school() -> QuerySet[School]:
    return School.objects.select_related("current_term").filter(pk=1)


def load_school() -> School:
    """Return the school with its current term, and let its clock run for this thread: one query."""
    school = next(iter(_school()), None) or School(pk=1, name="课后服务")
    clock.set_offset(timedelta(seconds=school.clock_offset_seconds))
    return school


class DoorMiddleware(LoginRequiredMiddleware):
    """Sends a stranger to the login, and from there back to a page.

    A button's address answers to POST alone: who pressed it after the session had ended comes back to the page on which
    it stands, and is told that nothing was done.
    """

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        if request.method != "POST":
            return super().handle_no_permission(request, view_func)
        page = request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
        messages.warning(request, "登录过期了，刚才按的没有办。请重新登录，再按一次。")
        back = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl() if safe and page else "/"
        return redirect_to_login(back, self.get_login_url(view_func))


class SchoolMiddleware:
    """Puts `school`, `term` and the lazy `actor` on the request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.school = load_school()  # type: ignore[attr-defined]
        request.term = request.school.current_term  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: self._actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)

    @staticmethod
    def _actor(request: HttpRequest) -> Actor:
        return actor_for(request.user) if request.user.is_authenticated else SYSTEM


class IdleMiddleware:
    """Logs a shared PC out when nobody has touched it for `SHARED_DEVICE_IDLE` seconds of the machine's clock.

    Pages that poll don't count as a touch. The time is written at most every five minutes, so that reading stays reading.
    """

    TOUCH_EVERY = 5 * 60

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and (touched := request.session.get("shared_since")):
            idle = time.time() - touched
            polled = request.method == "GET" and "HX-Request" in request.headers
            if idle > settings.SHARED_DEVICE_IDLE:
                logout(request)
                messages.warning(request, "很久没有操作，已退出登录。请重新登录。")
            elif idle > self.TOUCH_EVERY and not polled:
                request.session["shared_since"] = time.time()
        return self.get_response(request)


class NoStoreMiddleware:
    """Personal pages are never kept: WeChat's browser shows stale ones, a classroom PC shows them to the next person."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return response
