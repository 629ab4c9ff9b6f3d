"""Early and late pick-up, and somebody else who fetches."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Student, Term
from afterschool.support.refusal import Refused
from attendance.actions.fetchers import cancel_fetcher, name_fetcher
from attendance.actions.pickups import ask_pickup_change, cancel_pickup_change
from attendance.enums import ChangeKind
from attendance.leave_forms import SAME, PickupForm
from attendance.queries import leaves as queries
from attendance.queries.word_page import page_of
from attendance.views.leaves import SPEAKERS, child_of, done

KINDS = {*ChangeKind.values, SAME}


@allow(*SPEAKERS)
@require_http_methods(["GET", "POST"])
def new(request: PortalRequest, pk: int) -> HttpResponse:
    """Tell an early or late pick-up, who else fetches, or both."""
    student = child_of(request, pk)
    if request.term is None:
        return render(request, "attendance/no_term.html")
    page = page_of(request.actor, request.term, student, "change")
    wanted = request.GET.get("kind", "")
    form = PickupForm(
        request.POST or None,
        for_family=page.family,
        may_go_alone=page.may_go_alone,
        listed=page.listed,
        days=page.days,
        initial={"kind": wanted} if wanted in KINDS else {},
    )
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, _said(request, request.term, student, form))
            return done(request, student)
        except Refused as refused:
            form.add_error(None, refused.sentence)
    context = {"form": form, "student": student, "page": page, "other": wanted == SAME}
    return render(request, "attendance/pickup_change_new.html", context)


def _said(request: PortalRequest, term: Term, student: Student, form: PickupForm) -> str:
    """Do what the form asks for; return the sentence for the person who asked."""
    wish, someone = form.wish(), form.someone()
    if wish is not None:
        ask_pickup_change(term=term, student=student, wish=wish, by=request.actor, **form.word())
        by_whom = f"，由{someone.relation}{someone.name}接" if someone else ""
        return f"{student.name} {wish.kind.label} {wish.at:%H:%M}{by_whom}，已登记。"
    if someone is None:
        raise Refused("nobody_named", "请写明换谁来接。")
    first, last = form.days()
    name_fetcher(
        term=term, student=student, someone=someone, first_day=first, last_day=last, by=request.actor, **form.word()
    )
    return f"{student.name}由{someone.relation}{someone.name}接，已登记。"


@allow(*SPEAKERS)
@require_POST
def cancel(request: PortalRequest, pk: int) -> HttpResponse:
    """Take an early or late pick-up back."""
    change = get_object_or_404(queries.changes_for(request.actor, request.term).select_related(*queries.PARTIES), pk=pk)
    told(
        request,
        lambda: cancel_pickup_change(change=change, by=request.actor),
        f"{change.student.name}的{change.get_kind_display()}已撤销。",
    )
    return done(request, change.student)


@allow(*SPEAKERS)
@require_POST
def cancel_other(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back that somebody else may fetch."""
    rows = queries.fetchers_for(request.actor, request.term).select_related(*queries.PARTIES)
    fetcher = get_object_or_404(rows, pk=pk)
    told(
        request,
        lambda: cancel_fetcher(fetcher=fetcher, by=request.actor),
        f"{fetcher.student.name}不再由{fetcher.relation}{fetcher.name}接。",
    )
    return done(request, fetcher.student)
