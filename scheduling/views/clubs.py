"""Clubs: the catalogue, one club, its proposal and what the office decides."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import STAFF, allow
from afterschool.school.enums import ActivityKind, Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Term
from afterschool.support.refusal import Refused
from scheduling.actions.club_changes import change_club
from scheduling.actions.clubs import (
    approve_club,
    close_club,
    decline_club,
    edit_proposal,
    propose_club,
    return_club,
    set_clubs_per_teacher,
)
from scheduling.club_workflow import Move
from scheduling.enums import ClubState
from scheduling.forms.clubs import FIELD_OF, ClubForm, LimitsForm, MostForm, ReasonForm, RuleForm, initial_of, limits_of
from scheduling.models import Club
from scheduling.queries.clubs import club_page, clubs_per_teacher, clubs_seen_by, lines_of, shelves, tally

PROPOSERS = (Role.TEACHER, Role.HEAD_TEACHER, Role.ADMINISTRATOR)
BY_STATE = {
    "": (ClubState.APPROVED, ClubState.PROPOSED, ClubState.RETURNED),
    "waiting": (ClubState.PROPOSED, ClubState.RETURNED),
    "ended": (ClubState.DECLINED, ClubState.CLOSED),
}


def term_of(request: PortalRequest) -> Term:
    """Return the current term, or 404."""
    if request.term is None:
        raise Http404
    return request.term


def seen(request: PortalRequest) -> QuerySet[Club]:
    """Return the clubs this person may open."""
    return clubs_seen_by(request.actor, term_of(request))


@allow(*STAFF)
@require_GET
def clubs(request: PortalRequest) -> HttpResponse:
    """The catalogue by kind of activity, cut to a state or a kind; a teacher's own clubs stand first."""
    if request.term is None:
        return render(request, "scheduling/no_term.html", {"title": "社团"})
    rows = lines_of(request.term, seen(request))
    shown = BY_STATE.get(request.GET.get("show", ""), BY_STATE[""])
    activity = request.GET.get("activity", "")
    kept = [row for row in rows if row.club.state in shown and activity in ("", row.club.activity)]
    mine = request.actor.teacher.pk if request.actor.teacher else None
    own = [row for row in rows if mine is not None and row.club.teacher_id == mine]
    context = {
        "shelves": shelves(kept),
        "own": own,
        "tally": tally(rows),
        "show": request.GET.get("show", ""),
        "activity": activity,
        "activities": ActivityKind.choices,
        "may_propose": request.actor.has(*PROPOSERS),
        "most_form": MostForm(initial={"most": clubs_per_teacher(request.term)}) if request.actor.is_office else None,
    }
    return render(request, "scheduling/clubs.html", context)


@allow(*PROPOSERS)
@require_http_methods(["GET", "POST"])
def club_new(request: PortalRequest) -> HttpResponse:
    """Propose a club: a teacher an own one, the office any teacher's."""
    term = term_of(request)
    own = None if request.actor.is_office else request.actor.teacher
    sent = request.POST if request.method == "POST" else None
    form, limits = ClubForm(sent, term=term, own=own), LimitsForm(sent, term=term)
    if request.method == "POST" and form.is_valid() and limits.is_valid():
        try:
            club = propose_club(term=term, draft=form.draft(limits), by=request.actor)
        except Refused as refused:
            form.add_error(FIELD_OF.get(refused.code), refused.sentence)
        else:
            messages.success(request, f"社团“{club.name}”已申报，等课程教学中心审批。")
            return redirect("scheduling:club", club.pk)
    return render(request, "scheduling/club_form.html", {"form": form, "limits": limits})


@allow(*PROPOSERS)
@require_http_methods(["GET", "POST"])
def club_edit(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a proposal or, for the office, an approved club."""
    club = get_object_or_404(seen(request), pk=pk)
    if Move.EDIT not in club_page(request.actor, club).can:
        messages.error(request, f"社团现在是“{club.get_state_display()}”，不能改。")
        return redirect("scheduling:club", pk)
    own = None if request.actor.is_office else request.actor.teacher
    first = {"initial": initial_of(club)}, {"initial": limits_of(list(club.shares.all()))}
    sent = request.POST if request.method == "POST" else None
    form = ClubForm(sent, term=club.term, own=own, **first[0])
    limits = LimitsForm(sent, term=club.term, **first[1])
    approved = club.state == ClubState.APPROVED
    rule = RuleForm(sent, initial={"seen": club.proposed_at.isoformat()}) if approved else None
    if request.method == "POST" and form.is_valid() and limits.is_valid():
        try:
            _save(request, club, form, limits, rule)
        except Refused as refused:
            form.add_error(FIELD_OF.get(refused.code), refused.sentence)
        else:
            messages.success(
                request, f"社团“{club.name}”已保存{'，从明天起按新的安排' if approved else '，等课程教学中心审批'}。"
            )
            return redirect("scheduling:club", pk)
    return render(request, "scheduling/club_form.html", {"form": form, "limits": limits, "club": club, "rule": rule})


def _save(request: PortalRequest, club: Club, form: ClubForm, limits: LimitsForm, rule: RuleForm | None) -> None:
    draft = form.draft(limits)
    if rule is None:
        edit_proposal(club=club, draft=draft, by=request.actor)
        return
    confirmed = rule.is_valid() and rule.cleaned_data["by_own_teacher"] and rule.cleaned_data["no_lessons"]
    change_club(club=club, draft=draft, confirmed=bool(confirmed), by=request.actor)


@allow(*STAFF)
@require_GET
def club(request: PortalRequest, pk: int) -> HttpResponse:
    """One club: what was written, who is in it, and what this person may do with it."""
    row = get_object_or_404(seen(request), pk=pk)
    page = club_page(request.actor, row)
    context = {
        "page": page,
        "club": row,
        "rule": RuleForm(initial={"seen": row.proposed_at.isoformat()}) if Move.APPROVE in page.can else None,
        "reason": ReasonForm(auto_id="id_why_%s"),
    }
    return render(request, "scheduling/club.html", context)


def _done(request: PortalRequest, pk: int, act: Callable[[], object], word: str) -> HttpResponse:
    told(request, act, word)
    return redirect("scheduling:club", pk)


@allow(Role.ADMINISTRATOR)
@require_POST
def approve(request: PortalRequest, pk: int) -> HttpResponse:
    """Approve, both points of the rule ticked over the text that was read."""
    row = get_object_or_404(seen(request), pk=pk)
    form = RuleForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面已过期，请再看一遍活动内容。")
        return redirect("scheduling:club", pk)
    return _done(
        request, pk, lambda: approve_club(club=row, by=request.actor, **form.cleaned_data), f"社团“{row.name}”已批准。"
    )


@allow(Role.ADMINISTRATOR)
@require_POST
def give_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Return a proposal to its teacher."""
    row = get_object_or_404(seen(request), pk=pk)
    reason = request.POST.get("reason", "")
    return _done(request, pk, lambda: return_club(club=row, reason=reason, by=request.actor), f"“{row.name}”已退回。")


@allow(Role.ADMINISTRATOR)
@require_POST
def decline(request: PortalRequest, pk: int) -> HttpResponse:
    """Decline a proposal."""
    row = get_object_or_404(seen(request), pk=pk)
    reason = request.POST.get("reason", "")
    return _done(request, pk, lambda: decline_club(club=row, reason=reason, by=request.actor), f"“{row.name}”未批准。")


@allow(Role.ADMINISTRATOR)
@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    """Close an approved club from tomorrow on."""
    row = get_object_or_404(seen(request), pk=pk)
    reason = request.POST.get("reason", "")
    return _done(
        request,
        pk,
        lambda: close_club(club=row, reason=reason, by=request.actor),
        f"“{row.name}”从明天起停办，已通知家长。",
    )


@allow(Role.ADMINISTRATOR)
@require_POST
def set_most(request: PortalRequest) -> HttpResponse:
    """Set how many clubs one teacher may lead."""
    form = MostForm(request.POST)
    if form.is_valid():
        set_clubs_per_teacher(term=term_of(request), most=form.cleaned_data["most"], by=request.actor)
        messages.success(request, "已保存。")
    else:
        messages.error(request, "请写 0 到 9 的数字。")
    return redirect("scheduling:clubs")
