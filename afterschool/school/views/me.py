"""One's own account: who I am here, my children, my password, the role I work in."""

from django.conf import settings
from django.contrib import auth, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import signed_in
from afterschool.school.actions import accounts
from afterschool.school.enums import Role
from afterschool.school.forms import PasswordForm
from afterschool.school.http import PortalRequest
from afterschool.school.models import User
from afterschool.school.queries.people import family_of


def account(request: PortalRequest) -> User:
    """Return the account of a person who is logged in."""
    if request.actor.user is None:
        raise PermissionDenied
    return request.actor.user


@signed_in
@require_GET
def me(request: PortalRequest) -> HttpResponse:
    """Show what the portal knows of the person who asks."""
    roles = [role for role in Role if role in request.actor.roles]
    values = {"roles": roles, "children": family_of(request.actor), "mail_on": settings.MAIL_ON}
    return render(request, "school/me.html", values)


@signed_in
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: PortalRequest) -> HttpResponse:
    """Change one's own password; other devices are logged out by it."""
    user = account(request)
    form = PasswordForm(request.POST or None, user=user)
    if not form.is_valid():
        return render(request, "school/password.html", {"form": form})
    changed = accounts.change_password(password=form.cleaned_data["new"], by=request.actor)
    auth.update_session_auth_hash(request, changed)
    messages.success(request, "密码已改好。其他设备上要重新登录。")
    return redirect("school:me")


@signed_in
@require_POST
def role(request: PortalRequest) -> HttpResponse:
    """Work in another of one's roles. It changes what is shown first, never what one may do."""
    wanted = request.POST.get("role", "")
    if wanted not in request.actor.roles:
        return HttpResponseBadRequest("您没有这个身份。")
    request.session["role"] = wanted
    return redirect("home")
