"""Login and logout."""

import time
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import actor_for, public, signed_in
from afterschool.school.actions import accounts
from afterschool.school.forms import LoginForm
from afterschool.school.http import PortalRequest
from afterschool.school.models import GradeBand, User


def next_url(request: HttpRequest) -> str:
    """Return where to go after login: an address of this portal, or nothing."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else ""


def keep_session(request: HttpRequest, *, own_device: bool) -> None:
    """Let the session live long on one's own phone; on a shared PC it ends with the browser, or when left alone."""
    request.session.pop("shared_since", None)
    if own_device:
        request.session.set_expiry(settings.OWN_DEVICE_SESSION_AGE)
    else:
        request.session.set_expiry(0)
        request.session["shared_since"] = time.time()


def _page(request: HttpRequest, form: LoginForm, *, status: int = 200, **context: Any) -> HttpResponse:
    term = getattr(request, "term", None)
    values = {"form": form, "next": next_url(request), "bands": GradeBand.objects.filter(term=term) if term else []}
    return render(request, "school/login.html", values | context, status=status)


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def login(request: PortalRequest) -> HttpResponse:
    """Show the door, and open it."""
    if request.user.is_authenticated:
        return redirect(next_url(request) or "home")
    form = LoginForm(request.POST or None)
    if not form.is_valid():
        return _page(request, form)
    data = form.cleaned_data
    user = auth.authenticate(request, username=data["username"], password=data["password"])
    if not isinstance(user, User):
        form.add_error(None, "手机号（工号）或密码不对，请再试一次。")
        return _page(request, form)
    auth.login(request, user)
    keep_session(request, own_device=data["own_device"])
    accounts.note_login(by=actor_for(user), own_device=data["own_device"])
    return redirect(next_url(request) or "home")


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any]) -> HttpResponse:
    """Answer after too many wrong passwords: what was typed stays, but for the password."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    form = LoginForm(initial={"username": request.POST.get("username", "")})
    return _page(request, form, status=429, locked_minutes=minutes)


@signed_in
@require_POST
def logout(request: PortalRequest) -> HttpResponse:
    """End the session on this device."""
    accounts.note_logout(by=request.actor)
    auth.logout(request)
    return redirect("school:login")
