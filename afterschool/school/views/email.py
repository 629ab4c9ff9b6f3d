"""One's own address for notices: set and taken away when logged in, confirmed and stopped by the links in letters."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import public, signed_in
from afterschool.school.actions import email as actions
from afterschool.school.forms import EmailForm
from afterschool.school.http import PortalRequest
from afterschool.school.views.me import account
from afterschool.support.refusal import Refused


@signed_in
@require_http_methods(["GET", "POST"])
def email(request: PortalRequest) -> HttpResponse:
    """Set the address for notices; a letter asks whether it is one's own."""
    user = account(request)
    form = EmailForm(request.POST or None, initial={"email": user.email})
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_email(email=form.cleaned_data["email"], by=request.actor)
            messages.success(request, "确认邮件马上发出，请在 24 小时内点开里面的链接。")
            return redirect("school:me-email")
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return render(request, "school/email.html", {"form": form})


@signed_in
@require_POST
def remove(request: PortalRequest) -> HttpResponse:
    """Take the address away."""
    actions.remove_email(by=request.actor)
    messages.success(request, "邮箱已去掉，不再给您发邮件。网站里的消息照旧。")
    return redirect("school:me")


@public
@require_http_methods(["GET", "POST"])
def confirm(request: PortalRequest, token: str) -> HttpResponse:
    """Take the address into use, at a press: what opens links by itself confirms nothing."""
    return _by_link(request, token, "confirm")


@csrf_exempt  # a mailbox's own "unsubscribe" posts here (RFC 8058); the key in the link is the right to
@public
@require_http_methods(["GET", "POST"])
def stop(request: PortalRequest, token: str) -> HttpResponse:
    """Stop the letters to an address, by the link in one of them."""
    return _by_link(request, token, "stop")


LINKS = {
    "confirm": (actions.asked_user, actions.confirm_email),
    "stop": (actions.stopped_user, actions.stop_email),
}


def _by_link(request: PortalRequest, token: str, act: str) -> HttpResponse:
    look, do = LINKS[act]
    values = {"act": act, "done": request.method == "POST"}
    try:
        values["address"] = look(token).email
        if request.method == "POST":
            do(token=token, by=request.actor)
    except Refused as refused:
        return render(request, "school/email_link.html", {"act": act, "refused": refused.sentence}, status=410)
    return render(request, "school/email_link.html", values)
