"""What the views of this app share."""

from django.http import Http404

from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support.refusal import Refused


def term_of(request: PortalRequest) -> Term:
    """Return the current term; without one there is nothing to arrange."""
    if request.term is None:
        raise Refused("no_term", "还没有当前学期，请先在设置里新建学期。")
    return request.term


def page_term(request: PortalRequest) -> Term:
    """Return the current term; a page of one thing in it doesn't exist without."""
    if request.term is None:
        raise Http404
    return request.term
