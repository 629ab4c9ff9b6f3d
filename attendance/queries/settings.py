"""What the school set for its afternoons."""

from afterschool.school.models import Term
from attendance.models import AfternoonSettings


def afternoon(term: Term) -> AfternoonSettings:
    """Return the settings of a term; the defaults where nobody has set any."""
    return AfternoonSettings.objects.filter(term=term).first() or AfternoonSettings(term=term)
