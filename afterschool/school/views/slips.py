"""A slip claimed on a phone: the code, then who claims."""

from typing import Any

from axes.helpers import get_client_ip_address
from django.contrib import auth, messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import public
from afterschool.school.actions import claims
from afterschool.school.actions.claims import Person
from afterschool.school.forms import AddChildForm, ClaimForm, CodeForm, SetPasswordForm
from afterschool.school.http import PortalRequest
from afterschool.school.models import Slip, User
from afterschool.school.views.login import keep_session
from afterschool.support.refusal import Refused

BACKEND = "afterschool.school.auth.PhoneOrStaffNumberBackend"


class NotProvedError(Exception):
    """The phone number has an account, and the password typed isn't the account's."""


def masked(name: str) -> str:
    """Return a name that its family knows and others don't: 王*涵, 王*."""
    return f"{name[0]}*" if len(name) <= 2 else f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"


def _open(request: HttpRequest, code: str) -> Slip:
    return claims.open_slip(code=code, address=str(get_client_ip_address(request) or ""))


def _form_for(slip: Slip, request: PortalRequest) -> Form:
    """Return the form this slip asks for: a password, one more child, or a whole new account."""
    data = request.POST if request.method == "POST" else None
    if slip.teacher_id or slip.account_id:
        return SetPasswordForm(data)
    return AddChildForm(data) if request.user.is_authenticated else ClaimForm(data)


def _page(request: PortalRequest, slip: Slip, form: Form, code: str) -> HttpResponse:
    person = slip.teacher or slip.student
    values = {"slip": slip, "form": form, "code": code, "masked": masked(person.name if person else "")}
    return render(request, "school/slip_bind.html", values)


def _ask_code(request: PortalRequest, code: str, refused: Refused | None = None) -> HttpResponse:
    form = CodeForm({"code": code} if code or refused else None)
    if refused:
        form.full_clean()
        form.add_error("code", refused.sentence)
    status = 429 if refused and refused.code == "too_many_tries" else 200
    return render(request, "school/slip_code.html", {"form": form}, status=status)


@public
@never_cache
@require_GET
def claim(request: PortalRequest) -> HttpResponse:
    """Step one: the code, from the paper's QR code or typed; step two is the form it leads to."""
    code = request.GET.get("code", "")
    if "code" not in request.GET:
        return _ask_code(request, "")
    if not code.strip():
        return render(request, "school/slip_code.html", {"form": CodeForm({"code": ""})})
    try:
        slip = _open(request, code)
    except Refused as refused:
        return _ask_code(request, code, refused)
    return _page(request, slip, _form_for(slip, request), code)


@public
@never_cache
@sensitive_post_parameters("password", "code")
@require_POST
def bind(request: PortalRequest) -> HttpResponse:
    """Step two: bind the account and go in."""
    code = request.POST.get("code", "")
    try:
        slip = _open(request, code)
    except Refused as refused:
        return _ask_code(request, code, refused)
    form = _form_for(slip, request)
    if form.is_valid():
        try:
            user = _claim(request, slip, form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        except ValidationError as error:
            form.add_error("password", error)
        except NotProvedError:
            form.add_error("password", "这个手机号已有账号，请输入这个账号原来的密码；忘记了，请班主任重发。")
        else:
            return _enter(request, user, slip, own_device=form.cleaned_data.get("own_device", False))
    return _page(request, slip, form, code)


def _claim(request: PortalRequest, slip: Slip, data: dict[str, Any]) -> User:
    """Call the one action that this slip is for."""
    if slip.account_id:
        return claims.claim_new_password(slip=slip, password=data["password"])
    if slip.teacher:
        known = None if slip.teacher.user_id else _proved(request, slip.teacher.phone, data["password"])
        return claims.claim_for_staff(slip=slip, password=data["password"], account=known)
    if isinstance(request.user, User):
        return claims.claim_for_child(slip=slip, person=Person("", "", data["relation"]), account=request.user)
    person = Person(data["name"], data["phone"], data["relation"], data["password"])
    return claims.claim_for_child(slip=slip, person=person, account=_proved(request, person.phone, data["password"]))


def _proved(request: PortalRequest, phone: str, password: str) -> User | None:
    """Return the account of this phone number if the password is its own; none if there is no such account."""
    if not phone or claims.account_with(phone) is None:
        return None
    user = auth.authenticate(request, username=phone, password=password)
    if not isinstance(user, User):
        raise NotProvedError
    return user


def _enter(request: PortalRequest, user: User, slip: Slip, *, own_device: bool) -> HttpResponse:
    if request.user != user:
        auth.login(request, user, backend=BACKEND)
        keep_session(request, own_device=own_device)
    if slip.student and not slip.account_id:
        messages.success(request, f"已绑定 {slip.student.name}，{slip.student.school_class}。")
    else:
        messages.success(request, "密码已设好，下次用它登录。")
    return redirect("home")
