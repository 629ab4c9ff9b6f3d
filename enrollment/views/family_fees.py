"""Fees for the family: each child's statements, how they came about, what is paid and open."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.school.papers import request_paper
from enrollment.access import own_children
from enrollment.queries.fee_balances import own_fees
from enrollment.queries.fees import told
from enrollment.views.common import with_term


@allow(Role.PARENT)
@require_GET
@with_term
def my_fees(request: PortalRequest, term: Term) -> HttpResponse:
    """Show the statements of one's own children, with how each came about."""
    context = {"children": own_fees(request.actor, term), "told": told(term)}
    return render(request, "enrollment/fees/mine.html", context)


@allow(Role.PARENT)
@require_POST
@with_term
def my_fees_print(request: PortalRequest, term: Term, pk: int) -> HttpResponse:
    """The statements of one's own child as PDF."""
    child = get_object_or_404(own_children(request.actor), pk=pk)
    params = {"term": term.pk, "student": child.pk}
    paper = request_paper("fees_statements", title=f"{child.name}课后服务费账单", params=params, by=request.actor)
    return redirect("school:paper", paper.pk)
