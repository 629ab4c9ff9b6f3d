"""A guardian invites a second one: the code is shown once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.actions import slips
from afterschool.school.documents import claim_address
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Slip
from afterschool.school.queries.people import children_of, open_slips
from afterschool.support import qr
from afterschool.support.refusal import Refused


@allow(Role.PARENT)
@require_http_methods(["GET", "POST"])
def invite(request: PortalRequest, pk: int) -> HttpResponse:
    """Say what an invitation is; when asked for, make it and show its code, this once."""
    student = get_object_or_404(children_of(request.actor), pk=pk)
    if request.method != "POST":
        held = open_slips().filter(student=student, by_guardian=True, issued_by_id=request.actor.user_id).first()
        return render(request, "school/invite.html", {"student": student, "held": held})
    try:
        issued = slips.invite(student=student, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("school:me")
    address = claim_address(request.school.public_url, issued.code) if request.school.public_url else ""
    context = {"student": student, "issued": issued, "qr": qr.svg(address) if address else ""}
    return render(request, "school/invite.html", context)


@allow(Role.PARENT)
@require_POST
def revoke(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one's own invitation back."""
    mine = Slip.objects.filter(by_guardian=True, issued_by_id=request.actor.user_id)
    slip = get_object_or_404(mine, pk=pk)
    told(request, lambda: slips.revoke(slip=slip, by=request.actor), "邀请已收回，那个码不能再用。")
    return redirect("school:me")
