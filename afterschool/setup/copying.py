"""Beginning a term from an older one, or from a set-up file of another school: all or nothing, what it came from stays as it is."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.actions.terms import choose_term, create_term, set_bands
from afterschool.school.events import record
from afterschool.school.models import School, Term
from afterschool.setup.actions import CONSENT, PLAN_BANDS, install_defaults
from afterschool.setup.file import SetupFile, of_term
from afterschool.setup.parts import PARTS
from afterschool.setup.parts.carrying import carried
from attendance.models import AfternoonSettings, EmergencyPost
from attendance.queries.settings import afternoon
from scheduling.actions.calendar import fill_calendar
from scheduling.defaults import install_timetables
from scheduling.models import PatrolTurn, WorkItem

OF_THE_TERM = ("numbers", "consent")


@transaction.atomic
def begin_from_file(*, settings: Mapping[str, Any], file: SetupFile, keys: Collection[str], by: Actor) -> Term:
    """Begin a term with these dates and the chosen parts of a file; what isn't chosen is the plan's own.

    The first term of a school becomes the current one. Refused with `setup_file_wrong` or the codes of the settings'
    own actions; then nothing has been written.
    """
    values = {key: rows for key, rows in file.values.items() if key in keys}
    own = {name: value for key in OF_THE_TERM for row in values.get(key, []) for name, value in row.items()}
    term = create_term(settings={"consent_text": CONSENT, **own, **settings}, by=by)
    values = carried(values, since=file.starts_on, starts_on=term.starts_on, ends_on=term.ends_on)
    if not values.get("bands"):
        set_bands(term=term, bands=PLAN_BANDS, by=by)
    for key, part in PARTS.items():
        if values.get(key):
            part.write(part, term, values[key], by)
    install_timetables(term, by=by)
    fill_calendar(term=term, by=by)
    install_defaults(term)
    record("term.set_up", subject=term, by=by, term_id=term.pk, data={"parts": sorted(values)})
    if School.objects.filter(pk=1, current_term__isnull=True).exists():
        choose_term(term=term, by=by)
    return term


@transaction.atomic
def begin_from_term(*, settings: Mapping[str, Any], source: Term, keys: Collection[str], by: Actor) -> Term:
    """Begin a term with the chosen parts of an older one of the same school; persons who are still there keep their posts.

    The current term stays the current one. Refused as `begin_from_file` is.
    """
    term = begin_from_file(settings=settings, file=of_term(source), keys=keys, by=by)
    if "posts" in keys:
        _keep_emergency(term, source)
    if "patrol" in keys:
        _keep_patrol(term, source)
    if "work" in keys:
        _keep_workers(term, source)
    if "afternoon" in keys and (networks := afternoon(source).school_networks):
        AfternoonSettings.objects.update_or_create(term=term, defaults={"school_networks": networks})
    return term


def _keep_emergency(term: Term, source: Term) -> None:
    for post in EmergencyPost.objects.filter(term=source).select_related("teacher", "deputy"):
        persons = [one if one is not None and one.active else None for one in (post.teacher, post.deputy)]
        EmergencyPost.objects.filter(term=term, party=post.party).update(teacher=persons[0], deputy=persons[1])


def _keep_patrol(term: Term, source: Term) -> None:
    for turn in PatrolTurn.objects.filter(term=source, teacher__active=True):
        place = {"weekday": turn.weekday, "post": turn.post, "number": turn.number}
        PatrolTurn.objects.filter(term=term, **place).update(teacher=turn.teacher_id)


def _keep_workers(term: Term, source: Term) -> None:
    new = WorkItem.objects.filter(term=term).order_by("order", "pk")
    old = WorkItem.objects.filter(term=source).order_by("order", "pk").prefetch_related("people")
    chosen = WorkItem.people.through
    chosen.objects.bulk_create(
        chosen(workitem_id=item.pk, teacher_id=one.pk)
        for item, before in zip(new, old, strict=True)
        for one in before.people.all()
        if one.active
    )
