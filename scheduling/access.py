"""Who may do what with timetables, the calendar and the rota, as named questions."""

from django.core.exceptions import PermissionDenied

from afterschool.school.access import Actor


def may_arrange(actor: Actor) -> bool:
    """Tell whether this person arranges the service: the office, or the portal itself."""
    return actor.is_office or actor.is_system


def need_office(actor: Actor) -> None:
    """Let only the office pass; anybody else is 403."""
    if not may_arrange(actor):
        raise PermissionDenied
