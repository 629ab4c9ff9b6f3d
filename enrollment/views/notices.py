"""Letters before their readers: the public board, and a family's own list."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from afterschool.school.access import allow, public
from afterschool.school.enums import Role
from afterschool.school.http import PortalRequest
from enrollment.actions import letters as actions
from enrollment.documents.letters import SALUTED
from enrollment.enums import NoticeState
from enrollment.models import Notice
from enrollment.queries.letters import board, letter_to, own_letters
from enrollment.views.common import told

ON_BOARD = 40


def _shown(notice: Notice) -> dict[str, object]:
    return {
        "notice": notice,
        "down": notice.state == NoticeState.TAKEN_DOWN,
        "title": notice.published_title,
        "body": mark_safe(notice.published_body),  # noqa: S308 (cleaned when it was saved, fixed when it was published)
        "saluted": notice.kind in SALUTED,
        "day": notice.published_at,
    }


@public
@require_GET
def notices(request: PortalRequest) -> HttpResponse:
    """What the school has published, for everybody."""
    found = board().filter(state=NoticeState.PUBLISHED).order_by("-published_at", "pk")[:ON_BOARD]
    return render(request, "enrollment/board.html", {"notices": found})


@public
@require_GET
def notice(request: PortalRequest, key: UUID) -> HttpResponse:
    """One text of the board. Taken down it says so, and no longer shows the text."""
    found = get_object_or_404(board(), key=key)
    status = 410 if found.state == NoticeState.TAKEN_DOWN else 200
    return render(request, "enrollment/board_notice.html", _shown(found), status=status)


@allow(Role.PARENT)
@require_GET
def my_letters(request: PortalRequest) -> HttpResponse:
    """The school's letters to this family, those not read first."""
    return render(request, "enrollment/my_letters.html", {"letters": own_letters(request.actor, request.term)})


@allow(Role.PARENT)
@require_GET
def my_letter(request: PortalRequest, key: UUID) -> HttpResponse:
    """One letter; at its end the family says that it has read it, or the page says so when the end comes into view."""
    letter = letter_to(request.actor, key)
    if letter is None:
        raise Http404
    return render(request, "enrollment/my_letter.html", _shown(letter.notice) | {"read": letter.read})


@allow(Role.PARENT)
@require_POST
def my_letter_read(request: PortalRequest, key: UUID) -> HttpResponse:
    letter = letter_to(request.actor, key)
    if letter is None:
        raise Http404
    if request.htmx:
        actions.read_letter(notice=letter.notice, by=request.actor)
        return render(request, "enrollment/parts/letter_read.html", {"read": True, "notice": letter.notice})
    told(request, lambda: actions.read_letter(notice=letter.notice, by=request.actor), "好的，学校知道您已经看过了。")
    return redirect("enrollment:my-letters")
