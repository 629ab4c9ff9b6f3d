"""One group's record book for whoever may have it."""

from typing import Any

from afterschool.school.access import Actor
from afterschool.school.models import School, Term
from afterschool.school.papers import Progress
from afterschool.support.refusal import Refused
from evaluation.month import read_month
from evaluation.queries import books as queries
from evaluation.tasks import set_book


def book_pdf(params: dict[str, Any], by: Actor, progress: Progress) -> bytes:
    """Set one group's book of a month."""
    term = Term.objects.filter(pk=int(params.get("term", 0))).first()
    month = read_month(params.get("month"))
    if term is None or month is None:
        raise Refused("no_month", "没有这个月。")
    group = queries.readable(by, term).filter(pk=int(params.get("group", 0))).first()
    if group is None:
        raise Refused("not_yours", "没有这个班，或者不归您看。")
    progress(30)
    content = queries.book_of(group, max(month.first, term.starts_on), min(month.last, term.ends_on))
    return set_book(content, School.objects.get(pk=1))[0]
