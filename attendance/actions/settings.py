"""The term's settings of late care."""

from typing import Any

from django.db import IntegrityError, transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Term
from afterschool.support.refusal import Refused


def save_places(term: Term, forms: Any, *, by: Actor) -> None:
    """Write the places of late care of a term. Refused: not_yours, same_order."""
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心设置。")
    try:
        with transaction.atomic():
            for place in forms.save(commit=False):
                place.term = term
                place.save()
            for place in forms.deleted_objects:
                place.delete()
            record("late_care.places_set", subject=term, by=by, term_id=term.pk)
    except IntegrityError:
        raise Refused("same_order", "两个地点的次序相同，请改成不同的数字。") from None
