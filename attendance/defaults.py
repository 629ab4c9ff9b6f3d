"""What the plan sets for a term's late care; the office may change it."""

from django.db import transaction

from afterschool.school.enums import Role
from afterschool.school.models import Term
from attendance.models import LateCarePlace

PLACES = [("服务保障中心休息室", Role.SERVICE_CENTRE), ("门卫室", Role.GATEKEEPER)]


@transaction.atomic
def install_late_care(term: Term) -> None:
    """Set the plan's places of late care where the term has none: the service centre's room, then the gatekeeper."""
    if LateCarePlace.objects.filter(term=term).exists():
        return
    LateCarePlace.objects.bulk_create(
        LateCarePlace(term=term, name=name, role=role, order=order) for order, (name, role) in enumerate(PLACES, 1)
    )
