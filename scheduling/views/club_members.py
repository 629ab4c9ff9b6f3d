"""Who is in a club: the list, members by the school's word, the papers."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from afterschool.school import papers
from afterschool.school.access import STAFF, allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Student
from afterschool.support.refusal import Refused
from scheduling.actions.club_changes import remove_member, reserve_place
from scheduling.club_workflow import Move
from scheduling.queries.clubs import (
    candidates,
    class_members,
    club_page,
    places_seen_by,
)
from scheduling.views.clubs import seen, term_of

CHANGERS = (Role.TEACHER, Role.HEAD_TEACHER, Role.ADMINISTRATOR)


@allow(*STAFF)
@require_GET
def members(request: PortalRequest, pk: int) -> HttpResponse:
    """Who is in a club, and children to put into it by the school's word."""
    club = get_object_or_404(seen(request), pk=pk)
    page = club_page(request.actor, club)
    if not page.sees_members and not request.actor.class_ids:
        raise Http404
    words = request.GET.get("q", "").strip()
    may_reserve = Move.RESERVE in page.can
    context = {
        "page": page,
        "club": club,
        "words": words,
        "found": candidates(club, words) if may_reserve else [],
        "may_reserve": may_reserve,
    }
    return render(request, "scheduling/club_members.html", context)


@allow(*CHANGERS)
@require_POST
def reserve(request: PortalRequest, pk: int) -> HttpResponse:
    """Put a child in a club by the school's word."""
    club = get_object_or_404(seen(request), pk=pk)
    chosen = request.POST.get("student", "")
    student = get_object_or_404(Student, pk=int(chosen) if chosen.isdecimal() else 0, state="enrolled")
    try:
        reserve_place(club=club, student=student, by=request.actor, note=request.POST.get("note", ""))
    except Refused as refused:
        messages.error(request, f"{student.name}：{refused.sentence}")
    else:
        messages.success(request, f"{student.name}从明天起在“{club.name}”，家长会收到消息。")
    return redirect("scheduling:club-members", pk)


@allow(*CHANGERS)
@require_POST
def remove(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a child out of a club, with a reason."""
    place = get_object_or_404(places_seen_by(request.actor, term_of(request)), pk=pk)
    told(
        request,
        lambda: remove_member(place=place, reason=request.POST.get("reason", ""), by=request.actor),
        f"{place.student.name}从明天起不在“{place.club.name}”，家长会收到消息。",
    )
    return redirect("scheduling:club-members", place.club_id)


@allow(*STAFF)
@require_POST
def print_lists(request: PortalRequest, pk: int) -> HttpResponse:
    """Ask for the list of one club, as PDF for the roll call or as Excel."""
    club = get_object_or_404(seen(request), pk=pk)
    return _paper(request, f"社团“{club.name}”名单", {"club": club.pk})


@allow(Role.ADMINISTRATOR)
@require_POST
def print_all(request: PortalRequest) -> HttpResponse:
    """Ask for the lists of all clubs."""
    return _paper(request, "社团名单", {})


def _paper(request: PortalRequest, title: str, params: dict[str, int]) -> HttpResponse:
    kind = "club-list-xlsx" if request.POST.get("as") == "xlsx" else "club-list"
    paper = papers.request_paper(kind, title=title, params=params | {"term": term_of(request).pk}, by=request.actor)
    return redirect("school:paper", paper.pk)


@allow(Role.HEAD_TEACHER)
@require_GET
def of_class(request: PortalRequest) -> HttpResponse:
    """For a head teacher: which child of the own class is in which club."""
    context = {"classes": class_members(request.actor, term_of(request))}
    return render(request, "scheduling/clubs_class.html", context)
