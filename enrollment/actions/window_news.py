"""Telling families that they can apply, and on the last day those who haven't. The tick does it; each once a term."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from afterschool.school.access import Actor
from afterschool.school.enums import StudentState
from afterschool.school.messaging import tell
from afterschool.school.models import Guardianship, Message, Term
from afterschool.support import clock
from enrollment.actions._moves import window_of
from enrollment.enums import ApplicationState
from enrollment.models import Application
from enrollment.workflow import Phase

FRESH = LAST = timedelta(days=1)
OPENED, REMINDER = "window.opened", "window.reminder"


def _due(term: Term, now: datetime) -> str:
    """Return what is to be told now: a portal that slept over the opening doesn't tell of it days later."""
    if window_of(term).phase is not Phase.OPEN:
        return ""
    if now < term.applications_open_at + FRESH:
        return OPENED
    return REMINDER if now >= term.applications_close_at - LAST else ""


def tell_of_window(*, term: Term, by: Actor) -> int:
    """Tell families of the window when it is time to. Return how many accounts were told; nothing where it was told before."""
    kind = _due(term, clock.now())
    if not kind or Message.objects.filter(term=term, kind=kind).exists():
        return 0
    with transaction.atomic():
        list(Term.objects.select_for_update().filter(pk=term.pk))  # two ticks at once: the second finds it told
        if Message.objects.filter(term=term, kind=kind).exists():
            return 0
        return _tell(term, kind, by)


def _tell(term: Term, kind: str, by: Actor) -> int:
    families = Guardianship.objects.filter(
        acts=True,
        guardian__user__isnull=False,
        student__state=StudentState.ENROLLED,
        student__school_class__isnull=False,
    )
    if kind == REMINDER:
        handed_in = Application.objects.filter(term=term, student=OuterRef("student")).exclude(
            state=ApplicationState.DRAFT
        )
        families = families.exclude(Exists(handed_in))
    accounts = set(families.order_by().values_list("guardian__user_id", flat=True).distinct())
    until = term.applications_close_at.astimezone(clock.SHANGHAI)
    closes = f"{until.month}月{until.day}日 {until:%H:%M}"
    words = {
        OPENED: ("课后服务开始申请", f"自愿参加，{closes} 截止。"),
        REMINDER: ("课后服务申请快截止了", f"想参加、还没有提交的，请在 {closes} 前提交。不参加的不用管。"),
    }
    title, body = words[kind]
    tell(
        [pk for pk in accounts if pk is not None],
        kind=kind,
        title=title,
        body=body,
        url=reverse("enrollment:my-applications"),
        term=term,
        by=by,
    )
    return len(accounts)
