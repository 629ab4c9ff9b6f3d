"""What several screens of evaluation share."""

from django.http import Http404

from afterschool.school.http import PortalRequest
from afterschool.school.models import Term
from afterschool.support import clock
from evaluation.month import Month, Period, WholeTerm, month_of, read_month


def term_or_404(request: PortalRequest) -> Term:
    """Return the current term; pages that name a thing of a term don't exist without one."""
    if request.term is None:
        raise Http404
    return request.term


def month_or_404(term: Term, code: str) -> Month:
    """Return a month of the term that has begun."""
    month = read_month(code)
    if month is None or not month_of(term.starts_on) <= month <= month_of(term.ends_on):
        raise Http404
    if month > month_of(clock.today()):
        raise Http404
    return month


def month_now(term: Term) -> Month:
    """Return this month, or the term's first or last where today lies outside."""
    return month_of(min(max(clock.today(), term.starts_on), term.ends_on))


def period_or_404(term: Term, code: str) -> Period:
    """Return a month of the term that has begun, or the term itself for "term"."""
    return WholeTerm(term.starts_on, term.ends_on) if code == WholeTerm.code else month_or_404(term, code)
