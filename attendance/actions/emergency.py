"""The emergency plan of a term: persons, deputies, words and numbers, set by the office."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.events import record
from afterschool.school.models import Teacher, Term
from afterschool.support.refusal import Refused
from attendance.enums import Party
from attendance.models import EmergencyNumber, EmergencyPost


@dataclass(frozen=True)
class PostValues:
    """Who has a post of the plan, who stands in, and what there is to do."""

    teacher: Teacher | None
    deputy: Teacher | None
    duties: str


def _office(by: Actor) -> None:
    if not by.is_office:
        raise Refused("not_yours", "由课程教学中心设置。")


@transaction.atomic
def save_posts(*, term: Term, posts: Mapping[Party, PostValues], by: Actor) -> None:
    """Fill the five posts of the plan; an empty one is allowed and stands on the page as a warning.

    Refused: not_yours, post_invalid (person and deputy are one).
    """
    _office(by)
    for party, values in posts.items():
        row = EmergencyPost.objects.filter(term=term, party=party).first() or EmergencyPost(term=term, party=party)
        row.teacher, row.deputy, row.duties = values.teacher, values.deputy, values.duties.strip()
        try:
            row.full_clean()
        except ValidationError as error:
            raise Refused("post_invalid", f"{party.label}：{error.messages[0]}") from None
        row.save()
    held = {
        party.value: [one.pk if one else None for one in (values.teacher, values.deputy)]
        for party, values in posts.items()
    }
    record("emergency.posts_set", subject=term, by=by, term_id=term.pk, data=held)


@transaction.atomic
def save_numbers(*, term: Term, numbers: list[tuple[str, str]], by: Actor) -> None:
    """Replace the numbers to call, in their order; one without a phone stands on the page as a warning. Refused: not_yours."""
    _office(by)
    EmergencyNumber.objects.filter(term=term).delete()
    EmergencyNumber.objects.bulk_create(
        EmergencyNumber(term=term, name=name, phone=phone, order=order)
        for order, (name, phone) in enumerate(numbers, 1)
    )
    record("emergency.numbers_set", subject=term, by=by, term_id=term.pk, data={"numbers": len(numbers)})
