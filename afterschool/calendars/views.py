"""A person's own calendar, month by month, and its feed for the phone."""

import re
from calendar import monthrange
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST, require_safe

from afterschool.calendars.entries import by_day, entries_of
from afterschool.calendars.feed import etag_of, feed_bytes
from afterschool.school.access import public, signed_in
from afterschool.school.http import PortalRequest
from afterschool.support import clock
from scheduling.actions.feeds import make_feed, stop_feed
from scheduling.feeds import feed_of, token_of
from scheduling.models import CalendarFeed

MONTH = re.compile(r"^(20\d\d)-(0[1-9]|1[0-2])$")


@signed_in
@require_GET
def mine(request: PortalRequest) -> HttpResponse:
    """Show what this person has on in one month."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    match = MONTH.match(request.GET.get("month", ""))
    first = date(int(match[1]), int(match[2]), 1) if match else clock.today().replace(day=1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    entries = entries_of(request.actor, request.term, first, last)
    today = clock.today()
    open_on = today if first <= today <= last else first  # on a phone nobody scrolls past three weeks to find today
    days = by_day(entries)
    context = {
        "past": [day for day in days if day.date < open_on],
        "days": [day for day in days if day.date >= open_on],
        "several": len({entry.child.pk for entry in entries if entry.child}) > 1,
        "first": first,
        "before": _shift(first, -1),
        "after": _shift(first, 1),
        "today": today,
        "feed_url": _address(request),
    }
    return render(request, "calendars/mine.html", context)


def _shift(first: date, months: int) -> date:
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def _address(request: PortalRequest) -> str:
    feed = CalendarFeed.objects.filter(pk=request.actor.user_id, stopped_at__isnull=True).first()
    if feed is None:
        return ""
    path = reverse("calendars:feed", args=[token_of(feed)])
    return f"{request.school.public_url}{path}" if request.school.public_url else request.build_absolute_uri(path)


@signed_in
@require_POST
def feed_make(request: PortalRequest) -> HttpResponse:
    """Give this person a new secret address."""
    feed = make_feed(by=request.actor)
    told = "订阅地址已生成。" if feed.version == 1 else "新的订阅地址已生成，旧地址不再有用。"
    messages.success(request, told)
    return redirect(f"{reverse('calendars:mine')}#feed")


@signed_in
@require_POST
def feed_stop(request: PortalRequest) -> HttpResponse:
    """Switch this person's address off."""
    stop_feed(by=request.actor)
    messages.success(request, "订阅已停用，手机里的日历不再更新。")
    return redirect(f"{reverse('calendars:mine')}#feed")


@public
@require_safe
def feed(request: PortalRequest, token: str) -> HttpResponse:
    """Give the calendar that a key opens: the key is the right, since a phone asks without login."""
    found = feed_of(token)
    if found is None:
        raise Http404
    content = feed_bytes(found, request.school, request.term)
    mark = etag_of(content)
    same = mark in request.headers.get("If-None-Match", "")
    response = HttpResponseNotModified() if same else HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["ETag"] = mark
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return response
