"""The family's pages of clubs: what each child has and waits for, ranking clubs, taking a place, waiting, swapping, leaving."""

from collections.abc import Callable

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from afterschool.school.access import allow
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest, told
from afterschool.school.models import Student
from afterschool.school.queries.people import children_of
from afterschool.support import clock
from afterschool.support.refusal import Refused
from scheduling.actions import choosing as acts
from scheduling.actions import swapping, too_small, waiting, wishes
from scheduling.choosing_access import children_for_clubs
from scheduling.enums import PlaceState, RoundMode
from scheduling.models import Club, ClubPlace, ClubRound, ClubSwap, ClubWait, WishSheet
from scheduling.queries import choosing_pages as pages
from scheduling.queries.choosing import displaced_ids, most_clubs, rounds_seen, rule_of, window_of
from scheduling.views.pages import page_term

CHOOSERS = (Role.PARENT, Role.HEAD_TEACHER, Role.ADMINISTRATOR)


def _child(request: PortalRequest, pk: int) -> Student:
    return get_object_or_404(children_for_clubs(request.actor), pk=pk)


def _is_family(request: PortalRequest, student: Student) -> bool:
    return children_of(request.actor).filter(pk=student.pk).exists()


def _home(request: PortalRequest, student: Student) -> HttpResponse:
    """Return to where a person sees this child's clubs: the family its own page, the school the child's."""
    return (
        redirect("scheduling:my-clubs")
        if _is_family(request, student)
        else redirect("scheduling:child-clubs", student.pk)
    )


@allow(Role.PARENT)
@require_GET
def my_clubs(request: PortalRequest) -> HttpResponse:
    """Show what each child of the family has, waits for and can choose."""
    if request.term is None:
        return render(request, "scheduling/no_term.html")
    children = list(children_of(request.actor).order_by("school_class__grade", "pk"))
    return render(request, "scheduling/my_clubs.html", {"rows": pages.family_clubs(request.term, children)})


@allow(*CHOOSERS)
@require_http_methods(["GET", "POST"])
def choose(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Rank the clubs of a round by lot, or take a place in one of first come, first served, for one child."""
    found = get_object_or_404(rounds_seen(page_term(request)), pk=pk)
    student = _child(request, student_pk)
    if request.method == "POST" and found.mode == RoundMode.LOT:
        return _save(request, found, student)
    return _show(request, found, student)


def _show(
    request: PortalRequest, found: ClubRound, student: Student, typed: dict[int, int] | None = None
) -> HttpResponse:
    sheet = WishSheet.objects.filter(round=found, student=student).first()
    kept = {wish.club_id: wish.rank for wish in sheet.wishes.all()} if sheet else {}
    lines = pages.lines_of(
        found.term, student, pages.clubs_of_round(found), ranks=kept if typed is None else typed,
        freely=found.mode == RoundMode.FIRST,
    )  # fmt: skip
    family = list(children_of(request.actor)) if request.actor.guardian else []
    own = student in family
    gate = window_of(found)
    context = {
        "round": found,
        "student": student,
        "sheet": sheet,
        "lines": lines,
        "gate": gate,
        "rule": rule_of(found).splitlines(),
        "ranks": range(1, found.most_wishes + 1),
        "family": family if own else [],
        "siblings": pages.siblings_in(found, student, family if own else []),
        "own": own,
        "held": [line.place for line in lines if line.place and line.place.source != "reserved"],
        "must_wait": gate.phase.value == "first" and student.pk not in displaced_ids(found.term),
        "most": found.clubs_per_child,
        "shows_ticket": own or request.actor.is_office,
    }
    by_lot = found.mode == RoundMode.LOT
    return render(request, "scheduling/choose_wishes.html" if by_lot else "scheduling/choose_now.html", context)


def _save(request: PortalRequest, found: ClubRound, student: Student) -> HttpResponse:
    """Keep the wishes: numbered selects, or the script's list; gaps close, the same number twice is asked back."""
    none = "none" in request.POST
    ranks = {} if none else _ranks(request)
    if len(set(ranks.values())) != len(ranks):
        messages.error(request, "有两个社团填了同一个志愿号，请改一下。没有保存。")
        return _show(request, found, student, ranks)
    clubs = sorted(ranks, key=lambda pk: ranks[pk])
    together = "together" in request.POST

    def save() -> None:
        wishes.save_wishes(
            found=found, student=student, clubs=clubs, together=together, none_wanted=none, by=request.actor
        )

    if request.headers.get("X-Keep"):  # the script keeps each change by itself
        return _keep(save)
    said = (
        f"已记下：{student.name}不参加社团。截止前还可以改。" if none else f"{student.name}的{len(clubs)}个志愿已保存。"
    )
    if not told(request, save, said):
        return _show(request, found, student, ranks)
    return redirect("scheduling:choose", found.pk, student.pk)


def _ranks(request: PortalRequest) -> dict[int, int]:
    found = {}
    for name, value in request.POST.items():
        club = name.removeprefix("club-")
        if club != name and club.isdecimal() and str(value).isdecimal():
            found[int(club)] = int(str(value))
    return found


def _keep(save: Callable[[], None]) -> HttpResponse:
    try:
        save()
    except Refused as refused:
        return HttpResponse(f"没有保存：{refused.sentence}", status=409)
    return HttpResponse(f"已保存 {clock.now():%H:%M}")


@allow(*CHOOSERS)
@require_POST
def take(request: PortalRequest, pk: int, student_pk: int) -> HttpResponse:
    """Take a place in a round of first come, first served."""
    found = get_object_or_404(rounds_seen(page_term(request)), pk=pk)
    student = _child(request, student_pk)
    club = get_object_or_404(Club, pk=_number(request, "club"), offers__round=found)
    instead = _own_place(request, student)
    said = f"{student.name}选上了{club.name}。"
    done = lambda: acts.choose_now(found=found, club=club, student=student, by=request.actor, instead_of=instead)  # noqa: E731
    if told(request, done, said):
        return _home(request, student)
    return redirect("scheduling:choose", found.pk, student.pk)


def _number(request: PortalRequest, name: str) -> int:
    value = request.POST.get(name, "")
    return int(value) if value.isdecimal() else 0


def _own_place(request: PortalRequest, student: Student) -> ClubPlace | None:
    """Return the place of this child that the form says it gives up."""
    places = ClubPlace.objects.filter(student=student).exclude(state=PlaceState.LEFT).select_related("club")
    pk = _number(request, "instead_of")
    return get_object_or_404(places, pk=pk) if pk else None


@allow(*CHOOSERS)
@require_GET
def child_clubs(request: PortalRequest, student_pk: int) -> HttpResponse:
    """Show all clubs of the term to one child: what is left, waiting for a full one, wanting to swap."""
    term, student = page_term(request), _child(request, student_pk)
    lines = pages.lines_of(term, student, pages.clubs_of_term(term), freely=True)
    left = ClubPlace.objects.filter(student=student, club__term=term, state=PlaceState.LEFT).select_related("club")
    context = {
        "student": student,
        "lines": lines,
        "row": pages.family_clubs(term, [student])[0],
        "held": [line.place for line in lines if line.place and line.place.source != "reserved"],
        "most": most_clubs(term),
        "own": _is_family(request, student),
        "siblings": len(children_of(request.actor)) > 1,
        "left": left if request.actor.is_office else [],
    }
    return render(request, "scheduling/child_clubs.html", context)


# Verbs on one place, one wait, one swap: within the scope of the person


def _places(request: PortalRequest) -> QuerySet[ClubPlace]:
    scope = children_for_clubs(request.actor).order_by().values("pk")
    return ClubPlace.objects.filter(student__in=scope).select_related("club__term", "student", "placement")


def _waits(request: PortalRequest) -> QuerySet[ClubWait]:
    scope = children_for_clubs(request.actor).order_by().values("pk")
    return ClubWait.objects.filter(student__in=scope).select_related("club__term", "student", "instead_of__club")


@allow(*CHOOSERS)
@require_POST
def place_leave(request: PortalRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(_places(request), pk=pk)
    said = f"{place.student.name}申请退出{place.club.name}，在“社团”里可以反悔。"
    told(request, lambda: acts.leave_club(place=place, by=request.actor), said)
    return _home(request, place.student)


@allow(*CHOOSERS)
@require_POST
def place_take_back(request: PortalRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(_places(request), pk=pk)
    told(request, lambda: acts.take_back(place=place, by=request.actor), f"{place.student.name}还在{place.club.name}。")
    return _home(request, place.student)


@allow(*CHOOSERS)
@require_POST
def place_leave_merged(request: PortalRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(_places(request), pk=pk)
    said = f"{place.student.name}不参加{place.club.name}。下一轮可以先选。"
    told(request, lambda: too_small.leave_merged(place=place, by=request.actor), said)
    return _home(request, place.student)


@allow(Role.ADMINISTRATOR)
@require_POST
def place_restore(request: PortalRequest, pk: int) -> HttpResponse:
    place = get_object_or_404(_places(request), pk=pk)
    said = f"{place.student.name}在{place.club.name}的名额已恢复，家长已收到通知。"
    told(request, lambda: acts.restore_place(place=place, by=request.actor), said)
    return redirect("scheduling:child-clubs", place.student_id)


@allow(*CHOOSERS)
@require_POST
def place_swap(request: PortalRequest, pk: int) -> HttpResponse:
    """Want to give a place for one in another club."""
    place = get_object_or_404(_places(request), pk=pk)
    to_club = get_object_or_404(Club, pk=_number(request, "to_club"), term=place.club.term_id)

    def done() -> None:
        swap = swapping.want_swap(place=place, to_club=to_club, by=request.actor)
        done_now = swap.state == "done"
        said = (
            f"换好了：{place.student.name}到{to_club.name}。"
            if done_now
            else f"已登记：想换到{to_club.name}。有人愿意换就立即换好。"
        )
        messages.success(request, said)

    try:
        done()
    except Refused as refused:
        messages.error(request, refused.sentence)
    return _home(request, place.student)


@allow(*CHOOSERS)
@require_POST
def swap_drop(request: PortalRequest, pk: int) -> HttpResponse:
    scope = children_for_clubs(request.actor).order_by().values("pk")
    swaps = ClubSwap.objects.filter(place__student__in=scope).select_related("place__student", "to_club")
    swap = get_object_or_404(swaps, pk=pk)
    told(request, lambda: swapping.drop_swap(swap=swap, by=request.actor), "已撤回，不换了。")
    return _home(request, swap.place.student)


@allow(*CHOOSERS)
@require_POST
def wait_join(request: PortalRequest, student_pk: int) -> HttpResponse:
    student = _child(request, student_pk)
    club = get_object_or_404(Club, pk=_number(request, "club"), term=page_term(request))
    instead, together = _own_place(request, student), "together" in request.POST
    said = f"{student.name}已在{club.name}的候补名单上。"
    done = lambda: waiting.join_line(  # noqa: E731
        club=club, student=student, by=request.actor, instead_of=instead, together=together
    )
    if told(request, done, said):
        return _home(request, student)
    return redirect("scheduling:child-clubs", student.pk)


@allow(*CHOOSERS)
@require_POST
def wait_leave(request: PortalRequest, pk: int) -> HttpResponse:
    wait = get_object_or_404(_waits(request), pk=pk)
    told(request, lambda: waiting.leave_line(wait=wait, by=request.actor), f"不再候补{wait.club.name}。")
    return _home(request, wait.student)


@allow(*CHOOSERS)
@require_POST
def wait_take(request: PortalRequest, pk: int) -> HttpResponse:
    wait = get_object_or_404(_waits(request), pk=pk)
    said = f"{wait.student.name}从明天起参加{wait.club.name}。"
    told(request, lambda: waiting.take_offer(wait=wait, by=request.actor), said)
    return _home(request, wait.student)
