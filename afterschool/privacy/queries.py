"""What the pages of families and office show about children's data."""

from dataclasses import dataclass

from afterschool.school.access import Actor
from afterschool.school.models import Student, Term
from enrollment.enums import RightsState
from enrollment.models import RightsRequest
from enrollment.queries.rights import Standing, family_children, requests_of_family, standing_of


@dataclass(frozen=True)
class FamilyRow:
    """One child on the family's page."""

    student: Student
    standing: Standing
    requests: list[RightsRequest]

    @property
    def asked(self) -> set[str]:
        """Which kinds of request wait for an answer."""
        return {one.kind for one in self.requests if one.state == RightsState.ASKED}


def family_page(actor: Actor, term: Term | None) -> list[FamilyRow]:
    """Return the children this guardian acts for, with consents and requests: two queries and two a child."""
    requests = list(requests_of_family(actor))
    return [
        FamilyRow(child, standing_of(term, child), [one for one in requests if one.student_id == child.pk])
        for child in family_children(actor)
    ]
