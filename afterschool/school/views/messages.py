"""Messages from the portal to the person who asks."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import signed_in
from afterschool.school.actions.messages import mark_all_read, mark_read
from afterschool.school.http import PortalRequest
from afterschool.school.queries.messages import current_of, messages_of, past_news_of, unread_count

A_PAGE = 20


@signed_in
@require_GET
def messages(request: PortalRequest) -> HttpResponse:
    """List one's own messages, unread first; the news of past days stand apart."""
    past = request.GET.get("show") == "past"
    rows = past_news_of(request.actor) if past else current_of(request.actor)
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "school/messages.html", {"page": page, "past": past, "unread": unread_count(request.actor)})


@signed_in
@require_POST
def message(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    delivery = get_object_or_404(messages_of(request.actor), pk=pk)
    mark_read(delivery=delivery, by=request.actor)
    url = delivery.message.url
    inside = url.startswith("/") and url_has_allowed_host_and_scheme(url, None)
    return redirect(url if inside else "school:messages")


@signed_in
@require_POST
def read_all(request: PortalRequest) -> HttpResponse:
    """Mark all of one's messages as read."""
    mark_all_read(by=request.actor)
    return redirect("school:messages")
