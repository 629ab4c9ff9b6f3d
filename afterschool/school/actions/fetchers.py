"""Who may fetch a child: what an approved application says enters the register."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction

from afterschool.school.access import Actor
from afterschool.school.enums import Origin
from afterschool.school.events import event, record_many
from afterschool.school.models import Guardian, Guardianship


@dataclass(frozen=True)
class Fetcher:
    """An adult who fetches this child, as the family wrote it."""

    student_id: int
    name: str
    relation: str
    phone: str = ""


@transaction.atomic
def set_fetchers(fetchers: Collection[Fetcher], *, student_ids: Collection[int], by: Actor) -> int:
    """Let these adults fetch these children, in a constant number of statements. Return how many links are new.

    Who is new to a child may fetch and nothing more. A ban stays a ban. Grandparents and others whom the family no
    longer names lose the right; guardians who act for the child keep theirs, since one parent can't bar the other here.
    """
    links = list(Guardianship.objects.filter(student_id__in=student_ids).select_related("guardian"))
    by_person = {(link.student_id, link.guardian.name, link.guardian.phone): link for link in links}
    by_name = {(link.student_id, link.guardian.name): link for link in links}
    named: set[int] = set()
    missing: list[Fetcher] = []
    for fetcher in fetchers:
        link = by_person.get((fetcher.student_id, fetcher.name, fetcher.phone))
        if link is None and not fetcher.phone:
            link = by_name.get((fetcher.student_id, fetcher.name))
        if link is None:
            missing.append(fetcher)
        else:
            named.add(link.pk)
    allow = [link.pk for link in links if link.pk in named and not link.may_fetch and not link.banned]
    drop = [link.pk for link in links if link.pk not in named and link.may_fetch and not link.acts]
    Guardianship.objects.filter(pk__in=allow).update(may_fetch=True)
    Guardianship.objects.filter(pk__in=drop).update(may_fetch=False)
    changed = set(allow) | set(drop)
    new = _link(missing)
    record_many(
        [
            event("fetch.set", subject=link, by=by, student_id=link.student_id, data={"may_fetch": link.pk not in drop})
            for link in [*(one for one in links if one.pk in changed), *new]
        ]
    )
    return len(new)


def _link(fetchers: list[Fetcher]) -> list[Guardianship]:
    """Make the links of adults new to their child, and the adults where the register doesn't know them."""
    if not fetchers:
        return []
    known = _adults({(fetcher.name, fetcher.phone) for fetcher in fetchers if fetcher.phone})
    unknown: list[Guardian] = []
    links: dict[tuple[int, int], tuple[Guardian, Fetcher]] = {}
    for fetcher in fetchers:
        if fetcher.phone:
            guardian = known[(fetcher.name, fetcher.phone)]
        else:
            guardian = _spelled(fetcher.name, "")
            unknown.append(guardian)
        links[(fetcher.student_id, id(guardian))] = (guardian, fetcher)
    Guardian.objects.bulk_create(unknown, batch_size=1000)
    return Guardianship.objects.bulk_create(
        [
            Guardianship(
                guardian=guardian,
                student_id=fetcher.student_id,
                relation=fetcher.relation,
                acts=False,
                may_fetch=True,
                origin=Origin.HAND,
            )
            for guardian, fetcher in links.values()
        ],
        batch_size=1000,
    )


def _adults(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Guardian]:
    """Return the adults of these names and phones, those whom the register doesn't know made now.

    Two grades may be approved at once and name the same grandmother: who comes second finds her there. In order of the
    phone, so that both wait for each other in the same order.
    """
    known = _known(wanted)
    missing = [_spelled(name, phone) for name, phone in sorted(wanted - known.keys(), key=lambda key: key[::-1])]
    if missing:
        Guardian.objects.bulk_create(missing, batch_size=1000, ignore_conflicts=True)
        known = _known(wanted)
    return known


def _known(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], Guardian]:
    found = Guardian.objects.filter(phone__in={phone for _, phone in wanted}).only("name", "phone")
    return {(guardian.name, guardian.phone): guardian for guardian in found.order_by()} if wanted else {}


def _spelled(name: str, phone: str) -> Guardian:
    guardian = Guardian(name=name, phone=phone)
    guardian.spell()
    return guardian
